"""A schema made by replaying the recording is the schema that migrating would have made."""

import pytest
from django.db import transaction

from tenants import schemas
from tenants.models import SchemaTemplate

CATALOGUE = {
    "columns": """
        select table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
               udt_name, character_maximum_length, is_identity, identity_generation, collation_name
          from information_schema.columns where table_schema = %(schema)s""",
    "constraints": """
        select conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid)
          from pg_constraint where connamespace = %(schema)s::regnamespace""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = %(schema)s",
    "functions": """
        select proname, pg_get_functiondef(oid), proacl::text from pg_proc
         where pronamespace = %(schema)s::regnamespace""",
    "views": """
        select relname, pg_get_viewdef(oid) from pg_class
         where relnamespace = %(schema)s::regnamespace and relkind in ('v', 'm')""",
    "sequences": """
        select sequencename, data_type::text, start_value, increment_by from pg_sequences
         where schemaname = %(schema)s""",
    "rights": """
        select relname, relkind, relacl::text, pg_get_userbyid(relowner) from pg_class
         where relnamespace = %(schema)s::regnamespace""",
    "usage": "select nspacl::text from pg_namespace where nspname = %(schema)s",
}


def described(schema):
    """Everything the catalogue says of a schema, with its own name left out."""
    found = {}
    connection = schemas.owner_connection()
    with transaction.atomic(using=schemas.OWNER), connection.cursor() as cursor:
        for what, sql in CATALOGUE.items():
            cursor.execute(
                f"select row_to_json(found)::text from ({sql}) as found", {"schema": schema}
            )
            found[what] = sorted(row[0].replace(schema, "SCHEMA") for row in cursor.fetchall())
        cursor.execute(f"select app, name from {schema}.django_migrations order by 1, 2")
        found["migrations"] = cursor.fetchall()
    return found


@pytest.fixture
def two_ways(committed):
    replayed, migrated = schemas.new_schema_name(), schemas.new_schema_name()
    schemas.create_schema(replayed)
    schemas.run_as_owner(f"create schema {migrated}")
    schemas.migrate_tables(migrated, schemas.tenant_labels())
    connection = schemas.owner_connection()
    with transaction.atomic(using=schemas.OWNER), connection.cursor() as cursor:
        cursor.execute(f"set local search_path = {migrated}")
        cursor.execute("\n".join(schemas.grants()) + schemas.schema_grants(migrated))
    yield replayed, migrated
    for name in (replayed, migrated):
        schemas.drop_schema(name)


def test_replaying_and_migrating_make_the_same_schema(two_ways):
    replayed, migrated = map(described, two_ways)
    for what in [*CATALOGUE, "migrations"]:
        assert replayed[what] == migrated[what], what
        assert replayed[what], what


def test_making_a_schema_that_is_there_changes_nothing(committed):
    name = schemas.new_schema_name()
    try:
        first = schemas.create_schema(name)
        before = described(name)
        assert schemas.create_schema(name) == first == schemas.graph_hash()
        assert described(name) == before
    finally:
        schemas.drop_schema(name)


def test_a_broken_recording_leaves_no_schema_behind(committed):
    template = schemas.ensure_template()
    SchemaTemplate.objects.filter(pk=template.pk).update(sql=template.sql + "select 1/0;")
    name = schemas.new_schema_name()
    try:
        with pytest.raises(Exception, match="division by zero"):
            schemas.create_schema(name)
        with schemas.owner_connection().cursor() as cursor:
            cursor.execute("select count(*) from pg_namespace where nspname = %s", [name])
            assert cursor.fetchone() == (0,)
    finally:
        SchemaTemplate.objects.filter(pk=template.pk).update(sql=template.sql)


def test_the_recording_is_made_once_per_state_of_the_migrations(committed):
    assert schemas.ensure_template().made_at == schemas.ensure_template().made_at
    assert SchemaTemplate.objects.filter(pk=schemas.graph_hash()).count() == 1
