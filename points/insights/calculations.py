"""Periods and ratios: pure arithmetic on days, points and minor units."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kernel.clock import Calendar
from kernel.money import round_half_up

LONGEST_DAYS = 1_100
EARLIEST = date(1980, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole business days, both ends included."""

    first: date
    last: date

    @property
    def length_days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=i) for i in range(self.length_days)]

    def previous(self) -> "Period":
        """The period of equal length that ends the day before."""
        return Period(self.first - timedelta(days=self.length_days), self.first - timedelta(days=1))

    def bounds(self, calendar: Calendar) -> tuple[datetime, datetime]:
        """First moment, and the first moment after."""
        return calendar.start_of(self.first), calendar.end_of(self.last)


def check_period(first: date | None, last: date | None) -> None:
    """Raises ValueError unless the days lie in order, close enough together and in this era."""
    for day in (first, last):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValueError("the year must lie between 1980 and 2199")
    if first is not None and last is not None:
        if last < first:
            raise ValueError("`to` lies before `from`")
        if (last - first).days >= LONGEST_DAYS:
            raise ValueError(f"a period may have at most {LONGEST_DAYS} days")


def liability_cents(outstanding_points: int, *, points_per_unit: int, exponent: int) -> int:
    """What outstanding points are worth at face value, in minor units, halves away from zero.

    12,345 points at 100 points per unit of 100 cents → 12,345. Every outstanding point counts in
    full, as if all of them were going to be used; weighting by the ultimate redemption rate
    (rules.md §12) needs cohorts.
    """
    return round_half_up(Decimal(outstanding_points * 10**exponent) / points_per_unit)


def redemption_rate(spent_points: int, issued_points: int) -> float:
    """Spent ÷ issued with four decimals; 0 as long as nothing was issued."""
    return round(spent_points / issued_points, 4) if issued_points > 0 else 0.0
