"""Bringing every merchant's schema up to date: compute once, replay everywhere.

Schemas are grouped by the migrations they have. In each group Django migrates one (the canary)
while its statements are recorded; the rest get the recording, each in one transaction with a lock
timeout, on a few connections at once. A schema that fails is reported and left as it was; when it
was the canary, the next one takes its place, `CANARIES` times. Running again resumes, because what
is done is read from the schemas themselves.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor

from tenants import schemas
from tenants.models import Merchant, SpareSchema

CONNECTIONS = 4
LOCK_TIMEOUT = "5s"
CHUNK = 200
CANARIES = 3


@dataclass
class Report:
    """What a run did: schema → reason for every failure."""

    total: int = 0
    migrated: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return {"schemas": self.total, "migrated": self.migrated, "failed": self.failed}


def migrate_public() -> None:
    """Shared apps' tables, and the rights of the app's role on them."""
    schemas.owner_connection().set_schema_to_public()
    shared = [c.label for c in apps.get_app_configs() if c.name in settings.SHARED_APPS]
    schemas.migrate_tables("public", shared)
    schemas.run_as_owner(schemas.schema_grants("public"))
    role = schemas.app_role()
    schemas.run_as_owner(
        f"grant select, insert, update, delete on all tables in schema public to {role}"
    )
    for table in schemas.append_only_tables():
        if table not in _tenant_tables():
            schemas.run_as_owner(f"revoke update, delete on {table} from {role}")


def migrate_merchants(progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Every schema that is behind, whatever became of the others."""
    schemas.ensure_template()
    _drop_outdated_spares()
    names = _schema_names()
    there = _existing(names)
    report = Report(total=len(names))
    report.failed = {n: "there is no such schema" for n in names if n not in there}
    groups = _groups_behind([name for name in names if name in there])
    behind, done = sum(len(group) for group in groups), 0
    for group in groups:
        for name, failure in _migrate_group(group):
            if failure:
                report.failed[name] = failure
            else:
                report.migrated += 1
            done += 1
            progress(done, behind)
    _note_versions(names, report)
    return report


def _migrate_group(names: list[str]) -> Iterator[tuple[str, str]]:
    for tried, canary in enumerate(names[:CANARIES], 1):
        rest, plan = names[tried:], _plan(canary)
        try:
            with schemas.recording() as statements:
                schemas.migrate_tables(canary, schemas.tenant_labels())
            _run_in(canary, "\n".join(schemas.grants()))
        except Exception as error:
            yield canary, _reason(error)
            continue
        yield canary, ""
        if rest:
            yield from _follow(rest, plan, statements)
        return
    yield from ((name, "not tried: the first of its group failed") for name in names[CANARIES:])


def _follow(names: list[str], plan: list[Any], statements: list[str]) -> Iterator[tuple[str, str]]:
    """What the canary went through, for the rest of its group."""
    if _replayable(plan):
        yield from _replay(names, "\n".join([*statements, *schemas.grants()]))
    else:
        yield from ((name, _migrate_one(name)) for name in names)


def _replay(names: list[str], sql: str) -> Iterator[tuple[str, str]]:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        chunks = [names[i::CONNECTIONS] for i in range(CONNECTIONS)]
        for results in pool.map(lambda chunk: list(_replay_chunk(chunk, sql)), chunks):
            yield from results


def _replay_chunk(names: list[str], sql: str) -> Iterator[tuple[str, str]]:
    if not names:
        return
    params = schemas.owner_connection().get_connection_params()
    keys = ("dbname", "user", "password", "host", "port")
    connection = psycopg2.connect(**{k: params[k] for k in keys if k in params})
    try:
        for name in names:
            yield name, _replay_one(connection, name, sql)
    finally:
        connection.close()


def _replay_one(connection: Any, name: str, sql: str) -> str:
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                f"set local search_path = {name}; set local lock_timeout = '{LOCK_TIMEOUT}'"
            )
            cursor.execute(sql)
            cursor.execute(schemas.schema_grants(name))
    except psycopg2.Error as error:
        return _reason(error)
    return ""


def _migrate_one(name: str) -> str:
    try:
        schemas.migrate_tables(name, schemas.tenant_labels())
        _run_in(name, "\n".join(schemas.grants()))
    except Exception as error:
        return _reason(error)
    return ""


def _run_in(name: str, sql: str) -> None:
    connection = schemas.owner_connection()
    with transaction.atomic(using=schemas.OWNER), connection.cursor() as cursor:
        cursor.execute(f"set local search_path = {name}")
        cursor.execute(sql + schemas.schema_grants(name))


def _plan(name: str) -> list[Any]:
    connection = schemas.owner_connection()
    connection.set_schema(name, include_public=False)
    try:
        executor = MigrationExecutor(connection)
        labels = schemas.tenant_labels()
        leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]
        return [migration for migration, _ in executor.migration_plan(leaves)]
    finally:
        connection.set_schema_to_public()


def _replayable(plan: list[Any]) -> bool:
    """Python steps depend on each schema's rows; non-atomic ones cannot stand in a transaction."""
    return all(
        migration.atomic and not any(isinstance(op, RunPython) for op in migration.operations)
        for migration in plan
    )


def _groups_behind(names: list[str]) -> list[list[str]]:
    executor = MigrationExecutor(schemas.owner_connection())
    labels = schemas.tenant_labels()
    wanted = sorted(f"{a}.{n}" for a, n in executor.loader.graph.nodes if a in labels)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, applied in _applied(names):
        if missing := tuple(sorted(set(wanted) - set(applied))):
            groups[missing].append(name)
    return list(groups.values())


def _applied(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    connection = schemas.owner_connection()
    connection.set_schema_to_public()
    for start in range(0, len(names), CHUNK):
        union = " union all ".join(
            f"select '{name}', array_agg(app || '.' || name) from {name}.django_migrations"
            for name in names[start : start + CHUNK]
        )
        with connection.cursor() as cursor:
            cursor.execute(union)
            yield from cursor.fetchall()


def _existing(names: list[str]) -> set[str]:
    """Those that are there: a schema lost to a restore or a mistake must not stop the others."""
    connection = schemas.owner_connection()
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from unnest(%s::text[]) as name"
            " where to_regclass(name || '.django_migrations') is not null",
            [names],
        )
        return {row[0] for row in cursor.fetchall()}


def _schema_names() -> list[str]:
    made = Merchant.objects.exclude(step=Merchant.Step.NOTHING)
    merchants = made.values_list("schema_name", flat=True)
    return [*merchants, *SpareSchema.objects.values_list("schema_name", flat=True)]


def _drop_outdated_spares() -> None:
    for spare in SpareSchema.objects.exclude(graph_hash=schemas.graph_hash()):
        schemas.drop_schema(spare.schema_name)
        spare.delete()


def _note_versions(names: list[str], report: Report) -> None:
    done = [name for name in names if name not in report.failed]
    Merchant.objects.filter(schema_name__in=done).update(graph_hash=schemas.graph_hash())


def _tenant_tables() -> set[str]:
    labels = schemas.tenant_labels()
    return {m._meta.db_table for m in apps.get_models() if m._meta.app_label in labels}


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
