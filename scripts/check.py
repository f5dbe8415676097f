"""All checks, then all tests: `.venv/bin/python -m scripts.check [--lint] [pytest's arguments]`.

A check that fails does not hide the tests' result, but fails the run. The tests come last, so
that pytest's own summary is the last line.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts import frontend
from scripts.steps import ROOT, VENV_PYTHON, Failure, program, say, step

AT_ONCE = 2
SHOWN_LINES = 120
PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": "0", "RUFF_OUTPUT_FORMAT": "concise"}
NPM_SCRIPTS = ("typecheck", "test", "generated", "lint", "size")
TEMPLATE_ROOTS = ("platform", "points", "tenants", "billing")


@dataclass(frozen=True)
class Check:
    """One program that ends with 0 if all is well."""

    name: str
    command: list[str]
    cwd: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """How a check went."""

    check: Check
    is_good: bool
    output: str
    seconds: float


def list_checks() -> Iterator[Check]:
    """The slow ones first, so that no core waits at the end."""
    available = frontend.list_scripts()
    for script in NPM_SCRIPTS:
        if script in available:
            command = [program("npm"), "run", "--silent", script]
            yield Check(f"npm run {script}", command, frontend.FRONTEND, frontend.npm_environment())
        if script == "typecheck":
            yield Check("mypy", _program("mypy"))
    yield Check("lint-imports", _program("lint-imports", "--no-logo"))
    for name, script in (("generated files", "generate.py"), ("translations", "messages.py")):
        if (ROOT / "scripts" / script).exists():
            yield Check(name, [str(VENV_PYTHON), f"scripts/{script}", "--check"])
    yield Check("ruff check", _program("ruff", "check", "--quiet", "."))
    yield Check("ruff format", _program("ruff", "format", "--quiet", "--check", "."))
    if templates := _list_templates():
        yield Check("djade", _program("djade", "--target-version", "5.2", "--check", *templates))


def run_checks() -> bool:
    """Run them side by side, report each as it ends; True if all are well."""
    say("Checks")
    failed = [] if _build_front_ends() else ["front ends"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(_run_and_report, list_checks()))
    failed += [result.check.name for result in results if not result.is_good]
    if failed:
        say(f"Checks failed: {', '.join(failed)}")
    return not failed


def run_tests(arguments: list[str]) -> bool:
    """Run pytest; True if every test passes."""
    say("Tests")
    command = [str(VENV_PYTHON), "-m", "pytest", "-n", "2", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Exit code 0 only if everything is well."""
    arguments = sys.argv[1:]
    if "--lint" in arguments:
        return 0 if run_checks() else 1
    checks_are_good = run_checks()
    tests_are_good = run_tests(arguments)
    return 0 if checks_are_good and tests_are_good else 1


def _build_front_ends() -> bool:
    """Built first: one check weighs the result, and the browser tests use it."""
    if not frontend.exists():
        return True
    try:
        step("front ends", frontend.build)
    except Failure as failure:
        say(str(failure))
        return False
    return True


def _run_and_report(check: Check) -> Result:
    start = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=check.cwd,
        env={**os.environ, **PLAIN, **check.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - start
    result = Result(check, done.returncode == 0, done.stdout.strip(), seconds)
    verdict = "ok" if result.is_good else "FAILED"
    details = "" if result.is_good else f"\n{_shorten(result.output)}\n"
    say(f"  {check.name:<24}{verdict:<8}{seconds:.1f} s{details}")
    return result


def _shorten(output: str) -> str:
    lines = output.splitlines()
    more = len(lines) - SHOWN_LINES
    return "\n".join([*lines[:SHOWN_LINES], *([f"… and {more} lines more"] if more > 0 else [])])


def _program(name: str, *words: str) -> list[str]:
    return [program(name), *words]


def _list_templates() -> list[str]:
    found = (file for root in TEMPLATE_ROOTS for file in ROOT.joinpath(root).rglob("*.html"))
    return sorted(str(file.relative_to(ROOT)) for file in found if "templates" in file.parts)


if __name__ == "__main__":
    sys.exit(main())
