"""From the sign-up form to a shop that answers, against the bare DDL of the same tables."""

import time
from collections.abc import Callable
from statistics import median

from tests.bench.bench import Bench
from tests.bench.report import Goal, Result
from tests.bench.signup import Opened, Portal, open_shop, wait_for
from tests.bench.stack import BenchStack


def sign_up(bench: Bench) -> list[Result]:
    """As the product runs, with schemas in stock; and when more sign up at once than are in stock."""
    repeats = 2 if bench.quick else 5
    _open(bench, _await_spares)  # the worker loads what it needs for its first mail
    floors: list[float] = []
    stocked: list[Opened] = []
    without: list[Opened] = []
    for n in range(repeats):  # by turns, as what disturbs one is to disturb all
        _await_spares(bench.stack)
        floors.append(_replay_once(bench.stack, n))
        stocked.append(_open(bench, _await_spares))
        without.append(_open(bench, _drop_spares))
    floor = median(floors)
    bar = Goal(4, 1.5, at_least=False, unit="×")
    return [
        _row("provision", stocked, floor, bar, "; aim also < 0.1 s"),
        _row("provision_burst", without, floor, Goal(at_least=False, unit="×"), "; none in stock"),
    ]


def _row(name: str, runs: list[Opened], floor: float, goal: Goal, remark: str) -> Result:
    total = median(run.total for run in runs)
    return Result(
        name,
        f"{total:.2f} s",
        total / floor,
        goal,
        limit=f"{floor:.2f} s",
        note=f"median of {len(runs)}: the form until its mail is out"
        f" {median(run.until_mailed for run in runs):.2f} s, the code until the first page"
        f" {median(run.until_first_page for run in runs):.2f} s{remark}",
    )


def _open(bench: Bench, prepare: Callable[[BenchStack], object]) -> Opened:
    slug = f"new-{next(bench.numbers)}"
    _await_spares(bench.stack)
    # Right before the code is entered, as the worker fills the stock of schemas up again.
    return open_shop(Portal(bench.stack), slug, meanwhile=lambda: prepare(bench.stack))


def _replay_once(stack: BenchStack, number: int) -> float:
    """Seconds of the recorded statements of one schema, in one transaction."""
    connection = stack.connect(owner=True)
    cursor = connection.cursor()
    cursor.execute("select sql from tenants_schematemplate order by made_at desc limit 1")
    recorded, name = cursor.fetchone()[0], f"bare_{number}"
    connection.commit()
    started = time.perf_counter()
    cursor.execute(f"create schema {name}; set local search_path = {name};{recorded}")
    connection.commit()
    took = time.perf_counter() - started
    cursor.execute(f"drop schema {name} cascade")
    connection.commit()
    connection.close()
    return took


def _await_spares(stack: BenchStack) -> None:
    """Wait until the worker has made the schemas it keeps in stock."""
    from tenants.provisioning import SPARES_KEPT

    connection = stack.connect()
    connection.autocommit = True
    cursor = connection.cursor()

    def count() -> bool:
        cursor.execute("select count(*) from tenants_spareschema")
        return int(cursor.fetchone()[0]) >= SPARES_KEPT

    wait_for(count, "spare schemas")
    connection.close()


def _drop_spares(stack: BenchStack) -> None:
    connection = stack.connect(owner=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("delete from tenants_spareschema returning schema_name")
        for (name,) in cursor.fetchall():
            cursor.execute(f"drop schema {name} cascade")
    connection.close()
