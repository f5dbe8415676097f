"""`python -m tests.bench [names…] [--seconds N] [--quick] [--merchants N]`."""

import argparse
import os
import signal
import sys
import traceback
from types import FrameType

from tests.bench import report
from tests.bench.bench import Bench
from tests.bench.report import Result
from tests.bench.scenarios import SCENARIOS
from tests.bench.stack import BenchStack, say

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Start a stack, measure, write down, stop the stack; 1 when a figure misses its bar."""
    options = _parse()
    for number in ENDINGS:
        signal.signal(number, _interrupt)
    load_before, stack = os.getloadavg()[0], BenchStack()
    results: list[Result] = []
    failed: list[str] = []
    try:
        say(f"Starting a stack in {stack.folder}")
        say(f"  ready after {stack.up():.0f} s\n")
        stack.set_up_django()
        bench = Bench(stack, options.seconds, options.quick, options.merchants)
        for name in options.names:
            _measure(name, bench, results, failed)
        facts = report.machine(stack.version(), load_before)
        _write_down(results, facts, quick=options.quick)
    except KeyboardInterrupt:
        say("\nInterrupted.")
        failed.append("interrupted")
    finally:
        # A second Ctrl-C must not leave half of the stack behind.
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        stack.down()
    return _conclude(results, failed)


def _measure(name: str, bench: Bench, results: list[Result], failed: list[str]) -> None:
    """One scenario; one that breaks does not keep the others from running."""
    try:
        for result in SCENARIOS[name](bench):
            results.append(result)
            say(report.describe(result))
    except Exception:
        failed.append(name)
        say(f"  {name} broke:\n{traceback.format_exc()}")


def _write_down(results: list[Result], facts: dict[str, str], *, quick: bool) -> None:
    rows = report.keep(results, facts, quick=quick)
    report.write_document(rows, facts)
    say(f"\nWritten to {report.FILE} and {report.DOCUMENT}")


def _conclude(results: list[Result], failed: list[str]) -> int:
    missed = [result.name for result in results if not result.holds]
    if failed:
        say(f"Broke: {', '.join(failed)}")
    if missed:
        say(f"Below the bar: {', '.join(missed)}")
    if results and not failed and not missed:
        say("All bars hold.")
    return 1 if failed or missed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(SCENARIOS)}; all if none")
    parser.add_argument("--seconds", type=float, help="length of each measurement (10; quick 3)")
    parser.add_argument(
        "--quick", action="store_true", help="shorter and smaller, for a first look"
    )
    parser.add_argument("--merchants", type=int, help="how many are migrated (100; quick 20)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(SCENARIOS):
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    options.names = options.names or list(SCENARIOS)
    options.seconds = options.seconds or (3.0 if options.quick else 10.0)
    options.merchants = options.merchants or (20 if options.quick else 100)
    return options


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
