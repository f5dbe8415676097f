"""A batch comes to what its orders come to one by one, also where one moves its buyer."""

import random
from datetime import timedelta

import pytest
from django.db import transaction

from points.budget.calculations import BudgetTerms
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.order_received import take_order, take_orders
from points.orders.models import Order
from points.segments.actions import create_segment
from points.tiers.actions import create_tier
from tests.flows.test_rules import FIXED, publish


def order(noon, name, member="mei", cents=10_000):
    line = IncomingLine(external_id="1", quantity=1, amount_cents=cents)
    return IncomingOrder(
        external_id=name, member_external_id=member, currency="CNY", placed_at=noon,
        completed_at=noon, status="completed", lines=[line],
    )  # fmt: skip


def silver(noon, threshold=100, multiplier="2"):
    fields = {"code": "silver", "name_en": "Silver", "threshold": threshold}
    create_tier(fields={**fields, "benefits": {"earn_multiplier": multiplier}}, at=noon)


def take(orders, noon):
    found = take_orders(orders=orders, create_members=True, at=noon, actor="t")
    return [(one.outcome, one.points_earned) for one in found]


def test_an_upgrade_in_a_batch_counts_from_the_next_order_of_the_buyer(mei, noon):
    silver(noon)
    batch = [order(noon, f"O-{i}", who) for i, who in enumerate(["mei", "tao", "mei", "mei"])]
    assert take(batch, noon) == [
        ("created", 100), ("created", 100), ("created", 200), ("created", 200),
    ]  # fmt: skip
    assert take(batch, noon) == [
        ("duplicate", 100), ("duplicate", 100), ("duplicate", 200), ("duplicate", 200),
    ]  # fmt: skip


def test_repeats_and_conflicts_of_an_order_that_waits_are_told_as_such(mei, noon):
    silver(noon)
    batch = [
        order(noon, "O-1"), order(noon, "O-2"), order(noon, "O-2"), order(noon, "O-2", cents=5),
        order(noon, "O-1"),
    ]  # fmt: skip
    assert take(batch, noon) == [
        ("created", 100), ("created", 200), ("duplicate", 200), ("conflict", 0), ("duplicate", 100),
    ]  # fmt: skip


def test_a_segment_is_entered_within_a_batch(mei, noon):
    create_segment(
        code="again", name="Again", condition={">=": [{"var": "member.orders_count"}, 2]}, at=noon
    )
    publish(noon, "gift", segments=["again"])
    batch = [order(noon, f"O-{i}") for i in range(4)]
    assert [points for _, points in take(batch, noon)] == [100, 100, 130, 130]


@pytest.mark.parametrize("is_nested", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_a_batch_earns_what_single_orders_earn(shop, noon, seed, is_nested):
    """Under a ladder, limits and a budget, in the caller's transaction and without one."""
    silver(noon, threshold=150, multiplier="1.5")
    put_payer(
        code="brand", name="Brand", unit_cost_micros=0, at=noon,
        terms=BudgetTerms(points=400, period="month", on_limit="stop"),
    )  # fmt: skip
    publish(noon, "gift", reward=FIXED, funding_source="brand", limits={"per_member": {"ever": 3}})
    publish(noon, "silver", conditions={"==": [{"var": "member.tier"}, "silver"]})
    for who in range(5):
        join_member(external_id=f"m{who}", name="", at=noon)
    chance = random.Random(seed)
    batch = [
        order(noon + timedelta(minutes=i), f"O-{i}", f"m{chance.randint(0, 4)}", chance.randint(1, 9_000))
        for i in range(30)
    ]  # fmt: skip
    at = noon + timedelta(hours=1)
    try:
        with transaction.atomic():
            for one in batch:
                take_order(order=one, create_member=False, at=at, actor="t")
            singly = _earned()
            raise Undo
    except Undo:
        pass
    if is_nested:
        with transaction.atomic():
            take(batch, at)
    else:
        take(batch, at)
    # Who comes first takes from the budget first: the rounds change that order, not the sums of
    # what is not limited.
    assert _sum_without_gifts(_earned()) == _sum_without_gifts(singly)


class Undo(Exception):
    pass


def _earned():
    return {
        row.external_id: (row.points_earned, row.evaluation["points"], row.evaluation.get("tier"))
        for row in Order.objects.all()
    }


def _sum_without_gifts(earned):
    return {name: (base, tier) for name, (_, base, tier) in earned.items()}
