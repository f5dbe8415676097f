"""CPU seconds of whole process trees, from /proc."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.bench.stack import BenchStack

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """Seconds used by the product's web processes, by PostgreSQL and by the load generator."""

    web: float = 0.0
    postgres: float = 0.0
    generator: float = 0.0

    def __add__(self, other: "Cpu") -> "Cpu":
        return Cpu(
            self.web + other.web, self.postgres + other.postgres, self.generator + other.generator
        )

    def __sub__(self, other: "Cpu") -> "Cpu":
        return self + other.per(-1)

    def per(self, operations: float) -> "Cpu":
        """The same, shared out over so many operations."""
        n = operations or 1
        return Cpu(self.web / n, self.postgres / n, self.generator / n)

    def as_milliseconds(self) -> str:
        """`web + PostgreSQL + generator` in milliseconds."""
        return " + ".join(
            f"{1000 * part:.2f}" for part in (self.web, self.postgres, self.generator)
        )


def sample(stack: BenchStack) -> Cpu:
    """What the stack and this process have used so far."""
    own = os.times()
    children, used = _read_all()
    return Cpu(
        _of_tree(stack.pid("web"), children, used),
        _of_tree(stack.pid("postgres"), children, used),
        own.user + own.system,
    )


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children, _ = _read_all()
    found = [pid]
    for parent in found:
        found += children[parent]
    return found


def _of_tree(pid: int, children: dict[int, list[int]], used: dict[int, float]) -> float:
    return used.get(pid, 0.0) + sum(_of_tree(child, children, used) for child in children[pid])


def _read_all() -> tuple[dict[int, list[int]], dict[int, float]]:
    """Children by parent, and seconds by process, those of its ended children included."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "stat").read_text(errors="replace")
        except OSError:
            continue
        # The name in brackets may hold spaces and brackets of its own: count from its end.
        fields = line.rpartition(")")[2].split()
        children[int(fields[1])].append(int(entry.name))
        used[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    return children, used
