"""What can go wrong between us and a payment provider."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class PaymentProviderUnavailable(DomainError):
    """No answer, or none that can be trusted. Asking again with the same reference is safe."""

    code, status = "shop.payment_provider_unavailable", 503
    message = gettext_lazy("The payment provider cannot be reached. Try again in a moment.")


class PaymentProviderRefused(DomainError):
    """The provider said no; `provider_code` is its own word for why."""

    code, status = "shop.payment_provider_refused", 409
    message = gettext_lazy("The payment provider refused: %(reason)s (%(provider_code)s)")


class AmountNotChargeable(DomainError):
    """A sum that card networks cannot express, such as 1.255 KWD or 0.50 ISK."""

    code, status = "shop.amount_not_chargeable", 409
    message = gettext_lazy("This amount of %(currency)s cannot be paid by card.")


class PaymentsNotSetUp(DomainError):
    """This installation has no key for the provider."""

    code, status = "shop.payments_not_set_up", 409
    message = gettext_lazy("This service has not been set up to take payments by card.")


class WebhookInvalid(DomainError):
    """A message that the provider did not sign, or not just now; nothing of it is believed."""

    code, status = "shop.webhook_invalid", 400
    message = gettext_lazy("This is no message of the payment provider: %(reason)s")


class PaymentAccountMissing(DomainError):
    """The shop has no account at the provider, or has let go of it."""

    code, status = "shop.payment_account_missing", 409
    message = gettext_lazy("Connect an account first.")
