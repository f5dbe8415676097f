"""Bringing all merchants' schemas up to date, against psql doing the same in a loop.

The new migration lives in a copy of the source tree, as a new release would bring it, and runs by
the very command an operator runs.
"""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.bench.bench import Bench
from tests.bench.report import Goal, Result
from tests.bench.stack import ROOT, BenchStack, run_manage, say

SOURCES = ("platform", "tenants", "billing", "points")
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "{last}")]
    operations = [
        migrations.AddField("member", "bench_note", models.TextField(null=True)),
        migrations.AddIndex("member", models.Index(fields=["bench_note"], name="bench_by_note")),
    ]
"""
BY_HAND = """
begin;
set local search_path = {schema};
set local lock_timeout = '5s';
alter table members_member add column limit_note text null;
create index limit_by_note on members_member (limit_note);
insert into django_migrations (app, name, applied) values ('members', '9999_limit', now());
commit;
"""


def all_merchants(bench: Bench) -> list[Result]:
    """Nothing to do; then a column and an index in every merchant's schema."""
    schemas = _make_merchants(bench)
    release = bench.stack.folder / "release"
    _copy_sources(release)
    _migrate(bench.stack, release)
    idle, report = _migrate(bench.stack, release)
    if report["migrated"]:
        raise RuntimeError(f"something was left to do: {report}")
    _add_migration(release)
    took, report = _migrate(bench.stack, release)
    if report["failed"] or int(report["migrated"]) < len(schemas):
        raise RuntimeError(f"not all were migrated: {report}")
    _check(bench.stack, schemas)
    loop, session = _by_psql_loop(bench.stack, schemas), _by_one_psql(bench.stack, schemas)
    start = _time_start(bench.stack, release)
    many = f"{len(schemas)} merchants, the command's start of {start:.1f} s included"
    return [
        Result(
            "migrate_n",
            f"{took:.1f} s",
            took / loop,
            Goal(5, 1.5, at_least=False, unit="×"),
            limit=f"{loop:.1f} s",
            note=f"{many}; one psql session for all takes {session:.1f} s",
        ),
        Result(
            "migrate_noop",
            f"{idle:.1f} s",
            idle,
            Goal(10, 1, at_least=False, unit=" s"),
            note=many,
        ),
    ]


def _make_merchants(bench: Bench) -> list[str]:
    """Ready merchants, made by the product's provisioning in this process; their schemas."""
    from tenants import actions, provisioning

    say(f"  (opening {bench.merchants} merchants", end="")
    started, schemas = time.monotonic(), []
    for _ in range(bench.merchants):
        slug = f"many-{next(bench.numbers)}"
        merchant = actions.reserve_merchant(slug=slug, name=slug, owner_email=f"o@{slug}.example")
        schemas.append(provisioning.provision(merchant=merchant).schema_name)
    say(f": {time.monotonic() - started:.0f} s)")
    return schemas


def _copy_sources(release: Path) -> None:
    """With the compiled files: a release is not compiled while it migrates."""
    release.mkdir()
    shutil.copy2(ROOT / "manage.py", release)
    for name in SOURCES:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, release / name)


def _add_migration(release: Path) -> None:
    folder = release / "points" / "members" / "migrations"
    last = max(file.stem for file in folder.glob("[0-9]*.py"))
    (folder / "9999_bench.py").write_text(MIGRATION.format(last=last))


def _migrate(stack: BenchStack, release: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of `manage.py migrate_all`, and its report."""
    started = time.perf_counter()
    printed = run_manage(release, "migrate_all", "--json", env=_environment(stack, release))
    took = time.perf_counter() - started
    report: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return took, report


def _time_start(stack: BenchStack, release: Path) -> float:
    started = time.perf_counter()
    run_manage(release, "migrate_all", "--help", env=_environment(stack, release))
    return time.perf_counter() - started


def _environment(stack: BenchStack, release: Path) -> dict[str, str]:
    """The copy's modules win over those of the checkout, which the environment knows as well."""
    return {**stack.environment(), "PYTHONPATH": f"{release}:{release / 'platform'}"}


def _check(stack: BenchStack, schemas: list[str]) -> None:
    """The column and its index are everywhere."""
    connection = stack.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_indexes where indexname = 'bench_by_note'"
            " and schemaname = any(%s)",
            [schemas],
        )
        found = cursor.fetchone()[0]
    connection.close()
    if found != len(schemas):
        raise RuntimeError(f"{found} of {len(schemas)} schemas have the new index")


def _by_psql_loop(stack: BenchStack, schemas: list[str]) -> float:
    """One psql for each schema, as a shell's loop would do it."""
    started = time.perf_counter()
    for schema in schemas:
        _psql(stack, BY_HAND.format(schema=schema))
    return time.perf_counter() - started


def _by_one_psql(stack: BenchStack, schemas: list[str]) -> float:
    script = "".join(BY_HAND.format(schema=schema) for schema in schemas)
    script = script.replace("limit_note", "second_note").replace("limit_by_note", "second_by_note")
    started = time.perf_counter()
    _psql(stack, script.replace("9999_limit", "9999_second"))
    return time.perf_counter() - started


def _psql(stack: BenchStack, script: str) -> None:
    words = [str(stack.program("psql")), "-qX", "-v", "ON_ERROR_STOP=1", stack.url(owner=True)]
    subprocess.run(words, input=script, text=True, check=True, capture_output=True)
