"""Browsers, and shops with something in them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from points.ledger import actions as ledger
from points.ledger import queries
from points.redemption.actions import create_item
from tests.storefront.browser import Browser


@pytest.fixture
def visitor(shop) -> Browser:
    """Somebody at the tea shop who is not signed in."""
    return Browser(shop)


@pytest.fixture
def mei_browser(shop, mei) -> Browser:
    """Mei, signed in at the tea shop."""
    return Browser(shop).enter(mei)


@pytest.fixture
def ask_for_code(visitor, django_capture_on_commit_callbacks) -> Callable[..., str]:
    """Ask for a code and read it in the mailbox."""

    def ask(address: str) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            answer = visitor.post("/sign-in-codes", {"address": address})
        assert answer.status == 202, answer
        found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
        assert found is not None
        return found.group()

    return ask


@pytest.fixture
def give(shop) -> Callable[..., int]:
    """Grant a lot: `give(mei, 100, at=noon, expires_in=30)`; returns its transaction."""
    return grant_lot


@pytest.fixture
def give_in(fresh_shop) -> Callable[..., int]:
    """The same in a shop of the test's own, at this moment."""
    return lambda member, points: grant_lot(member, points, at=datetime.now(UTC))


def grant_lot(
    member: Any, points: int, *, at: datetime, expires_in: int | None = None,
    matures_in: int = 0, **fields: Any,
) -> int:  # fmt: skip
    payer = queries.default_funding_source()
    lot = ledger.Grant(
        member=member.pk, amount=points, key=f"test:{member.pk}:{points}:{at}:{fields}",
        occurred_at=at, funding_source_id=payer.id, account="issuance:merchant",
        matures_at=at + timedelta(days=matures_in),
        expires_at=None if expires_in is None else at + timedelta(days=expires_in), **fields,
    )  # fmt: skip
    return ledger.grant(grants=[lot], at=at, actor="test")[0].transaction_id


@pytest.fixture
def put_on_sale(shop, noon) -> Callable[..., Any]:
    """Add a mall item: `put_on_sale(300, stock=5)`."""

    def add(price_points: int, **fields: Any) -> Any:
        known = {"kind": "goods", "title_zh": "龙井茶", "title_en": "Longjing tea", **fields}
        return create_item(fields={"price_points": price_points, **known}, at=noon)

    return add


@pytest.fixture
def today(time_machine_at, noon) -> datetime:
    """It is noon of 1 March 2026 in Shanghai, and stays so."""
    time_machine_at.move_to(noon)
    return noon


@pytest.fixture
def time_machine_at(noon):
    """The clock on the wall, standing still where a test puts it."""
    import time_machine

    with time_machine.travel(noon, tick=False) as traveller:
        yield traveller
