"""Which schema a statement runs in: checked at every cursor, on every thread."""

import threading

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django_tenants.utils import tenant_context as library_context

from points.members.models import Member
from tenants.context import tenant_context, tenant_on_commit
from tenants.errors import MerchantNotReady
from tenants.models import Merchant
from users.sessions import SessionStore


def schema_of_the_server():
    with connection.cursor() as cursor:
        cursor.execute("select current_schema()")
        return cursor.fetchone()[0]


def test_the_search_path_holds_after_a_rollback_took_it_back(tea, toys):
    connection.set_tenant(tea)
    assert schema_of_the_server() == tea.schema_name
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        connection.set_tenant(toys)
        assert schema_of_the_server() == toys.schema_name
        raise ZeroDivisionError
    # The server is back in tea's schema; the connection knows that toys is meant.
    assert schema_of_the_server() == toys.schema_name
    connection.set_schema_to_public()
    assert schema_of_the_server() == "public"


def test_the_search_path_is_set_right_when_something_else_changed_it(tea, toys):
    connection.set_tenant(tea)
    schema_of_the_server()
    raw = connection.connection.cursor()
    raw.execute(f"set search_path = {toys.schema_name}")  # as a pooler's other client might
    assert schema_of_the_server() == tea.schema_name
    raw.execute("reset search_path")
    assert schema_of_the_server() == tea.schema_name
    connection.set_schema_to_public()


def test_switching_back_and_forth_lands_where_it_says(tea, toys):
    for merchant in (tea, toys, tea, tea, toys):
        connection.set_tenant(merchant)
        assert schema_of_the_server() == merchant.schema_name
        with transaction.atomic():
            assert schema_of_the_server() == merchant.schema_name
    connection.set_schema_to_public()


def test_no_extra_statement_is_sent_while_the_path_is_right(tea, django_assert_num_queries):
    connection.set_tenant(tea)
    schema_of_the_server()
    with django_assert_num_queries(3):
        for _ in range(3):
            schema_of_the_server()
    connection.set_schema_to_public()


def test_a_context_puts_back_what_was_there_before(tea, toys):
    connection.set_tenant(toys)
    with pytest.raises(ZeroDivisionError), tenant_context(tea):
        assert schema_of_the_server() == tea.schema_name
        raise ZeroDivisionError
    assert schema_of_the_server() == toys.schema_name
    connection.set_schema_to_public()


@pytest.mark.parametrize("status", ["reserved", "provisioning", "failed", "closed"])
def test_a_merchant_without_a_complete_schema_cannot_be_entered(status):
    with pytest.raises(MerchantNotReady), tenant_context(Merchant(status=status)):
        raise AssertionError("entered")


def test_a_merchant_is_no_context_itself(tea):
    with pytest.raises(TypeError, match="tenant_context"):
        tea.__enter__()


def test_contexts_of_threads_do_not_meet(_merchants, django_db_blocker):
    """Sixteen threads, each in the other merchant's schema than its neighbour, all at once."""
    barrier, wrong = threading.Barrier(16), []

    def work(merchant):
        try:
            for _ in range(5):
                with tenant_context(merchant):
                    barrier.wait(timeout=30)
                    if schema_of_the_server() != merchant.schema_name:
                        wrong.append(merchant.slug)
                    barrier.wait(timeout=30)
                    if connection.tenant.pk != merchant.pk:
                        wrong.append(merchant.slug)
        finally:
            connections.close_all()

    with django_db_blocker.unblock():
        both = list(_merchants.values())
        threads = [threading.Thread(target=work, args=(both[i % 2],)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_what_waits_for_a_commit_runs_in_the_schema_it_was_said_in(
    tea, toys, django_capture_on_commit_callbacks
):
    seen = []
    with django_capture_on_commit_callbacks(execute=True), library_context(tea):
        tenant_on_commit(lambda: seen.append(schema_of_the_server()))
        connection.set_tenant(toys)
    assert seen == [tea.schema_name]


def test_cache_keys_carry_the_merchant(tea, toys, settings):
    import redis

    with tenant_context(tea):
        cache.set("greeting", "oolong")
        assert cache.get("greeting") == "oolong"
    with tenant_context(toys):
        assert cache.get("greeting") is None
        cache.set("greeting", "robot")
    connection.set_schema_to_public()
    assert cache.get("greeting") is None
    with tenant_context(tea):
        assert cache.get("greeting") == "oolong"
    stored = {
        k.decode()
        for k in redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]).keys("*greeting*")
    }
    assert stored == {f"{tea.schema_name}::1:greeting", f"{toys.schema_name}::1:greeting"}


def test_clearing_rate_limits_and_counting_is_per_merchant(tea, toys):
    from kernel import limits
    from kernel.api.problems import RateLimited

    rule = limits.Rule("test", amount=1, seconds=60)
    with tenant_context(tea):
        limits.hit(rule, "mei")
        with pytest.raises(RateLimited):
            limits.hit(rule, "mei")
    with tenant_context(toys):
        limits.hit(rule, "mei")
    with tenant_context(tea):
        limits.clear(rule, "mei")
    with tenant_context(toys):
        limits.clear(rule, "mei")


def test_a_staff_session_opens_nothing_at_another_merchant(tea, toys):
    connection.set_tenant(tea)
    store = SessionStore()
    store["user"] = "owner of tea"
    store.create()
    key = store.session_key
    assert SessionStore(key).load()["user"] == "owner of tea"

    connection.set_tenant(toys)
    stolen = SessionStore(key)
    assert stolen.load() == {} and stolen.session_key != key
    connection.set_schema_to_public()
    assert SessionStore(key).load() == {}
    connection.set_tenant(tea)
    assert SessionStore(key).load()["user"] == "owner of tea"
    connection.set_schema_to_public()


def test_rows_written_in_one_schema_are_not_in_the_other(shop, toys, mei):
    with tenant_context(toys):
        assert not Member.objects.filter(pk=mei.pk).exists()
    assert Member.objects.filter(pk=mei.pk).exists()
