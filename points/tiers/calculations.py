"""Arithmetic of tiers (rules.md §8) and the shape of what a tier gives: no ORM, no clock."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import msgspec

from points.program.calculations import Section, TierRule

Bonus = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000, description="Whole points")]
CouponCode = Annotated[
    str,
    msgspec.Meta(max_length=40, description="Code of a coupon template; empty for none"),
]
_ONE = Decimal(1)
_FINEST = Decimal("0.0001")


class Benefits(Section):
    """What a tier gives: nothing stands here that nobody applies. Rates are decimals written as text,
    so that 1.2 is exactly 1.2."""

    # Points of an order are multiplied by this, floored.
    earn_multiplier: Decimal = _ONE
    # Given on the member's birthday, once a year.
    birthday_points: Bonus = 0
    # Given with every check-in, on top of what the day is worth.
    checkin_bonus_points: Bonus = 0
    # What members pay of the shop's list prices, floored to a minor unit; 1 is the list price.
    member_price_rate: Decimal = _ONE
    # Orders of the shop are sent for nothing.
    free_shipping: bool = False
    # The template of the coupon that everybody on the tier gets once a month; empty: none.
    monthly_coupon: CouponCode = ""

    def __post_init__(self) -> None:
        _check(self.earn_multiplier, "earn_multiplier", _ONE, Decimal(100))
        _check(self.member_price_rate, "member_price_rate", Decimal("0.01"), _ONE)


def _check(value: Decimal, name: str, least: Decimal, most: Decimal) -> None:
    if not (value.is_finite() and least <= value <= most):
        raise ValueError(f"field `{name}` must lie between {least} and {most}")
    if value != value.quantize(_FINEST):
        raise ValueError(f"field `{name}` has at most four decimals")


def growth_of(rule: TierRule, base_cents: int) -> int:
    """Growth for what counts of an order: whole steps × growth per step, floored.

    159.00 at 1 growth per 1.00 → 159; 159.99 → 159.
    """
    return base_cents // rule.growth_step_cents * rule.growth_per_step


def refunded_share(
    line_cents: Sequence[int], line_points: Sequence[int], refunded_cents: Sequence[int]
) -> tuple[int, int]:
    """(refunded, all) cents of the lines that count: those that earned points, or else all."""
    counts = [points > 0 for points in line_points]
    if not any(counts):
        counts = [True] * len(counts)
    rows = list(zip(line_cents, refunded_cents, counts, strict=True))
    return (
        sum(refunded for _, refunded, does in rows if does),
        sum(cents for cents, _, does in rows if does),
    )


def progress_rate(value: int, floor: int, goal: int) -> Decimal:
    """How far between two thresholds, 0 to 1, floored to four decimals. 800 of 500…1000 → 0.6."""
    if goal <= floor:
        return _ONE
    done = min(max(value - floor, 0), goal - floor)
    return Decimal(done * 10_000 // (goal - floor)) / 10_000
