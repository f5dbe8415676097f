"""What every scenario is handed, and how a figure and its limit are taken in turns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.bench import cpu
from tests.bench.cpu import Cpu
from tests.bench.load import Line, Load, post
from tests.bench.pgbench import Limit
from tests.bench.stack import BenchStack, Shop

POOL = 1_000
CONNECTIONS = 4
# Each round opens its connections anew, and which worker takes them is chance.
ROUNDS = 10
MOMENT = "2026-03-01T04:00:00+00:00"


@dataclass
class Bench:
    """The stack, and how long and how much."""

    stack: BenchStack
    seconds: float
    quick: bool
    merchants: int
    numbers: "count[int]" = field(default_factory=count)

    def open_shop(self, purpose: str, *, cents: int = 10_000) -> Shop:
        """A merchant with a pool of members m0 … m999, each with one order of that amount."""
        shop = self.stack.open_shop(f"{purpose}-{next(self.numbers)}")
        orders = [order(f"first-{n}", f"m{n}", cents=cents) for n in range(POOL)]
        body = {"orders": orders, "create_members": True}
        ask(self, post(shop, "/api/v1/orders/batch", body))
        connection = self.stack.connect(shop.schema, owner=True)
        connection.autocommit = True
        # What autovacuum would do a minute later: without it the planner guesses at new tables.
        connection.cursor().execute("analyze")
        connection.close()
        return shop


def order(external_id: str, member: str, *, cents: int = 12_345) -> dict[str, object]:
    """A completed order of one line."""
    return {
        "external_id": external_id,
        "member_external_id": member,
        "currency": "CNY",
        "placed_at": MOMENT,
        "completed_at": MOMENT,
        "status": "completed",
        "lines": [{"external_id": "1", "sku": "TEA", "quantity": 1, "amount_cents": cents}],
    }


def ask(bench: Bench, request: bytes) -> bytes:
    """The body of one answer that must be a success."""
    line, answer = Line(bench.stack.port), None
    line.send(request, 0)
    while answer is None:
        answer = line.receive()
    line.socket.close()
    if answer[0] >= 300:
        raise RuntimeError(f"{request[:80]!r}: {answer[0]} {answer[1][:500]!r}")
    return answer[1]


@dataclass
class Measured:
    """Several rounds of one figure, added up."""

    count: int = 0
    seconds: float = 0.0
    cpu: Cpu = field(default_factory=Cpu)

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.count / self.seconds

    def cpu_each(self) -> str:
        """CPU milliseconds of one operation: web + PostgreSQL + generator."""
        return self.cpu.per(self.count).as_milliseconds()


def in_turns(
    bench: Bench, product: Callable[[float], Load], limit: Callable[[float], Limit]
) -> tuple[Measured, Measured]:
    """Product and limit by turns, so that a noisy neighbour disturbs both alike."""
    ours, floor = Measured(), Measured()
    share = bench.seconds / ROUNDS
    for _ in range(ROUNDS):
        add_round(bench, ours, lambda: product(share))
        one = limit(share)
        floor.count += one.count
        floor.seconds += one.count / one.rate
        floor.cpu += one.cpu
    return ours, floor


def add_round(bench: Bench, measured: Measured, run: Callable[[], Load]) -> None:
    """Run it and add what it did and used."""
    before = cpu.sample(bench.stack)
    load = run()
    measured.cpu += cpu.sample(bench.stack) - before
    measured.count += len(load.latencies)
    measured.seconds += load.seconds
