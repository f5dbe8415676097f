"""A task runs in its merchant's schema or not at all."""

import json
import uuid

import pytest
import redis
from django.db import connection
from django_tenants.utils import tenant_context

from config.celery import app
from kernel import context
from tenants.celery import HEADER, HouseTask
from tenants.errors import WrongTenant
from tenants.models import Merchant


@app.task(name="tests.tenants.where_am_i")
def where_am_i():
    with connection.cursor() as cursor:
        cursor.execute("select current_schema()")
        return cursor.fetchone()[0], context.actor()


@app.task(name="tests.tenants.where_is_the_platform", platform=True)
def where_is_the_platform():
    return where_am_i.run()


def run(task, **headers):
    return task.apply(headers=headers)


def test_a_merchants_task_runs_in_its_schema_and_leaves_none_behind(tea, toys):
    with tenant_context(toys):
        done = run(where_am_i, **{HEADER: str(tea.pk)})
    assert done.result == (tea.schema_name, "task:tests.tenants.where_am_i")
    assert connection.schema_name == "public"


def test_a_platform_task_runs_in_public_wherever_it_was_called(tea):
    with tenant_context(tea):
        assert run(where_is_the_platform).result[0] == "public"


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, {HEADER: str(uuid.uuid4())}], ids=["none", "empty", "deleted"]
)
def test_a_task_of_nobody_or_of_a_deleted_merchant_is_refused(tea, headers):
    with tenant_context(tea):  # a connection left in some schema must not help
        done = run(where_am_i, **headers)
    assert done.failed()
    assert isinstance(done.result, WrongTenant)


@pytest.mark.parametrize("status", ["suspended", "provisioning", "reserved", "failed", "closed"])
def test_a_task_of_a_merchant_out_of_business_is_refused(tea, status):
    Merchant.objects.filter(pk=tea.pk).update(status=status)
    done = run(where_am_i, **{HEADER: str(tea.pk)})
    assert isinstance(done.result, WrongTenant)


def test_a_task_that_fails_leaves_the_connection_in_public(tea):
    @app.task(name="tests.tenants.fails")
    def fails():
        raise ZeroDivisionError

    assert isinstance(run(fails, **{HEADER: str(tea.pk)}).result, ZeroDivisionError)
    assert connection.schema_name == "public"


def test_sending_writes_the_merchant_into_the_message(tea, settings):
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    broker.delete("jifen")
    with tenant_context(tea):
        where_am_i.delay()
    message = json.loads(broker.lpop("jifen"))
    assert message["headers"][HEADER] == str(tea.pk)
    assert broker.llen("jifen") == 0


def test_sending_from_no_merchants_schema_is_refused(tea, settings):
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    broker.delete("jifen")
    connection.set_schema_to_public()
    with pytest.raises(WrongTenant, match="from no merchant"):
        where_am_i.delay()
    assert broker.llen("jifen") == 0


def test_every_task_of_the_product_is_a_house_task():
    app.loader.import_default_modules()
    ours = {n: t for n, t in app.tasks.items() if not n.startswith(("celery.", "tests."))}
    assert len(ours) >= 3
    assert [name for name, task in ours.items() if not isinstance(task, HouseTask)] == []
    assert [n for n, t in ours.items() if not (t.acks_late and t.reject_on_worker_lost)] == []


def test_every_entry_of_the_timetable_is_a_platform_task_that_exists():
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert app.tasks[entry["task"]].platform, entry["task"]
