"""What referrals and commission refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class ReferralClosed(DomainError):
    code = "referral.closed"
    message = gettext_lazy("This shop takes no invitations at the moment.")


class CodeUnknown(DomainError):
    code, status = "referral.code_unknown", 404
    message = gettext_lazy("There is no such invitation code.")


class AlreadyReferred(DomainError):
    code = "referral.already_referred"
    message = gettext_lazy("An invitation code was entered before; the first one counts.")


class NotAttributed(DomainError):
    """A code that could not be taken. The attempt is noted with its reason, for staff to see."""

    code = "referral.not_attributed"
    message = gettext_lazy("This invitation code cannot be used.")


class SelfReferral(NotAttributed):
    code = "referral.own_code"
    message = gettext_lazy("This is your own invitation code.")


class SameContact(NotAttributed):
    code = "referral.same_contact"
    message = gettext_lazy("The invitation comes from somebody with the same phone or e-mail.")


class SameDevice(NotAttributed):
    code = "referral.same_device"
    message = gettext_lazy("The invitation comes from somebody who uses this device.")


class DeviceUsed(NotAttributed):
    code = "referral.device_used"
    message = gettext_lazy("Another new member was invited on this device already.")


class ReferralLoop(NotAttributed):
    code = "referral.loop"
    message = gettext_lazy("You invited this person yourself, directly or through others.")


class ClaimTooLate(NotAttributed):
    code = "referral.claim_too_late"
    message = gettext_lazy("An invitation code can be entered for %(days)s days after joining.")


class AlreadyOrdered(NotAttributed):
    code = "referral.already_ordered"
    message = gettext_lazy("An invitation code can only be entered before the first order.")


class DistributionClosed(DomainError):
    code = "referral.distribution_closed"
    message = gettext_lazy("This shop pays no commission at the moment.")


class ApplicationsClosed(DomainError):
    code = "referral.applications_closed"
    message = gettext_lazy("This shop takes no applications at the moment.")


class DistributorNotFound(DomainError):
    code, status = "referral.distributor_not_found", 404
    message = gettext_lazy("There is no such distributor.")


class AlreadyDistributor(DomainError):
    code = "referral.already_distributor"
    message = gettext_lazy("This member has applied or is a distributor already (%(status)s).")


class DistributorDecided(DomainError):
    code = "referral.distributor_decided"
    message = gettext_lazy("This cannot be done any more: the distributor is %(status)s.")


class ParentNotActive(DomainError):
    code = "referral.parent_not_active"
    message = gettext_lazy("Only an active distributor can stand above another.")


class TooManyLevels(DomainError):
    code = "referral.too_many_levels"
    message = gettext_lazy("Commission reaches at most two levels; this would make a third.")
