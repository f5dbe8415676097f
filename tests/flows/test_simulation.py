"""Trying one order or event: limits and budgets as they stand, and nothing written."""

from datetime import timedelta

import pytest

from points.budget.calculations import BudgetTerms
from points.coupons.templates import change_template, stop_template
from points.earning import actions as earning
from points.earning.models import Award, EarningEvent
from points.flows.events_received import IncomingEvent, take_event
from points.flows.funding import put_payer
from points.flows.order_received import take_order
from points.flows.simulation import SupposedMember, simulate_event, simulate_order
from points.insights.backtest.proposal import parse_proposal
from points.insights.backtest.replay import PastLine, PastOrder
from points.insights.errors import ProposalInvalid
from points.orders.models import Order
from points.program.actions import change_program
from points.program.queries import get_program
from points.tiers.actions import create_tier
from tests.coupons.conftest import give, template
from tests.flows.test_rules import FIXED, order, publish

DAY = timedelta(days=1)


def trial(noon, cents=11_010, status="completed"):
    return PastOrder(
        id=None, member_id=None, channel="api", external_id="", status=status, placed_at=noon,
        completed_at=noon, received_at=noon, goods_cents=cents, shipping_cents=0, tax_cents=0,
        discount_cents=0, offset_cents=0, refunded_cents=0,
        lines=(PastLine("s", "c1", 1, cents, 0),),
    )  # fmt: skip


def simulate(noon, member, cents=11_010, **given):
    proposal = parse_proposal(given, get_program())
    return simulate_order(order=trial(noon, cents), proposal=proposal, member=member, at=noon)


def bonus(**fields):
    document = {"name": "bonus", "trigger": "order.completed", "reward": FIXED, **fields}
    return {"code": "bonus", "document": document}


def given_by(side):
    return [(one.judged.compiled.rule.code, one.points, one.reason) for one in side.rules]


def test_a_trial_comes_to_what_the_order_itself_then_earns(mei, noon):
    publish(noon, "gift")
    publish(noon, "double", reward={"kind": "multiplier", "factor": "2"})
    tried = simulate(noon, mei.pk)
    assert tried.live == tried.draft
    assert (tried.live.points, tried.live.base_points) == (250, 110)
    assert given_by(tried.live) == [("double", 110, ""), ("gift", 30, "")]
    real = take_order(order=order(noon), create_member=False, at=noon, actor="t")
    assert real.points_earned == tried.live.points


def test_what_the_member_had_counts_and_a_draft_may_allow_more(mei, noon):
    publish(noon, limits={"per_member": {"day": 1}})
    take_order(order=order(noon), create_member=False, at=noon, actor="t")
    tried = simulate(noon, mei.pk, rules=[bonus(limits={"per_member": {"day": 2}})])
    assert given_by(tried.live) == [("bonus", 0, "member_times")]
    assert given_by(tried.draft) == [("bonus", 30, "")]
    tomorrow = simulate(noon + DAY, mei.pk)
    assert given_by(tomorrow.live) == [("bonus", 30, "")]


def test_what_is_left_of_budgets_and_totals_counts(mei, noon):
    terms = BudgetTerms(points=50, period="month", on_limit="stop")
    put_payer(code="brand", name="Brand", unit_cost_micros=0, terms=terms, at=noon)
    publish(noon, funding_source="brand", limits={"total_points": 1_000})
    take_order(order=order(noon), create_member=False, at=noon, actor="t")
    tried = simulate(noon, mei.pk, rules=[bonus(limits={"total_points": 40})])
    assert given_by(tried.live) == [("bonus", 0, "budget")]  # 20 of 50 are left
    assert given_by(tried.draft) == [("bonus", 0, "total")]  # 10 of 40 would be
    more = simulate(noon, mei.pk, rules=[bonus(limits={"total_points": 60})])
    assert given_by(more.draft) == [("bonus", 30, "")]


def test_a_supposed_member_has_the_tier_tags_and_orders_given(shop, noon):
    fields = {"code": "gold", "threshold": 500, "benefits": {"earn_multiplier": "1.5"}}
    create_tier(fields=fields, at=noon)
    vip = {
        "and": [{"in": ["vip", {"var": "member.tags"}]}, {"<": [{"var": "member.orders_count"}, 3]}]
    }
    publish(noon, conditions=vip)
    gold = SupposedMember(tier="gold", tags=("vip",), orders_count=2)
    tried = simulate(noon, gold)
    assert (tried.live.points, tried.live.tier, tried.live.tier_points) == (195, "gold", 55)
    often = simulate(noon, SupposedMember(tags=("vip",), orders_count=3)).live
    assert (often.points, often.rules[0].judged.reason) == (110, "conditions")


def test_rules_outside_their_time_are_told_apart_live_and_tried_as_drafts(mei, noon):
    publish(noon, "later", starts_at=(noon + DAY).isoformat())
    tried = simulate(noon, mei.pk, rules=[bonus(starts_at=(noon + DAY).isoformat())])
    assert given_by(tried.live) == []
    assert given_by(tried.draft) == [("bonus", 30, "")]


def test_a_paid_order_earns_only_what_payment_gives(mei, noon):
    publish(noon, "paid", trigger="order.paid")
    publish(noon, "done")
    proposal = parse_proposal({}, get_program())
    paid = trial(noon, status="paid")
    tried = simulate_order(order=paid, proposal=proposal, member=mei.pk, at=noon).live
    assert (tried.points, tried.base) == (30, None)
    change_program(changes={"earning": {"grant_on": "payment"}}, at=noon)
    proposal = parse_proposal({}, get_program())
    tried = simulate_order(order=paid, proposal=proposal, member=mei.pk, at=noon).live
    assert (tried.points, tried.base_points) == (140, 110)


@pytest.mark.parametrize(("score", "points"), [(5, 40), (4, 0)])
def test_events_are_tried_with_their_properties(mei, noon, score, points):
    fields = {
        "name": "stars", "trigger": "review.posted", "reward": {"kind": "fixed", "points": 40},
        "conditions": {"==": [{"var": "event.properties.stars"}, 5]},
    }  # fmt: skip
    earning.create_rule(code="stars", document=fields, at=noon)
    earning.publish_rule(code="stars", effective_from=None, at=noon, actor="t")
    proposal = parse_proposal({}, get_program())
    tried = simulate_event(
        trigger="review.posted", properties={"stars": score}, proposal=proposal, member=mei.pk,
        at=noon,
    )  # fmt: skip
    event = IncomingEvent(
        id="E", type="review.posted", member_external_id="mei", occurred_at=noon,
        properties={"stars": score},
    )  # fmt: skip
    assert tried.live.points == points
    assert take_event(event=event, at=noon, actor="t").points_earned == points


def test_check_ins_are_tried_by_streak(mei, noon):
    fields = {
        "name": "week", "trigger": "checkin", "reward": {"kind": "fixed", "points": 7},
        "conditions": {">=": [{"var": "checkin.streak"}, 7]},
    }  # fmt: skip
    given = {"rules": [{"code": "week", "document": fields}]}
    tried = simulate_event(
        trigger="checkin", properties={"streak": 7, "total": 9},
        proposal=parse_proposal(given, get_program()), member=mei.pk, at=noon,
    )  # fmt: skip
    assert (tried.live.points, tried.draft.points) == (0, 7)


def test_nothing_is_written(mei, noon, django_assert_max_num_queries):
    publish(noon, limits={"per_member": {"day": 1}, "total_points": 100})
    with django_assert_max_num_queries(20):
        simulate(noon, mei.pk)
    assert not (Award.objects.exists() or Order.objects.exists() or EarningEvent.objects.exists())
    assert given_by(simulate(noon, mei.pk).live) == [("bonus", 30, "")]


def given_coupons(side):
    return [(one.judged.coupon, one.points, one.reason) for one in side.rules], side.coupons


def test_coupons_are_told_as_they_would_be_issued_now(mei, noon):
    reward = {"kind": "coupon", "template": "twenty"}
    template(total=1)
    publish(noon, reward=reward)
    tried = simulate(noon, mei.pk)
    assert given_coupons(tried.live) == ([("twenty", 0, "")], 1)
    assert tried.live.points == 110
    give(mei)
    assert given_coupons(simulate(noon, mei.pk).live) == ([("twenty", 0, "coupon_exhausted")], 0)
    change_template(code="twenty", changes={"total": 9, "per_member": 1}, at=noon)
    assert given_coupons(simulate(noon, mei.pk).live) == ([("twenty", 0, "coupon_limit")], 0)
    assert given_coupons(simulate(noon, SupposedMember()).live) == ([("twenty", 0, "")], 1)
    change_template(code="twenty", changes={"valid_until": noon - DAY}, at=noon)
    assert given_coupons(simulate(noon, mei.pk).live)[0] == [("twenty", 0, "coupon_over")]
    stop_template(code="twenty", at=noon)
    change_template(code="twenty", changes={"valid_until": None}, at=noon)
    assert given_coupons(simulate(noon, mei.pk).live)[0] == [("twenty", 0, "coupon_inactive")]
    with pytest.raises(ProposalInvalid):
        simulate(noon, mei.pk, rules=[bonus(reward={**reward, "template": "gone"})])
