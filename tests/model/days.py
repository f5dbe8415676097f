"""Local days, months and ends of points, by nothing but the wall clock of a zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The days of a shop: they begin at `starts` o'clock in `zone`."""

    zone: str
    starts: int = 0

    def day_of(self, at: datetime) -> date:
        """The local day of a moment."""
        wall = at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return (wall - timedelta(hours=self.starts)).date()

    def begin(self, day: date) -> datetime:
        """The first moment of a day; where the hour comes twice it is the first of the two."""
        wall = datetime(day.year, day.month, day.day, self.starts, tzinfo=ZoneInfo(self.zone))
        return wall.astimezone(UTC)

    def end(self, day: date) -> datetime:
        """The first moment that is not in the day any more."""
        return self.begin(day + ONE)

    def month_of(self, at: datetime) -> date:
        """The first day of the local month."""
        return self.day_of(at).replace(day=1)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_of_month(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def end_of_points(policy: dict, granted_at: datetime, days: Days) -> datetime | None:
    """When points granted at this moment are gone (rules.md §5); None for never."""
    day = days.day_of(granted_at)
    kind = policy["policy"]
    if kind == "never":
        return None
    if kind == "rolling" and policy.get("days"):
        last = day + policy["days"] * ONE
    elif kind == "rolling":
        last = months_later(day, policy.get("months", 12))
    elif kind == "month_end":
        last = last_of_month(months_later(day.replace(day=1), policy.get("months", 12)))
    elif kind == "fixed_date":
        month, number = map(int, policy["date"].split("-"))
        last = date(day.year + 1, month, min(number, monthrange(day.year + 1, month)[1]))
    else:
        last = day + policy.get("days", 365) * ONE
    return days.end(last)
