"""A thousand orders a call, against the same rows written by SQL alone."""

import json
import random
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.bench import cpu
from tests.bench.bench import POOL, ROUNDS, Bench, Measured, add_round, order
from tests.bench.load import Load, closed_loop, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

BATCH = 1_000
CONNECTIONS = 2
MARK = b"@@@@@@@@"
Statement = tuple[str, Any]


def bulk(bench: Bench) -> list[Result]:
    """POST /api/v1/orders/batch on two connections; the limit is two connections of plain SQL."""
    shop = bench.open_shop("bulk")
    post_batches = _batches_over_http(bench, shop)
    post_batches(0.5)
    ours, limit = Measured(), Measured()
    share = bench.seconds / ROUNDS
    for _ in range(ROUNDS):
        add_round(bench, ours, lambda: post_batches(share))
        _write_directly(bench, shop, limit, batches=max(4, round(2 * share)))
    per_order = f"{ours.rate * BATCH:.0f} orders/s"
    return [
        Result(
            "ingest",
            per_order,
            ours.rate / limit.rate,
            Goal(0.4, 0.7),
            limit=f"{limit.rate * BATCH:.0f}/s",
            cpu=ours.cpu.per(ours.count * BATCH).as_milliseconds(),
            note=f"{BATCH:,} orders a call, {CONNECTIONS} connections; the limit takes"
            f" {1000 * limit.cpu.postgres / limit.count / BATCH:.2f} ms of PostgreSQL's CPU an order",
        )
    ]


def _batches_over_http(bench: Bench, shop: Shop) -> Callable[[float], Load]:
    template = json.dumps({"orders": _orders(MARK.decode())}, separators=(",", ":")).encode()
    numbers = count()

    def make(_number: int) -> bytes:
        return post(shop, "/api/v1/orders/batch", template.replace(MARK, b"%08d" % next(numbers)))

    def run(seconds: float) -> Load:
        port, before = bench.stack.port, _count(bench, shop)
        load = closed_loop(port, make, connections=CONNECTIONS, seconds=seconds).expect(200)
        if (made := _count(bench, shop) - before) != len(load.latencies) * BATCH:
            raise RuntimeError(f"{made} orders stored by {len(load.latencies)} calls")
        return load

    return run


def _orders(batch: str) -> list[dict[str, object]]:
    draw = random.Random(7)
    return [
        order(f"{batch}-{n}", f"m{draw.randrange(POOL)}", cents=draw.randrange(100, 50_000))
        for n in range(BATCH)
    ]


def _write_directly(bench: Bench, shop: Shop, limit: Measured, *, batches: int) -> None:
    """Prepare all statements, then run them on two connections, one commit for each batch."""
    writes = _writing_functions(bench, shop)
    names = [f"sql-{next(bench.numbers)}" for _ in range(batches)]
    prepared = [_statements(shop, name, writes) for name in names]
    connections = [bench.stack.connect(shop.schema) for _ in range(CONNECTIONS)]
    before, started = cpu.sample(bench.stack), time.perf_counter()
    threads = [
        threading.Thread(target=_run_all, args=(connection, prepared[n::CONNECTIONS]))
        for n, connection in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    limit.seconds += time.perf_counter() - started
    limit.cpu += cpu.sample(bench.stack) - before
    limit.count += batches
    for connection in connections:
        connection.close()


def _run_all(connection: Any, batches: list[list[Statement]]) -> None:
    for batch in batches:
        with connection, connection.cursor() as cursor:
            for sql, values in batch:
                cursor.execute(sql, values)
                if cursor.description:
                    cursor.fetchall()


def _statements(shop: Shop, batch: str, writes: re.Pattern[str]) -> list[Statement]:
    """What the product would send to write a batch: its own words, caught and rolled back."""
    import msgspec
    from django.db import connection, transaction

    from points.flows.incoming_order import IncomingOrder
    from points.flows.order_received import take_orders
    from tenants.context import tenant_context
    from tenants.models import Merchant

    caught: list[Statement] = []

    def catch(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if writes.search(sql):
            caught.append((sql, values))
        return execute(sql, values, many, context)

    orders = msgspec.convert(_orders(batch), list[IncomingOrder])
    with tenant_context(Merchant.objects.get(slug=shop.slug)), transaction.atomic():
        with connection.execute_wrapper(catch):
            take_orders(orders=orders, create_members=False, at=datetime.now(UTC), actor="limit")
        transaction.set_rollback(True)
    if not any("ledger_grant" in sql for sql, _ in caught):
        raise RuntimeError("the product no longer writes orders with ledger_grant")
    return caught


def _writing_functions(bench: Bench, shop: Shop) -> re.Pattern[str]:
    """What tells a statement that writes: the schema's functions that are not mere reads."""
    rows = bench.stack.ask(
        shop,
        "select proname from pg_proc where pronamespace = %s::regnamespace and provolatile = 'v'",
        shop.schema,
    )
    names = "|".join(re.escape(name) for (name,) in rows)
    return re.compile(rf"\b(?:{names})\(|\binsert into |^\s*update ", re.I)


def _count(bench: Bench, shop: Shop) -> int:
    return int(bench.stack.ask(shop, "select count(*) from orders_order")[0][0])
