"""What a customer can be charged, in the units that Stripe counts in (kernel.stripe_amounts)."""

from kernel import stripe_amounts
from kernel.stripe_amounts import from_stripe
from points.shop.payments.errors import AmountNotChargeable

__all__ = ["from_stripe", "to_stripe"]


def to_stripe(amount_cents: int, currency: str) -> int:
    """1999 USD → 1999, 500 ISK → 50000. Raises AmountNotChargeable: 1255 KWD."""
    try:
        return stripe_amounts.to_stripe(amount_cents, currency)
    except stripe_amounts.NotInStripeUnits:
        raise AmountNotChargeable(currency=currency.upper(), amount_cents=amount_cents) from None
