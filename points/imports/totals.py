"""Control totals: what people sign off before anything is written. Pure."""

from collections import Counter
from datetime import datetime, timedelta

import msgspec

from kernel.clock import Calendar

MICROS = 1_000_000


class SourceTotal(msgspec.Struct, kw_only=True):
    """Opening points of one funding source, and what they will cost when they are spent."""

    funding_source: str
    points: int
    cost_cents: int


class MonthTotal(msgspec.Struct, kw_only=True):
    """Opening points that end in a local month (`YYYY-MM`); null: never."""

    month: str | None
    points: int


class Totals(msgspec.Struct, kw_only=True):
    """What a check found. `rows` are those that will be written; `repeated` were imported before or
    say nothing new. Cost in minor units, rounded once, half up."""

    rows: int = 0
    refused: int = 0
    repeated: int = 0
    members_new: int = 0
    members_updated: int = 0
    members_known: int = 0
    lots: int = 0
    points: int = 0
    growth: int = 0
    cost_cents: int = 0
    by_funding_source: list[SourceTotal] = []
    by_expiry_month: list[MonthTotal] = []


class SignedTotals(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The figures somebody signs off: they must be those of the last check."""

    rows: int
    members_new: int
    members_known: int
    points: int
    growth: int
    cost_cents: int


def signable(totals: Totals) -> SignedTotals:
    """The figures of a check that have to be signed off."""
    return SignedTotals(**{name: getattr(totals, name) for name in SignedTotals.__struct_fields__})


class Adder:
    """Adds rows up, one by one."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar, self.totals = calendar, Totals()
        self._points: Counter[str] = Counter()
        self._micros: Counter[str] = Counter()
        self._ends: Counter[datetime | None] = Counter()

    def add_points(
        self, *, points: int, funding_source: str, unit_cost_micros: int, ends: datetime | None
    ) -> None:
        """A lot that will be opened."""
        self.totals.lots += 1
        self.totals.points += points
        self._points[funding_source] += points
        self._micros[funding_source] += points * unit_cost_micros
        self._ends[ends] += points

    def result(self) -> Totals:
        """The sums, sources by code and months in order, never last."""
        self.totals.cost_cents = _cents(sum(self._micros.values()))
        self.totals.by_funding_source = [
            SourceTotal(funding_source=code, points=points, cost_cents=_cents(self._micros[code]))
            for code, points in sorted(self._points.items())
        ]
        months: Counter[str] = Counter()
        for ends, points in self._ends.items():
            # What ends with 31 March is of March, though it is gone with the first moment of April.
            last = self.calendar.day_of(ends - timedelta(microseconds=1)) if ends else None
            months[f"{last:%Y-%m}" if last else ""] += points
        self.totals.by_expiry_month = [
            MonthTotal(month=month or None, points=points)
            for month, points in sorted(months.items(), key=lambda one: one[0] or "~")
        ]
        return self.totals


def _cents(micros: int) -> int:
    return (2 * micros + MICROS) // (2 * MICROS)
