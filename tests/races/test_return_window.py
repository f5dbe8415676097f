"""Points that wait for the return window, while everything happens to their order at once."""

from datetime import timedelta

import pytest

from points.flows.members_merged import merge_members
from points.flows.order_completed import complete_order
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger import queries
from points.ledger.models import Lot, Transaction
from points.program.actions import change_program
from tests.races.conftest import AT, kinds, order

CLOSED = AT + timedelta(days=9)


@pytest.fixture
def waiting(shop, members):
    """A paid order of m0 whose 100 points wait for its completion, and the members."""
    earning = {"pending": "return_window", "grant_on": "payment"}
    change_program(changes={"earning": earning}, at=AT)
    found = members(2)
    told = order("O")
    told.status, told.completed_at = "paid", None
    take_order(order=told, create_member=False, at=AT, actor="t")
    return found


def complete(_i=0):
    return complete_order(external_id="O", completed_at=AT, at=AT, actor="t")


def refund(name, cents):
    body = IncomingRefund(external_id=name, refunded_at=AT, amount_cents=cents)
    return refund_order(external_id="O", refund=body, at=AT, actor="t")


def points(member, at):
    found = queries.get_balance(member=member.pk, at=at)
    return found.available, found.pending, found.debt


def test_completed_64_times_it_gets_one_date(race, waiting):
    mei, _ = waiting
    results = race(complete, 64)
    assert kinds(results) == {"Order": 64}
    assert points(mei, AT) == (0, 100, 0)
    assert points(mei, CLOSED) == (100, 0, 0)
    assert Transaction.objects.filter(kind="mature").count() == 1


def test_completion_against_refunds_leaves_what_was_not_refunded(race, waiting):
    mei, _ = waiting
    results = race(lambda i: complete() if i % 4 == 0 else refund(f"R{i}", 100), 64)
    assert kinds(results) == {"Order": 16, "Refunded": 48}
    assert points(mei, AT) == (0, 52, 0)
    assert points(mei, CLOSED) == (52, 0, 0)


def test_completion_while_the_buyer_is_merged(race, waiting):
    mei, ann = waiting

    def job(i):
        if i == 9:
            return merge_members(loser=mei.pk, into=ann.pk, at=AT, actor="t")
        return complete() if i % 2 else refund(f"R{i}", 100)

    results = race(job, 64)
    assert kinds(results) == {"Order": 31, "Merged": 1, "Refunded": 32}
    assert points(ann, CLOSED) == (68, 0, 0)
    assert not Lot.objects.filter(matures_at=None).exists()
