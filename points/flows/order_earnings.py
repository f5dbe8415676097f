"""What an order earns, all in all: base points, the tier's multiplier, the rules that match.

Pure once the facts are at hand: it plans; limits and budgets are judged when the grants are made
(`earning.actions.ask_to_award`), and `settled` then says what was really given, line by line.
"""

from collections.abc import Sequence

import msgspec

from kernel.money import split_by_largest_remainder
from kernel.shapes import LARGEST_AMOUNT
from points.earning.awards import Award, Awarded, Granting, Origin, plain_award, rule_award
from points.earning.calculations import evaluation_of
from points.earning.evaluation import evaluation_of_rules
from points.earning.facts import MemberFacts
from points.earning.order_earnings import (
    EarningMoment,
    EarningOrder,
    PricedLine,
    Weighed,
    order_earnings,
)
from points.ledger.actions import Grant
from points.orders.calculations import source_key
from points.orders.errors import EarnsTooMuch


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
    weighed = Weighed(
        order, lines, moment, granting.program, offset_cents=offset_cents, member=member
    )
    earned = order_earnings(weighed, granting)
    base, bonus, planned = earned.base, earned.bonus, []
    if moment.has_base and base.points:
        grant = plain_award(origin, base.points, "base", granting)
        planned.append(Planned(grant, base.line_points))
    if bonus and member:
        grant = plain_award(origin, bonus, "tier", granting, note=member.tier_name)
        planned.append(Planned(grant, earned.bonus_split))
    planned += [
        Planned(rule_award(origin, one, granting), one.line_points)
        for one in earned.judged
        if one.outcome == "planned"
    ]
    if (total := sum(one.grant.amount for one in planned)) > LARGEST_AMOUNT:
        raise EarnsTooMuch(points=total)
    rule = granting.program.settings.earning
    evaluation = evaluation_of(rule, base) if moment.has_base else None
    if evaluation is not None and bonus and member:
        evaluation["tier"] = {
            "code": member.tier, "name": member.tier_name, "points": bonus,
            "multiplier": str(member.multiplier),
        }  # fmt: skip
    if earned.judged:
        evaluation = {**(evaluation or {}), "rules": evaluation_of_rules(earned.judged)}
    return Plan(tuple(planned), evaluation)


def order_key(channel: str, external_id: str) -> str:
    """What the ledger's keys of an order begin with."""
    return source_key("order", channel, external_id)


def with_rules(grants: Sequence[Grant]) -> bool:
    """Whether any of these grants belongs to a rule, so that it must be noted as its award."""
    return any(isinstance(one, Award) for one in grants)
