"""Every merchant's schema is brought up to date; one that fails keeps no other back."""

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import tenant_context

from points.redemption.models import MallItem
from tenants import migrations_fanout, provisioning, schemas
from tenants.models import Merchant, SpareSchema

NEWEST = "0005_payments_of_redemptions"
# What hangs on the column (its constraints and its index) goes with it.
UNDO = (
    "alter table {0}.shop_payment drop column redemption_id cascade,"
    " alter column order_id set not null; delete from {0}.django_migrations"
    f" where app = 'shop' and name = '{NEWEST}'"
)


def fall_behind(merchant):
    """As if the newest migration had not been there when the schema was made."""
    schemas.run_as_owner(UNDO.format(merchant.schema_name))
    Merchant.objects.filter(pk=merchant.pk).update(graph_hash="older")


def stand_in_the_way(merchant):
    schemas.run_as_owner(
        f"create view {merchant.schema_name}.payment_by_redemption as select 1 as one"
    )


def get_out_of_the_way(merchant):
    schemas.run_as_owner(f"drop view {merchant.schema_name}.payment_by_redemption")


def is_up_to_date(merchant):
    """The migration is noted, its column can be read by the product's role, the version written."""
    merchant.refresh_from_db()
    with tenant_context(merchant), connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from django_migrations where app = 'shop' and name = %s", [NEWEST]
        )
        noted = cursor.fetchone()[0]
        cursor.execute("select to_regclass('payment_by_redemption') is not null")
        there = cursor.fetchone()[0]
        if noted and there:
            cursor.execute("select redemption_id from shop_payment")
    connection.set_schema_to_public()
    return bool(noted and there and merchant.graph_hash == schemas.graph_hash())


@pytest.fixture
def four(reserve):
    return [provisioning.provision(merchant=reserve(f"oolong{i}")) for i in range(4)]


def test_nothing_to_do(four):
    report = migrations_fanout.migrate_merchants()
    assert (report.migrated, report.failed) == (0, {})
    assert report.total == Merchant.objects.exclude(step="nothing").count()


def test_schemas_that_are_behind_catch_up_and_keep_their_rows(four, noon):
    for merchant in four[:3]:
        fall_behind(merchant)
    with tenant_context(four[1]):
        MallItem.objects.create(
            kind="goods", title_en="Mug", price_points=5, stock=7, created_at=noon
        )
    connection.set_schema_to_public()
    seen = []

    report = migrations_fanout.migrate_merchants(progress=lambda *numbers: seen.append(numbers))

    assert (report.migrated, report.failed) == (3, {})
    assert [is_up_to_date(merchant) for merchant in four] == [True] * 4
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with tenant_context(four[1]), connection.cursor() as cursor:
        cursor.execute("select stock, redeemed_quantity from audit_stock")
        assert cursor.fetchall() == [(7, 0)]


@pytest.mark.parametrize("broken", [0, 1, 3])
def test_one_that_fails_is_named_and_the_others_are_done(four, broken):
    """Also when it is the first, whose statements the others were to replay."""
    for merchant in four:
        fall_behind(merchant)
    stand_in_the_way(four[broken])

    report = migrations_fanout.migrate_merchants()

    assert report.migrated == 3
    assert list(report.failed) == [four[broken].schema_name]
    assert "already exists" in report.failed[four[broken].schema_name]
    assert [is_up_to_date(m) for m in four] == [i != broken for i in range(4)]

    get_out_of_the_way(four[broken])
    report = migrations_fanout.migrate_merchants()
    assert (report.migrated, report.failed) == (1, {})
    assert is_up_to_date(four[broken])


def test_a_migration_that_fails_everywhere_is_not_tried_everywhere(four):
    for merchant in four:
        fall_behind(merchant)
        stand_in_the_way(merchant)

    report = migrations_fanout.migrate_merchants()

    assert report.migrated == 0
    assert set(report.failed) == {merchant.schema_name for merchant in four}
    assert sum("not tried" in reason for reason in report.failed.values()) == 1


def test_a_schema_that_is_gone_keeps_no_other_back(four):
    schemas.drop_schema(four[0].schema_name)
    fall_behind(four[1])

    report = migrations_fanout.migrate_merchants()

    assert report.migrated == 1
    assert report.failed == {four[0].schema_name: "there is no such schema"}
    assert is_up_to_date(four[1])


def test_spares_of_older_migrations_are_dropped(committed, monkeypatch):
    monkeypatch.setattr(provisioning, "SPARES_KEPT", 1)
    provisioning.keep_spares()
    name = SpareSchema.objects.get().schema_name
    SpareSchema.objects.update(graph_hash="older")

    migrations_fanout.migrate_merchants()

    assert not SpareSchema.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_namespace where nspname = %s", [name])
        assert cursor.fetchone() == (0,)


def test_the_command_reports_and_says_by_its_exit_code_whether_all_are_done(four, capsys):
    fall_behind(four[0])
    stand_in_the_way(four[0])
    with pytest.raises(SystemExit) as ended:
        call_command("migrate_all", json=True)
    assert ended.value.code == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["migrated"], list(report["failed"])) == (0, [four[0].schema_name])

    get_out_of_the_way(four[0])
    call_command("migrate_all", json=True)
    assert json.loads(capsys.readouterr().out)["migrated"] == 1
