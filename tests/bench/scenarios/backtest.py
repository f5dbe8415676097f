"""A back-test over the 69,659 real orders of the demo shop, against reading them at all."""

import time
from datetime import UTC, datetime

from tests.bench.bench import CONNECTIONS, Bench, ask
from tests.bench.load import deliver, post
from tests.bench.report import Goal, Result
from tests.bench.scenarios.demo import BATCH, QUICK, all_orders, batch_request
from tests.bench.stack import Shop

LONGEST = 20.0
# After the last order: the replay looks back over all of them.
AT, DAYS = datetime(2026, 7, 1, tzinfo=UTC), 600
LIVE = (
    ("double-big", {"kind": "multiplier", "factor": "2"}, {">=": [{"var": "order.amount_cents"}, 5_000]}),
    ("welcome", {"kind": "fixed", "points": 50}, {"==": [{"var": "member.orders_count"}, 0]}),
)  # fmt: skip
DRAFT = (
    "weekend", {"kind": "amount", "points": 1, "per_cents": 500},
    {"in": [{"var": "clock.weekday"}, [6, 7]]},
)  # fmt: skip


def replay(bench: Bench) -> list[Result]:
    """Live: two rules with conditions and a limit, tiers that multiply. Draft: a third rule, another
    without; the runner of the job itself, with its notes of progress."""
    orders = list(all_orders())[: QUICK if bench.quick else None]
    shop = bench.stack.open_shop(f"backtest-{next(bench.numbers)}")
    requests = [batch_request(shop, orders[i : i + BATCH]) for i in range(0, len(orders), BATCH)]
    deliver(bench.stack.port, requests, connections=CONNECTIONS).expect(200)
    for code, reward, conditions in LIVE:
        ask(
            bench, post(shop, "/api/v1/earning-rules", _rule(code, reward, conditions, "published"))
        )
    for code, threshold, multiplier in (("silver", 0, "1"), ("gold", 50_000, "1.25")):
        tier = {"code": code, "threshold": threshold, "benefits": {"earn_multiplier": multiplier}}
        ask(bench, post(shop, "/api/v1/tiers", tier))
    took = _run(shop, len(orders))
    floor = _read(bench, shop)
    note = (
        f"{len(orders):,} orders in {took:.1f} s on both sides, three rules with conditions, a limit"
        " and tiers; the limit is one query that reads the orders with their lines"
    )
    return [
        Result(
            "backtest", f"{len(orders) / took:,.0f}/s", took,
            Goal(LONGEST if len(orders) > QUICK else None, at_least=False, unit=" s"),
            limit=f"{len(orders) / floor:,.0f}/s", note=note,
        )
    ]  # fmt: skip


def _rule(code: str, reward: object, conditions: object, status: str) -> dict[str, object]:
    return {
        "code": code, "name": code, "trigger": "order.completed", "reward": reward,
        "conditions": conditions, "status": status, "limits": {"per_member": {"day": 1}},
    }  # fmt: skip


def _run(shop: Shop, expected: int) -> float:
    """Seconds the job takes, from its claim to its result."""
    from points.flows.backtests import ask_for_backtest, found_by
    from points.flows.jobs import run_job
    from points.jobs.calculations import Asker
    from points.jobs.models import Job
    from tenants.context import tenant_context
    from tenants.models import Merchant

    code, reward, conditions = DRAFT
    document = {
        k: v for k, v in _rule(code, reward, conditions, "").items() if k not in ("code", "status")
    }
    given = {
        "days": DAYS,
        "rules": [{"code": code, "document": document}, {"code": "welcome", "document": None}],
    }
    with tenant_context(Merchant.objects.get(schema_name=shop.schema)):
        now = datetime.now(UTC)
        job = ask_for_backtest(given=given, until=AT, by=Asker("bench", "bench"), at=now)
        started = time.perf_counter()
        # A worker of the stack may have taken it: then it is waited for.
        if not run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC)):
            while Job.objects.get(pk=job.pk).status in ("queued", "running"):
                time.sleep(0.02)
        took = time.perf_counter() - started
        found = found_by(Job.objects.get(pk=job.pk))
        if found is None or found.orders != expected or found.winners == 0:
            raise RuntimeError(f"not what was to be found: {found}")
    return took


def _read(bench: Bench, shop: Shop) -> float:
    """Seconds one query takes for all orders and lines."""
    started = time.perf_counter()
    bench.stack.ask(
        shop,
        "select json_agg(json_build_array(o.*, (select json_agg(l) from orders_orderline l"
        " where l.order_id = o.id)))::text from orders_order o",
    )
    return time.perf_counter() - started
