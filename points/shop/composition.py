"""What a checkout comes to: the one place that adds up a price (docs/algorithms/checkout.md).

The order of the steps, each worked out on what the one before has left:

1. list price × quantity
2. − member price: what the buyer's tier makes cheaper, per piece
3. − coupons, each split over the lines it is for
4. − points, split over the goods that take points
5. + shipping
6. = payable; part of it from the cash wallet, the rest is due to a payment provider

All amounts are whole minor units ≥ 0. Every split is by largest remainder, so that the lines of a
step add up to the step, and no line falls below 0.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from kernel.money import split_by_largest_remainder
from points.program.calculations import Offset, Shop
from points.redemption.calculations import largest_offset
from points.shop.order_errors import CashBeyond, PointsBeyond


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a cart at the prices of now, for one piece of it."""

    quantity: int
    list_cents: int
    member_cents: int
    category: str = ""
    takes_points: bool = True


class CouponPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one coupon takes off each line, in the order of the lines."""

    code: str
    per_line: tuple[int, ...]
    frees_shipping: bool = False
    with_points: bool = True


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer has and wants to use: points and minor units; `most` uses all that may be."""

    points: int | Literal["most"] = 0
    cash_cents: int | Literal["most"] = 0
    points_available: int = 0
    cash_available_cents: int = 0


class ComposedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line, step by step. `goods_cents` is its price after coupons, `paid_cents` the money in it."""

    list_cents: int
    member_discount_cents: int
    coupon_cents: int
    offset_points: int
    offset_cents: int

    @property
    def goods_cents(self) -> int:
        """What the line costs: what points and money pay together."""
        return self.list_cents - self.member_discount_cents - self.coupon_cents

    @property
    def paid_cents(self) -> int:
        """What of the line money pays."""
        return self.goods_cents - self.offset_cents


class ShippingGoal(msgspec.Struct, frozen=True):
    """From how much goods travel free, and how much more of them that takes; 0: they do."""

    from_cents: int
    missing_cents: int


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """A whole checkout. `payable_cents` is what money pays: cash wallet and provider.

    `shipping_saved_cents`: what free shipping spares. `max_points` and `max_offset_cents`: the most
    points this checkout could take, whatever was asked for. `shipping_goal`: see there.
    """

    lines: tuple[ComposedLine, ...]
    shipping_cents: int
    shipping_saved_cents: int
    cash_cents: int
    max_points: int
    max_offset_cents: int
    shipping_goal: ShippingGoal | None

    @property
    def goods_cents(self) -> int:
        """Goods after member price and coupons."""
        return sum(line.goods_cents for line in self.lines)

    @property
    def offset_points(self) -> int:
        """Points that pay."""
        return sum(line.offset_points for line in self.lines)

    @property
    def offset_cents(self) -> int:
        """Their worth."""
        return sum(line.offset_cents for line in self.lines)

    @property
    def payable_cents(self) -> int:
        """What money pays, shipping included."""
        return self.goods_cents - self.offset_cents + self.shipping_cents

    @property
    def due_cents(self) -> int:
        """What is left for a payment provider."""
        return self.payable_cents - self.cash_cents


def compose(
    pieces: Sequence[Piece],
    coupons: Sequence[CouponPart],
    means: Means,
    *,
    offset: Offset,
    shop: Shop,
    digits: int,
    ships_free: bool = False,
) -> Composition:
    """Compose a checkout. `digits` of the currency's minor unit; `ships_free` by the buyer's tier.

    Raises PointsBeyond and CashBeyond when more is wanted than this checkout takes.
    """
    goods = _goods(pieces, coupons)
    most = _most_points(pieces, goods, coupons, means, offset, digits)
    points = most[0] if means.points == "most" else means.points
    if points > most[0] or points % offset.step_points:
        raise PointsBeyond(max_points=most[0], step_points=offset.step_points)
    weights = _taking_points(pieces, goods, offset)
    cents = points * 10**digits // offset.points_per_unit
    offsets = split_by_largest_remainder(cents, weights)
    lines = tuple(
        ComposedLine(
            list_cents=piece.list_cents * piece.quantity,
            member_discount_cents=(piece.list_cents - piece.member_cents) * piece.quantity,
            coupon_cents=piece.member_cents * piece.quantity - goods[i],
            offset_points=share,
            offset_cents=offsets[i],
        )
        for i, (piece, share) in enumerate(
            zip(pieces, split_by_largest_remainder(points, weights), strict=True)
        )
    )
    is_free = ships_free or any(coupon.frees_shipping for coupon in coupons)
    shipping = _shipping(shop, sum(goods), is_free=is_free)
    payable = sum(goods) - cents + shipping
    return Composition(
        lines=lines, shipping_cents=shipping,
        shipping_saved_cents=(shop.shipping_cents if pieces else 0) - shipping,
        cash_cents=_cash(means, payable), max_points=most[0], max_offset_cents=most[1],
        shipping_goal=shipping_goal(shop, sum(goods), is_free=is_free),
    )  # fmt: skip


def shipping_goal(shop: Shop, goods_cents: int, *, is_free: bool) -> ShippingGoal | None:
    """How far goods are from free shipping: the rule `compose` charges by.

    `goods_cents` after member price and coupons, before points. None where there is nothing to
    reach: shipping costs nothing, no sum frees it, or it is free anyway (`is_free`).
    """
    threshold = shop.free_shipping_from_cents
    if is_free or threshold is None or shop.shipping_cents == 0:
        return None
    return ShippingGoal(threshold, max(0, threshold - goods_cents))


def _goods(pieces: Sequence[Piece], coupons: Sequence[CouponPart]) -> list[int]:
    """Each line after member price and coupons."""
    goods = [piece.member_cents * piece.quantity for piece in pieces]
    for coupon in coupons:
        goods = [left - off for left, off in zip(goods, coupon.per_line, strict=True)]
    if any(left < 0 for left in goods):
        raise ValueError("a coupon takes more off a line than the line costs")
    return goods


def _taking_points(pieces: Sequence[Piece], goods: Sequence[int], offset: Offset) -> list[int]:
    """What of each line points may pay for."""
    return [
        cents if piece.takes_points and piece.category not in offset.excluded_categories else 0
        for piece, cents in zip(pieces, goods, strict=True)
    ]


def _most_points(
    pieces: Sequence[Piece], goods: Sequence[int], coupons: Sequence[CouponPart], means: Means,
    offset: Offset, digits: int,
) -> tuple[int, int]:  # fmt: skip
    """The most points, and their worth: the programme's share of the goods that take points."""
    if not all(coupon.with_points for coupon in coupons):
        return 0, 0
    return largest_offset(
        offset, amount_cents=sum(goods), available=means.points_available, digits=digits,
        eligible_cents=sum(_taking_points(pieces, goods, offset)),
    )  # fmt: skip


def _shipping(shop: Shop, goods_cents: int, *, is_free: bool) -> int:
    goal = shipping_goal(shop, goods_cents, is_free=is_free)
    is_reached = goal is not None and goal.missing_cents == 0
    return 0 if is_free or is_reached else shop.shipping_cents


def _cash(means: Means, payable_cents: int) -> int:
    most = min(means.cash_available_cents, payable_cents)
    if means.cash_cents == "most":
        return most
    if means.cash_cents > most:
        raise CashBeyond(max_cents=most)
    return means.cash_cents
