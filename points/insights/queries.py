"""Figures of a period, from the ledger's transactions by business day.

A transaction belongs to the business day its `occurred_at` falls on (merchant's time zone and start
of the day). Days are cut at the moments `Calendar.start_of` names, so that a day of 23 or 25 hours
is one day. What is due but not yet booked (a lot that expired a minute ago) enters the figures when
the sweep books it, under the day it was due.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Min

from kernel.money import exponent
from points.insights.calculations import Period, liability_cents, make_period, redemption_rate
from points.insights.shapes import (
    Dashboard,
    Figure,
    Figures,
    PointsReport,
    Rate,
    ReportItem,
    ReportQuery,
    SeriesRow,
)
from points.ledger.models import Transaction
from points.program.queries import ActiveProgram, get_program

__all__ = ["PointsReport", "ReportQuery", "dashboard", "list_flows", "points_report"]

# width_bucket: 0 before the first boundary, then 1, 2, … for the days the boundaries begin.
_FLOWS = """
select width_bucket(t.occurred_at, %(starts)s::timestamptz[]) as day,
       coalesce(sum(t.amount) filter (where t.kind in ('earn', 'opening')), 0)::bigint,
       coalesce(-sum(t.amount) filter (where t.kind in ('spend', 'capture', 'refund_spent')), 0)
         ::bigint,
       coalesce(-sum(t.amount) filter (where t.kind = 'expire'), 0)::bigint,
       coalesce(-sum(t.amount) filter (where t.kind = 'clawback'), 0)::bigint,
       coalesce(sum(t.amount) filter (where t.kind = 'adjust'), 0)::bigint,
       coalesce(sum(t.amount), 0)::bigint
  from ledger_transaction t
  join ledger_wallet w on w.id = t.wallet_id and w.unit = 'points'
 where t.occurred_at < %(end)s and t.amount <> 0
 group by 1
"""

# Distinct rows are gathered by hashing, which count(distinct …) would sort for.
_ACTIVITY = """
with moved as materialized (
  select t.occurred_at >= %(middle)s as is_current, t.wallet_id,
         case when t.source_type = 'order' then t.source_id end as order_id
    from ledger_transaction t
    join ledger_wallet w on w.id = t.wallet_id and w.unit = 'points'
   where t.occurred_at >= %(start)s and t.occurred_at < %(end)s
     and t.kind in ('earn', 'spend', 'capture')
)
select 'members', is_current, count(*)
  from (select distinct is_current, wallet_id from moved) as active group by is_current
union all
select 'orders', is_current, count(*)
  from (select distinct is_current, order_id from moved where order_id is not null) as orders
 group by is_current
union all
select 'joined', is_current, count(*)
  from (select joined_at >= %(middle)s as is_current from members_member
         where joined_at >= %(start)s and joined_at < %(end)s) as joined
 group by is_current
"""

# Lots know who paid for what was granted, consumptions which lot was drawn on. A clawback is split
# by its issuance postings, as the part that became debt has no lot.
_BY_SOURCE = """
with moved as (
  select t.id, t.kind, width_bucket(t.occurred_at, %(starts)s::timestamptz[]) as day
    from ledger_transaction t
    join ledger_wallet w on w.id = t.wallet_id and w.unit = 'points'
   where t.occurred_at >= %(start)s and t.occurred_at < %(end)s and t.amount <> 0
), part as (
  select m.day, m.kind, l.funding_source_id as source, l.granted as points
    from moved m join ledger_lot l on l.transaction_id = m.id
   where m.kind in ('earn', 'opening', 'adjust')
  union all
  select m.day, m.kind, l.funding_source_id,
         case when m.kind = 'adjust' then -c.amount else c.amount end
    from moved m join ledger_consumption c on c.transaction_id = m.id
    join ledger_lot l on l.id = c.lot_id
   where m.kind in ('spend', 'capture', 'refund_spent', 'expire', 'adjust')
  union all
  select m.day, m.kind, f.id, p.amount
    from moved m join ledger_posting p on p.transaction_id = m.id
    join ledger_fundingsource f on p.account = 'issuance:' || f.code
   where m.kind = 'clawback'
)
select p.day, f.code,
       coalesce(sum(points) filter (where kind in ('earn', 'opening')), 0)::bigint,
       coalesce(sum(points) filter (where kind in ('spend', 'capture', 'refund_spent')), 0)::bigint,
       coalesce(sum(points) filter (where kind = 'expire'), 0)::bigint,
       coalesce(sum(points) filter (where kind = 'clawback'), 0)::bigint,
       coalesce(sum(points) filter (where kind = 'adjust'), 0)::bigint
  from part p join ledger_fundingsource f on f.id = p.source
 group by p.day, f.id, f.code order by p.day, f.id
"""


@dataclass(frozen=True, slots=True)
class Flows:
    """Points that moved. Issued: `earn` and `opening`; spent: `spend` and `capture` less what was
    returned; adjusted: by hand, net; `net`: the change of all that members own."""

    issued: int = 0
    spent: int = 0
    expired: int = 0
    clawed_back: int = 0
    adjusted: int = 0
    net: int = 0


def dashboard(*, period: Period, program: ActiveProgram) -> Dashboard:
    """Figures of the period against the one of equal length before it, and one row a day.

    Two queries, however long the period: flows (one pass over all transactions up to its end, as
    outstanding points and the redemption rate are sums since the beginning) and activity.
    Liability is outstanding × face value with every point counted in full; the weighting by the
    redemption rate (rules.md §12) comes with the cohorts. Active members earned or spent points;
    orders with points earned some or were paid with some.
    """
    before = period.previous()
    beginning, *days = list_flows(days=[*before.days, *period.days], program=program)
    previous, current = days[: len(days) // 2], days[len(days) // 2 :]
    was, now = total([beginning, *previous]), total([beginning, *days])
    return Dashboard(
        first=period.first,
        last=period.last,
        currency=program.currency,
        figures=_figures(total(current), total(previous), now, was, before, period, program),
        series=_series(period, current, was.net),
    )


def points_report(*, query: ReportQuery, at: datetime) -> PointsReport:
    """Totals and items of a period; without `from` it begins with the first entry there is.

    Raises PeriodInvalid. Three or four queries: the programme, the first entry where none is named,
    the totals, the items by day and funding source.
    """
    program = get_program()
    period = _report_period(query, program, today=program.calendar.day_of(at))
    beginning, *days = list_flows(days=period.days, program=program)
    flows = total(days)
    outstanding = beginning.net + flows.net
    return PointsReport(
        first=period.first, last=period.last, currency=program.currency,
        issued_points=flows.issued, spent_points=flows.spent, expired_points=flows.expired,
        clawed_back_points=flows.clawed_back, adjusted_points=flows.adjusted,
        outstanding_points=outstanding, liability_cents=_liability(outstanding, program),
        items=_items(period, program, query.by),
    )  # fmt: skip


def _report_period(query: ReportQuery, program: ActiveProgram, *, today: date) -> Period:
    if query.first is not None:
        return make_period(query.first, query.last, today=today, usual_days=1)
    last = query.last or today
    began = Transaction.objects.aggregate(first=Min("occurred_at"))["first"]
    first = program.calendar.day_of(began) if began else last
    return Period(min(first, last), last)


def list_flows(*, days: Sequence[date], program: ActiveProgram) -> list[Flows]:
    """Flows of consecutive days, preceded by those of all the time before. One query."""
    calendar = program.calendar
    starts = [calendar.start_of(day) for day in days]
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS, {"starts": starts, "end": calendar.end_of(days[-1])})
        found = {row[0]: Flows(*row[1:]) for row in cursor.fetchall()}
    return [found.get(position, Flows()) for position in range(len(days) + 1)]


def total(flows: Sequence[Flows]) -> Flows:
    """The sum of several days."""
    return Flows(*(sum(column) for column in zip(*map(astuple, flows), strict=True)))


def _figures(
    value: Flows,
    previous: Flows,
    now: Flows,
    was: Flows,
    before: Period,
    period: Period,
    program: ActiveProgram,
) -> Figures:
    """`value` and `previous` are flows of the periods, `now` and `was` sums up to their ends."""
    active, orders, joined = _activity(before, period, program)
    return Figures(
        issued_points=Figure(value=value.issued, previous=previous.issued),
        spent_points=Figure(value=value.spent, previous=previous.spent),
        expired_points=Figure(value=value.expired, previous=previous.expired),
        clawed_back_points=Figure(value=value.clawed_back, previous=previous.clawed_back),
        outstanding_points=Figure(value=now.net, previous=was.net),
        liability_cents=Figure(
            value=_liability(now.net, program), previous=_liability(was.net, program)
        ),
        redemption_rate=Rate(
            value=redemption_rate(now.spent, now.issued),
            previous=redemption_rate(was.spent, was.issued),
        ),
        active_members=active,
        orders_with_points=orders,
        new_members=joined,
    )


def _series(period: Period, flows: Sequence[Flows], outstanding: int) -> list[SeriesRow]:
    """One row a day; `outstanding` is what was there before the first."""
    rows = []
    for day, one in zip(period.days, flows, strict=True):
        outstanding += one.net
        rows.append(
            SeriesRow(
                date=day, issued=one.issued, spent=one.spent, expired=one.expired,
                clawed_back=one.clawed_back, outstanding=outstanding,
            )
        )  # fmt: skip
    return rows


def _activity(
    before: Period, period: Period, program: ActiveProgram
) -> tuple[Figure, Figure, Figure]:
    """Active members, orders with points, new members. One query."""
    start, middle = before.bounds(program.calendar)
    moments = {"start": start, "middle": middle, "end": program.calendar.end_of(period.last)}
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITY, moments)
        found = {(name, is_current): count for name, is_current, count in cursor.fetchall()}
    active, orders, joined = (
        Figure(value=found.get((name, True), 0), previous=found.get((name, False), 0))
        for name in ("members", "orders", "joined")
    )
    return active, orders, joined


def _items(period: Period, program: ActiveProgram, by: str | None) -> list[ReportItem]:
    """Flows by day and funding source, added up over the one that is not asked for."""
    starts = [program.calendar.start_of(day) for day in period.days]
    end = program.calendar.end_of(period.last)
    with connection.cursor() as cursor:
        cursor.execute(_BY_SOURCE, {"starts": starts, "start": starts[0], "end": end})
        rows = cursor.fetchall()
    sums: dict[tuple[date | None, str | None], list[Flows]] = {}
    for position, code, *points in rows:
        day = None if by == "funding_source" else period.days[position - 1]
        sums.setdefault((day, None if by == "day" else code), []).append(Flows(*points))
    return [_item(day, code, total(flows)) for (day, code), flows in sums.items()]


def _item(day: date | None, code: str | None, flows: Flows) -> ReportItem:
    return ReportItem(
        day=day, funding_source=code, issued_points=flows.issued, spent_points=flows.spent,
        expired_points=flows.expired, clawed_back_points=flows.clawed_back,
        adjusted_points=flows.adjusted,
    )  # fmt: skip


def _liability(outstanding: int, program: ActiveProgram) -> int:
    return liability_cents(
        outstanding,
        points_per_unit=program.settings.face_value_points_per_unit,
        exponent=exponent(program.currency),
    )
