"""Periods and ratios: pure arithmetic on days, points and minor units."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kernel.clock import Calendar
from kernel.money import round_half_up
from points.insights.errors import PeriodInvalid

LONGEST_DAYS = 1_100
EARLIEST = date(1980, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole business days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=i) for i in range((self.last - self.first).days + 1)]

    def previous(self) -> "Period":
        """The period of equal length that ends the day before."""
        length = self.last - self.first
        return Period(self.first - timedelta(days=1) - length, self.first - timedelta(days=1))

    def bounds(self, calendar: Calendar) -> tuple[datetime, datetime]:
        """First moment, and the first moment after."""
        return calendar.start_of(self.first), calendar.end_of(self.last)


def check_days(first: date | None, last: date | None) -> None:
    """Raises PeriodInvalid when the days are not of this era or out of order."""
    for name, day in (("from", first), ("to", last)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise PeriodInvalid(field=name, reason=f"{EARLIEST} … {LATEST}")
    if first is not None and last is not None and last < first:
        raise PeriodInvalid(field="to", reason=f"{last} < {first}")


def make_period(first: date | None, last: date | None, *, today: date, usual_days: int) -> Period:
    """The period asked for; it ends today and has the usual length where nothing was said.

    Raises PeriodInvalid, also when the period is too long.
    """
    check_days(first, last)
    last = last or max(today, first or today)
    first = first or last - timedelta(days=usual_days - 1)
    if (last - first).days >= LONGEST_DAYS:
        raise PeriodInvalid(field="from", reason=f"> {LONGEST_DAYS} d")
    return Period(first, last)


def liability_cents(outstanding_points: int, *, points_per_unit: int, exponent: int) -> int:
    """What outstanding points are worth at face value, in minor units, halves away from zero.

    12,345 points at 1,000 points per unit of 100 cents → 1,235. Every outstanding point counts in
    full, as if all of them were going to be used; weighting by the ultimate redemption rate
    (rules.md §12) needs cohorts.
    """
    return round_half_up(Decimal(outstanding_points * 10**exponent) / points_per_unit)


def redemption_rate(spent_points: int, issued_points: int) -> float:
    """Spent ÷ issued with four decimals; 0 as long as nothing was issued."""
    return round(spent_points / issued_points, 4) if issued_points > 0 else 0.0
