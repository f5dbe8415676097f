"""The monthly statement of each funding source (rules.md §6): what it gave, what it costs.

Everything is read from lots and what was drawn from them, so that each point is counted under the
source that its lot belongs to, and the columns add up: outstanding at the end = outstanding before
+ issued + returned − spent − expired − clawed back − taken by hand − used for debts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection

from kernel.clock import Calendar
from points.budget.calculations import MICROS
from points.insights.errors import MonthInvalid
from points.program.queries import get_program


class SettlementItem(msgspec.Struct, kw_only=True):
    """One funding source in one month, in whole points; the cost in minor units.

    `cost_cents`: points spent less points returned, each at the price its lot was granted with,
    added up and rounded once, half up. `offset_cents`: what the points it had given took off orders,
    and `coupon_cents`: what its coupons took off shop orders, each less what came back.
    """

    funding_source: str
    name: str
    issued_points: int
    spent_points: int
    returned_points: int
    expired_points: int
    clawed_back_points: int
    taken_points: int
    debt_points: int
    transferred_points: int
    outstanding_points: int
    cost_cents: int
    offset_cents: int
    coupon_cents: int


class Settlement(msgspec.Struct, kw_only=True):
    """The statement of a month (`YYYY-MM`), one item for each funding source."""

    month: str
    first: date
    last: date
    currency: str
    items: list[SettlementItem]


# What came into lots, and what went out of them, under the month it happened in.
MOVED = """
with moved as (
  select l.funding_source_id as source, t.id as transaction_id, t.kind, true as comes,
         l.granted as points, 0::numeric as cost, t.occurred_at
    from ledger_lot l
    join ledger_transaction t on t.id = l.transaction_id
    join ledger_wallet w on w.id = l.wallet_id and w.unit = 'points'
   where t.occurred_at < %(end)s
  union all
  select l.funding_source_id, t.id, t.kind, false, c.amount,
         c.amount::numeric * l.unit_cost_micros, t.occurred_at
    from ledger_consumption c
    join ledger_transaction t on t.id = c.transaction_id
    join ledger_lot l on l.id = c.lot_id
    join ledger_wallet w on w.id = l.wallet_id and w.unit = 'points'
   where t.occurred_at < %(end)s
)
"""
# Each figure of a month: which of the moved points belong to it, and with what sign.
FIGURES = {
    "issued_points": ("comes and kind <> 'transfer_in'", "points"),
    "spent_points": ("not comes and kind in ('spend', 'capture')", "points"),
    "returned_points": ("not comes and kind = 'refund_spent'", "-points"),
    "expired_points": ("not comes and kind = 'expire'", "points"),
    "clawed_back_points": ("not comes and kind = 'clawback'", "points"),
    "taken_points": ("not comes and kind = 'adjust'", "points"),
    "debt_points": ("not comes and kind = 'debt_offset'", "points"),
    "transferred_points": (
        "kind in ('transfer_in', 'transfer_out')",
        "case when comes then points else -points end",
    ),
}
_SUMS = ",\n".join(
    f"    coalesce(sum({sign}) filter (where {condition}), 0)::bigint as {name}"
    for name, (condition, sign) in FIGURES.items()
)
_SETTLEMENT = f"""
{MOVED}, sums as (
  select source,
{_SUMS},
    coalesce(sum(cost) filter (where not comes
               and kind in ('spend', 'capture', 'refund_spent')), 0) as cost
    from moved where occurred_at >= %(start)s group by source
), borne as (
  select s->>'funding_source' as code, (s->>'cents')::bigint as offset_cents, 0 as coupon_cents
    from orders_order o, jsonb_array_elements(o.offset_shares) s
   where o.received_at >= %(start)s and o.received_at < %(end)s
  union all
  select s->>'funding_source', -(s->>'cents')::bigint, 0
    from orders_refund r, jsonb_array_elements(r.offset_shares) s
   where r.received_at >= %(start)s and r.received_at < %(end)s
  union all
  select s->>'funding_source', 0, (s->>'discount_cents')::bigint
    from shop_order o, jsonb_array_elements(o.coupons) s
   where o.paid_at >= %(start)s and o.paid_at < %(end)s
  union all
  select s->>'funding_source', 0, -(s->>'cents')::bigint
    from shop_refund r, jsonb_array_elements(r.coupon_shares) s
   where r.decided_at >= %(start)s and r.decided_at < %(end)s
), checkouts as (
  select code, sum(offset_cents)::bigint as offset_cents, sum(coupon_cents)::bigint as coupon_cents
    from borne group by code
), outstanding as (
  select source, sum(case when comes then points else -points end)::bigint as points
    from moved group by source
)
select f.code, f.name, {", ".join(f"coalesce(s.{name}, 0)" for name in FIGURES)},
       coalesce(o.points, 0), floor(coalesce(s.cost, 0) / %(micros)s + 0.5)::bigint,
       coalesce(c.offset_cents, 0), coalesce(c.coupon_cents, 0)
  from ledger_fundingsource f
  left join checkouts c on c.code = f.code
  left join sums s on s.source = f.id
  left join outstanding o on o.source = f.id
 order by f.id
"""


def settlement(*, month: str | None, at: datetime) -> Settlement:
    """The statement of a month, by default the one of `at`; months are the merchant's own.

    Two queries. Raises MonthInvalid.
    """
    program = get_program()
    first, following = _bounds(month, program.calendar, at)
    start, end = month_bounds(month, program.calendar, at)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLEMENT, {"start": start, "end": end, "micros": MICROS})
        items = [_item(row) for row in cursor.fetchall()]
    return Settlement(
        month=f"{first:%Y-%m}", first=first, last=date.fromordinal(following.toordinal() - 1),
        currency=program.currency, items=items,
    )  # fmt: skip


def month_bounds(
    month: str | None, calendar: Calendar, at: datetime
) -> tuple[datetime, datetime]:  # fmt: skip
    """The moments a month (that of `at` when none is named) begins and ends. Raises MonthInvalid."""
    first, following = _bounds(month, calendar, at)
    return calendar.start_of(first), calendar.start_of(following)


def _item(row: Sequence[Any]) -> SettlementItem:
    return SettlementItem(**dict(zip(SettlementItem.__struct_fields__, row, strict=True)))


def _bounds(month: str | None, calendar: Calendar, at: datetime) -> tuple[date, date]:
    """First day of the month and of the one after it. Raises MonthInvalid."""
    if month is None:
        first = calendar.day_of(at).replace(day=1)
    else:
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            raise MonthInvalid(month=month[:20]) from None
        if not 1970 <= first.year < 2200 or len(month) != 7:
            raise MonthInvalid(month=month[:20])
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
