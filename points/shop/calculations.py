"""Arithmetic of the catalogue and the cart: no ORM, no clock."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, Literal

LIST_PRICE = Decimal(1)
MOST_LINES, MOST_PIECES, MOST_ADDRESSES = 100, 999, 20
MOST_VARIANTS = 100

Availability = Literal["available", "too_few", "sold_out", "paused", "gone"]
Option = Mapping[str, Any]


def price_for(list_cents: int, rate: Decimal) -> int:
    """A price at a rate, floored to a whole minor unit and never below 0: 9,999 at 0.95 → 9,499."""
    return max(0, int(list_cents * rate))


def member_price_cents(list_cents: int, rate: Decimal, has_member_price: bool) -> int:
    """What one piece costs a member whose tier pays `rate` of the list price."""
    return price_for(list_cents, rate) if has_member_price else list_cents


def availability(
    *, product_status: str, variant_status: str, stock: int | None, quantity: int
) -> Availability:
    """Whether so many pieces can be bought now; `stock` None is as many as wanted."""
    if product_status == "draft" or variant_status == "retired":
        return "gone"
    if "paused" in (product_status, variant_status):
        return "paused"
    if stock == 0:
        return "sold_out"
    return "too_few" if stock is not None and stock < quantity else "available"


def are_complete(options: Sequence[Option], choices: Sequence[Sequence[int]]) -> bool:
    """Whether every variant picks one value of each option, and no two pick the same ones.

    A choice is a position in the option's values; without options there is one variant: `[[]]`.
    """
    possible = set(product(*(range(len(option["values"])) for option in options)))
    picked = [tuple(choice) for choice in choices]
    return bool(picked) and len(set(picked)) == len(picked) and set(picked) <= possible


def label_of(options: Sequence[Option], choice: Sequence[int], language: str) -> str:
    """What a variant is called by its values: `Large / Oat milk`; empty without options."""
    first, second = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    picked = [option["values"][place] for option, place in zip(options, choice, strict=False)]
    return " / ".join(value.get(first) or value.get(second) or "" for value in picked)


def has_crossed(*, before: int | None, after: int | None, threshold: int | None) -> bool:
    """Whether stock fell from above its threshold to it or below: the moment to tell somebody."""
    if threshold is None or after is None or after > threshold:
        return False
    return before is None or before > threshold
