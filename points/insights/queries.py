"""Figures of a period, from the ledger's transactions by business day.

A transaction belongs to the business day its `occurred_at` falls on (merchant's time zone and start
of the day). Days are cut at the moments `Calendar.start_of` names, so that a day of 23 or 25 hours
is one day. What is due but not yet booked (a lot that expired a minute ago) is not in the figures
until the sweep has booked it; it is booked under the day it was due.
"""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db import connection

from kernel.money import exponent
from points.insights.calculations import (
    Period,
    check_period,
    liability_cents,
    redemption_rate,
)
from points.program.queries import ActiveProgram, get_program


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
    """Days of a report (the last 30 when left out) and how its items are grouped."""

    first: date | None = msgspec.field(default=None, name="from")
    last: date | None = msgspec.field(default=None, name="to")
    by: str | None = None

    def __post_init__(self) -> None:
        check_period(self.first, self.last)
        if self.by not in (None, "day", "funding_source"):
            raise ValueError("`by` is day or funding_source; left out it is both")


class ReportItem(msgspec.Struct, kw_only=True):
    """Flows of one day and one funding source; null where the items are not split by it."""

    date: date | None
    funding_source: str | None
    issued_points: int = 0
    spent_points: int = 0
    expired_points: int = 0
    clawed_back_points: int = 0
    adjusted_points: int = 0


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


@dataclass(slots=True)
class Flows:
    """Points that moved: issued (earn, opening), spent (spend, capture, less what was returned),
    expired, clawed back, adjusted by hand (net). `net` is the change of what members own."""

    issued: int = 0
    spent: int = 0
    expired: int = 0
    clawed_back: int = 0
    adjusted: int = 0
    net: int = 0

    def add(self, other: "Flows") -> None:
        """Add another day's flows to these."""
        for name in Flows.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def dashboard(*, period: Period, program: ActiveProgram) -> Dashboard:
    """Figures of the period against the one of equal length before it, and one row a day.

    Three queries, whatever the length: flows by day (one pass over the transactions up to the
    period's end, as outstanding points and the redemption rate are sums since the beginning),
    activity, joinings. Liability is outstanding × face value, every point counted in full; the
    weighting by the redemption rate of rules.md §12 comes with the cohorts.
    """
    before = period.previous()
    by_day = list_flows([*before.days, *period.days], program)
    start, previous, value = by_day[0], Flows(), Flows()
    for flows in by_day[1 : period.length_days + 1]:
        previous.add(flows)
    at_start = Flows()
    at_start.add(start)
    at_start.add(previous)
    series = _series(period, by_day[period.length_days + 1 :], at_start.net)
    for flows in by_day[period.length_days + 1 :]:
        value.add(flows)
    at_end = Flows()
    at_end.add(at_start)
    at_end.add(value)
    return Dashboard(
        first=period.first, last=period.last, currency=program.currency, series=series,
        figures=Figures(
            issued_points=Figure(value=value.issued, previous=previous.issued),
            spent_points=Figure(value=value.spent, previous=previous.spent),
            expired_points=Figure(value=value.expired, previous=previous.expired),
            clawed_back_points=Figure(value=value.clawed_back, previous=previous.clawed_back),
            outstanding_points=Figure(value=at_end.net, previous=at_start.net),
            liability_cents=Figure(
                value=_liability(at_end.net, program), previous=_liability(at_start.net, program)
            ),
            redemption_rate=Rate(
                value=redemption_rate(at_end.spent, at_end.issued),
                previous=redemption_rate(at_start.spent, at_start.issued),
            ),
            **_activity(before, period, program),
        ),
    )  # fmt: skip


def points_report(*, query: ReportQuery, at: datetime) -> PointsReport:
    """Flows of a period, by day and funding source, and what is outstanding at its end.

    Three queries: the programme, the totals, the items. `at` gives the last day when the query
    names none; the first is 29 days before it.
    """
    program = get_program()
    last = query.last or max(program.calendar.day_of(at), query.first or date.min)
    period = Period(query.first or last, last)
    if query.first is None:
        period = Period(Period(last, last).first - (Period.WEEK * 0), last)
    before, flows = list_flows_of(period, program)
    outstanding = before.net + flows.net
    return PointsReport(
        first=period.first, last=period.last, currency=program.currency,
        issued_points=flows.issued, spent_points=flows.spent, expired_points=flows.expired,
        clawed_back_points=flows.clawed_back, adjusted_points=flows.adjusted,
        outstanding_points=outstanding, liability_cents=_liability(outstanding, program), items=[],
    )  # fmt: skip
