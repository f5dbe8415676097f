"""What happens at the same moment, and what a kill leaves behind. Real commits."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from portal import actions, queries
from portal.models import Signup
from tenants import provisioning
from tenants.errors import SlugTaken
from tenants.models import Membership, Merchant
from tests.portal.conftest import AT, code_in, start, verify
from tests.support.merchants import drop_merchant
from users.models import User


def together(count: int, job: Any) -> list[Any]:
    """Run `job(i)` in threads released by one barrier; an exception is a result."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(i: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[i] = job(i)
        except Exception as error:
            results[i] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def slug(django_db_setup, django_db_blocker) -> Iterator[str]:
    """An address of this test's own, with everything committed under it removed afterwards."""
    with django_db_blocker.unblock():
        name = f"r{uuid.uuid4().hex[:12]}"
        try:
            yield name
        finally:
            connection.set_schema_to_public()
            users = list(
                Signup.objects.filter(email__contains=name).values_list("email", flat=True)
            )
            for merchant in Merchant.objects.filter(slug__startswith=name):
                drop_merchant(merchant)
            User.objects.filter(email__in=users).delete()
            connections.close_all()


@pytest.fixture
def confirmed(slug, monkeypatch) -> Merchant:
    """A merchant whose owner has confirmed, with nothing provisioned."""
    from django.core import mail

    mail.outbox = []
    signup = start(slug=slug, email=f"owner@{slug}.example")
    actions.send_code(signup_id=signup.pk, at=AT)
    verify(signup, code_in(mail.outbox[-1]))
    return Merchant.objects.get(slug=slug)


def test_two_want_one_address_and_one_gets_it(slug):
    results = together(2, lambda i: start(slug=slug, email=f"owner{i}@{slug}.example"))
    assert {type(result) for result in results} == {Signup, SlugTaken}
    assert Merchant.objects.filter(slug=slug).count() == 1
    assert Signup.objects.filter(merchant__slug=slug).count() == 1


def test_the_right_code_eight_times_at_once_makes_one_owner(slug):
    from django.core import mail

    mail.outbox = []
    signup = start(slug=slug, email=f"owner@{slug}.example")
    actions.send_code(signup_id=signup.pk, at=AT)
    code = code_in(mail.outbox[-1])
    results = together(8, lambda i: verify(signup, code))
    assert {type(result) for result in results} == {Signup}
    assert User.objects.filter(email=f"owner@{slug}.example").count() == 1


def test_two_senders_send_one_code(slug):
    from django.core import mail

    mail.outbox = []
    signup = start(slug=slug, email=f"owner@{slug}.example")
    results = together(4, lambda i: actions.send_code(signup_id=signup.pk, at=AT))
    assert sorted(results) == [False, False, False, True]
    assert len(mail.outbox) == 1


class Killed(BaseException):
    """What no `except Exception` sees, like a kill."""


@pytest.mark.parametrize("step", ["schema", "content", "owner", "address", "ready"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_step_is_made_good_by_the_next_run(confirmed, monkeypatch, step, moment):
    def killed_at(name, perform):
        def run(merchant):
            if name == step and moment == "before":
                raise Killed
            perform(merchant)
            if name == step:
                raise Killed

        return run

    steps = tuple((name, killed_at(name, perform)) for name, perform in provisioning._STEPS)
    with monkeypatch.context() as dying:
        dying.setattr(provisioning, "_STEPS", steps)
        with pytest.raises(Killed):
            provisioning.provision(merchant=confirmed)
    connection.set_schema_to_public()
    signup = queries.get_signup(confirmed.signup.pk)
    assert queries.get_progress(signup).status == "provisioning"

    provisioning.provision(merchant=Merchant.objects.get(pk=confirmed.pk))
    signup = queries.get_signup(confirmed.signup.pk)
    progress = queries.get_progress(signup)
    assert (progress.status, progress.percent) == ("ready", 100)
    assert Membership.objects.filter(merchant=confirmed).count() == 1
    assert confirmed.domains.count() == 1
