"""Check-in (rules.md §7): days, runs, milestones, cards for missed days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.model.days import Days
from tests.model.lots import Refused

ONE = timedelta(days=1)
# How far back a card reaches.
REACH = 31


@dataclass
class Visit:
    """A day somebody was there; milestones are (kind, days)."""

    made_up_at: datetime | None = None
    milestones: set[tuple[str, int]] = field(default_factory=set)


class Visits:
    """All members' days."""

    def __init__(self, days: Days) -> None:
        self.days = days
        self.of: dict[str, dict[date, Visit]] = {}
        self.joined: dict[str, date] = {}

    def _cycle(self, day: date, settings: dict) -> tuple[date, date]:
        if settings["cycle"] == "week":
            first = day - day.weekday() * ONE
            return first, first + 7 * ONE
        if settings["cycle"] == "month":
            first = day.replace(day=1)
            return first, (first + 31 * ONE).replace(day=1)
        return date.min, date.max

    def _run(self, mine: dict[date, Visit], day: date, settings: dict) -> tuple[int, int]:
        """Days in a row right before a day, and right after it, in its cycle."""
        first, end = self._cycle(day, settings)
        before = after = 0
        while day - (before + 1) * ONE in mine and day - (before + 1) * ONE >= first:
            before += 1
        while day + (after + 1) * ONE in mine and day + (after + 1) * ONE < end:
            after += 1
        return before, after

    def _milestones(self, mine, day: date, length: int, run: tuple[int, int], settings: dict):
        first, end = self._cycle(day, settings)
        in_cycle = {d: visit for d, visit in mine.items() if first <= d < end}
        in_run = [day + i * ONE for i in range(-run[0], run[1] + 1)]
        total = len(in_cycle) + 1
        found = []
        for kind, days, points in settings["milestones"]:
            if kind == "cumulative":
                had = any(("cumulative", days) in visit.milestones for visit in in_cycle.values())
                reached = total >= days
            else:
                had = any(d in mine and (kind, days) in mine[d].milestones for d in in_run)
                reached = length >= days
            if reached and not had:
                found.append((kind, days, points))
        return found

    def come(self, member: str, at: datetime, settings: dict) -> tuple[int, int, list]:
        """(streak, base points, milestones) of a check-in."""
        day = self.days.day_of(at)
        mine = self.of.setdefault(member, {})
        if day in mine:
            raise Refused("earning.already_checked_in")
        run = self._run(mine, day, settings)
        streak = run[0] + 1
        reached = self._milestones(mine, day, streak, run, settings)
        table = settings["base_points"]
        base = table[(streak - 1) % len(table)]
        if reached and settings["milestones_replace_base"]:
            base = 0
        mine[day] = Visit(milestones={(kind, days) for kind, days, _ in reached})
        return streak, base, reached

    def check_card(self, member: str, day: date, at: datetime, settings: dict) -> None:
        """Raises Refused when this day cannot be made up for."""
        mine, today = self.of.setdefault(member, {}), self.days.day_of(at)
        if day in mine:
            raise Refused("earning.already_checked_in")
        first = max(today - REACH * ONE, self.joined[member], self._cycle(today, settings)[0])
        if not first <= day < today:
            raise Refused("checkin.day_not_open")
        month = self.days.month_of(at)
        used = sum(
            visit.made_up_at is not None and self.days.month_of(visit.made_up_at) == month
            for visit in mine.values()
        )
        if used >= settings["make_up_per_month"]:
            raise Refused("checkin.no_make_up_left")

    def make_up(self, member: str, day: date, at: datetime, settings: dict) -> tuple[int, list]:
        """(streak of that day, milestones now reached); the card is paid for by then."""
        mine = self.of[member]
        run = self._run(mine, day, settings)
        reached = self._milestones(mine, day, run[0] + 1 + run[1], run, settings)
        mine[day] = Visit(at, {(kind, days) for kind, days, _ in reached})
        return run[0] + 1, reached

    def unite(self, loser: str, survivor: str) -> None:
        """One calendar; of a day on which both came the survivor's stays."""
        mine = self.of.setdefault(survivor, {})
        for day, visit in self.of.pop(loser, {}).items():
            mine.setdefault(day, visit)
        self.joined[survivor] = min(self.joined[survivor], self.joined[loser])
