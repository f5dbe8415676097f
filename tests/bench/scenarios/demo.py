"""The 69,659 real orders of the demo shop, told as another system would tell them."""

import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from tests.bench.bench import CONNECTIONS, Bench, Measured, add_round
from tests.bench.load import deliver, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

BATCH = 1_000
QUICK = 10_000
LONGEST = 24.0


def load(bench: Bench) -> list[Result]:
    """All orders over the API in batches of 1,000; then the whole of `manage.py load_demo`."""
    from devstack.demo import dataset

    orders = list(all_orders())[: QUICK if bench.quick else None]
    shop = bench.stack.open_shop(f"replay-{next(bench.numbers)}")
    requests = [batch_request(shop, orders[i : i + BATCH]) for i in range(0, len(orders), BATCH)]
    told = Measured()
    add_round(
        bench, told,
        lambda: deliver(bench.stack.port, requests, connections=CONNECTIONS).expect(200),
    )  # fmt: skip
    _check(bench, shop, len(orders), dataset.POINTS if len(orders) == dataset.ORDERS else None)
    each = told.cpu.per(len(orders)).as_milliseconds()
    took, rate = told.seconds, f"{len(orders) / told.seconds:.0f}/s"
    if len(orders) < dataset.ORDERS:
        # Not reckoned up: the rest meets the jobs that run every half minute, these do not.
        note = f"only the first {len(orders):,} orders, {rate}: not to be held against the bar"
        return [Result("demo_load", f"{took:.1f} s", took, Goal(), cpu=each, note=note)]
    goal = Goal(LONGEST, at_least=False, unit=" s")
    note = f"{len(orders):,} orders, {rate}, by {CONNECTIONS} callers at once, members with them"
    rows = [Result("demo_load", f"{took:.1f} s", took, goal, cpu=each, note=note)]
    return [*rows, _run_command(bench)]


def all_orders() -> Iterator[Any]:
    """The orders as they are told, oldest first."""
    from zoneinfo import ZoneInfo

    from devstack.demo import dataset

    shift = dataset.shift_for(date(2026, 6, 30))
    for row in dataset.read():
        order = dataset.as_order(row, shift, ZoneInfo("UTC"))
        order.currency = "CNY"
        yield order


def batch_request(shop: Shop, orders: Sequence[Any]) -> bytes:
    """A call that tells so many of them."""
    body = msgspec.json.encode({"orders": orders, "create_members": True})
    return post(shop, "/api/v1/orders/batch", body)


def _check(bench: Bench, shop: Shop, orders: int, points: int | None) -> None:
    """All of them are there, with the points the rule gives."""
    found, given = bench.stack.ask(shop, "select count(*), sum(points_earned) from orders_order")[0]
    if found != orders or points not in (None, given):
        raise RuntimeError(f"{found} orders with {given} points, not {orders} with {points}")


def _run_command(bench: Bench) -> Result:
    started = time.perf_counter()
    bench.stack.manage("load_demo")
    took = time.perf_counter() - started
    note = "all of `manage.py load_demo`: two shops, orders, expiry and redemptions month by month"
    return Result("demo_command", f"{took:.1f} s", took, Goal(at_least=False), note=note)
