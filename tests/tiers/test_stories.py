"""Tiers (rules.md §8) with exact numbers: 1 yuan paid is 1 growth; the shop is in Shanghai."""

from datetime import timedelta

import pytest

from kernel.models import OutboxEvent
from points.flows.order_completed import complete_order
from points.flows.points_adjusted import adjust_points
from points.ledger.models import Transaction, Wallet
from points.ledger.queries import get_balance
from points.tiers.actions import change_tier
from points.tiers.models import MemberTier, TierMove
from tests.tiers.conftest import (
    buy,
    come,
    day,
    give_back,
    history,
    keeps_until,
    progress_of,
    tier_of,
)


def growth(member, at="2030-01-01"):
    return get_balance(member=member.pk, at=day(at), unit="growth").available


def events():
    return [
        (event.payload["from"], event.payload["to"], event.payload["kind"])
        for event in OutboxEvent.objects.filter(topic="tier.changed").order_by("id")
    ]


def test_the_order_that_reaches_a_threshold_upgrades_at_once(ann, ladder):
    buy("A", "2026-03-01", 499)
    assert (tier_of(ann), growth(ann)) == ("plain", 499)
    assert not MemberTier.objects.exists()
    buy("B", "2026-03-02", 1)
    assert tier_of(ann) == "silver"
    buy("C", "2026-03-03", 1_500)
    assert (tier_of(ann), growth(ann)) == ("platinum", 2_000)
    assert history(ann) == [
        ("upgrade", None, "silver", "2026-03-02"),
        ("upgrade", "silver", "platinum", "2026-03-03"),
    ]
    assert events() == [("plain", "silver", "upgrade"), ("silver", "platinum", "upgrade")]
    why = TierMove.objects.latest("id").why
    assert why == {"by": "growth", "value": 2_000, "threshold": 2_000}


def test_growth_is_no_point(ann, ladder):
    buy("A", "2026-03-01", 600)
    points = get_balance(member=ann.pk, at=day("2026-03-01"))
    assert (points.available, points.lifetime_earned) == (600, 600)
    told = OutboxEvent.objects.filter(topic__startswith="points.")
    assert [(e.topic, e.payload["unit"], e.payload["amount"]) for e in told] == [
        ("points.earned", "points", 600)
    ]
    give_back("A", "R", "2026-03-02", 600)
    assert list(told.values_list("topic", flat=True)) == ["points.earned", "points.clawed_back"]


def test_a_shop_without_tiers_grants_no_growth(ann):
    buy("A", "2026-03-01", 600)
    assert not Wallet.objects.filter(unit="growth").exists()
    assert not TierMove.objects.exists()


def test_the_period_ends_after_twelve_months_and_thirty_days_of_grace(ann, ladder):
    buy("A", "2026-03-01", 1_000)
    assert keeps_until(ann) == "2027-03-02T00:00:00+08:00"
    come(day("2027-03-01", 23, 59))
    assert (tier_of(ann), len(history(ann))) == ("gold", 1)
    come(day("2027-03-02", 0))
    assert tier_of(ann) == "gold"
    assert history(ann)[-1] == ("grace", "gold", "gold", "2027-03-02")
    come(day("2027-03-31", 23, 59))
    assert tier_of(ann) == "gold"
    come(day("2027-04-01", 0))
    assert history(ann)[2:] == [("downgrade", "gold", "silver", "2027-04-01")]
    assert tier_of(ann) == "silver"
    # One level at a time: the next period is the twelve months behind the first.
    assert keeps_until(ann) == "2028-03-02T00:00:00+08:00"
    come("2028-04-01")
    assert (tier_of(ann), keeps_until(ann)) == ("plain", None)
    assert [move[0] for move in history(ann)] == ["upgrade", "grace", "downgrade", "downgrade"]
    assert events()[-1] == ("silver", "plain", "downgrade")


def test_a_job_that_comes_years_late_leads_to_the_same(ann, ladder):
    buy("A", "2026-03-01", 2_000)
    come("2031-01-01")
    assert history(ann) == [
        ("upgrade", None, "platinum", "2026-03-01"),
        ("downgrade", "platinum", "gold", "2027-04-01"),
        ("downgrade", "gold", "silver", "2028-04-01"),
        ("downgrade", "silver", None, "2029-04-01"),
    ]
    assert MemberTier.objects.get().next_review_at is None


def test_downgrade_to_the_level_earned(ann, rule):
    rule(downgrade="to_earned")
    buy("A", "2026-03-01", 2_000)
    buy("B", "2026-09-01", 600)
    come("2027-04-01")
    # The twelve months up to the end hold 600 (order B): silver.
    assert history(ann)[-1] == ("downgrade", "platinum", "silver", "2027-04-01")
    why = TierMove.objects.latest("id").why
    assert (why["value"], why["threshold"]) == (600, 2_000)


def test_kept_by_the_orders_of_the_period(ann, ladder):
    change_tier(code="platinum", changes={"threshold": 3_000})
    buy("A", "2026-03-01", 1_000)
    buy("B", "2026-06-01", 400)
    buy("C", "2027-03-01", 600)
    come("2027-03-02")
    assert history(ann)[1:] == [("kept", "gold", "gold", "2027-03-02")]
    assert keeps_until(ann) == "2028-03-02T00:00:00+08:00"
    assert len(events()) == 1


def test_what_is_missing_can_be_made_up_in_the_grace(ann, ladder):
    buy("A", "2026-03-01", 1_000)
    buy("B", "2026-06-01", 400)
    come("2027-03-02")
    assert history(ann)[-1][0] == "grace"
    buy("C", "2027-03-31", 599)
    assert history(ann)[-1][0] == "grace"
    shown = progress_of(ann, day("2027-03-31"))
    assert (shown.keep_missing, shown.grace_ends_at) == (1, day("2027-04-01", 0))
    buy("D", day("2027-03-31", 23), 1)
    assert history(ann)[-1] == ("kept", "gold", "gold", "2027-03-02")
    assert keeps_until(ann) == "2028-03-02T00:00:00+08:00"
    come("2027-04-02")
    assert tier_of(ann) == "gold"


def test_the_window_rolls_by_local_days(ann, ladder):
    buy("A", day("2026-03-01", 9), 500)
    # On 1 March 2027 the order of 1 March 2026 still counts, at any hour.
    assert progress_of(ann, day("2027-03-01", 23, 59)).value == 500
    assert progress_of(ann, day("2027-03-02", 0, 0)).value == 0
    buy("D", day("2027-03-01", 23, 58), 500)
    assert tier_of(ann) == "gold"


def test_the_day_after_the_window_it_is_not_enough(ann, ladder):
    buy("A", day("2026-03-01", 9), 500)
    buy("D", day("2027-03-02", 0, 1), 500)
    assert tier_of(ann) == "silver"


def test_calendar_years(ann, rule):
    rule(window="calendar_year")
    buy("A", "2026-11-01", 900)
    assert (tier_of(ann), keeps_until(ann)) == ("silver", "2027-01-01T00:00:00+08:00")
    buy("B", "2026-12-31", 100)
    assert tier_of(ann) == "gold"
    come("2027-01-01")
    # The year that ended holds 1,000: gold for the year that begins.
    assert history(ann)[-1] == ("kept", "gold", "gold", "2027-01-01")
    assert keeps_until(ann) == "2028-01-01T00:00:00+08:00"
    shown = progress_of(ann, day("2027-01-01"))
    assert (shown.value, shown.next_tier.code, shown.missing) == (0, "platinum", 2_000)
    buy("C", "2027-01-02", 999)
    come("2028-01-30")
    assert tier_of(ann) == "gold"
    come("2028-01-31")
    assert history(ann)[-1] == ("downgrade", "gold", "silver", "2028-01-31")


def test_orders_of_last_year_told_this_year_count_for_last_year(ann, rule):
    rule(window="calendar_year")
    buy("A", "2026-12-31", 1_000, at=day("2027-01-02"))
    assert history(ann) == [
        ("upgrade", None, "gold", "2026-12-31"),
        ("kept", "gold", "gold", "2027-01-01"),
    ]
    assert keeps_until(ann) == "2028-01-01T00:00:00+08:00"


def test_all_time_never_ends(ann, rule):
    rule(window="all_time")
    buy("A", "2020-03-01", 600)
    buy("B", "2026-03-01", 400)
    come("2050-01-01")
    assert (tier_of(ann), keeps_until(ann)) == ("gold", None)


def test_a_refund_takes_its_growth_back_and_demotes_at_the_end_of_the_period(ann, ladder):
    buy("A", "2026-03-01", 600)
    buy("B", "2026-03-02", 500)
    assert tier_of(ann) == "gold"
    give_back("B", "R1", "2026-03-10", 200)
    assert growth(ann) == 900
    give_back("B", "R2", "2026-03-11", 300)
    assert (growth(ann), tier_of(ann)) == (600, "gold")
    assert progress_of(ann, day("2026-03-11")).value == 600
    buy("C", "2027-01-01", 600)
    come("2027-04-02")
    assert (tier_of(ann), history(ann)[-1][0]) == ("silver", "downgrade")


def test_a_refund_before_the_threshold_keeps_the_member_below_it(ann, ladder):
    buy("A", "2026-03-01", 499)
    give_back("A", "R", "2026-03-02", 99)
    buy("B", "2026-03-03", 99)
    assert (growth(ann), tier_of(ann)) == (499, "plain")
    buy("C", "2026-03-04", 1)
    assert tier_of(ann) == "silver"


def test_a_refund_told_before_the_completion(ann, ladder):
    buy("A", "2026-03-01", 800, status="paid")
    assert growth(ann) == 0
    give_back("A", "R", "2026-03-02", 300)
    complete_order(external_id="A", completed_at=day("2026-03-03"), at=day("2026-03-03"), actor="t")
    assert (growth(ann), tier_of(ann)) == (500, "silver")
    again = Transaction.objects.count()
    complete_order(external_id="A", completed_at=day("2026-03-03"), at=day("2026-03-04"), actor="t")
    assert Transaction.objects.count() == again


def test_spending_points_never_demotes(ann, ladder):
    buy("A", "2026-03-01", 1_000)
    adjust_points(member_id=ann.pk, points=-1_000, reason="spent", at=day("2026-03-02"), actor="t")
    come("2026-03-03")
    assert (tier_of(ann), growth(ann)) == ("gold", 1_000)


@pytest.mark.parametrize("turn", [1, -1])
def test_orders_told_in_another_order_end_in_the_same(ann, ladder, turn):
    story = [("A", "2026-01-10", 600), ("B", "2026-02-01", 300), ("C", "2026-03-01", 200)]
    for name, when, units in story[::turn]:
        buy(name, when, units, at=day("2026-03-05"))
    row = MemberTier.objects.get()
    assert (tier_of(ann), row.since) == ("gold", day("2026-03-01"))
    assert keeps_until(ann) == "2027-03-02T00:00:00+08:00"


def test_an_order_told_after_its_window_closed_still_upgrades(ann, ladder):
    buy("A", "2026-01-01", 600)
    # With the order of 20 December the window held 1,100; told in January it holds 500.
    buy("B", "2026-12-20", 500, at=day("2027-01-10"))
    assert MemberTier.objects.get().since == day("2026-12-20")
    assert (tier_of(ann), keeps_until(ann)) == ("gold", "2027-12-21T00:00:00+08:00")


def test_an_order_told_after_the_downgrade_brings_the_tier_back(ann, ladder):
    change_tier(code="platinum", changes={"threshold": 3_000})
    buy("A", "2026-03-01", 1_000)
    come("2027-05-01")
    assert tier_of(ann) == "silver"
    buy("B", "2027-02-28", 1_000, at=day("2027-05-02"))
    assert history(ann)[-1] == ("recalculated", "silver", "gold", "2027-05-02")
    assert keeps_until(ann) == "2028-03-02T00:00:00+08:00"


def test_what_was_judged_is_not_judged_again(ann, ladder):
    buy("A", "2026-03-01", 900)
    buy("B", "2026-06-01", 100)
    come("2027-07-15")
    assert [m[0] for m in history(ann)] == ["upgrade", "upgrade", "downgrade"]
    # The window of any day before the period's end held 1,000 once; that has been judged.
    buy("C", "2027-07-16", 1)
    assert tier_of(ann) == "silver"


def test_by_money_spent(ann, rule):
    rule(qualify_by="spend")
    buy("A", "2026-03-01", 4, shipping_cents=95)
    assert (tier_of(ann), growth(ann)) == ("plain", 0)
    buy("B", "2026-03-02", 1, status="paid", discount_cents=95)
    assert tier_of(ann) == "plain"
    complete_order(external_id="B", completed_at=day("2026-03-03"), at=day("2026-03-03"), actor="t")
    assert tier_of(ann) == "silver"
    assert progress_of(ann, day("2026-03-03")).value == 500
    give_back("B", "R", "2026-03-04", 1)
    assert progress_of(ann, day("2026-03-04")).value == 495


def test_by_orders(ann, rule):
    rule(qualify_by="orders")
    change_tier(code="silver", changes={"threshold": 2})
    buy("A", "2026-03-01", 10)
    give_back("A", "R", "2026-03-01", 10)
    buy("B", "2026-03-02", 10)
    assert tier_of(ann) == "plain"
    buy("C", "2026-03-03", 10)
    give_back("C", "R", "2026-03-03", 9)
    assert (tier_of(ann), progress_of(ann, day("2026-03-03")).value) == ("silver", 2)


def test_progress_says_what_is_missing_and_by_when(ann, ladder):
    buy("A", "2026-03-01", 800)
    shown = progress_of(ann, day("2026-03-05"))
    assert (shown.tier.code, shown.level, shown.value) == ("silver", 2, 800)
    assert (shown.next_tier.code, shown.missing, str(shown.rate)) == ("gold", 200, "0.6")
    assert shown.counts_until == day("2027-03-02", 0)
    assert shown.keeps_until == day("2027-03-02", 0)
    # Of the coming review's twelve months nothing counts yet: they begin the day after.
    assert shown.keep_missing == 500
    buy("B", "2026-04-01", 150)
    assert progress_of(ann, day("2026-04-01")).keep_missing == 350


def test_growth_that_is_dated_ahead_counts_at_once(ann, ladder):
    told = day("2026-03-01")
    buy("A", told + timedelta(hours=1), 500, at=told)
    assert tier_of(ann) == "silver"
