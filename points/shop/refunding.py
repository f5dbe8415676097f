"""What goes back of a shop order: pieces, money, points. Pure; docs/algorithms/checkout.md.

Every share is floored cumulatively over the pieces given back so far, so that a line that is given
back whole, in any number of steps, gives back exactly what it was sold for.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from points.shop.order_errors import RefundBeyond


class SoldLine(Protocol):
    """A line as it was sold, and how many of its pieces came back before."""

    @property
    def position(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def refunded_quantity(self) -> int: ...
    @property
    def paid_cents(self) -> int: ...
    @property
    def offset_points(self) -> int: ...
    @property
    def offset_cents(self) -> int: ...
    @property
    def coupon_parts(self) -> Sequence[int]: ...


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What some pieces of one line give back; `coupon_parts` is what coupons no longer take off."""

    position: int
    quantity: int
    paid_cents: int
    points: int
    offset_cents: int
    coupon_parts: tuple[int, ...] = ()

    @property
    def goods_cents(self) -> int:
        """What points and money paid of it together."""
        return self.paid_cents + self.offset_cents


def share_of(total: int, before: int, now: int, whole: int) -> int:
    """The part of `total` that belongs to `now` more of `whole`, after `before`."""
    return total * (before + now) // whole - total * before // whole


def give_back(lines: Sequence[SoldLine], wanted: Mapping[int, int]) -> list[GivenBack]:
    """What pieces (position → quantity) give back. Raises RefundBeyond."""
    by_position = {line.position: line for line in lines}
    parts = []
    for position, quantity in sorted(wanted.items()):
        line = by_position.get(position)
        left = line.quantity - line.refunded_quantity if line else 0
        if line is None or not 1 <= quantity <= left:
            raise RefundBeyond(position=position, left=left)
        parts.append(_part(line, quantity))
    return parts


def _part(line: SoldLine, quantity: int) -> GivenBack:
    def share(total: int) -> int:
        return share_of(total, line.refunded_quantity, quantity, line.quantity)

    return GivenBack(
        position=line.position, quantity=quantity, paid_cents=share(line.paid_cents),
        points=share(line.offset_points), offset_cents=share(line.offset_cents),
        coupon_parts=tuple(share(part) for part in line.coupon_parts),
    )  # fmt: skip


def cash_share(*, cash_cents: int, payable_cents: int, before_cents: int, now_cents: int) -> int:
    """How much of `now_cents` of money goes back into the cash wallet, when `cash_cents` of
    `payable_cents` came from it and `before_cents` went back before; the rest is the provider's."""
    if payable_cents == 0:
        return 0
    return share_of(cash_cents, before_cents, now_cents, payable_cents)
