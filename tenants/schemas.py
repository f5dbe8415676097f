"""Making a merchant's schema from recorded SQL, and recording it.

Running some ninety migrations takes seconds and grows with the number of schemas; replaying what
they did takes a tenth of one. The recording is made once per state of the migrations, in a scratch
schema, from the statements Django really sent, so that it is faithful by construction.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from tenants.calculations import new_schema_name
from tenants.models import SchemaTemplate

OWNER = "owner"
_NOT_RECORDED = re.compile(
    r"\s*(select|savepoint|release|rollback|set search_path|begin|commit)", re.I
)
_NAME = re.compile(r"^[a-z][a-z0-9_]{2,40}\Z")


def owner_connection() -> Any:
    """The connection of the role that owns the tables. Django's own, so that tests see it too."""
    return connections[OWNER]


def tenant_labels() -> list[str]:
    """App labels whose tables live in merchants' schemas."""
    return sorted(c.label for c in apps.get_app_configs() if c.name in settings.TENANT_APPS)


def graph_hash() -> str:
    """Identifies the state of all tenant migrations: their names and their very text."""
    digest = hashlib.sha256()
    for label in tenant_labels():
        folder = Path(apps.get_app_config(label).path)
        files = sorted([*folder.glob("migrations/*.py"), *folder.glob("sql/*.sql")])
        for file in files:
            digest.update(f"{label}/{file.name}".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def migrate_tables(schema: str, labels: list[str]) -> None:
    """Run Django's own migrations of these apps in one schema, as the owner."""
    connection = owner_connection()
    connection.set_schema(schema, include_public=schema == "public")
    try:
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in labels])
    finally:
        connection.set_schema_to_public()


@contextmanager
def recording() -> Iterator[list[str]]:
    """Collects every statement sent on the owner's connection that changes something."""
    statements: list[str] = []
    connection = owner_connection()

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not _NOT_RECORDED.match(sql):
            full = context["cursor"].cursor.mogrify(sql, params).decode() if params else sql
            statements.append(full.rstrip().rstrip(";") + ";")
        return result

    with connection.execute_wrapper(keep):
        yield statements


def ensure_template() -> SchemaTemplate:
    """The recording for the migrations of now, made if there is none yet."""
    key = graph_hash()
    found = SchemaTemplate.objects.filter(pk=key).first()
    if found is not None:
        return found
    schema = f"scratch_{new_schema_name()}"
    run_as_owner(f"create schema {schema}")
    try:
        with recording() as statements:
            migrate_tables(schema, tenant_labels())
    finally:
        run_as_owner(f"drop schema {schema} cascade")
    made, _ = SchemaTemplate.objects.get_or_create(
        graph_hash=key, defaults={"sql": "\n".join([*statements, *grants()])}
    )
    return made


def create_schema(name: str) -> str:
    """Make one complete schema in one transaction; nothing to do when it is there.

    Returns the hash of the migrations it stands at.
    """
    _check(name)
    template = ensure_template()
    connection = owner_connection()
    connection.set_schema_to_public()
    with transaction.atomic(using=OWNER), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [name])
        cursor.execute("select 1 from pg_namespace where nspname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"create schema {name}")
            cursor.execute(f"set local search_path = {name}")
            cursor.cursor.execute(template.sql)  # the raw cursor: no % is a placeholder here
            cursor.execute(schema_grants(name))
            cursor.execute("set local search_path = public")
    return template.graph_hash


def drop_schema(name: str) -> None:
    """Remove a schema and all in it."""
    _check(name)
    run_as_owner(f"drop schema if exists {name} cascade")


def append_only_tables() -> list[str]:
    """Tables of models that declare `append_only = True`."""
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)]


def grants() -> list[str]:
    """Statements, run inside the schema, that give the app's role its rights and no more.

    Rows of append-only tables can be added and read; the database itself refuses the rest.
    """
    role = app_role()
    tables = [m._meta.db_table for m in apps.get_models() if m._meta.app_label in tenant_labels()]
    locked = [t for t in append_only_tables() if t in tables]
    return [
        f"grant select, insert, update, delete on {', '.join(tables)} to {role};",
        f"revoke update, delete on {', '.join(locked)} from {role};" if locked else "",
    ]


def schema_grants(name: str) -> str:
    """Statements that need the schema's name: its use, and its sequences."""
    role = app_role()
    return (
        f"grant usage on schema {name} to {role};"
        f"grant select on all tables in schema {name} to {role};"
        f"grant usage, select on all sequences in schema {name} to {role};"
    )


def app_role() -> str:
    """Name of the role the product runs as."""
    name = str(settings.DATABASES["default"]["USER"])
    _check(name)
    return name


def run_as_owner(sql: str) -> None:
    """One statement in `public`, as the owner, committed."""
    connection = owner_connection()
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _check(name: str) -> None:
    if not _NAME.match(name):
        raise ValueError(f"not a name that may stand in SQL: {name!r}")
