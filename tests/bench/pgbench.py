"""The limits: PostgreSQL's own load generator on the same server, schema and role."""

import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench import cpu
from tests.bench.cpu import Cpu
from tests.bench.load import percentile
from tests.bench.stack import BenchStack, Shop


@dataclass(frozen=True)
class Limit:
    """Transactions a second, seconds of each (only of a run at a rate), CPU seconds of all."""

    rate: float
    count: int
    latencies: list[float]
    cpu: Cpu

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the transactions was done."""
        return percentile(self.latencies, share)


def run(
    stack: BenchStack,
    shop: Shop,
    script: str,
    *,
    clients: int,
    seconds: float,
    rate: float | None = None,
) -> Limit:
    """Run a script with prepared statements; at `rate`, times count from the intended start."""
    with tempfile.TemporaryDirectory(prefix="jifen-pgbench-") as name:
        folder = Path(name)
        file = folder / "script.sql"
        file.write_text(script)
        words = ["-n", "-M", "prepared", "-c", str(clients), "-T", str(max(1, round(seconds)))]
        if rate is not None:
            words += ["-R", str(rate), "-l"]
        before, own = cpu.sample(stack), _of_children()
        printed = _call(stack, shop, [*words, "-f", str(file), stack.url()], folder)
        used = cpu.sample(stack) - before
        latencies = [t for log in folder.glob("pgbench_log.*") for t in _read_log(log)]
    count = int(_find(r"transactions actually processed: (\d+)", printed))
    tps = _find(r"tps = ([\d.]+) \(without", printed)
    return Limit(tps, count, latencies, Cpu(0, used.postgres, _of_children() - own))


def _call(stack: BenchStack, shop: Shop, words: list[str], folder: Path) -> str:
    done = subprocess.run(
        [str(stack.program("pgbench")), *words],
        env={"PGOPTIONS": f"-c search_path={shop.schema}", "LC_ALL": "C"},
        cwd=folder,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench: {done.stdout}\n{done.stderr}"[-3000:])
    return done.stdout


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read_log(log: Path) -> list[float]:
    """Its third column is each transaction's time in microseconds."""
    return [int(line.split(" ", 3)[2]) / 1e6 for line in log.read_text().splitlines()]


def _find(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"pgbench printed no {pattern}:\n{text}")
    return float(found.group(1))
