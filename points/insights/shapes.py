"""What the dashboard and the reports answer."""

from datetime import date
from typing import Literal

import msgspec


class Figure(msgspec.Struct, kw_only=True):
    """A whole number for the period, and for the one of equal length before it."""

    value: int
    previous: int


class Rate(msgspec.Struct, kw_only=True):
    """A ratio at the period's end, and at the end of the one before."""

    value: float
    previous: float


class Figures(msgspec.Struct, kw_only=True):
    """What the dashboard shows at the top."""

    issued_points: Figure
    spent_points: Figure
    expired_points: Figure
    clawed_back_points: Figure
    outstanding_points: Figure
    liability_cents: Figure
    redemption_rate: Rate
    active_members: Figure
    orders_with_points: Figure
    new_members: Figure


class SeriesRow(msgspec.Struct, kw_only=True):
    """One business day; `outstanding` is at its end."""

    date: date
    issued: int
    spent: int
    expired: int
    clawed_back: int
    outstanding: int


class Dashboard(msgspec.Struct, kw_only=True):
    """Figures and daily series of a period."""

    first: date
    last: date
    currency: str
    figures: Figures
    series: list[SeriesRow]


class ReportQuery(msgspec.Struct, kw_only=True):
    """Days of a report (all there were, when left out), and by what its items are split."""

    first: date | None = msgspec.field(default=None, name="from")
    last: date | None = msgspec.field(default=None, name="to")
    by: Literal["day", "funding_source"] | None = None


class ReportItem(msgspec.Struct, kw_only=True):
    """Flows of one day and one funding source; null where the items are not split by it."""

    day: date | None = msgspec.field(name="date")
    funding_source: str | None
    issued_points: int
    spent_points: int
    expired_points: int
    clawed_back_points: int
    adjusted_points: int


class PointsReport(msgspec.Struct, kw_only=True):
    """Totals of a period, what is outstanding at its end, and the items behind the totals."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    currency: str
    issued_points: int
    spent_points: int
    expired_points: int
    clawed_back_points: int
    adjusted_points: int
    outstanding_points: int
    liability_cents: int
    items: list[ReportItem]
