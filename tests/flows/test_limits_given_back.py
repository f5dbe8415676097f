"""A limit per member counts what was earned, and not what an order that came back had earned."""

from datetime import timedelta
from itertools import permutations

import pytest

from points.earning import actions as earning
from points.earning.models import Award, AwardCount
from points.flows.books_checked import check_books
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_completed import complete_order
from points.orders.errors import OrderNotFound
from points.orders.models import Order
from tests.flows.test_orders import order, refund, take

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def bonus(mei, noon):
    """30 points on a completed order, once a month."""
    document = {
        "name": "bonus", "trigger": "order.completed", "reward": {"kind": "fixed", "points": 30},
        "limits": {"per_member": {"month": 1}, "per_member_points": {"ever": 60}},
    }  # fmt: skip
    earning.create_rule(code="bonus", document=document, at=noon)
    earning.publish_rule(code="bonus", effective_from=None, at=noon, actor="t")


def earned(noon, name):
    return take(order(noon, external_id=name), noon).points_earned


def counts():
    rows = AwardCount.objects.order_by("period")
    return [(row.period, row.times, row.points) for row in rows]


def test_an_order_refunded_in_full_leaves_the_limit_to_the_next(bonus, noon):
    assert earned(noon, "O-1") == 140
    assert earned(noon, "O-2") == 110
    refund("R-1", 11_010, noon + DAY, ("1", 11_010))
    assert counts() == [("e", 0, 0), ("m2026-03", 0, 0)]
    assert earned(noon + DAY, "O-3") == 140
    assert earned(noon + DAY, "O-4") == 110


def test_refunded_in_part_it_goes_on_counting(bonus, noon):
    assert earned(noon, "O-1") == 140
    refund("R-1", 11_009, noon + DAY, ("1", 11_009))
    assert counts() == [("e", 1, 30), ("m2026-03", 1, 30)]
    assert earned(noon + DAY, "O-2") == 110
    refund("R-2", 1, noon + DAY, ("1", 1))
    assert earned(noon + DAY, "O-3") == 140


TOLD = {
    "order": lambda at: take(order(at, status="paid", completed_at=None), at),
    "completion": lambda at: complete_order(external_id="O-1", completed_at=at, at=at, actor="t"),
    "half": lambda at: refund("R-1", 5_505, at, ("1", 5_505)),
    "rest": lambda at: refund("R-2", 5_505, at, ("1", 5_505)),
}


@pytest.mark.parametrize("names", list(permutations(TOLD)), ids="-".join)
def test_every_order_of_arrival_leaves_the_same(bonus, noon, names):
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        try:
            TOLD[name](noon)
        except OrderNotFound:
            waiting.append(name)
    assert counts() == [("e", 0, 0), ("m2026-03", 0, 0)]
    assert earned(noon, "O-2") == 140


def test_a_dispute_that_is_won_counts_again(bonus, noon):
    assert earned(noon, "O-1") == 140
    told = IncomingChargeback(external_id="C-1", charged_back_at=noon)
    charge_back_order(external_id="O-1", chargeback=told, at=noon, actor="t")
    assert counts() == [("e", 0, 0), ("m2026-03", 0, 0)]
    reverse_chargeback(external_id="O-1", chargeback_id="C-1", reversed_at=noon, at=noon, actor="t")
    assert counts() == [("e", 1, 30), ("m2026-03", 1, 30)]
    assert earned(noon, "O-2") == 110


def test_what_was_claimed_stays_and_goes_on_counting(mei, noon):
    document = {
        "name": "first", "trigger": "order.paid", "reward": {"kind": "fixed", "points": 30},
        "limits": {"per_member": {"ever": 1}},
        "task": {"title_zh": "首单", "title_en": "First order", "claim": "member"},
    }  # fmt: skip
    earning.create_rule(code="first", document=document, at=noon)
    earning.publish_rule(code="first", effective_from=None, at=noon, actor="t")
    take(order(noon), noon)
    earning.claim_award(award_id=Award.objects.get().pk, member_id=mei.pk, at=noon, actor="t")
    refund("R-1", 11_010, noon)
    assert counts() == [("e", 1, 30)]
    take(order(noon, external_id="O-2"), noon)
    assert Award.objects.filter(status="claimable").count() == 0


def test_what_was_not_claimed_may_be_earned_again(mei, noon):
    document = {
        "name": "first", "trigger": "order.paid", "reward": {"kind": "fixed", "points": 30},
        "limits": {"per_member": {"ever": 1}},
        "task": {"title_zh": "首单", "title_en": "First order", "claim": "member"},
    }  # fmt: skip
    earning.create_rule(code="first", document=document, at=noon)
    earning.publish_rule(code="first", effective_from=None, at=noon, actor="t")
    take(order(noon), noon)
    refund("R-1", 11_010, noon)
    take(order(noon, external_id="O-2"), noon)
    second = Award.objects.get(source_id=Order.objects.get(external_id="O-2").pk)
    assert second.status == "claimable"
    earning.claim_award(award_id=second.pk, member_id=mei.pk, at=noon, actor="t")
    assert counts() == [("e", 1, 30)]
