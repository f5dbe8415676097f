"""Tables obey the same direction as imports, and a merchant's schema stays small and movable."""

import importlib
import tomllib
from collections import Counter

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tenants import schemas
from tests.architecture.source import PACKAGES, ROOT

MAX_TABLES, MAX_INDEXES = 75, 250


def ours():
    return [m for m in apps.get_models() if m.__module__.split(".")[0] in PACKAGES]


def tables(*, of_tenants):
    labels = schemas.tenant_labels()
    return {
        m._meta.db_table for m in apps.get_models() if (m._meta.app_label in labels) == of_tenants
    }


def rows(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def heights():
    """App module → how high it stands, read from import-linter's layers."""
    settings_file = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings_file["tool"]["importlinter"]["contracts"]
    layered = [c for c in contracts if c["type"] == "layers"]
    stack = next(c["layers"] for c in layered if "containers" not in c)
    inside = next(c["layers"] for c in layered if c.get("containers") == ["points"])
    found = {}
    for prefix, layers in (("", stack), ("points.", inside)):
        for depth, names in enumerate(layers):
            found |= {prefix + name.strip(" ()"): -depth for name in names.split("|")}
    return found


def height(model, of):
    """(stack, inside points) of a model's app; what is not ours lies below everything."""
    parts = model.__module__.split(".")
    return of.get(parts[0], -99), of.get(".".join(parts[:2]), 0) if parts[0] == "points" else 0


def test_foreign_keys_never_point_up():
    """Import-linter cannot see a foreign key written as a string; this can."""
    of = heights()
    assert of["config"] > of["kernel"] and of["points.ledger"] > of["points.members"]
    links = [
        (model, field)
        for model in ours()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation
    ]
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model, field in links
        if field.related_model._meta.app_label != model._meta.app_label
        if height(field.related_model, of) >= height(model, of)
    ]
    assert len(links) > 10
    assert upward == []


def test_model_names_are_unique_in_the_project():
    counted = Counter(model._meta.object_name for model in ours())
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_merchants_schema_is_within_its_budget(shop):
    kinds = dict(
        rows(
            "select relkind, count(*) from pg_class where relnamespace = %s::regnamespace group by 1",
            shop.schema_name,
        )
    )
    assert 10 < kinds["r"] <= MAX_TABLES
    assert 10 < kinds["i"] <= MAX_INDEXES


def test_no_index_is_made_twice_for_text_patterns(shop):
    found = rows(
        "select indexname from pg_indexes where schemaname = %s and indexname like '%%\\_like'",
        shop.schema_name,
    )
    assert found == []


def test_points_tables_are_not_in_public_and_names_never_meet(shop):
    of_tenants, shared = tables(of_tenants=True), tables(of_tenants=False)
    in_public = {r[0] for r in rows("select tablename from pg_tables where schemaname = 'public'")}
    in_shop = {
        r[0]
        for r in rows("select tablename from pg_tables where schemaname = %s", shop.schema_name)
    }
    assert of_tenants & shared == set()
    assert in_public & of_tenants == set()
    assert in_shop - {"django_migrations"} == of_tenants


def test_no_foreign_key_leaves_a_merchants_schema(shop):
    found = rows(
        "select conrelid::regclass::text, conname from pg_constraint c"
        " join pg_class t on t.oid = c.confrelid"
        " where contype = 'f' and connamespace = %s::regnamespace"
        " and t.relnamespace <> connamespace",
        shop.schema_name,
    )
    assert found == []


def test_there_are_no_triggers_in_a_merchants_schema(shop):
    found = rows(
        "select tgname from pg_trigger g join pg_class t on t.oid = g.tgrelid"
        " where not tgisinternal and t.relnamespace = %s::regnamespace",
        shop.schema_name,
    )
    assert found == []


@pytest.mark.parametrize("table", ["transaction", "posting", "lot", "consumption"])
def test_hot_tables_of_the_ledger_have_no_foreign_keys(shop, table):
    found = rows(
        "select conname from pg_constraint where contype = 'f' and"
        " (conrelid = %s::regclass or confrelid = %s::regclass)",
        f"ledger_{table}", f"ledger_{table}",
    )  # fmt: skip
    assert found == []


def test_django_s_own_tables_are_not_in_merchants_schemas(shop):
    found = rows(
        "select tablename from pg_tables where schemaname = %s and tablename ~ %s",
        shop.schema_name, "^(auth_|django_(content_type|session|admin|site))",
    )  # fmt: skip
    assert found == []
    assert not [name for name in settings.TENANT_APPS if name.startswith("django.")]


def test_keys_are_wide_enough_to_last(shop):
    """An int4 key runs out; smallint is for tables of one row."""
    found = rows(
        "select c.conrelid::regclass::text, a.attname from pg_constraint c"
        " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'p' and c.connamespace = %s::regnamespace"
        " and a.atttypid = 'int4'::regtype",
        shop.schema_name,
    )
    assert found == []


def test_stored_functions_live_in_merchants_schemas_only(shop):
    by_schema = dict(
        rows(
            "select pronamespace::regnamespace::text, count(*) from pg_proc"
            " where pronamespace in ('public'::regnamespace, %s::regnamespace) group by 1",
            shop.schema_name,
        )
    )
    assert by_schema.get("public", 0) == 0
    assert by_schema[shop.schema_name] >= 10


def test_every_table_of_ours_is_made_by_a_migration_with_a_name():
    for label in schemas.tenant_labels():
        folder = importlib.import_module(apps.get_app_config(label).name + ".migrations").__path__[
            0
        ]
        names = [p.stem for p in (ROOT / folder).glob("[0-9]*.py")]
        assert not [name for name in names if "_auto_" in name]
