"""From an address to an open shop: killed anywhere, run again, done once."""

import threading

import pytest
from django.db import connection, connections
from django_tenants.utils import tenant_context

from points.ledger.models import FundingSource
from points.program.models import Program
from points.redemption.models import MallItem
from tenants import provisioning, schemas
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken
from tenants.models import Domain, Membership, Merchant, SpareSchema
from tests.support.http import Http

STEPS = [step for step, _ in provisioning._STEPS]


class Killed(Exception):
    """What a step raises in these tests."""


def break_step(monkeypatch, broken, *, after):
    """One step raises: before it did anything, or after it did all but noting it."""

    def interrupted(perform):
        def run(merchant):
            if after:
                perform(merchant)
            raise Killed

        return run

    steps = [(s, interrupted(do) if s == broken else do) for s, do in provisioning._STEPS]
    monkeypatch.setattr(provisioning, "_STEPS", tuple(steps))


def schema_names():
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname ~ '^(m|scratch)_'")
        return {row[0] for row in cursor.fetchall()}


def assert_complete(merchant):
    """One of everything, and the doors are open."""
    merchant.refresh_from_db()
    assert (merchant.status, merchant.step, merchant.failure) == ("ready", "ready", "")
    assert merchant.ready_at is not None
    assert merchant.graph_hash == schemas.graph_hash()
    assert [d.domain for d in Domain.objects.filter(tenant=merchant)] == [
        f"{merchant.slug}.localhost"
    ]
    with tenant_context(merchant):
        assert FundingSource.objects.count() == Program.objects.count() == 1
    answer = Http(f"{merchant.slug}.localhost").get("/api/v1/program")
    assert (answer.status, answer.code) == (401, "channels.key_missing")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("broken", STEPS)
def test_a_step_that_breaks_is_named_and_the_next_run_goes_on_there(
    reserve, monkeypatch, broken, after
):
    before = schema_names()
    merchant = reserve("oolong")
    with monkeypatch.context() as patch:
        break_step(patch, broken, after=after)
        with pytest.raises(Killed):
            provisioning.provision(merchant=merchant)

    merchant.refresh_from_db()
    assert (merchant.status, merchant.failure) == ("failed", f"{broken}: Killed")
    assert merchant.step != "ready"
    refused = Http("oolong.localhost").get("/api/v1/program")
    assert refused.status in (404, 503)

    provisioning.provision(merchant=merchant)
    assert_complete(merchant)
    assert merchant.attempts == 2
    assert schema_names() - before == {merchant.schema_name}


def test_a_broken_fill_leaves_nothing_half_done(reserve, monkeypatch, settings):
    """The content of a schema is one transaction: a step that breaks in its middle wrote nothing."""
    merchant = reserve("oolong")
    settings.PROVISIONING_CONTENT = "tests.tenants.test_provisioning.fill_and_break"
    with pytest.raises(Killed):
        provisioning.provision(merchant=merchant)

    with tenant_context(merchant):
        assert Program.objects.count() == FundingSource.objects.count() == 0
    settings.PROVISIONING_CONTENT = "points.flows.shop_opened.fill_schema"
    provisioning.provision(merchant=merchant)
    assert_complete(merchant)


def fill_and_break(**fields):
    from points.flows.shop_opened import fill_schema

    fill_schema(**fields)
    raise Killed


def test_a_template_filled_in_but_not_noted_is_not_filled_in_twice(reserve, monkeypatch):
    merchant = reserve("oolong", template="food")
    with monkeypatch.context() as patch:
        break_step(patch, Merchant.Step.CONTENT, after=True)
        with pytest.raises(Killed):
            provisioning.provision(merchant=merchant)
    provisioning.provision(merchant=merchant)
    assert_complete(merchant)
    with tenant_context(merchant):
        assert MallItem.objects.count() == 6
        assert Program.objects.get().settings["earning"]["points_per_step"] == 3


def test_running_it_again_on_an_open_shop_changes_nothing(reserve):
    merchant = provisioning.provision(merchant=reserve("oolong"))
    opened = merchant.ready_at
    provisioning.provision(merchant=merchant)

    merchant.refresh_from_db()
    assert (merchant.ready_at, merchant.attempts) == (opened, 1)
    assert_complete(merchant)


@pytest.mark.parametrize("spares", [0, 3], ids=["no spares", "spares"])
def test_two_workers_at_one_merchant_make_one_shop(reserve, monkeypatch, spares):
    monkeypatch.setattr(provisioning, "SPARES_KEPT", spares)
    provisioning.keep_spares()
    before = schema_names()
    merchant = reserve("oolong")
    barrier, failures, found = threading.Barrier(4), [], []

    def work():
        try:
            mine = Merchant.objects.get(pk=merchant.pk)
            barrier.wait(timeout=30)
            found.append(provisioning.provision(merchant=mine).schema_name)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert_complete(merchant)
    assert set(found) == {merchant.schema_name}
    assert SpareSchema.objects.count() == max(0, spares - 1)
    # No schema was made or taken that nobody owns.
    assert schema_names() - before == ({merchant.schema_name} if spares == 0 else set())
    assert merchant.attempts == 1


def test_a_spare_schema_is_used_and_the_pool_refilled(reserve, monkeypatch):
    monkeypatch.setattr(provisioning, "SPARES_KEPT", 2)
    assert (provisioning.keep_spares(), provisioning.keep_spares()) == (2, 0)
    spares = set(SpareSchema.objects.values_list("schema_name", flat=True))

    merchant = provisioning.provision(merchant=reserve("oolong"))

    left = set(SpareSchema.objects.values_list("schema_name", flat=True))
    assert {merchant.schema_name} == spares - left and len(left) == 1
    assert_complete(merchant)
    assert provisioning.keep_spares() == 1


def test_a_spare_of_older_migrations_is_not_used(reserve, monkeypatch):
    monkeypatch.setattr(provisioning, "SPARES_KEPT", 1)
    provisioning.keep_spares()
    SpareSchema.objects.update(graph_hash="older")

    merchant = provisioning.provision(merchant=reserve("oolong"))

    assert SpareSchema.objects.filter(graph_hash="older").count() == 1
    assert_complete(merchant)


def test_the_owner_joins_once(reserve):
    from users.models import User

    owner = User.objects.create_user("own@oolong.example", "correct horse battery 9")
    try:
        merchant = reserve("oolong", owner_user_id=owner.pk)
        for _ in range(2):
            provisioning.provision(merchant=merchant)
        assert [m.role for m in Membership.objects.filter(merchant=merchant)] == ["owner"]
    finally:
        Membership.objects.filter(user=owner).delete()
        Merchant.objects.filter(owner_user=owner).update(owner_user=None)
        owner.delete()


def test_progress_grows_from_0_to_100():
    shown = [provisioning.progress_percent(Merchant(step=step)) for step in Merchant.Step.values]
    assert shown == [0, 20, 40, 60, 80, 100]


@pytest.mark.parametrize(
    ("slug", "refusal"),
    [
        ("te", SlugInvalid), ("", SlugInvalid), ("Tea", SlugInvalid), ("1tea", SlugInvalid),
        ("tea-", SlugInvalid), ("te--a", SlugInvalid), ("tea.shop", SlugInvalid),
        ("t" * 41, SlugInvalid), ("茶馆茶馆", SlugInvalid), ("tea\n", SlugInvalid),
        ("tea'; drop schema public", SlugInvalid), ("www", SlugReserved), ("api", SlugReserved),
        ("xn--0zwm56d", SlugInvalid), ("tea", SlugTaken),
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_had(tea, slug, refusal):
    with pytest.raises(refusal):
        provisioning.check_slug(slug=slug)


def test_two_at_once_for_one_address_are_one_merchant(reserve, committed):
    barrier, answers = threading.Barrier(8), []

    def take(i):
        try:
            connection.set_schema_to_public()
            barrier.wait(timeout=30)
            answers.append(reserve("oolong", name=f"Oolong {i}"))
        except SlugTaken as refusal:
            answers.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(a, Merchant) for a in answers) == 1
    assert sum(isinstance(a, SlugTaken) for a in answers) == 7


def test_names_of_schemas_are_drawn_and_never_taken_from_input(reserve):
    names = {reserve(f"oolong{i}").schema_name for i in range(3)}
    assert len(names) == 3
    assert all(len(n) == 22 and n.startswith("m_") and "oolong" not in n for n in names)
    for evil in ("m_a; drop schema public", "M_A", "public--", "m_" + "a" * 60, ""):
        with pytest.raises(ValueError, match="not a name"):
            schemas.create_schema(evil)
