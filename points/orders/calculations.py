"""Arithmetic of refunds and offsets in whole minor units, and the ledger keys of both."""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

from kernel.money import split_by_largest_remainder


class Priced(Protocol):
    """An order, stored or about to be."""

    @property
    def goods_cents(self) -> int: ...
    @property
    def shipping_cents(self) -> int: ...
    @property
    def tax_cents(self) -> int: ...
    @property
    def discount_cents(self) -> int: ...


def charged_cents(order: Priced) -> int:
    """What an order costs after coupons, in minor units; points pay for part of it, if any."""
    return order.goods_cents + order.shipping_cents + order.tax_cents - order.discount_cents


def spread_refund(amount_cents: int, refundable: Sequence[int]) -> list[int]:
    """A refund without lines, spread over what can still be refunded of each line.

    Largest remainder; no line gets more than its rest. What exceeds the goods (shipping, say) is
    left out: it earned nothing.
    """
    total = min(amount_cents, sum(refundable))
    return split_by_largest_remainder(total, list(refundable)) if total else [0] * len(refundable)


def cumulative_share(total: int, part: int, whole: int, already: int) -> int:
    """How much of `total` belongs to `part` of `whole` so far, less what was given already.

    Floored cumulatively, so that `part == whole` gives exactly what is left.
    """
    share = total if part >= whole else total * part // whole
    return max(0, share - already)


def offset_value_cents(points: int, points_per_unit: int, exponent: int) -> int:
    """Money that points are worth at the checkout, floored to whole minor units.

    400 points at 100 points per unit of 100 cents → 400 cents.
    """
    unit: int = 10**exponent
    return points * unit // points_per_unit


def source_key(*parts: str) -> str:
    """Natural key of a posting, `order:api:O-1:base`; a colon inside a part is written %3A.

    Numbers of shops may hold colons: order `1:2` refund `3` is not order `1` refund `2:3`.
    """
    return ":".join(quote(part, safe="") for part in parts)
