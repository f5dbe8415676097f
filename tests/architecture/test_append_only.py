"""What happened stays as it happened: the database itself refuses the product's own role."""

import psycopg2
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from points.ledger.models import Transaction
from tests.ledger.test_actions import give

TABLES = [
    "ledger_transaction",
    "ledger_posting",
    "ledger_consumption",
    "tiers_tiermove",
    "audit_event",
    "audit_entry",
]


@pytest.fixture(autouse=True)
def something_happened(mei, noon):
    from points.ledger import actions

    give(mei, 100, "k1", noon)
    actions.spend(member=mei.pk, points=30, key="s1", at=noon, actor="test")


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def refused(sql):
    with pytest.raises(ProgrammingError) as error:
        run(sql)
    return isinstance(error.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_the_product_runs_as_a_role_that_owns_nothing(shop):
    (role, owner), *_ = run(
        "select current_user, tableowner from pg_tables where schemaname = current_schema()"
    )
    assert (role, owner) == ("jifen_app", settings.DATABASES["owner"]["USER"])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("sql", ["update {} set {} = {}", "delete from {}", "truncate {}"])
def test_rows_cannot_be_changed_deleted_or_cut_off(table, sql):
    column = {
        "audit_event": "actor", "audit_entry": "actor", "ledger_transaction": "id", "tiers_tiermove": "id",
    }.get(table, "transaction_id")  # fmt: skip
    before = run(f"select count(*) from {table}")

    assert refused(sql.format(table, column, column))
    assert run(f"select count(*) from {table}") == before


def test_rows_can_be_read_and_added():
    kinds = list(Transaction.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["earn", "spend"]
    assert run("select count(*) from ledger_posting") == [(4,)]
    assert run("select sum(amount) from ledger_consumption") == [(30,)]
    run(
        "insert into ledger_posting (transaction_id, account, amount)"
        " select id, 'payout', 1 from ledger_transaction limit 1"
    )
    assert run("select count(*) from ledger_posting") == [(5,)]


@pytest.mark.parametrize(
    "sql",
    [
        "drop table ledger_posting",
        "alter table ledger_posting add column x int",
        "create table mine (id int)",
        "create schema mine",
        "grant update on ledger_posting to current_user",
        "drop function ledger_spend",
    ],
)
def test_the_product_s_role_cannot_change_tables_or_rights(sql):
    try:
        assert refused(sql)
    except pytest.fail.Exception:
        # PostgreSQL answers a grant without the right to grant with a warning, and grants nothing.
        assert sql.startswith("grant")
        assert refused("update ledger_posting set amount = amount")
