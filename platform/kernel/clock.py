"""Business time. A merchant in test mode has a clock of its own; everybody else has the real one.

Actions never ask for the time: the surface asks here once and passes `at=` down.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.db import connection, find_row
from kernel.models import TestClock

REMEMBERED = 10_000


def now() -> datetime:
    """The current merchant's now (aware). Costs one query for merchants in test mode only."""
    tenant = connection.tenant
    if getattr(tenant, "mode", "live") == "test":
        clock = find_row(TestClock, "id = 1", [])
        if clock is not None:
            return clock.now
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns moments into the merchant's local days. A day begins at `day_start_hour`."""

    timezone: str
    day_start_hour: int = 0

    def local(self, at: datetime) -> datetime:
        """A moment by the merchant's wall clock."""
        return at.astimezone(ZoneInfo(self.timezone))

    def day_of(self, at: datetime) -> date:
        """Local business day of a moment: 01:30 belongs to yesterday when days begin at 02:00."""
        local = self.local(at)
        return (local.replace(tzinfo=None) - timedelta(hours=self.day_start_hour)).date()

    def start_of(self, day: date) -> datetime:
        """First moment of a business day, in UTC; right across changes of daylight saving."""
        naive = datetime.combine(day, time(hour=self.day_start_hour))
        return naive.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """First moment after a business day, in UTC (half-open: a lot expires at this moment)."""
        return self.start_of(day + timedelta(days=1))


@dataclass(frozen=True)
class Almanac(Calendar):
    """A calendar that remembers what it was asked: for work that asks for the same moments again and
    again. Moments must be in UTC or at a fixed offset: of those, equal ones are the same moment."""

    _days: dict[datetime, date] = field(default_factory=dict, compare=False, repr=False)
    _walls: dict[datetime, datetime] = field(default_factory=dict, compare=False, repr=False)

    def local(self, at: datetime) -> datetime:
        found = self._walls.get(at)
        if found is None:
            if len(self._walls) >= REMEMBERED:
                self._walls.clear()
            found = self._walls[at] = Calendar.local(self, at)
        return found

    def day_of(self, at: datetime) -> date:
        found = self._days.get(at)
        if found is None:
            if len(self._days) >= REMEMBERED:
                self._days.clear()
            found = self._days[at] = Calendar.day_of(self, at)
        return found
