"""What an order earns, all in all: base points, the tier's multiplier, the rules that match.

Pure once the facts are at hand: it plans; limits and budgets are judged when the grants are made
(`earning.actions.ask_to_award`), and `settled` then says what was really given, line by line.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from kernel.money import split_by_largest_remainder
from kernel.shapes import LARGEST_AMOUNT
from points.earning.awards import Award, Awarded, Granting, Origin, plain_award, rule_award
from points.earning.calculations import Earned, Line, evaluation_of, order_points
from points.earning.evaluation import (
    Judged,
    LineFacts,
    Occasion,
    evaluation_of_rules,
    extra_points,
    judge_rules,
)
from points.earning.facts import MemberFacts, member_facts
from points.earning.rules import ORDER_TRIGGERS
from points.ledger.actions import Grant
from points.orders.calculations import source_key
from points.orders.errors import EarnsTooMuch


class PricedLine(Protocol):
    """A line of an order that is arriving or stored."""

    @property
    def amount_cents(self) -> int: ...
    @property
    def category(self) -> str: ...
    @property
    def sku(self) -> str: ...
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


class Planned(msgspec.Struct, frozen=True):
    """One grant an order is to get, and its split over the lines."""

    grant: Grant
    line_points: tuple[int, ...]


class Plan(msgspec.Struct, frozen=True):
    """All an order is to get now, and the explanation to be stored with it."""

    planned: tuple[Planned, ...]
    evaluation: dict[str, object] | None

    @property
    def grants(self) -> list[Grant]:
        return [one.grant for one in self.planned]

    def settled(self, awarded: Sequence[Awarded] | None, lines: int) -> tuple[int, list[int]]:
        """Points given in all and per line; `awarded` None when nothing could be cut."""
        total, per_line = 0, [0] * lines
        for i, one in enumerate(self.planned):
            points = awarded[i].points if awarded is not None else one.grant.amount
            split: Sequence[int] = one.line_points
            if points != one.grant.amount:
                split = split_by_largest_remainder(points, list(one.line_points))
            total += points
            per_line = [a + b for a, b in zip(per_line, split, strict=True)]
        return total, per_line


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


def plan_order(
    order: EarningOrder,
    lines: Sequence[PricedLine],
    moment: EarningMoment,
    origin: Origin,
    granting: Granting,
    *,
    offset_cents: int,
    member: MemberFacts | None,
) -> Plan:
    """Plan what an order earns at this moment. Raises EarnsTooMuch beyond what sums can bear."""
    rule = granting.program.settings.earning
    base = order_points(
        rule, [Line(line.amount_cents, line.category, line.sku) for line in lines],
        shipping_cents=order.shipping_cents, tax_cents=order.tax_cents,
        discount_cents=order.discount_cents, offset_cents=offset_cents,
    )  # fmt: skip
    planned = []
    if moment.has_base and base.points:
        grant = plain_award(origin, base.points, "base", granting)
        planned.append(Planned(grant, base.line_points))
    bonus = _tier_bonus(base, moment, member)
    if bonus and member:
        grant = plain_award(origin, bonus, "tier", granting, note=member.tier_name)
        split = split_by_largest_remainder(bonus, list(base.line_points))
        planned.append(Planned(grant, tuple(split)))
    judged = _judge(order, lines, moment, base, granting, member)
    planned += [
        Planned(rule_award(origin, one, granting), one.line_points)
        for one in judged
        if one.outcome == "planned"
    ]
    if (total := sum(one.grant.amount for one in planned)) > LARGEST_AMOUNT:
        raise EarnsTooMuch(points=total)
    evaluation = evaluation_of(rule, base) if moment.has_base else None
    if evaluation is not None and bonus and member:
        evaluation["tier"] = {
            "code": member.tier, "name": member.tier_name, "points": bonus,
            "multiplier": str(member.multiplier),
        }  # fmt: skip
    if judged:
        evaluation = {**(evaluation or {}), "rules": evaluation_of_rules(judged)}
    return Plan(tuple(planned), evaluation)


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


def order_key(channel: str, external_id: str) -> str:
    """What the ledger's keys of an order begin with."""
    return source_key("order", channel, external_id)


def with_rules(grants: Sequence[Grant]) -> bool:
    """Whether any of these grants belongs to a rule, so that it must be noted as its award."""
    return any(isinstance(one, Award) for one in grants)
