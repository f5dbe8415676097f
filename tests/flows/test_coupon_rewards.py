"""Rules that give a coupon in the place of points (docs/how-to/give-a-coupon-by-a-rule.md)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.coupons import actions as coupons
from points.coupons.errors import TemplateNotFound
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.templates import change_template, stop_template
from points.earning import actions as earning
from points.earning.errors import RuleInvalid, TaskUsedUp
from points.earning.models import Award, AwardCount, EarningEvent
from points.earning.queries import get_figures
from points.earning.task_centre import list_tasks
from points.flows.books_checked import check_books
from points.flows.events_received import IncomingEvent, take_event, take_events
from points.flows.member_joined import join_member
from points.flows.order_charged_back import IncomingChargeback, charge_back_order
from points.flows.order_completed import complete_order
from points.flows.order_received import take_orders
from points.flows.order_refunded import IncomingRefund, quote_refund, refund_order
from points.interfaces.explaining_rules import explain_results
from points.ledger.models import Transaction
from points.orders.models import Order
from tests.coupons.conftest import AT, give, template
from tests.flows.test_rules import order, publish, take

COUPON = {"kind": "coupon", "template": "twenty"}
DAY = timedelta(days=1)
CARD = {"title_zh": "写评价", "title_en": "Write a review", "claim": "member"}


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def ping(noon, name="e-1", member="mei"):
    event = IncomingEvent(
        id=name, type="custom:ping", member_external_id=member, occurred_at=noon
    )  # fmt: skip
    return take_event(event=event, at=noon, actor="t")


def publish_ping(noon, **fields):
    publish(noon, "gift", trigger="custom:ping", reward=COUPON, **fields)


def refund(noon, cents, name="R-1"):
    told = IncomingRefund(external_id=name, refunded_at=noon, amount_cents=cents)
    return refund_order(external_id="O-1", refund=told, at=noon, actor="t").refund


def outcomes():
    rows = Award.objects.order_by("occurred_at", "key")
    return [(one.status, one.reason) for one in rows]


def left(code="twenty"):
    row = CouponTemplate.objects.get(code=code)
    return row.total - row.issued_count


def said(source_id, evaluation):
    (one,) = explain_results(evaluation, source_id=source_id, currency="CNY")
    return one.outcome, one.points, one.coupon, one.detail


def test_an_order_earns_its_points_and_a_coupon_once(mei, noon):
    template(total=5)
    publish(noon, reward=COUPON)
    outcome = take(order(noon), noon)
    assert outcome.points_earned == 110
    coupon = Coupon.objects.get()
    award = Award.objects.get()
    assert (coupon.member_id, coupon.state, coupon.issued_at) == (mei.pk, "issued", noon)
    assert (coupon.source, coupon.source_id, coupon.issued_by) == ("award", str(award.pk), "t")
    assert (award.status, award.planned_points, award.granted_points) == ("granted", 0, 0)
    assert take(order(noon), noon).outcome == "duplicate"
    assert (Coupon.objects.count(), left()) == (1, 4)
    # No transaction of 0 points: statements and webhooks of points know nothing of it.
    assert Transaction.objects.filter(kind="earn", source_type="order").count() == 1
    stored = Order.objects.get()
    assert said(stored.pk, stored.evaluation["rules"]) == (
        "granted", 0, "twenty", "Gave a coupon: Twenty off.",
    )  # fmt: skip
    (figures,) = get_figures(rules=[award.rule_id]).values()
    assert (figures.awards, figures.points, figures.coupons) == (1, 0, 1)


def test_a_rule_that_gives_no_coupon_asks_nothing_of_coupons(mei, noon):
    publish(noon, "gift")
    with CaptureQueriesContext(connection) as found:
        take(order(noon), noon)
    assert not [q["sql"] for q in found if "coupons_coupontemplate" in q["sql"]]


def test_a_coupon_costs_two_queries_for_any_number_of_orders(mei, noon):
    template()
    counts = []
    for name, reward in (("points", {"kind": "fixed", "points": 3}), ("coupon", COUPON)):
        publish(noon, name, trigger="order.paid", reward=reward)
        batch = [order(noon, f"{name}-{i}", status="paid") for i in range(20)]
        take_orders(orders=batch[:1], create_members=False, at=noon, actor="t")
        with CaptureQueriesContext(connection) as found:
            take_orders(orders=batch[1:], create_members=False, at=noon, actor="t")
        counts.append(len(found))
    assert counts[1] == counts[0] + 2
    assert Coupon.objects.count() == 20


def test_limits_per_member_count_coupons_as_times(mei, noon):
    template()
    publish_ping(noon, limits={"per_member": {"day": 1}})
    for i in range(3):
        ping(noon, f"e-{i}")
    assert sorted(outcomes()) == [
        ("granted", ""), ("refused", "member_times"), ("refused", "member_times"),
    ]  # fmt: skip
    count = AwardCount.objects.get()
    assert (count.times, count.points, Coupon.objects.count()) == (1, 0, 1)
    ping(noon + DAY, "e-9")
    assert Coupon.objects.count() == 2


@pytest.mark.parametrize(
    ("spoil", "reason", "sentence"),
    [
        (lambda: change_template(code="twenty", changes={"total": 1}, at=AT),
         "coupon_exhausted", "No coupon was left to give."),
        (lambda: change_template(code="twenty", changes={"per_member": 1}, at=AT),
         "coupon_limit", "The member has had as many of these coupons as one may have."),
        (lambda: stop_template(code="twenty", at=AT),
         "coupon_inactive", "The coupon is not given out (any more)."),
        (lambda: change_template(code="twenty", changes={"valid_until": AT - DAY}, at=AT),
         "coupon_over", "The time of the coupon was over."),
    ],
)  # fmt: skip
def test_no_event_is_lost_because_there_is_no_coupon(mei, noon, spoil, reason, sentence):
    template()
    publish_ping(noon, limits={"per_member": {"ever": 5}})
    give(mei)
    spoil()
    outcome = ping(noon)
    assert (outcome.outcome, outcome.points_earned) == ("created", 0)
    assert outcomes() == [("refused", reason)]
    assert (Coupon.objects.count(), AwardCount.objects.count()) == (1, 0)
    event = EarningEvent.objects.get()
    assert said(event.pk, event.evaluation) == ("refused", 0, "twenty", sentence)
    (figures,) = get_figures(rules=[Award.objects.get().rule_id]).values()
    assert (figures.coupons, figures.coupons_missed) == (0, 1)
    assert ping(noon).outcome == "duplicate"


def test_points_of_an_order_come_though_its_coupon_ran_out(mei, noon):
    template(total=1)
    give(mei)
    publish(noon, reward=COUPON)
    publish(noon, "gift")
    assert take(order(noon), noon).points_earned == 140
    assert sorted(outcomes()) == [("granted", ""), ("refused", "coupon_exhausted")]


def test_the_last_coupons_of_a_batch_go_to_the_first_events(mei, noon):
    template(total=2)
    publish_ping(noon)
    events = [
        IncomingEvent(id=f"e-{i}", type="custom:ping", member_external_id="mei", occurred_at=noon)
        for i in range(5)
    ]
    done = take_events(events=events, at=noon, actor="t")
    assert [one.outcome for one in done] == ["created"] * 5
    reasons = [one.given[0].awarded.reason for one in done]
    assert reasons == ["", "", *["coupon_exhausted"] * 3]


def test_an_exclusive_coupon_keeps_the_rules_below_it_out(mei, noon):
    template()
    publish(noon, "first", reward=COUPON, stacking="exclusive", priority=9)
    publish(noon, "second")
    assert take(order(noon), noon).points_earned == 110
    verdicts = {one["code"]: one["outcome"] for one in Order.objects.get().evaluation["rules"]}
    assert verdicts == {"first": "planned", "second": "outranked"}


def test_a_full_refund_takes_an_unused_coupon_back(mei, noon):
    template(total=5)
    publish(noon, reward=COUPON, limits={"per_member": {"ever": 1}})
    take(order(noon), noon)
    assert refund(noon, 11_009, "R-1").steps[-1]["step"] != "coupon_voided"
    assert Coupon.objects.get().state == "issued"
    last = refund(noon, 1, "R-2")
    coupon = Coupon.objects.get()
    assert (coupon.state, coupon.void_reason, left()) == ("voided", "O-1", 5)
    assert {"step": "coupon_voided", "points": 0, "coupon": coupon.code} in last.steps
    # It counts no more in the limits either: the next order gives one again.
    take(order(noon, "O-2"), noon)
    assert Coupon.objects.filter(state="issued").count() == 1


def test_a_quote_shows_it_and_moves_nothing(mei, noon):
    template()
    publish(noon, reward=COUPON)
    take(order(noon), noon)
    told = IncomingRefund(external_id="R-1", refunded_at=noon, amount_cents=11_010)
    quote = quote_refund(external_id="O-1", refund=told, at=noon, actor="t")
    assert quote.refund.steps[0]["step"] == "coupon_voided"
    assert Coupon.objects.get().state == "issued"


def test_a_used_and_a_held_coupon_stay_and_the_refund_says_so(mei, noon):
    template()
    publish(noon, "one", reward=COUPON)
    publish(noon, "two", reward=COUPON)
    take(order(noon), noon)
    used, held = (row.code for row in Coupon.objects.order_by("code"))
    coupons.use(codes=[used], reference="till", discounts={used: 2_000}, at=noon, actor="t")
    coupons.lock(
        codes=[held], member=mei.pk, reference="cart", until=noon + DAY, at=noon, actor="t"
    )
    row = refund(noon, 11_010)
    kept = [one["coupon"] for one in row.steps if one["step"] == "coupon_kept"]
    assert kept == [used, held]
    assert {one.state for one in Coupon.objects.all()} == {"used", "locked"}


def test_a_chargeback_takes_it_back_too(mei, noon):
    template()
    publish(noon, reward=COUPON)
    take(order(noon), noon)
    told = IncomingChargeback(external_id="C-1", charged_back_at=noon)
    charge_back_order(external_id="O-1", chargeback=told, at=noon, actor="t")
    assert Coupon.objects.get().state == "voided"


def test_an_order_that_came_back_before_its_completion_gives_none(mei, noon):
    template()
    publish(noon, reward=COUPON)
    take(order(noon, status="paid"), noon)
    refund(noon, 11_010)
    complete_order(external_id="O-1", completed_at=noon + DAY, at=noon + DAY, actor="t")
    assert (outcomes(), Coupon.objects.count()) == ([("refused", "coupon_refunded")], 0)


def test_a_coupon_waits_in_the_task_centre_and_is_issued_by_the_claim(mei, noon):
    template(valid_days=30)
    publish_ping(noon, task=CARD, limits={"per_member": {"ever": 1}})
    ping(noon)
    assert Coupon.objects.count() == 0
    (task,) = list_tasks(member_id=mei.pk, at=noon)
    assert (task.status, task.reward.template) == ("claimable", "twenty")
    later = noon + 3 * DAY
    award = Award.objects.get()
    done = earning.claim_award(award_id=award.pk, member_id=mei.pk, at=later, actor="t")
    assert (done.points, done.coupon) == (0, "twenty")
    coupon = Coupon.objects.get()
    assert (coupon.issued_at, coupon.source) == (later, "task")
    assert [one.status for one in list_tasks(member_id=mei.pk, at=later)] == ["done"]


def test_a_claim_that_finds_no_coupon_left_can_be_made_later(mei, noon):
    template(total=1)
    publish_ping(noon, task=CARD)
    ping(noon)
    tao = join_member(external_id="tao", at=noon)
    give(tao)
    award = Award.objects.get()
    with pytest.raises(TaskUsedUp) as refused:
        earning.claim_award(award_id=award.pk, member_id=mei.pk, at=noon, actor="t")
    assert refused.value.facts["reason"] == "coupon_exhausted"
    change_template(code="twenty", changes={"total": 2}, at=noon)
    earning.claim_award(award_id=award.pk, member_id=mei.pk, at=noon, actor="t")
    assert Coupon.objects.filter(member_id=mei.pk).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"reward": {"kind": "coupon"}},
        {"reward": {**COUPON, "points": 3}},
        {"reward": {"kind": "fixed", "points": 3, "template": "twenty"}},
        {"reward": COUPON, "limits": {"total_points": 9}},
        {"reward": COUPON, "limits": {"per_member_points": {"day": 9}}},
        {"reward": COUPON, "pending_days": 3},
        {"reward": COUPON, "funding_source": "brand"},
    ],
)
def test_what_means_nothing_for_a_coupon_is_refused(shop, noon, fields):
    template()
    with pytest.raises(RuleInvalid):
        publish(noon, **fields)


def test_a_template_that_is_not_there_is_refused(shop, noon):
    with pytest.raises(TemplateNotFound):
        publish(noon, reward=COUPON)
