"""Budgets give what they hold, no point more; months, campaigns, revenue, alerts."""

from datetime import date
from decimal import Decimal

import pytest

from kernel.db import connection
from kernel.models import OutboxEvent
from points.budget.actions import ask_to_count_revenue, set_budget, watch_budgets
from points.budget.calculations import BudgetTerms, expected_cost_micros, period_start
from points.budget.errors import BudgetContradicts
from points.budget.models import Pot, PotSlot
from points.budget.queries import list_usage

DAY = date(2026, 3, 1)
pytestmark = pytest.mark.usefixtures("shop")


def take(amount, *, day=DAY, forced=False, owner="funding:1"):
    pot = Pot.objects.get(owner=owner)
    return ask_one("budget_take(budget_period(%s, %s), %s, %s)", [pot.pk, day, amount, forced])


def ask_one(call, values):
    with connection.cursor() as cursor:
        cursor.execute(f"select {call}", values)
        return cursor.fetchone()[0]


def usage(day=DAY, owner="funding:1"):
    found = list_usage(owners=[owner], day=day)[owner]
    return found.limit, found.used, found.left


def budget(noon, owner="funding:1", **terms):
    set_budget(owner=owner, terms=BudgetTerms(**terms), at=noon)


def test_a_thousand_points_at_thirty_a_grant_are_33_grants(noon):
    budget(noon, points=1_000)
    taken = [take(30) for _ in range(40)]
    assert taken == [True] * 33 + [False] * 7
    assert usage() == (1_000, 990, 10)
    assert take(10) and not take(1)
    assert usage() == (1_000, 1_000, 0)


def test_a_grant_larger_than_any_slot_is_taken_from_several(noon):
    budget(noon, points=1_000)
    assert take(999)
    assert not take(2)
    assert take(1)


def test_a_period_nobody_has_touched_is_full(noon):
    budget(noon, points=500, period="month")
    assert usage() == (500, 0, 500)


def test_each_month_begins_with_a_full_budget_and_a_campaign_never_does(noon):
    budget(noon, points=100, period="month")
    assert take(100) and not take(1)
    assert take(100, day=date(2026, 4, 1))
    budget(noon, points=100, period="campaign", owner="funding:2")
    assert take(100, owner="funding:2")
    assert not take(1, day=date(2027, 1, 1), owner="funding:2")


def test_base_points_go_on_below_zero_and_what_comes_back_fills_that_first(noon):
    budget(noon, points=100)
    assert take(90) and take(50, forced=True)
    assert usage() == (100, 140, -40)
    assert not take(1)
    assert PotSlot.objects.filter(left_amount__lt=0).count() == 1
    pot = Pot.objects.get()
    ask_one("budget_bring(budget_period(%s, %s), 45, 0)", [pot.pk, DAY])
    assert usage() == (100, 95, 5)
    assert take(5) and not take(1)


@pytest.mark.parametrize(("points", "left"), [(300, 220), (50, -30), (80, 0)])
def test_a_changed_budget_counts_at_once_and_keeps_what_was_given(noon, points, left):
    budget(noon, points=100)
    assert take(80)
    budget(noon, points=points)
    assert usage() == (points, 80, left)


def test_a_share_of_the_revenue_grows_with_it_and_shrinks_with_refunds(noon):
    budget(noon, rate=Decimal("0.05"), period="month")
    assert not take(1)
    count = ask_to_count_revenue(cents=10_000, day=DAY)  # 100.00 → 5.00 in millionths of a cent
    ask_one(count.call, count.values)
    assert usage() == (500_000_000, 0, 500_000_000)
    assert take(400_000_000)
    back = ask_to_count_revenue(cents=-4_000, day=DAY)
    ask_one(back.call, back.values)
    assert usage() == (300_000_000, 400_000_000, -100_000_000)
    assert not take(1)


def test_a_budget_is_points_or_a_share_and_not_both(noon):
    for terms in ({}, {"points": 1, "rate": Decimal("0.1")}):
        with pytest.raises(BudgetContradicts):
            budget(noon, **terms)
    assert not Pot.objects.exists()


def test_nearing_the_limit_is_told_once_and_reaching_it_once(noon):
    budget(noon, points=100)
    take(79)
    assert watch_budgets(at=noon, day=DAY) == 0
    take(1)
    assert [watch_budgets(at=noon, day=DAY) for _ in range(2)] == [1, 0]
    take(20)
    assert [watch_budgets(at=noon, day=DAY) for _ in range(2)] == [1, 0]
    told = OutboxEvent.objects.filter(topic__startswith="budget.").order_by("id")
    assert [(e.topic, e.payload["used"]) for e in told] == [
        ("budget.alert", 80), ("budget.exhausted", 100),
    ]  # fmt: skip


def test_a_budget_that_was_taken_away_stands_before_nobody(noon):
    budget(noon, points=1)
    set_budget(owner="funding:1", terms=None, at=noon)
    assert list_usage(owners=["funding:1"], day=DAY) == {}


@pytest.mark.parametrize(
    ("price", "per_unit", "digits", "micros"),
    [
        (1_000_000, 100, 2, 1_000_000),
        (0, 100, 2, 1_000_000),
        (0, 250, 2, 400_000),
        (0, 1, 0, 1_000_000),
    ],
)
def test_a_point_without_a_price_costs_its_face_value(price, per_unit, digits, micros):
    found = expected_cost_micros(unit_cost_micros=price, points_per_unit=per_unit, digits=digits)
    assert found == micros


def test_periods_begin_with_the_month_or_never():
    assert period_start("month", date(2026, 3, 31)) == date(2026, 3, 1)
    assert period_start("campaign", date(2026, 3, 31)) == date(1970, 1, 1)
