"""Recalculating the tiers of a million members, against the plainest SQL that could do it."""

import time
from datetime import datetime
from typing import Any

from tests.bench.bench import Bench, ask
from tests.bench.load import post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

MEMBERS, QUICK = 1_000_000, 100_000
ORDERS = 3
CODES = (("member", 0), ("silver", 300), ("gold", 600), ("diamond", 1_000))

# Each member has growth of three orders within the year, 1 to 500 each by its number.
_SETUP = """
insert into members_member (id, external_id, name, phone, email, tags, code, locale, joined_at,
    orders_count, spent_cents)
select gen_random_uuid(), 'b' || n, '', '', '', '[]', '', '', %(at)s::timestamptz, 0, 0
  from generate_series(1, %(members)s) as n;
insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned)
select id, 'growth', 0, 0, 0, 0, 0 from members_member where external_id like 'b%%';
with spec as (
  select w.id as wallet, n, 1 + (hashint8(w.id * 3 + n) & 2147483647) %% 500 as amount,
         %(at)s::timestamptz - make_interval(days => ((w.id * 7 + n * 97) %% 350)::int) as at
    from ledger_wallet w, generate_series(1, %(orders)s) as n where w.unit = 'growth'
), booked as (
  insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
      source_type, reference, note, actor, occurred_at, posted_at)
  select wallet, 'earn', amount, 0, 'bench:' || wallet || ':' || n, '', '', '', '', '', at, at
    from spec returning id, wallet_id, amount, occurred_at
), posted as (
  insert into ledger_posting (transaction_id, account, amount)
  select id, 'available', amount from booked
  union all select id, 'issuance:merchant', -amount from booked
)
insert into ledger_lot (wallet_id, transaction_id, granted, remaining, held, expired, is_mature,
    granted_at, matures_at, funding_source_id, unit_cost_micros)
select wallet_id, id, amount, amount, 0, 0, true, occurred_at, occurred_at,
       (select id from ledger_fundingsource limit 1), 0 from booked;
update ledger_wallet w set available = s.amount, lifetime_earned = s.amount
  from (select wallet_id, sum(granted) as amount from ledger_lot group by wallet_id) s
 where w.id = s.wallet_id and w.unit = 'growth';
"""
# The plainest SQL that moves who has to move: one sum, one look-up, one write. No dates, no history,
# no events, no batches.
_FLOOR = """
update tiers_membertier m set tier_id = n.tier_id
  from (select w.member_id, (select t.id from tiers_tier t where t.threshold <= sum(l.remaining)
                              order by t.threshold desc limit 1) as tier_id
          from ledger_wallet w join ledger_lot l on l.wallet_id = w.id and l.remaining > 0
         where w.unit = 'growth' and l.granted_at >= '2025-03-01T00:00:00+00:00'
         group by w.member_id) n
 where m.member_id = n.member_id and m.tier_id is distinct from n.tier_id
"""
AT = "2026-03-01T04:00:00+00:00"


def recalculate(bench: Bench) -> list[Result]:
    """All members looked at because a threshold was lowered; before, all put on tiers at first."""
    members = QUICK if bench.quick else MEMBERS
    shop = bench.stack.open_shop(f"tiers-{next(bench.numbers)}")
    _stop_clock(shop)
    for code, threshold in CODES:
        ask(bench, post(shop, "/api/v1/tiers", {"code": code, "threshold": threshold}))
    connection = _filled(bench, shop, members)
    first = _run(shop)
    bench.stack.ask(shop, "update tiers_tier set threshold = 550 where code = 'gold' returning id")
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(_FLOOR)
        floor, moved = time.perf_counter() - started, cursor.rowcount
        connection.rollback()
    connection.close()
    took = _run(shop)
    return [
        Result(
            "tiers_1m", f"{members / took:,.0f}/s", took / floor, Goal(4.0, 1.5, at_least=False),
            limit=f"{members / floor:,.0f}/s",
            note=f"{members:,} members, {ORDERS} orders each, in {took:.1f} s; {moved:,} moved. Put on"
            f" their tiers at first in {first:.1f} s. The limit is one plain update without dates,"
            " history, events or batches",
        )
    ]  # fmt: skip


def _stop_clock(shop: Shop) -> None:
    """In test mode no background job comes first."""
    from tenants.models import Merchant

    Merchant.objects.filter(schema_name=shop.schema).update(mode=Merchant.Mode.TEST)


def _filled(bench: Bench, shop: Shop, members: int) -> Any:
    """A connection of the owner to a shop with so many members."""
    connection = bench.stack.connect(shop.schema, owner=True)
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        cursor.execute(_SETUP, {"at": AT, "members": members, "orders": ORDERS})
        connection.commit()
        connection.autocommit = True
        cursor.execute("analyze")
        connection.autocommit = False
    return connection


def _run(shop: Shop) -> float:
    """Seconds the product's own job takes."""
    from points.flows.time_moved import run_due_jobs
    from tenants.context import tenant_context
    from tenants.models import Merchant

    with tenant_context(Merchant.objects.get(schema_name=shop.schema)):
        started = time.perf_counter()
        done = run_due_jobs(at=datetime.fromisoformat(AT))
        if not done["tiers_reassessed"]:
            raise RuntimeError("nobody was looked at")
        return time.perf_counter() - started
