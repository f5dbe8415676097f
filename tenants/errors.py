"""What the house of merchants refuses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class SlugInvalid(DomainError):
    code, status = "tenants.slug_invalid", 400
    message = gettext_lazy(
        "An address has 3 to 40 letters a–z, digits and hyphens, and begins with a letter."
    )


class SlugReserved(DomainError):
    code, status = "tenants.slug_reserved", 409
    message = gettext_lazy("The address %(slug)s is reserved.")


class SlugTaken(DomainError):
    code, status = "tenants.slug_taken", 409
    message = gettext_lazy("The address %(slug)s is taken.")


class PaymentAccountTaken(DomainError):
    code, status = "tenants.payment_account_taken", 409
    message = gettext_lazy("This payment account belongs to another shop.")


class MerchantSuspended(DomainError):
    code, status = "tenant.suspended", 403
    message = gettext_lazy("This shop is suspended. Its owner can put that right in the portal.")


class MerchantNotReady(DomainError):
    code, status = "tenant.not_ready", 503
    message = gettext_lazy("This shop is still being prepared.")


class WrongTenant(RuntimeError):
    """A bug: an object or task of one merchant was used in another's schema."""
