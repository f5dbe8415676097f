"""Which provider a payment's code means."""

from points.shop.payments.offline import OfflineProvider
from points.shop.payments.provider import Provider
from points.shop.payments.stripe import get_stripe

OFFLINE, STRIPE = "offline", "stripe"


def provider_of(code: str) -> Provider:
    """The client for a payment's provider. Raises PaymentsNotSetUp."""
    return get_stripe() if code == STRIPE else OfflineProvider()
