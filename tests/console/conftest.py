"""Staff of the tea shop in every role, and a few customers with orders behind them."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django_tenants.utils import tenant_context

from tenants.models import Membership, Merchant, Role
from tests.support.http import Http, host_of

PASSWORD = "oolong-in-the-morning"
API = "/api/console/v1"


def employ(merchant: Merchant, role: str, name: str = "") -> Any:
    """A user who works for a merchant."""
    users = get_user_model()
    email = f"{role}-{uuid.uuid4().hex[:8]}@{merchant.slug}.example"
    user = users.objects.create_user(email, PASSWORD, name=name or role.title())
    Membership.objects.create(merchant=merchant, user=user, role=role)
    return user


def console_client(merchant: Merchant, user: Any) -> Http:
    """A browser in which a user has signed in at a merchant's console."""
    http = Http(host_of(merchant), Accept_Language="en")
    answer = http.post(f"{API}/sessions", {"email": user.email, "password": PASSWORD})
    assert answer.status == 201, answer
    return http


@pytest.fixture
def owner(tea):
    return employ(tea, Role.OWNER, "Lin Owner")


@pytest.fixture
def console(tea, owner) -> Http:
    """The tea shop's console, the owner signed in."""
    return console_client(tea, owner)


@pytest.fixture
def console_as(tea) -> Callable[[str], Http]:
    """The tea shop's console as any role."""
    return lambda role: console_client(tea, employ(tea, role))


@pytest.fixture
def orders(tea) -> Callable[..., None]:
    """`orders("A-1", member="mei", cents=10_900)`: an order of the tea shop, completed."""
    from points.flows.order_received import IncomingLine, IncomingOrder, take_order

    def take(
        external_id: str,
        *,
        member: str = "mei",
        cents: int = 10_900,
        placed_at: datetime = datetime(2026, 3, 1, 4, 0, tzinfo=UTC),
        status: str = "completed",
        **fields: Any,
    ) -> None:
        with tenant_context(tea):
            take_order(
                order=IncomingOrder(
                    external_id=external_id, currency="CNY", placed_at=placed_at, status=status,
                    lines=[IncomingLine(external_id="1", quantity=1, amount_cents=cents)],
                    member_external_id=member, **fields,
                ),
                create_member=True, at=placed_at + timedelta(minutes=1), actor="key:test",
            )  # fmt: skip

    return take
