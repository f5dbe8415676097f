"""Real servers, two real merchants, and the cast: Mei of the tea shop, Tao of another shop.

`tea` and `toys` are provisioned once per test process; an ordinary test runs in a transaction that
is rolled back. A test that needs real commits (races, tasks, other connections) asks for
`fresh_shop`, which makes a merchant of its own and drops it afterwards.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """The database is made by our own commands, with its two roles, and migrated once."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("migrate_all", verbosity=0)
        yield


@pytest.fixture(scope="session")
def _merchants(django_db_setup, django_db_blocker):
    from tests.support.merchants import open_merchant

    with django_db_blocker.unblock():
        return {
            "tea": open_merchant("tea", name="Tea Shop", currency="CNY", timezone="Asia/Shanghai"),
            "toys": open_merchant("toys", name="Toy Shop", currency="USD", timezone="UTC"),
        }


@pytest.fixture
def tea(_merchants, db):
    """The tea shop's Merchant row; the test is not inside its schema yet."""
    return _merchants["tea"]


@pytest.fixture
def toys(_merchants, db):
    """Another merchant, who must never see anything of the tea shop."""
    return _merchants["toys"]


@pytest.fixture
def shop(tea) -> Iterator[object]:
    """Inside the tea shop's schema."""
    from django_tenants.utils import tenant_context

    with tenant_context(tea):
        yield tea


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def mei(shop, noon):
    """Mei, a member of the tea shop, with nothing yet."""
    from points.flows.member_joined import join_member

    return join_member(external_id="mei", name="Mei", phone="13800000001", at=noon)


@pytest.fixture
def tao(toys, noon):
    """Tao, a member of the toy shop."""
    from django_tenants.utils import tenant_context

    from points.flows.member_joined import join_member

    with tenant_context(toys):
        return join_member(external_id="tao", name="Tao", at=noon)


@pytest.fixture
def partner(shop):
    """The tea shop's partner API with a full key: `partner.post("/api/v1/orders", {...})`."""
    from tests.support.http import partner_client

    return partner_client(shop)


@pytest.fixture
def fresh_shop(django_db_setup, _merchants, django_db_blocker) -> Iterator[object]:
    """A committed merchant of its own, inside its schema; dropped afterwards."""
    from django.db import connections
    from django_tenants.utils import tenant_context

    from tests.support.merchants import drop_merchant, open_merchant

    with django_db_blocker.unblock():
        merchant = open_merchant(f"f{uuid.uuid4().hex[:12]}")
        try:
            with tenant_context(merchant):
                yield merchant
        finally:
            drop_merchant(merchant)
            connections.close_all()


@pytest.fixture(scope="session")
def _stand_in(tmp_path_factory):
    from tests.support.stripe import running_stand_in

    with running_stand_in(tmp_path_factory.mktemp("stripe")) as control:
        yield control


@pytest.fixture
def stripe_control(_stand_in, settings):
    """The Stripe stand-in, empty, and the product pointed at it: `stripe_control.post("…")`."""
    from tests.support.stripe import KEY

    settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = KEY, _stand_in.url
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = "whsec_tests"
    _stand_in.post("reset", endpoints=True)
    return _stand_in


@pytest.fixture(autouse=True)
def _clean_between_tests() -> Iterator[None]:
    """What lives outside the database is forgotten: the cache, hosts, the language."""
    yield
    from django.core.cache import cache
    from django.utils import translation

    from tenants import hosts

    translation.deactivate()
    hosts.forget()
    cache.clear()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parents[1]
