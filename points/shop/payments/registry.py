"""Which provider a payment's code means."""

from points.shop.payments.provider import Provider
from points.shop.payments.stripe import get_stripe

# Offline is no provider: money the shop's people take themselves, and say that they have it.
OFFLINE, STRIPE = "offline", "stripe"
_PROVIDERS = {STRIPE: get_stripe}


def provider_of(code: str) -> Provider:
    """The client for a payment's provider; never asked for payments at the shop. Raises
    PaymentsNotSetUp."""
    return _PROVIDERS[code]()
