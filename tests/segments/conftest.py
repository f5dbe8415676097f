"""A handful of members with orders and points, and the shop's days."""

from datetime import timedelta

import pytest

from kernel.clock import Calendar
from points.conditions import parse
from points.flows.order_received import IncomingLine, IncomingOrder, take_order
from points.members.actions import create_member
from points.segments.facts import Around, schema
from points.segments.models import Segment

CALENDAR = Calendar("Asia/Shanghai")


def var(name):
    """A field of members."""
    return {"var": f"member.{name}"}


@pytest.fixture
def around(shop, noon):
    """Noon of 1 March 2026 in Shanghai."""
    return Around(noon, CALENDAR)


@pytest.fixture
def member(shop, noon):
    """`member("mei", joined=30, tags=["vip"])`: joined that many days before noon."""

    def make(name, joined=0, **fields):
        at = noon - timedelta(days=joined)
        return create_member(external_id=name, at=at, **fields)

    return make


@pytest.fixture
def buy(shop, noon):
    """`buy("mei", 10_000, days=3)`: an order placed that many days before noon."""
    numbers = iter(range(10_000))

    def make(name, cents, days=0):
        placed = noon - timedelta(days=days)
        order = IncomingOrder(
            external_id=f"O-{next(numbers)}", member_external_id=name, currency="CNY",
            placed_at=placed, completed_at=placed, status="completed",
            lines=[IncomingLine(external_id="1", quantity=1, amount_cents=cents)],
        )  # fmt: skip
        take_order(order=order, create_member=True, at=placed, actor="test")

    return make


def condition(tree):
    """A checked condition over members."""
    return parse(tree=tree, schema=schema())


def unsaved(tree, code="x"):
    """A segment that is not in the database."""
    return Segment(code=code, name=code, condition=condition(tree).tree)
