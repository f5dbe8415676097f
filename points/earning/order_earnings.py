"""What an order earns, all in all: base points, the tier's multiplier, the rules that match.

Pure once the facts are at hand. Limits and budgets are judged after this: under their locks when it
is granted (`sql/grants.sql`), in memory when past orders are replayed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from kernel.money import split_by_largest_remainder
from points.earning.awards import Granting
from points.earning.calculations import CountedLine, Earned, order_points
from points.earning.evaluation import (
    Judged,
    LineFacts,
    Occasion,
    extra_points,
    judge_rules,
)
from points.earning.facts import MemberFacts, member_facts
from points.earning.rules import ORDER_TRIGGERS


class PricedLine(CountedLine, Protocol):
    """A line of an order that is arriving or stored."""

    @property
    def quantity(self) -> int: ...


class EarningOrder(Protocol):
    """An order that is arriving or stored."""

    @property
    def channel(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def shipping_cents(self) -> int: ...
    @property
    def tax_cents(self) -> int: ...
    @property
    def discount_cents(self) -> int: ...


class EarningMoment(msgspec.Struct, frozen=True):
    """One order's moment of earning: which triggers it pulls, and whether base points are due."""

    triggers: tuple[str, ...]
    has_base: bool
    occurred_at: datetime


def moment_of(
    *, is_new: bool, status: str, placed_at: datetime, completed_at: datetime | None, grant_on: str
) -> EarningMoment:
    """What an order that has just been told (`is_new`) or completed pulls.

    An order that arrives completed has been paid too. Base points come once: with the payment or
    with the completion, as the programme says.
    """
    completed = status == "completed"
    triggers = ORDER_TRIGGERS if completed else ORDER_TRIGGERS[:1]
    if not is_new:
        triggers = ORDER_TRIGGERS[1:]
    has_base = completed or grant_on == "payment"
    return EarningMoment(
        triggers, has_base, (completed_at or placed_at) if completed else placed_at
    )


class OrderEarnings(msgspec.Struct, frozen=True):
    """What an order is due at a moment: `base` is worked out even when it is not due yet (rules
    multiply it); `bonus` is what the tier adds to it."""

    base: Earned
    bonus: int
    judged: list[Judged]

    @property
    def bonus_split(self) -> tuple[int, ...]:
        """The tier's points over the lines."""
        return tuple(split_by_largest_remainder(self.bonus, list(self.base.line_points)))


def order_earnings(
    order: EarningOrder, lines: Sequence[PricedLine], moment: EarningMoment, granting: Granting,
    *, offset_cents: int, member: MemberFacts | None,
) -> OrderEarnings:  # fmt: skip
    """Work out what an order earns at this moment."""
    base = order_points(
        granting.program.settings.earning, lines, shipping_cents=order.shipping_cents, tax_cents=order.tax_cents,
        discount_cents=order.discount_cents, offset_cents=offset_cents,
    )  # fmt: skip
    judged = _judge(order, lines, moment, base, granting, member)
    return OrderEarnings(base, _tier_bonus(base, moment, member), judged)


def _tier_bonus(base: Earned, moment: EarningMoment, member: MemberFacts | None) -> int:
    """What the buyer's tier adds to the base points: floor(base × multiplier) − base."""
    if member is None or not moment.has_base:
        return 0
    return max(0, extra_points(base.points, member.multiplier))


def _judge(
    order: EarningOrder, lines: Sequence[PricedLine], moment: EarningMoment, base: Earned,
    granting: Granting, member: MemberFacts | None,
) -> list[Judged]:  # fmt: skip
    calendar = granting.program.calendar
    judged: list[Judged] = []
    for trigger in moment.triggers:
        rules = granting.rules.in_force(trigger, moment.occurred_at)
        if rules:
            occasion = _occasion(order, lines, trigger, moment, base, granting, member)
            judged += judge_rules(rules, occasion, calendar=calendar, money=granting.money)
    return judged


def _occasion(
    order: EarningOrder, lines: Sequence[PricedLine], trigger: str, moment: EarningMoment, base: Earned,
    granting: Granting, member: MemberFacts | None,
) -> Occasion:  # fmt: skip
    excluded = granting.program.settings.earning.excludes
    counted = [0 if excluded(line.category, line.sku) else line.amount_cents for line in lines]
    net = split_by_largest_remainder(base.base_cents, counted)
    facts = order_facts(order, lines, base)
    if member is not None:
        day = granting.program.calendar.day_of(moment.occurred_at)
        facts |= member_facts(member, day=day)
    return Occasion(
        trigger=trigger, occurred_at=moment.occurred_at, facts=facts,
        amount_cents=base.base_cents, base_points=base.points, channel=order.channel,
        segments=member.segments if member else frozenset(),
        lines=tuple(
            LineFacts(
                line.sku, line.category, line.quantity, net[i], base.line_points[i],
                is_excluded=excluded(line.category, line.sku),
            )
            for i, line in enumerate(lines)
        ),
    )  # fmt: skip


def order_facts(
    order: EarningOrder, lines: Sequence[PricedLine], base: Earned
) -> dict[str, object]:
    """Facts of an order, for conditions."""
    return {
        "order.amount_cents": base.base_cents,
        "order.goods_cents": sum(line.amount_cents for line in lines),
        "order.channel": order.channel,
        "order.pieces": sum(line.quantity for line in lines),
        "order.skus": [line.sku for line in lines if line.sku],
        "order.categories": [line.category for line in lines if line.category],
    }
