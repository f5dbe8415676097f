"""Reading one member's points, against the API's own ping, which reads nothing but the key."""

import random

from tests.bench.bench import CONNECTIONS, ROUNDS, Bench, Measured, add_round
from tests.bench.load import Load, Maker, closed_loop, get
from tests.bench.report import Goal, Result


def read(bench: Bench) -> list[Result]:
    """GET /api/v1/members/{id}/points, divided by GET /api/v1/ping with the same key."""
    shop = bench.open_shop("read")
    members = [str(row[0]) for row in bench.stack.ask(shop, "select id from members_member")]
    draw = random.Random(7)

    def points(_number: int) -> bytes:
        return get(shop, f"/api/v1/members/{draw.choice(members)}/points")

    def ping(_number: int) -> bytes:
        return get(shop, "/api/v1/ping")

    def probe(_number: int) -> bytes:
        return get(shop, "/healthz")

    def run(make: Maker, seconds: float) -> Load:
        load = closed_loop(bench.stack.port, make, connections=CONNECTIONS, seconds=seconds)
        return load.expect(200)

    run(points, 1)
    ours, limit = Measured(), Measured()
    for _ in range(ROUNDS):
        add_round(bench, ours, lambda: run(points, bench.seconds / ROUNDS))
        add_round(bench, limit, lambda: run(ping, bench.seconds / ROUNDS))
    bare = run(probe, 1).rate
    return [
        Result(
            "balance_read",
            f"{ours.rate:.0f}/s",
            ours.rate / limit.rate,
            Goal(0.3, 0.6),
            limit=f"{limit.rate:.0f}/s",
            cpu=ours.cpu_each(),
            note=f"the limit, /api/v1/ping, takes {limit.cpu_each()} ms of CPU; the bare probe"
            f" /healthz, before any host is looked up, answers {bare:.0f}/s",
        )
    ]
