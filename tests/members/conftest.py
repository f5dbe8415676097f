"""Members of the tea shop with points, and books that are right after each story."""

from datetime import timedelta

import pytest

from points.flows.books_checked import check_books
from points.flows.member_joined import join_member
from points.ledger import actions as ledger
from points.ledger import queries
from points.program.actions import change_program


@pytest.fixture(autouse=True)
def books_are_right(shop):
    """Whatever a story did, the ledger and the apps above it agree afterwards."""
    yield
    assert check_books() == []


@pytest.fixture
def ann(shop, noon):
    return join_member(external_id="ann", name="Ann", phone="13900000002", at=noon)


@pytest.fixture
def transfers(shop, noon):
    """`transfers(max_points=…)` opens transfers with these bounds."""

    def change(**settings):
        change_program(changes={"transfers": {"enabled": True, **settings}}, at=noon)

    return change


@pytest.fixture
def lot(shop, noon):
    """`lot(mei, 300, days=10)`: a lot that expires so many days after noon."""

    def give(member, points, *, days=None, at=noon, matures_in=0, cost=0, **fields):
        payer = queries.default_funding_source()
        grant = ledger.Grant(
            member=member.pk, amount=points, key=f"t:{member.pk}:{points}:{days}:{at}:{fields}",
            occurred_at=at, funding_source_id=payer.id, account="issuance:merchant",
            expires_at=None if days is None else noon + timedelta(days=days),
            matures_at=at + timedelta(days=matures_in), unit_cost_micros=cost, **fields,
        )  # fmt: skip
        return ledger.grant(grants=[grant], at=at, actor="test")[0].transaction_id

    return give
