"""Whether a condition holds for given facts, and what each comparison found."""

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from kernel.clock import Calendar
from points.conditions.fields import Kind, Operator
from points.conditions.tree import Comparison, Condition, Group, Negation, Node


class Leaf(msgspec.Struct, frozen=True):
    """What one comparison found: JSON-ready, so that it can be stored as an explanation.

    `found` is None when the fact is missing or of another kind; in `in_days` both values are days.
    """

    path: str
    field: str
    operator: Operator
    in_days: bool
    wanted: object
    found: object
    holds: bool


class Judgement(msgspec.Struct, frozen=True):
    """The verdict and every comparison behind it, in the order of `condition.comparisons`."""

    holds: bool
    leaves: list[Leaf]


class Moment:
    """Now and the local calendar."""

    __slots__ = ("at", "calendar")

    def __init__(self, at: datetime, calendar: Calendar) -> None:
        self.at, self.calendar = at, calendar

    @property
    def today(self) -> date:
        """The local day of now; worked out once for all that is judged at the same moment."""
        return _day_of(self.at, self.calendar)


@lru_cache(maxsize=256)
def _day_of(at: datetime, calendar: Calendar) -> date:
    return calendar.day_of(at)


def judge(
    condition: Condition, facts: Mapping[str, object], *, at: datetime, calendar: Calendar
) -> Judgement:
    """Hold the condition against facts (field name → value) at a moment. Never raises for a fact.

    Facts: whole, money int · number int, float, Decimal · text, choice str · boolean bool · date
    date · moment aware datetime · texts a list, tuple or set of str. A missing fact, or one of
    another kind, makes its comparison false, `!=` too.
    """
    now = Moment(at, calendar)
    leaves: list[Leaf] = []
    for one in condition.comparisons:
        found = look_at(one, facts, now)
        holds = found is not None and _TESTS[one.operator](found, one.wanted)
        in_days = one.look == "days_ago"
        shown = found if type(found) in _PLAIN else _shown(found)
        leaves.append(
            Leaf(one.path, one.field.name, one.operator, in_days, one.literal, shown, holds)
        )
    return Judgement(
        _decide(condition.root, iter([leaf.holds for leaf in leaves]).__next__), leaves
    )


def holds(
    condition: Condition, facts: Mapping[str, object], *, at: datetime, calendar: Calendar
) -> bool:
    """The verdict alone, as cheap as can be: it stops at the first part that decides."""
    return _holds(condition.root, facts, Moment(at, calendar))


def look_at(one: Comparison, facts: Mapping[str, object], now: Moment) -> Any:
    """The fact as the comparison sees it; None when it is missing or of another kind."""
    fact = facts.get(one.field.name)
    if fact is None:
        return None
    value = _READERS[one.field.kind](fact)
    if value is None or one.look == "value":
        return value
    try:
        day: Any = now.calendar.day_of(value) if isinstance(value, datetime) else value
        return day if one.look == "day" else (now.today - day).days
    except OverflowError:  # the first or the last day there is, in another time zone
        return None


def _decide(node: Node, next_leaf: Callable[[], bool]) -> bool:
    """The verdict over leaves judged already; each part is asked, so that the leaves keep step."""
    match node:
        case Comparison():
            return next_leaf()
        case Group():
            verdicts = [_decide(part, next_leaf) for part in node.parts]
            return all(verdicts) if node.operator == "and" else any(verdicts)
        case Negation():
            return not _decide(node.part, next_leaf)
        case _:
            return True


def _holds(node: Node, facts: Mapping[str, object], now: Moment) -> bool:
    match node:
        case Comparison():
            found = look_at(node, facts, now)
            return found is not None and _TESTS[node.operator](found, node.wanted)
        case Group():
            verdicts = (_holds(part, facts, now) for part in node.parts)
            return all(verdicts) if node.operator == "and" else any(verdicts)
        case Negation():
            return not _holds(node.part, facts, now)
        case _:
            return True


_NUMBERS = (int, float, Decimal)
_SETS = (list, tuple, set, frozenset)


def _whole(fact: object) -> int | None:
    return fact if isinstance(fact, int) and not isinstance(fact, bool) else None


def _number(fact: object) -> Decimal | None:
    if isinstance(fact, bool) or not isinstance(fact, _NUMBERS):
        return None
    exact = (
        fact
        if isinstance(fact, Decimal)
        else Decimal(repr(fact) if isinstance(fact, float) else fact)
    )
    return exact if exact.is_finite() else None


def _text(fact: object) -> str | None:
    return fact if isinstance(fact, str) else None


def _boolean(fact: object) -> bool | None:
    return fact if isinstance(fact, bool) else None


def _date(fact: object) -> date | None:
    return fact if isinstance(fact, date) and not isinstance(fact, datetime) else None


def _moment(fact: object) -> datetime | None:
    is_aware = isinstance(fact, datetime) and fact.tzinfo is not None
    return fact if is_aware else None  # type: ignore[return-value]


def _texts(fact: object) -> object:
    return fact if isinstance(fact, _SETS) else None


_READERS: dict[Kind, Callable[[object], object]] = {
    "whole": _whole, "money": _whole, "number": _number, "text": _text, "choice": _text,
    "boolean": _boolean, "date": _date, "moment": _moment, "texts": _texts,
}  # fmt: skip
_TESTS: dict[Operator, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
    "between": lambda found, wanted: wanted[0] <= found <= wanted[1],
    "inside": lambda found, wanted: wanted[0] < found < wanted[1],
    "in": lambda found, wanted: found in wanted,
    "has": lambda found, wanted: wanted in found,
    "starts_with": str.startswith,
}  # fmt: skip
_PLAIN = frozenset({int, str, bool, type(None)})


def _shown(found: object) -> object:
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, _SETS):
        return sorted(one for one in found if isinstance(one, str))
    return str(found)
