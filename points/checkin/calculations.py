"""Rewards of a check-in (rules.md §7): pure arithmetic over days."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import msgspec

from points.program.calculations import Checkin, Milestone

# How far back a missed day can be made up for.
MAKE_UP_DAYS = 31


class Reward(msgspec.Struct, frozen=True):
    """What a day gives: base points, the milestones reached with it, the extra of the tier."""

    base_points: int
    milestones: tuple[Milestone, ...]
    tier_points: int = 0

    @property
    def points(self) -> int:
        """All together."""
        return self.base_points + self.tier_points + sum(one.points for one in self.milestones)


def first_day_of_cycle(day: date, cycle: str) -> date | None:
    """Where streaks begin anew: Monday, the first of the month, or never (None)."""
    match cycle:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return None


def base_points(streak: int, table: Sequence[int]) -> int:
    """Points of the n-th day in a row; past the last day of the table it starts over.

    Table 1 2 3 4 5 6 7: day 7 gives 7, day 8 gives 1.
    """
    return table[(streak - 1) % len(table)]


def reward_of(
    rule: Checkin,
    *,
    streak: int,
    total: int,
    reached: Collection[tuple[str, int]],
    is_made_up: bool = False,
    tier_points: int = 0,
) -> Reward:
    """What a check-in gives on the n-th day in a row and the n-th day in all.

    `reached`: milestones (kind, days) this run of days has been given already. A day made up for
    gives no base of its own; it closes the gap, and with it a milestone may be reached. Every day
    on which a member comes gives `tier_points` more.
    """
    counted = {"continuous": streak, "cumulative": total}
    new = tuple(
        one
        for one in rule.milestones
        if counted[one.kind] >= one.days and (one.kind, one.days) not in reached
    )
    base = 0 if is_made_up else base_points(streak, rule.base_points)
    base = 0 if new and rule.milestones_replace_base else base
    return Reward(base, new, 0 if is_made_up else tier_points)
