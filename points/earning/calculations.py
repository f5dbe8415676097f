"""What an order earns (rules.md §3): pure arithmetic on whole minor units and points."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from kernel.money import split_by_largest_remainder
from points.program.calculations import Earning


class CountedLine(Protocol):
    """What counts of an order line."""

    @property
    def amount_cents(self) -> int: ...
    @property
    def category(self) -> str: ...
    @property
    def sku(self) -> str: ...


class Earned(msgspec.Struct, frozen=True):
    """What an order earns: in all, per line, and the numbers behind it."""

    points: int
    line_points: tuple[int, ...]
    base_cents: int
    excluded_cents: int
    deducted_cents: int
    steps: int


def order_points(
    rule: Earning,
    lines: Sequence[CountedLine],
    *,
    shipping_cents: int = 0,
    tax_cents: int = 0,
    discount_cents: int = 0,
    offset_cents: int = 0,
) -> Earned:
    """Points of one order by the default rule, and their split over its lines.

    goods_paid: goods without shipping and tax, less coupons (`discount`) and points (`offset`);
    order_total: all of it, less the same. points = round(base ÷ step) × points per step on the
    whole order: 109.00 at 10 points per 100.00, floored → 10. Lines get their part by largest
    remainder over what of them counts, ties to the earlier line. Never negative.
    """
    weights = [0 if rule.excludes(line.category, line.sku) else line.amount_cents for line in lines]
    goods, counted = sum(line.amount_cents for line in lines), sum(weights)
    extra = shipping_cents + tax_cents if rule.basis == "order_total" else 0
    # A discount on the whole order lowers what counts by the share that counts (rounded up for
    # the excluded part, so that the base never exceeds what was paid).
    reduction = discount_cents + offset_cents
    deducted = reduction if counted == goods or not goods else -(-reduction * counted // goods)
    base = max(0, counted + extra - deducted)
    steps = _steps(base, rule)
    points = steps * rule.points_per_step
    return Earned(
        points=points,
        line_points=tuple(split_by_largest_remainder(points, weights)),
        base_cents=base,
        excluded_cents=goods - counted,
        deducted_cents=deducted,
        steps=steps,
    )


def _steps(base: int, rule: Earning) -> int:
    """Whole steps in the base, rounded as the rule says."""
    match rule.rounding:
        case "ceil":
            return -(-base // rule.step_cents)
        case "half_up":
            return (2 * base + rule.step_cents) // (2 * rule.step_cents)
        case _:
            return base // rule.step_cents


def clawback_due(
    line_points: Sequence[int],
    line_cents: Sequence[int],
    refunded_cents: Sequence[int],
    already: Sequence[int],
) -> list[int]:
    """Points each line still owes back once `refunded_cents` of it (in all) are refunded.

    Floored cumulatively: after the full refund a line has given back exactly what it earned
    (rules.md §4). A line of amount 0 gives back all or nothing.
    """
    due = []
    for points, cents, refunded, taken in zip(
        line_points, line_cents, refunded_cents, already, strict=True
    ):
        total = points if refunded >= cents else points * refunded // cents
        due.append(total - taken)
    return due


class Returned(msgspec.Struct, frozen=True):
    """A part of an order's line that is exchanged: its price, the line's points that belong to it,
    whether its category counts."""

    cents: int
    points: int
    counts: bool = True


class Exchanged(msgspec.Struct, frozen=True):
    """What an exchange comes to, in minor units and points.

    Per part given back: how much of its price was swapped for goods (the rest is money back), how
    many of its points moved on with it, how many are due back. Per new line: its points. `extra` is
    what the higher price earns.
    """

    swapped_cents: tuple[int, ...]
    moved: tuple[int, ...]
    due: tuple[int, ...]
    extra: int
    new_points: tuple[int, ...]


def exchange_points(
    rule: Earning, returned: Sequence[Returned], new: Sequence[CountedLine], *, base_cents: int
) -> Exchanged:
    """Goods for goods: only the difference in price earns or gives back.

    The points of what comes back stay with what goes out, as far as its price reaches: equal price,
    equal points, whatever the rounding. Cheaper: floor(points × new price ÷ old price) stay, the
    others are due back. Dearer: all stay, and the order earns what its base of `base_cents` plus
    the difference earns more than before. Categories that do not count carry no points.
    """
    out = [line.amount_cents for line in new]
    counted = [0 if rule.excludes(line.category, line.sku) else line.amount_cents for line in new]
    came_back = [part.cents for part in returned]
    points = [part.points for part in returned]
    old_price = sum(part.cents for part in returned if part.counts)
    new_price, held = sum(counted), sum(points)
    stays = held if new_price >= old_price else held * new_price // old_price
    more = max(0, new_price - old_price)
    extra = points_of_base(rule, base_cents + more) - points_of_base(rule, base_cents)
    swapped = min(sum(out), sum(came_back))
    moved = split_by_largest_remainder(stays, points) if held else [0] * len(points)
    return Exchanged(
        swapped_cents=tuple(split_by_largest_remainder(swapped, came_back)),
        moved=tuple(moved),
        due=tuple(had - kept for had, kept in zip(points, moved, strict=True)),
        extra=extra,
        new_points=tuple(split_by_largest_remainder(stays + extra, counted)),
    )


def points_of_base(rule: Earning, base_cents: int) -> int:
    """What so much money earns, rounded as the rule says."""
    return _steps(max(0, base_cents), rule) * rule.points_per_step


def evaluation_of(rule: Earning, earned: Earned) -> dict[str, object]:
    """The explanation stored with an order: the rule as it was, the inputs, the result."""
    return {
        "rule": "default",
        "basis": rule.basis,
        "base_cents": earned.base_cents,
        "excluded_cents": earned.excluded_cents,
        "deducted_cents": earned.deducted_cents,
        "step_cents": rule.step_cents,
        "points_per_step": rule.points_per_step,
        "rounding": rule.rounding,
        "steps": earned.steps,
        "points": earned.points,
    }
