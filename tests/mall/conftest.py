"""A member with points and cash, and things to be had for them; the books are right after every test."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from kernel.ids import new_id
from points.cash.actions import Gift
from points.cash.actions import give as give_cash
from points.flows import redeemed
from points.flows.books_checked import check_books
from points.flows.member_joined import join_member
from points.ledger import actions as ledger
from points.ledger import queries
from points.ledger.queries import get_balance
from points.redemption.actions import Choice, create_item

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture(autouse=True)
def _books(shop):
    yield
    assert check_books() == []


def grant(member, points, *, at=AT, key="start", expires_at=None):
    """Points for a member."""
    payer = queries.default_funding_source()
    ledger.grant(
        grants=[
            ledger.Grant(
                member=member.pk, amount=points, key=f"{key}:{member.pk}", occurred_at=at,
                funding_source_id=payer.id, account="issuance:merchant", expires_at=expires_at,
            )
        ], at=at, actor="t",
    )  # fmt: skip


def pay_in(member, cents, *, at=AT):
    """Cash for a member."""
    give_cash(
        gifts=[Gift(member=member.pk, cents=cents, source="test", source_id=new_id())],
        at=at, actor="t",
    )  # fmt: skip


@pytest.fixture
def mei(shop):
    """Mei with 1,000 points."""
    member = join_member(external_id="mei", at=AT)
    grant(member, 1_000)
    return member


def item(*, variants=(), **fields):
    """An item at 100 points, on sale."""
    known = {"kind": "goods", "title_en": "Mug", "title_zh": "杯子", "price_points": 100, **fields}
    return create_item(fields=known, variants=variants, at=AT)


def redeem(member, what, quantity=1, *, at=AT, address=None, **choice):
    """One press of the button; what is refused leaves the test's own transaction whole."""
    with transaction.atomic():
        return redeemed.redeem(
            member_id=member.pk, item_id=what.pk, quantity=quantity, at=at, actor="t",
            address=address, choice=Choice(**choice),
        )  # fmt: skip


def points_of(member, at=AT):
    """What the member can spend."""
    return get_balance(member=member.pk, at=at).available


def cash_of(member, at=AT):
    """Cash in minor units."""
    return get_balance(member=member.pk, at=at, unit="cash").available
