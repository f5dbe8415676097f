"""Which rules an occasion meets, and what they give: pure arithmetic and comparison.

Order of rules.md §3: base points, then the tier's multiplier, then campaign bonuses by priority;
every result is floored. Limits and budgets are judged later, under locks (sql/grants.sql).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

import msgspec

from kernel.clock import Calendar
from kernel.money import split_by_largest_remainder
from kernel.shapes import LARGEST_AMOUNT
from points.conditions.judging import Leaf, holds, judge
from points.conditions.tree import Condition
from points.earning.facts import clock_facts
from points.earning.rules import Reward, Rule, RuleDocument

Outcome = Literal["planned", "not_matched", "outranked", "nothing"]
# Why a rule did not match: what a reader looks up the sentence by.
Reason = Literal[
    "", "schedule", "channel", "segment", "conditions", "exclusive", "stopped", "broken"
]


class Compiled(msgspec.Struct, frozen=True):
    """A version of a rule, ready to be judged."""

    rule: Rule
    number: int
    document: RuleDocument
    condition: Condition | None
    lines: Condition | None
    is_broken: bool = False


class LineFacts(msgspec.Struct, frozen=True):
    """An order line: what of it counts, and the base points it has."""

    sku: str
    category: str
    quantity: int
    amount_cents: int
    base_points: int = 0
    is_excluded: bool = False

    def facts(self) -> dict[str, object]:
        """As conditions on lines see it."""
        return {
            "line.sku": self.sku, "line.category": self.category,
            "line.quantity": self.quantity, "line.amount_cents": self.amount_cents,
        }  # fmt: skip


class Occasion(msgspec.Struct, frozen=True):
    """Something that may earn: an order, an event, a check-in. `amount_cents` is what counts."""

    occurred_at: datetime
    facts: Mapping[str, object]
    amount_cents: int = 0
    base_points: int = 0
    channel: str = ""
    lines: tuple[LineFacts, ...] = ()
    segments: frozenset[str] = frozenset()


class Money(msgspec.Struct, frozen=True):
    """What a point is worth: points to one major unit, and the digits of the minor one."""

    points_per_unit: int
    digits: int


class Judged(msgspec.Struct, frozen=True):
    """What one rule made of an occasion. `line_points` splits planned points over the lines;
    `coupon` is the template of the coupon it gives in the place of points."""

    compiled: Compiled
    outcome: Outcome
    reason: Reason = ""
    points: int = 0
    line_points: tuple[int, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    coupon: str = ""

    @property
    def gives(self) -> bool:
        """Whether it is to give anything at all."""
        return self.points > 0 or bool(self.coupon)


def judge_rules(
    rules: Sequence[Compiled], occasion: Occasion, *, calendar: Calendar, money: Money,
    explain: bool = True,
) -> list[Judged]:  # fmt: skip
    """Judge every rule of the occasion's trigger, in order of priority, then code.

    Without `explain` no leaves are kept: the verdicts alone cost half as much.

    An exclusive rule applies alone: only when no rule above it has applied, and nothing below it
    does then. Rules that give nothing keep nobody out.
    """
    facts = {**occasion.facts, **clock_facts(occasion.occurred_at, calendar)} if rules else {}
    judged: list[Judged] = []
    applied = closed = False
    for one in sorted(rules, key=lambda c: (-c.document.priority, c.rule.code)):
        found = _match(one, occasion, facts, calendar, explain=explain)
        if found.outcome == "planned":
            is_exclusive = one.document.stacking == "exclusive"
            if closed or (is_exclusive and applied):
                found = msgspec.structs.replace(found, outcome="outranked", reason="exclusive")
            else:
                found = _reward(found, occasion, calendar, money)
                applied = applied or found.gives
                closed = closed or (is_exclusive and found.gives)
        judged.append(found)
    return judged


def _match(
    one: Compiled, occasion: Occasion, facts: Mapping[str, object], calendar: Calendar, *,
    explain: bool,
) -> Judged:  # fmt: skip
    document, at = one.document, occasion.occurred_at
    if one.is_broken:
        return Judged(one, "not_matched", "broken")
    if not document.is_open_at(at):
        return Judged(one, "not_matched", "schedule")
    if document.channels and occasion.channel not in document.channels:
        return Judged(one, "not_matched", "channel")
    if document.segments and occasion.segments.isdisjoint(document.segments):
        return Judged(one, "not_matched", "segment")
    if one.condition is None:
        return Judged(one, "planned")
    if not explain:
        does_hold = holds(one.condition, facts, at=at, calendar=calendar)
        return Judged(one, "planned") if does_hold else Judged(one, "not_matched", "conditions")
    judgement = judge(one.condition, facts, at=at, calendar=calendar)
    leaves = tuple(judgement.leaves)
    if not judgement.holds:
        return Judged(one, "not_matched", "conditions", leaves=leaves)
    return Judged(one, "planned", leaves=leaves)


def _reward(found: Judged, occasion: Occasion, calendar: Calendar, money: Money) -> Judged:
    reward = found.compiled.document.reward
    if reward.template is not None:
        nothing = (0,) * len(occasion.lines)
        return msgspec.structs.replace(found, coupon=reward.template, line_points=nothing)
    counting = _counting_lines(found.compiled, occasion, calendar)
    points = _points(reward, occasion, counting, money)
    points = min(points, LARGEST_AMOUNT)
    if points == 0:
        return msgspec.structs.replace(found, outcome="nothing")
    weights = [line.amount_cents if counts else 0 for line, counts in counting]
    # Free lines that count share nothing by amount: the first of them bears it.
    if not any(weights):
        weights = [int(counts) for _, counts in counting]
    split = tuple(split_by_largest_remainder(points, weights))
    return msgspec.structs.replace(found, points=points, line_points=split)


def _counting_lines(
    one: Compiled, occasion: Occasion, calendar: Calendar
) -> list[tuple[LineFacts, bool]]:
    """Each line, and whether it counts for this rule."""
    if one.lines is None:
        return [(line, not line.is_excluded) for line in occasion.lines]
    return [
        (
            line,
            not line.is_excluded
            and holds(one.lines, line.facts(), at=occasion.occurred_at, calendar=calendar),
        )
        for line in occasion.lines
    ]


def _points(
    reward: Reward, occasion: Occasion, counting: Sequence[tuple[LineFacts, bool]], money: Money
) -> int:
    """Planned points of a reward, floored."""
    lines = [line for line, counts in counting if counts]
    amount, base = occasion.amount_cents, occasion.base_points
    if reward.lines is not None:
        amount = sum(line.amount_cents for line in lines)
        base = sum(line.base_points for line in lines)
    match reward.kind:
        case "fixed":
            return reward.points or 0
        case "amount":
            return amount // (reward.per_cents or 1) * (reward.points or 0)
        case "rate":
            worth = Decimal(amount) * (reward.rate or 0) * money.points_per_unit
            return int((worth / 10**money.digits).to_integral_value(ROUND_FLOOR))
        case "multiplier":
            return extra_points(base, reward.factor or Decimal(1))
        case _:
            pieces = sum(line.quantity for line in lines) if reward.per == "piece" else len(lines)
            return pieces * (reward.points or 0)


def extra_points(base: int, factor: Decimal) -> int:
    """What a multiplier adds to base points: floor(base × factor) − base. 110 × 1.25 → 27."""
    return int((base * factor).to_integral_value(ROUND_FLOOR)) - base


def evaluation_of_rules(judged: Sequence[Judged]) -> list[dict[str, object]]:
    """What is stored as the explanation: per rule what was found, and what it planned to give;
    `coupon` (a template) only where it planned one."""
    return [
        {
            "code": one.compiled.rule.code,
            "name": one.compiled.document.told_name,
            "version": one.compiled.number,
            "outcome": one.outcome,
            "reason": one.reason,
            "points": one.points,
            "leaves": [msgspec.to_builtins(leaf) for leaf in one.leaves],
            **({"coupon": one.coupon} if one.coupon else {}),
        }
        for one in judged
    ]
