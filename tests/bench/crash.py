"""`python -m tests.bench.crash`: kill -9 of web, worker and PostgreSQL under load, in turn.

Clients send orders, redemptions and sign-ups; what gets no answer is sent again under the same
natural or idempotency key until it gets one. In the end everything acknowledged must be there
exactly once, and the books must be right.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType

from tests.bench import cpu
from tests.bench.crash_clients import Buyers, Cashiers, Client, Newcomers
from tests.bench.signup import Portal, wait_for
from tests.bench.stack import BenchStack, Shop, say

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
VICTIMS = ("web", "worker", "postgres")
BETWEEN = 3.0
# Two sweeps of the scheduler: lost messages are picked up by these.
SETTLE = 120.0


@dataclass(frozen=True)
class Verdict:
    """What became of one kind of work."""

    what: str
    acknowledged: int
    retried: int
    lost: int
    doubled: int

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing twice, and something was done at all."""
        return self.acknowledged > 0 and not self.lost and not self.doubled

    def __str__(self) -> str:
        return (
            f"  {self.what:<12} acknowledged {self.acknowledged:>6}   retried {self.retried:>4}"
            f"   lost {self.lost}   doubled {self.doubled}"
        )


def main() -> int:
    """Run it; 0 only when nothing was lost or doubled and the books are right."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="how often each is killed (2)")
    rounds: int = parser.parse_args().rounds
    for number in ENDINGS:
        signal.signal(number, _interrupt)
    stack = BenchStack()
    try:
        say(f"Starting a stack in {stack.folder}")
        stack.up()
        return 0 if _torture(stack, rounds) else 1
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130
    finally:
        # A second Ctrl-C must not leave half of the stack behind.
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        stack.down()


def _torture(stack: BenchStack, rounds: int) -> bool:
    shop = stack.open_shop("crash")
    clients: list[Client] = [
        *(Cashiers(stack.port, shop, number) for number in range(4)),
        *(Buyers(stack.port, shop, number) for number in range(2)),
        Newcomers(stack),
    ]
    for client in clients:
        client.prepare()
    for client in clients:
        client.start()
    try:
        for number in range(rounds):
            for victim in VICTIMS:
                time.sleep(BETWEEN)
                _kill(stack, victim, with_children=number % 2 == 1)
                time.sleep(0.5)
                say(f"{victim} is back after {stack.up():.1f} s")
        time.sleep(BETWEEN)
    finally:
        for client in clients:
            client.finish()
    return _judge(stack, shop, clients)


def _kill(stack: BenchStack, victim: str, *, with_children: bool) -> None:
    """The head alone, as `kill -9 $(cat web.pid)` does, or all its processes at once."""
    head = stack.pid(victim)
    pids = cpu.tree(head) if with_children else [head]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    say(f"kill -9 {victim} ({len(pids)} process{'es' if len(pids) > 1 else ''})")


def _judge(stack: BenchStack, shop: Shop, clients: list[Client]) -> bool:
    verdicts = [
        _judge_orders(stack, shop, clients),
        _judge_redemptions(stack, shop, clients),
        _judge_signups(stack, clients),
    ]
    say("")
    for verdict in verdicts:
        say(str(verdict))
    for client in clients:
        if client.failure:
            say(f"  {type(client).__name__} gave up: {client.failure}")
    books = _reconcile(stack)
    all_done = not any(client.failure for client in clients)
    return books and all_done and all(verdict.is_clean for verdict in verdicts)


def _judge_orders(stack: BenchStack, shop: Shop, clients: list[Client]) -> Verdict:
    """Each acknowledged order is stored once and was granted once, with its points."""
    told = [client for client in clients if isinstance(client, Cashiers)]
    expected = {name: points for client in told for name, points in client.acknowledged.items()}
    rows = stack.ask(
        shop,
        "select o.external_id, count(distinct o.id), count(t.id), coalesce(sum(t.amount), 0)"
        " from orders_order o left join ledger_transaction t"
        " on t.source_id = o.id and t.kind = 'earn' where o.external_id like 'c%%'"
        " group by o.external_id",
    )
    found = {name: (orders, grants, points) for name, orders, grants, points in rows}
    lost = [name for name in expected if name not in found or found[name][1] == 0]
    doubled = [
        name
        for name, (orders, grants, points) in found.items()
        if orders > 1 or grants > 1 or points != expected.get(name, points)
    ]
    retried = sum(client.retried for client in told)
    return Verdict("orders", len(expected), retried, len(lost), len(doubled))


def _judge_redemptions(stack: BenchStack, shop: Shop, clients: list[Client]) -> Verdict:
    """As many redemptions, and as many points spent, as keys were acknowledged."""
    buying = [client for client in clients if isinstance(client, Buyers)]
    expected = {code for client in buying for code in client.acknowledged}
    codes = {row[0] for row in stack.ask(shop, "select code from redemption_redemption")}
    spent = stack.ask(shop, "select count(*) from ledger_transaction where kind = 'spend'")[0][0]
    retried = sum(client.retried for client in buying)
    doubled = max(len(codes), int(spent)) - len(expected)
    return Verdict("redemptions", len(expected), retried, len(expected - codes), doubled)


def _judge_signups(stack: BenchStack, clients: list[Client]) -> Verdict:
    """Every shop whose code was accepted opens, if need be when the sweep finds it."""
    joined = next(client for client in clients if isinstance(client, Newcomers))
    portal = Portal(stack)
    deadline = time.monotonic() + SETTLE
    lost = [
        slug
        for slug, signup in joined.acknowledged.items()
        if not _comes_true(partial(_is_ready, portal, signup), deadline)
    ]
    return Verdict("sign-ups", len(joined.acknowledged), joined.retried, len(lost), 0)


def _is_ready(portal: Portal, signup: str) -> bool:
    return portal.status(signup) == "ready"


def _comes_true(look: Callable[[], bool], deadline: float) -> bool:
    try:
        return bool(wait_for(look, "a shop", patience=max(0.0, deadline - time.monotonic())))
    except TimeoutError:
        return False


def _reconcile(stack: BenchStack) -> bool:
    try:
        say(f"  reconcile: {stack.manage('reconcile').strip()}")
    except RuntimeError as error:
        say(f"  reconcile failed: {error}")
        return False
    return True


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
