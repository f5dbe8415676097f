"""A million lots end on two days: the product's own job against plain SQL on the same tables."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from tests.bench.bench import Bench, order
from tests.bench.load import Load, open_loop, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop, say

MEMBERS, LOTS_EACH = 200_000, 5
QUICK = 20_000
RATE, CONNECTIONS = 50, 8
FLOOR_BATCH = 2_000  # wallets: 10,000 lots
# Far enough that the stack's own worker has nothing to do with them.
FIRST = datetime.now(UTC).replace(microsecond=0) + timedelta(days=500)
SECOND = FIRST + timedelta(days=10)

# Members with five lots of 10 points, each granted as the product books a grant.
_FILL = """
insert into ledger_wallet (member_id, unit, available, pending, held, debt, lifetime_earned,
                           next_change_at)
select gen_random_uuid(), 'points', 10 * {lots}, 0, 0, 0, 10 * {lots},
       case when i % 2 = 0 then timestamptz '{first}' else timestamptz '{second}' end
  from generate_series(1, {members}) i;
insert into ledger_transaction (wallet_id, kind, amount, balance_after, source_key, fingerprint,
    source_type, reference, note, actor, occurred_at, posted_at)
select w.id, 'earn', 10, 10 * n, 'fill:' || w.id || ':' || n, '', '', '', '', '', t.at, t.at
  from ledger_wallet w, generate_series(1, {lots}) n, (select timestamptz '2026-01-01' as at) t
 where w.lifetime_earned = 10 * {lots} and w.available = 10 * {lots};
insert into ledger_posting (transaction_id, account, amount)
select id, leg.account, leg.amount from ledger_transaction,
       lateral (values ('available', 10), ('issuance:merchant', -10)) leg(account, amount)
 where source_key like 'fill:%%';
insert into ledger_lot (wallet_id, transaction_id, granted, remaining, held, expired, is_mature,
    granted_at, matures_at, expires_at, funding_source_id, unit_cost_micros)
select t.wallet_id, t.id, 10, 10, 0, 0, true, t.occurred_at, t.occurred_at, w.next_change_at, 1, 0
  from ledger_transaction t join ledger_wallet w on w.id = t.wallet_id
 where t.source_key like 'fill:%%';
"""

# The same rows the product writes, by somebody who knows that nothing else can have happened.
_FLOOR = """
with lot as materialized (
  select id, wallet_id, remaining, expires_at, nextval('ledger_transaction_id_seq') as tx
    from ledger_lot
   where wallet_id > %(after)s and wallet_id <= %(to)s and remaining > 0 and expires_at <= %(at)s
), booked as (
  insert into ledger_transaction (id, wallet_id, kind, amount, balance_after, source_key,
      fingerprint, source_type, reference, note, actor, occurred_at, posted_at)
  select tx, wallet_id, 'expire', -remaining, 0, 'expire:' || id || ':0', '', 'lot', '', '', '',
         expires_at, %(at)s from lot
), posted as (
  insert into ledger_posting (transaction_id, account, amount)
  select tx, 'available', -remaining from lot union all select tx, 'breakage', remaining from lot
), consumed as (
  insert into ledger_consumption (transaction_id, lot_id, amount) select tx, id, remaining from lot
), emptied as (
  update ledger_lot l set remaining = 0, expired = lot.remaining from lot where l.id = lot.id
), paid as (
  update ledger_wallet w set available = w.available - s.points, next_change_at = null
    from (select wallet_id, sum(remaining) as points from lot group by 1) s where w.id = s.wallet_id
)
select count(*) from lot
"""


def expire_all(bench: Bench) -> list[Result]:
    """Half of the lots, then the other half, each by the product and by plain SQL."""
    members = QUICK if bench.quick else MEMBERS
    ours, floor = (_fill(bench, name, members) for name in ("ends", "ends-floor"))
    product = limit = 0.0
    for at in (FIRST, SECOND):
        product += _by_job(ours, at)
        limit += _by_hand(bench, floor, at)
    lots = members * LOTS_EACH
    _check(bench, ours, lots)
    _check(bench, floor, lots)
    return [
        Result(
            "expiry_1m",
            f"{lots / product:,.0f} lots/s",
            product / limit,
            Goal(3, 1.3, at_least=False, unit="×"),
            limit=f"{lots / limit:,.0f} lots/s",
            note=f"{lots:,} lots of {members:,} members in {product:.1f} s; plain SQL in batches"
            f" of {FLOOR_BATCH * LOTS_EACH:,} lots takes {limit:.1f} s",
        ),
        _earning_meanwhile(bench, members // 4),
    ]


def _fill(bench: Bench, name: str, members: int) -> Shop:
    say(f"  {members * LOTS_EACH:,} lots for {name}")
    shop = bench.open_shop(name)
    connection = bench.stack.connect(shop.schema, owner=True)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        _FILL.format(members=members, lots=LOTS_EACH, first=FIRST, second=SECOND).replace("%%", "%")
    )
    cursor.execute("vacuum analyze")
    connection.close()
    return shop


def _by_job(shop: Shop, at: datetime) -> float:
    """Seconds the product's own job takes."""
    from points.flows.time_moved import run_due_jobs

    with _inside(shop):
        started = time.perf_counter()
        run_due_jobs(at=at)
        return time.perf_counter() - started


def _by_hand(bench: Bench, shop: Shop, at: datetime) -> float:
    """Seconds plain SQL takes, a transaction for each batch of wallets."""
    connection = bench.stack.connect(shop.schema)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("select min(id), max(id) from ledger_wallet")
    first, last = cursor.fetchone()
    started = time.perf_counter()
    for after in range(first - 1, last, FLOOR_BATCH):
        cursor.execute(_FLOOR, {"after": after, "to": after + FLOOR_BATCH, "at": at})
    took = time.perf_counter() - started
    connection.close()
    return took


def _check(bench: Bench, shop: Shop, lots: int) -> None:
    """Every lot expired once, and nothing of it is left."""
    booked, left = bench.stack.ask(
        shop,
        "select (select count(*) from ledger_transaction where kind = 'expire'),"
        " (select count(*) from ledger_lot where remaining > 0 and expires_at <= %s)",
        SECOND,
    )[0]
    # The thousand members of every shop have a lot of their own; it may have ended as well.
    if not lots <= booked <= lots + 1_000 or left:
        raise RuntimeError(f"{booked} of {lots} expired, {left} left in {shop.slug}")


def _earning_meanwhile(bench: Bench, members: int) -> Result:
    """The 99th percentile of earning while the job runs, beside that of a quiet moment."""
    shop = _fill(bench, "ends-busy", members)
    seconds = max(3.0, bench.seconds / 2)

    def earn(first: int) -> Load:
        return open_loop(
            bench.stack.port,
            lambda n: post(
                shop, "/api/v1/orders", order(f"meanwhile-{first + n}", f"m{n % 1000}")
            ),
            rate=RATE, seconds=seconds, connections=CONNECTIONS,
        ).expect(201)  # fmt: skip

    earn(0)
    quiet = earn(1_000_000)
    sweep = threading.Thread(target=_by_job, args=(shop, SECOND))
    sweep.start()
    busy = earn(2_000_000)
    in_time = sweep.is_alive()
    sweep.join()
    slow, calm = 1000 * busy.percentile(0.99), 1000 * quiet.percentile(0.99)
    return Result(
        "expiry_earn_p99",
        f"{slow:.1f} ms",
        slow / calm,
        Goal(None, 2, at_least=False, unit="×"),
        limit=f"{calm:.1f} ms",
        note=f"99th percentile of earning at {RATE}/s while the job runs"
        f" ({'all the time' if in_time else 'it was done before'}), and in a quiet moment",
    )


@contextmanager
def _inside(shop: Shop) -> Iterator[None]:
    """In the shop's schema, on a connection of this thread."""
    from django.db import connection

    from tenants.context import tenant_context
    from tenants.models import Merchant

    connection.set_schema_to_public()
    with tenant_context(Merchant.objects.get(slug=shop.slug)):
        yield
    connection.close()
