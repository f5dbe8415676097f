"""Our minor units (ISO 4217) and those that Stripe counts in.

Both agree for most currencies. Stripe counts Ariary in whole ones and, for the sake of old clients,
Icelandic krónur and Ugandan shillings in hundredths of which only whole ones may be charged; the last
digit of three must be 0. Source: docs.stripe.com/currencies, "special cases".
"""

from kernel.money import exponent

_STRIPE_EXPONENTS = {"MGA": 0, "ISK": 2, "UGX": 2}
# In these only multiples can be charged.
_STEPS = dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10) | {"ISK": 100, "UGX": 100}


class NotInStripeUnits(ValueError):
    """A sum that Stripe cannot count, such as 1.255 KWD."""


def to_stripe(amount_cents: int, currency: str) -> int:
    """1999 USD → 1999, 1999 JPY → 1999, 500 ISK → 50000, 1250 KWD → 1250.

    Raises NotInStripeUnits for what Stripe cannot count to the last digit: 1255 KWD.
    """
    code = currency.upper()
    ours, theirs = _scales(code)
    amount, rest = divmod(amount_cents * theirs, ours)
    if rest or amount % _STEPS.get(code, 1):
        raise NotInStripeUnits(f"{amount_cents} {code}")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """The way back, always whole: Stripe never moves less than our smallest unit."""
    ours, theirs = _scales(currency.upper())
    return amount * ours // theirs


def step_of(currency: str) -> int:
    """The steps, in our minor units, in which Stripe moves money: 10 for KWD, 1 for USD and ISK."""
    code = currency.upper()
    ours, theirs = _scales(code)
    return max(1, _STEPS.get(code, 1) * ours // theirs, ours // theirs)


def _scales(code: str) -> tuple[int, int]:
    """How many of the smallest units one whole unit has: ours, Stripe's."""
    digits = exponent(code)
    return int(10**digits), int(10 ** _STRIPE_EXPONENTS.get(code, digits))
