"""What coupons refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class TemplateNotFound(DomainError):
    code, status = "coupons.template_not_found", 404
    message = gettext_lazy("There is no such coupon template.")


class TemplateCodeTaken(DomainError):
    code = "coupons.template_code_taken"
    message = gettext_lazy("Another coupon template has the code %(code)s.")


class TemplateIncomplete(DomainError):
    """`field` names what is missing or contradicts the rest."""

    code, status = "coupons.template_incomplete", 400
    message = gettext_lazy("The template does not add up: look at %(field)s.")


class TotalBelowIssued(DomainError):
    code = "coupons.total_below_issued"
    message = gettext_lazy("%(issued)s coupons are out already; the total cannot be lower.")


class TemplateNotActive(DomainError):
    code = "coupons.template_not_active"
    message = gettext_lazy("These coupons are not being given out.")


class TemplateOver(DomainError):
    """Its coupons would be over the moment they are issued."""

    code = "coupons.template_over"
    message = gettext_lazy("The time in which these coupons can be used is over.")


class TemplateExhausted(DomainError):
    code = "coupons.template_exhausted"
    message = gettext_lazy("All of these coupons are gone.")


class MemberLimitReached(DomainError):
    code = "coupons.member_limit_reached"
    message = gettext_lazy("Each member can have %(limit)s of these coupons.")


class IssueConflict(DomainError):
    """The natural key of an issue was used for another member or another template."""

    code = "coupons.issue_conflict"
    message = gettext_lazy("%(source)s %(source_id)s has issued another coupon already.")


class NotClaimable(DomainError):
    code = "coupons.not_claimable"
    message = gettext_lazy("This coupon cannot be claimed now.")


class NotForYou(DomainError):
    code = "coupons.not_for_you"
    message = gettext_lazy("This coupon is for other members.")


class CouponNotFound(DomainError):
    code, status = "coupons.not_found", 404
    message = gettext_lazy("There is no coupon %(coupon)s.")


class CouponLocked(DomainError):
    """Another checkout holds it, until the moment named."""

    code = "coupons.locked"
    message = gettext_lazy("The coupon %(coupon)s is held by another checkout.")


class CouponUsed(DomainError):
    code = "coupons.used"
    message = gettext_lazy("The coupon %(coupon)s is used.")


class CouponExpired(DomainError):
    code = "coupons.expired"
    message = gettext_lazy("The coupon %(coupon)s has expired.")


class CouponVoided(DomainError):
    code = "coupons.voided"
    message = gettext_lazy("The coupon %(coupon)s was taken back by the shop.")


class CouponNotYetValid(DomainError):
    code = "coupons.not_yet_valid"
    message = gettext_lazy("The coupon %(coupon)s can be used from %(valid_from)s.")


class CouponUseConflict(DomainError):
    """Used under this reference before, for another amount."""

    code = "coupons.use_conflict"
    message = gettext_lazy(
        "The coupon %(coupon)s was used for this with another amount, %(discount_cents)s."
    )


class CannotCombine(DomainError):
    code = "coupons.cannot_combine"
    message = gettext_lazy("These coupons cannot be used together.")


class BelowThreshold(DomainError):
    code = "coupons.below_threshold"
    message = gettext_lazy(
        "The coupon %(coupon)s needs goods for %(missing_cents)s minor units more."
    )


class NothingInScope(DomainError):
    code = "coupons.nothing_in_scope"
    message = gettext_lazy("The coupon %(coupon)s is for other goods.")
