"""What an order earns, all in all: base points, the tier's multiplier, the rules that match.

Pure once the facts are at hand. Limits and budgets are judged after this: under their locks when it
is granted (`sql/grants.sql`), in memory when past orders are replayed.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
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
from points.program.queries import ActiveProgram


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


class Weighed:
    """An order at a moment of its buyer's: its base points, and what rules look at, which is put
    together when the first of them asks."""

    def __init__(
        self, order: EarningOrder, lines: Sequence[PricedLine], moment: EarningMoment,
        program: ActiveProgram, *, offset_cents: int, member: MemberFacts | None,
    ) -> None:  # fmt: skip
        self.order, self.lines, self.moment, self.member = order, lines, moment, member
        self._program = program
        self.base = order_points(
            program.settings.earning, lines, shipping_cents=order.shipping_cents,
            tax_cents=order.tax_cents, discount_cents=order.discount_cents,
            offset_cents=offset_cents,
        )  # fmt: skip

    @cached_property
    def occasion(self) -> Occasion:
        """The order as rules see it, whichever of them."""
        base, excluded = self.base, self._program.settings.earning.excludes
        outside = [excluded(line.category, line.sku) for line in self.lines]
        net = split_by_largest_remainder(
            base.base_cents,
            [
                0 if out else line.amount_cents
                for line, out in zip(self.lines, outside, strict=True)
            ],
        )
        facts = order_facts(self.order, self.lines, base)
        if self.member is not None:
            day = self._program.calendar.day_of(self.moment.occurred_at)
            facts |= member_facts(self.member, day=day)
        return Occasion(
            occurred_at=self.moment.occurred_at, facts=facts, amount_cents=base.base_cents,
            base_points=base.points, channel=self.order.channel,
            segments=self.member.segments if self.member else frozenset(),
            lines=tuple(
                LineFacts(
                    line.sku, line.category, line.quantity, net[i], base.line_points[i],
                    is_excluded=outside[i],
                )
                for i, line in enumerate(self.lines)
            ),
        )  # fmt: skip


def order_earnings(weighed: Weighed, granting: Granting, *, explain: bool = True) -> OrderEarnings:
    """Work out what an order that was weighed earns, with reasons or (`explain` off) without. The
    programme must be the one it was weighed by."""
    judged = _judge(weighed, granting, explain=explain)
    return OrderEarnings(weighed.base, _tier_bonus(weighed), judged)


def _tier_bonus(weighed: Weighed) -> int:
    """What the buyer's tier adds to the base points: floor(base × multiplier) − base."""
    if weighed.member is None or not weighed.moment.has_base:
        return 0
    return max(0, extra_points(weighed.base.points, weighed.member.multiplier))


def _judge(weighed: Weighed, granting: Granting, *, explain: bool) -> list[Judged]:
    calendar, moment = granting.program.calendar, weighed.moment
    judged: list[Judged] = []
    for trigger in moment.triggers:
        if rules := granting.rules.in_force(trigger, moment.occurred_at):
            judged += judge_rules(
                rules, weighed.occasion, calendar=calendar, money=granting.money, explain=explain
            )
    return judged


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
