"""Results: a row for each figure, kept as JSON, printed, and written into docs/benchmarks.md."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from tests.bench.stack import ROOT

FILE = ROOT / ".run" / "bench" / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
FIGURES = (
    *("earn_http", "earn_latency", "redeem_last_units", "redeem_hot", "ingest", "balance_read"),
    *(
        "provision",
        "provision_burst",
        "demo_load",
        "demo_command",
        "migrate_n",
        "migrate_noop",
        "backtest",
        "tiers_1m",
        "expiry_1m",
        "expiry_earn_p99",
        "import_100k",
    ),
)
HEADINGS = ("figure", "measured", "limit", "ratio", "must be", "aim", "holds", "CPU ms", "taken")


@dataclass(frozen=True)
class Goal:
    """What a figure must be and should be: at least so much, or at most so much."""

    bar: float | None = None
    aim: float | None = None
    at_least: bool = True
    unit: str = ""

    def is_met(self, figure: float, bound: float | None) -> bool:
        """Whether the figure is on the right side."""
        if bound is None:
            return True
        return figure >= bound if self.at_least else figure <= bound

    def describe(self, bound: float | None) -> str:
        """The bound as it stands in the table."""
        if bound is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {bound:g}{self.unit}"


@dataclass(frozen=True)
class Result:
    """One row. `figure` is what the goal judges: the ratio, or the value where there is no limit."""

    name: str
    measured: str
    figure: float
    goal: Goal
    limit: str = ""
    cpu: str = ""
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is as it must be."""
        return self.goal.is_met(self.figure, self.goal.bar)

    def as_row(self) -> dict[str, str]:
        """What is kept of it."""
        goal = self.goal
        return {
            "figure": self.name,
            "measured": self.measured,
            "limit": self.limit,
            "ratio": f"{self.figure:.2f}{goal.unit}" if self.limit else "",
            "must be": goal.describe(goal.bar),
            "aim": goal.describe(goal.aim) + (" ✓" if self._reaches_aim() else ""),
            "holds": "" if goal.bar is None else ("yes" if self.holds else "NO"),
            "CPU ms": self.cpu,
            "note": self.note,
        }

    def _reaches_aim(self) -> bool:
        return self.goal.aim is not None and self.goal.is_met(self.figure, self.goal.aim)


def machine(postgres: str, load_before: float) -> dict[str, str]:
    """What the figures were taken on; a load of more than 0 before the run says it was busy."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "Django": version("django"),
        "PostgreSQL": postgres,
        "load before the run": f"{load_before:.1f}",
    }


def keep(results: Iterable[Result], facts: dict[str, str], *, quick: bool) -> list[dict[str, str]]:
    """Put new rows in the place of the old ones of the same name; all rows there are."""
    taken = f"{datetime.now(UTC):%Y-%m-%d}{' quick' if quick else ''}"
    rows = {row["figure"]: row for row in _read_rows()}
    rows |= {result.name: {**result.as_row(), "taken": taken} for result in results}
    ordered = [rows[name] for name in FIGURES if name in rows]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": facts, "rows": ordered}
    FILE.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return ordered


def as_markdown(rows: list[dict[str, str]], facts: dict[str, str]) -> str:
    """The table, the notes below it and the machine, for the document."""
    table = [HEADINGS, tuple("---" for _ in HEADINGS)]
    table += [tuple(row[name] for name in HEADINGS) for row in rows]
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    notes = [f"- {row['figure']}: {row['note']}" for row in rows if row["note"]]
    where = ", ".join(f"{name} {value}" for name, value in facts.items())
    return "\n".join([f"Machine: {where}.", "", *lines, "", *notes])


def write_document(rows: list[dict[str, str]], facts: dict[str, str]) -> None:
    """Replace what stands between the markers in docs/benchmarks.md."""
    before, found, rest = DOCUMENT.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise RuntimeError(f"{DOCUMENT} has lost its markers {BEGIN} and {END}")
    DOCUMENT.write_text(f"{before}{BEGIN}\n{as_markdown(rows, facts)}\n{END}{after}")


def describe(result: Result) -> str:
    """One result in a line, for the terminal."""
    row = result.as_row()
    against = f" / {row['limit']} = {row['ratio']}" if row["limit"] else ""
    goal = f"   must be {row['must be']}: {row['holds']}" if row["must be"] else ""
    aim = f"   aim {row['aim']}" if row["aim"] else ""
    used = f"\n      CPU ms web + PostgreSQL + generator: {row['CPU ms']}" if row["CPU ms"] else ""
    note = f"\n      {row['note']}" if row["note"] else ""
    return f"  {row['figure']:<22}{row['measured']}{against}{goal}{aim}{used}{note}"


def _read_rows() -> list[dict[str, str]]:
    if not FILE.exists():
        return []
    rows: list[dict[str, str]] = json.loads(FILE.read_text())["rows"]
    return rows
