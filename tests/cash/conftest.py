"""Mei's wallet at the tea shop, with cash switched on."""

from collections.abc import Callable, Iterator

import pytest

from kernel.ids import new_id
from points.cash import actions
from points.flows.books_checked import check_books
from points.ledger import queries
from points.program.actions import change_program
from tests.ledger.test_actions import give as grant


@pytest.fixture(autouse=True)
def books(shop) -> Iterator[None]:
    """Whatever a test did, the books are right afterwards."""
    yield
    assert check_books() == []


@pytest.fixture
def rules(shop, noon) -> Callable[..., None]:
    """`rules(member_daily_cents=500)`: cash as the programme sets it."""

    def change(**fields):
        change_program(changes={"cash": {"enabled": True, **fields}}, at=noon)

    change()
    return change


@pytest.fixture
def wallet(noon) -> Callable[..., tuple[int, int]]:
    """(points, cash in minor units) of a member."""

    def look(member, at=noon):
        return tuple(
            queries.get_balance(member=member.pk, at=at, unit=unit).available
            for unit in ("points", "cash")
        )

    return look


@pytest.fixture
def rich(mei, noon, rules) -> object:
    """Mei with 10,000 points and 50.00 in cash."""
    grant(mei, 10_000, "rich", noon)
    actions.give(
        gifts=[actions.Gift(member=mei.pk, cents=5_000, source="test", source_id=new_id())],
        at=noon, actor="t",
    )  # fmt: skip
    return mei
