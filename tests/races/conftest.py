"""A committed shop, its members, and callers who arrive at the same moment."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from points.flows.books_checked import check_books
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.ledger import actions as ledger
from points.ledger import queries
from points.members.actions import add_missing
from points.members.models import Member
from points.redemption.actions import create_item
from tests.support.races import together

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
# One round in every run of the tests; `make races` asks for 20.
ROUNDS = int(os.environ.get("JIFEN_RACE_ROUNDS", "1"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each race is run so many times, each time in a shop of its own."""
    if ROUNDS > 1:
        metafunc.fixturenames.append("race_round")
        metafunc.parametrize("race_round", range(1, ROUNDS + 1))


@pytest.fixture
def shop(fresh_shop) -> Iterator[object]:
    """Inside a shop of its own; whatever was raced, its books are right afterwards."""
    yield fresh_shop
    assert check_books() == []


@pytest.fixture
def race(shop) -> Callable[..., list[Any]]:
    """`race(job)` runs `job(i)` for 0…31 at once; refusals are results."""
    return lambda job, count=32: together(count, job, merchant=shop)


@pytest.fixture
def members(shop):
    """`members(3, points=100)`: that many members with so many points each."""

    def make(count, points=0):
        ids = add_missing(external_ids=[f"m{i}" for i in range(count)], at=AT)
        ledger.open_wallets(members=list(ids.values()))
        payer = queries.default_funding_source()
        ledger.grant(
            grants=[
                ledger.Grant(
                    member=member, amount=points, key=f"start:{name}", occurred_at=AT,
                    funding_source_id=payer.id, account=f"issuance:{payer.code}",
                )
                for name, member in ids.items() if points
            ], at=AT, actor="test",
        )  # fmt: skip
        return [Member.objects.get(pk=ids[f"m{i}"]) for i in range(count)]

    return make


@pytest.fixture
def item(shop):
    """A mall item at 10 points."""

    def make(**fields):
        return create_item(
            fields={"kind": "goods", "title_en": "Mug", "price_points": 10, **fields}, at=AT
        )

    return make


def order(name, member="m0", cents=10_000, **more):
    """A completed order of one line."""
    return IncomingOrder(
        external_id=name, member_external_id=member, currency="CNY", placed_at=AT,
        completed_at=AT, status="completed",
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=cents)], **more,
    )  # fmt: skip


def balance(member):
    """(available, pending, held, debt)."""
    found = queries.get_balance(member=member.pk, at=AT)
    return found.available, found.pending, found.held, found.debt


def kinds(results):
    """How often each outcome came: the name of an exception's class, or of the result's."""
    names = [type(r).__name__ for r in results]
    return {name: names.count(name) for name in sorted(set(names))}
