"""What tiers refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class TierNotFound(DomainError):
    code, status = "tiers.not_found", 404
    message = gettext_lazy("There is no tier %(code)s.")


class TierCodeTaken(DomainError):
    code = "tiers.code_taken"
    message = gettext_lazy("There is a tier %(code)s already.")


class ThresholdTaken(DomainError):
    code = "tiers.threshold_taken"
    message = gettext_lazy("Tier %(code)s begins at %(threshold)s already.")


class BenefitsInvalid(DomainError):
    code, status = "tiers.benefits_invalid", 400
    message = gettext_lazy("%(field)s: %(reason)s")


class TooManyTiers(DomainError):
    code = "tiers.too_many"
    message = gettext_lazy("A shop has at most %(limit)s tiers.")


class DateNotAhead(DomainError):
    code = "tiers.date_not_ahead"
    message = gettext_lazy("A tier set by hand needs a date to come.")


class NotSetByHand(DomainError):
    code = "tiers.not_set_by_hand"
    message = gettext_lazy("The member's tier is not set by hand.")
