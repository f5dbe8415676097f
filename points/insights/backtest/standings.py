"""Which tier a member was on when an order came: from history, or by value under other definitions."""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime

from points.earning.calculations import Earned
from points.insights.backtest.proposal import Level, Side
from points.insights.backtest.replay import PastOrder
from points.program.calculations import months_on
from points.tiers.calculations import growth_of, refunded_share

Moves = Sequence[tuple[datetime, str | None]]


class History:
    """Tiers as they really were: by member the moments at which one began, oldest first."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._moves: dict[str, Moves] = {}

    def add(self, moves: dict[str, Moves]) -> None:
        """Histories of more members."""
        self._moves |= moves

    def level_at(self, member: str, at: datetime) -> Level | None:
        """The tier a member was on just before a moment: what the order itself led to comes after."""
        moves = self._moves.get(member, ())
        place = bisect_left(moves, at, key=lambda move: move[0])
        return self._side.level(moves[place - 1][1] if place else None)

    def follow(self, order: PastOrder, base: Earned) -> None:
        """History is what it is."""


class _Ascent:
    """What counts of one member in the running window, and the most it ever was."""

    __slots__ = ("best", "facts", "value")

    def __init__(self) -> None:
        self.best = self.value = 0
        self.facts: deque[tuple[date, int]] = deque()

    def forget_before(self, first: date | None) -> None:
        """Leave out what no longer counts."""
        while first is not None and self.facts and self.facts[0][0] < first:
            self.value -= self.facts.popleft()[1]


class Climb:
    """Tiers by value, as if these definitions had always held: upgraded at once, and not lowered
    while the replay lasts (rules.md §8: a tier is kept for its period)."""

    def __init__(self, side: Side) -> None:
        self._side, self._rule = side, side.settings.tiers
        self._calendar = side.granting.program.calendar
        self._ascents: dict[str, _Ascent] = {}
        self._first_days: dict[date, date | None] = {}

    def level_at(self, member: str, at: datetime) -> Level | None:
        """The highest tier reached so far."""
        del at
        ascent = self._ascents.get(member)
        return self._level(ascent.best if ascent else 0)

    def follow(self, order: PastOrder, base: Earned) -> None:
        """A completed order counts from its completion on."""
        worth = self._worth(order, base)
        if worth:
            self.add(order.member_id, order.completed_at or order.placed_at, worth)

    def add(self, member: str, at: datetime, worth: int) -> None:
        """Something that counts, in the order of time."""
        ascent = self._ascents.get(member)
        if ascent is None:
            ascent = self._ascents[member] = _Ascent()
        day = self._calendar.day_of(at)
        ascent.forget_before(self._first_day(day))
        ascent.facts.append((day, worth))
        ascent.value += worth
        ascent.best = max(ascent.best, ascent.value)

    def level_of_value(self, member: str, day: date) -> Level | None:
        """The tier that the value of the window ending with a day leads to."""
        ascent = self._ascents.get(member)
        if ascent is None:
            return self._level(0)
        ascent.forget_before(self._first_day(day))
        return self._level(ascent.value)

    def members(self) -> Sequence[str]:
        """All of whom anything counts."""
        return list(self._ascents)

    def _first_day(self, day: date) -> date | None:
        """The first day that counts together with this one."""
        if day not in self._first_days:
            self._first_days[day] = self._find_first_day(day)
        return self._first_days[day]

    def _find_first_day(self, day: date) -> date | None:
        match self._rule.window:
            case "rolling_12_months":
                return months_on(day, -12)
            case "calendar_year":
                return date(day.year, 1, 1)
            case _:
                return None

    def _level(self, value: int) -> Level | None:
        reached = [one for one in self._side.ladder if one.threshold <= value]
        return reached[-1] if reached else None

    def _worth(self, order: PastOrder, base: Earned) -> int:
        """Growth, money or 1, less what was refunded."""
        match self._rule.qualify_by:
            case "growth":
                growth = growth_of(self._rule, base.base_cents)
                lines = order.lines
                refunded, counted = refunded_share(
                    [line.amount_cents for line in lines], base.line_points,
                    [line.refunded_cents for line in lines],
                )  # fmt: skip
                return growth - (growth if refunded >= counted else growth * refunded // counted)
            case "spend":
                return max(0, order.spent_cents - order.offset_cents)
            case _:
                return int(order.refunded_cents == 0 or order.spent_cents > order.offset_cents)
