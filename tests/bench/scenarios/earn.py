"""One completed order a call: how many a second, and how soon the slowest are answered."""

import random

from tests.bench import pgbench
from tests.bench.bench import CONNECTIONS, POOL, Bench, in_turns, order
from tests.bench.load import Load, Maker, closed_loop, open_loop, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

RATE = 200
# Enough that requests queue at the server, as they would, and not in the generator.
OPEN_CONNECTIONS = 16

# One earning event as the product books it: transaction, two postings, lot, wallet, outbox.
_GRANT = r"""
\set m random(0, {last})
\set n random(1, 9000000000000000000)
select ledger_grant(jsonb_build_array(jsonb_build_object(
    'member', (select id from members_member where external_id = 'm' || :m ::text),
    'unit', 'points', 'kind', 'earn', 'amount', 123, 'fingerprint', '', 'unit_cost_micros', 0,
    'key', 'order-limit-' || :n ::text || '-base', 'account', 'issuance' || chr(58) || 'merchant',
    'occurred_at', now(), 'matures_at', now(), 'expires_at', now() + interval '365 days',
    'funding_source_id', {source}, 'source_type', 'order', 'source_id', gen_random_uuid(),
    'reference', 'limit-' || :n ::text, 'note', '')), now(), 'limit');
"""


def throughput(bench: Bench) -> list[Result]:
    """POST /api/v1/orders as fast as four connections get answers."""
    shop = bench.open_shop("earn")
    make = _orders(shop)

    def post_orders(seconds: float) -> Load:
        first = _count(bench, shop)
        load = closed_loop(
            bench.stack.port, make, connections=CONNECTIONS, seconds=seconds, first=first
        )
        return load.expect(201)

    post_orders(1)
    before = _count(bench, shop)
    ours, limit = in_turns(
        bench, post_orders, lambda s: _grant_directly(bench, shop, seconds=s, clients=CONNECTIONS)
    )
    _check_count(bench, shop, before + ours.count)
    return [
        Result(
            "earn_http",
            f"{ours.rate:.0f} orders/s",
            ours.rate / limit.rate,
            Goal(0.15, 0.35),
            limit=f"{limit.rate:.0f}/s",
            cpu=ours.cpu_each(),
            note=f"the limit takes {limit.cpu_each()} ms of CPU",
        )
    ]


def latency(bench: Bench) -> list[Result]:
    """The 99th percentile at 200 orders a second, due at random moments."""
    shop = bench.open_shop("pace")
    make = _orders(shop)
    closed_loop(bench.stack.port, make, connections=CONNECTIONS, seconds=1).expect(201)
    seconds = max(bench.seconds, 5)
    first = _count(bench, shop)
    limit = _grant_directly(bench, shop, seconds=seconds, clients=CONNECTIONS, rate=RATE)
    load = open_loop(
        bench.stack.port,
        lambda number: make(first + number),
        rate=RATE,
        seconds=seconds,
        connections=OPEN_CONNECTIONS,
    ).expect(201)
    _check_count(bench, shop, first + len(load.latencies))
    ours, floor = 1000 * load.percentile(0.99), 1000 * limit.percentile(0.99)
    return [
        Result(
            "earn_latency",
            f"{ours:.1f} ms",
            ours / floor,
            Goal(8, 4, at_least=False, unit="×"),
            limit=f"{floor:.1f} ms",
            note=f"99th percentile at {RATE}/s, aim also < 10 ms; medians "
            f"{1000 * load.percentile(0.5):.1f} and {1000 * limit.percentile(0.5):.1f} ms",
        )
    ]


def _orders(shop: Shop) -> Maker:
    draw = random.Random(7)

    def make(number: int) -> bytes:
        return post(shop, "/api/v1/orders", order(f"o-{number}", f"m{draw.randrange(POOL)}"))

    return make


def _grant_directly(
    bench: Bench, shop: Shop, *, seconds: float, clients: int, rate: float | None = None
) -> pgbench.Limit:
    source = bench.stack.ask(shop, "select min(id) from ledger_fundingsource")[0][0]
    script = _GRANT.format(last=POOL - 1, source=source)
    return pgbench.run(bench.stack, shop, script, clients=clients, seconds=seconds, rate=rate)


def _count(bench: Bench, shop: Shop) -> int:
    return int(bench.stack.ask(shop, "select count(*) from orders_order")[0][0])


def _check_count(bench: Bench, shop: Shop, expected: int) -> None:
    """A figure counts only if what was acknowledged is there."""
    if (found := _count(bench, shop)) != expected:
        raise RuntimeError(f"{expected} orders were acknowledged, {found} are stored")
