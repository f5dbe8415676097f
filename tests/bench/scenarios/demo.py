"""The 69,659 real orders of the demo shop, taken by the flow that every order takes."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from tests.bench import cpu
from tests.bench.bench import Bench
from tests.bench.cpu import Cpu
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

BATCH = 1_000
QUICK = 10_000
LONGEST = 24.0


def load(bench: Bench) -> list[Result]:
    """Orders in batches of 1,000 in this process; then the whole of `manage.py load_demo`."""
    from devstack.demo import dataset

    orders = list(_orders())[: QUICK if bench.quick else None]
    shop = bench.stack.open_shop(f"replay-{next(bench.numbers)}")
    before = cpu.sample(bench.stack)
    took = _take(shop, orders)
    used = cpu.sample(bench.stack) - before
    _check(bench, shop, len(orders), dataset.POINTS if len(orders) == dataset.ORDERS else None)
    # The product's code runs in this very process, and there is no generator.
    each = Cpu(used.generator, used.postgres).per(len(orders)).as_milliseconds()
    rate = f"{len(orders) / took:.0f}/s"
    if len(orders) < dataset.ORDERS:
        # Not reckoned up: the rest meets the jobs that run every half minute, these do not.
        note = f"only the first {len(orders):,} orders, {rate}: not to be held against the bar"
        return [Result("demo_load", f"{took:.1f} s", took, Goal(), cpu=each, note=note)]
    goal = Goal(LONGEST, at_least=False, unit=" s")
    note = f"{len(orders):,} orders, {rate}"
    rows = [Result("demo_load", f"{took:.1f} s", took, goal, cpu=each, note=note)]
    return [*rows, _run_command(bench)]


def _orders() -> Iterator[Any]:
    from zoneinfo import ZoneInfo

    from devstack.demo import dataset

    shift = dataset.shift_for(date(2026, 6, 30))
    for row in dataset.read():
        order = dataset.as_order(row, shift, ZoneInfo("UTC"))
        order.currency = "CNY"
        yield order


def _take(shop: Shop, orders: Sequence[Any]) -> float:
    from points.flows.order_received import take_orders
    from tenants.context import tenant_context
    from tenants.models import Merchant

    with tenant_context(Merchant.objects.get(slug=shop.slug)):
        started = time.perf_counter()
        for start in range(0, len(orders), BATCH):
            batch = orders[start : start + BATCH]
            take_orders(orders=batch, create_members=True, at=datetime.now(UTC), actor="bench")
        return time.perf_counter() - started


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
