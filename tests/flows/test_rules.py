"""Orders under rules: bonuses beside base points, limits, budgets, refunds that take all back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from points.budget.calculations import BudgetTerms
from points.earning import actions as earning
from points.earning.models import Award
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.order_completed import complete_order
from points.flows.order_received import take_order, take_orders
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.ledger import queries
from points.ledger.models import Lot
from points.ledger.reconciliation import find_inconsistencies
from points.orders.models import Order, OrderLine
from points.program.actions import change_program

FIXED = {"kind": "fixed", "points": 30}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def publish(noon, code="bonus", **fields):
    document = {"name": code, "trigger": "order.completed", "reward": FIXED, **fields}
    earning.create_rule(code=code, document=document, at=noon)
    earning.publish_rule(code=code, effective_from=None, at=noon, actor="t")


def order(noon, name="O-1", *cents, status="completed", **more):
    lines = [
        IncomingLine(external_id=str(i), quantity=1, amount_cents=c, category=f"c{i}")
        for i, c in enumerate(cents or (11_010,), 1)
    ]
    done = {"completed_at": noon} if status == "completed" else {}
    return IncomingOrder(
        external_id=name, member_external_id="mei", currency="CNY", placed_at=noon,
        status=status, lines=lines, **done, **more,
    )  # fmt: skip


def take(incoming, at):
    return take_order(order=incoming, create_member=False, at=at, actor="t")


def available(mei, at):
    found = queries.get_balance(member=mei.pk, at=at)
    return found.available, found.pending, found.debt


def lots(mei):
    return sorted(
        Lot.objects.filter(wallet__member_id=mei.pk, wallet__unit="points").values_list(
            "granted", "funding_source__code"
        )
    )


def test_base_points_and_each_bonus_are_lots_of_their_own(mei, noon):
    put_payer(code="brand", name="Brand", unit_cost_micros=0, terms=None, at=noon)
    publish(noon, "double", reward={"kind": "multiplier", "factor": "2"}, funding_source="brand")
    publish(noon, "gift")
    outcome = take(order(noon), noon)
    assert outcome.points_earned == 110 + 110 + 30
    assert lots(mei) == [(30, "merchant"), (110, "brand"), (110, "merchant")]
    assert Order.objects.get().points_earned == 250
    assert [one.granted_points for one in Award.objects.order_by("key")] == [110, 30]
    again = take(order(noon), noon)
    assert (again.outcome, again.points_earned) == ("duplicate", 250)
    assert available(mei, noon) == (250, 0, 0)


def test_rules_that_only_look_cost_one_statement_and_limits_cost_a_transaction(
    mei, noon, django_assert_num_queries
):
    publish(noon, "gift")
    take(order(noon, "warm"), noon)
    with django_assert_num_queries(5):  # inside the test's transaction: savepoint, look, facts, …
        take(order(noon, "O-2"), noon)


def test_a_refund_takes_back_base_and_bonus_line_by_line(mei, noon):
    publish(noon, "gift", reward={"kind": "amount", "points": 1, "per_cents": 200})
    take(order(noon, "O-1", 6_000, 4_000), noon)  # base 100, bonus 50
    assert list(OrderLine.objects.order_by("position").values_list("points", flat=True)) == [90, 60]
    body = IncomingRefund(
        external_id="R", refunded_at=noon, amount_cents=4_000,
        lines=[IncomingRefundLine(external_id="2", quantity=1, amount_cents=4_000)],
    )  # fmt: skip
    done = refund_order(external_id="O-1", refund=body, at=noon, actor="t")
    assert done.refund.points_clawed_back == 60
    assert available(mei, noon) == (90, 0, 0)


def test_once_a_day_means_the_shop_s_day(mei, noon):
    publish(noon, limits={"per_member": {"day": 1}})
    late = noon + timedelta(hours=11, minutes=59)  # 23:59 in Shanghai
    assert [take(order(at, f"O-{i}"), at).points_earned for i, at in enumerate((noon, late))] == [
        140, 110,
    ]  # fmt: skip
    past_midnight = noon + timedelta(hours=12)
    assert take(order(past_midnight, "O-9"), past_midnight).points_earned == 140
    assert [a.reason for a in Award.objects.order_by("occurred_at")] == ["", "member_times", ""]


def test_points_of_a_member_are_cut_at_the_limit_and_split_over_the_lines_anew(mei, noon):
    reward = {"kind": "multiplier", "factor": "2"}
    publish(noon, reward=reward, limits={"per_member_points": {"month": 150}})
    take(order(noon, "O-1", 10_000), noon)
    outcome = take(order(noon, "O-2", 6_000, 4_000), noon)
    assert outcome.points_earned == 100 + 50
    second = Order.objects.get(external_id="O-2")
    points = OrderLine.objects.filter(order=second).order_by("position")
    assert list(points.values_list("points", flat=True)) == [60 + 30, 40 + 20]
    award = Award.objects.get(source_id=second.pk)
    assert (award.planned_points, award.granted_points, award.reason) == (100, 50, "member_points")


def test_what_all_members_get_together_ends_with_the_total(mei, noon):
    publish(noon, limits={"total_points": 70})
    earned = [take(order(noon, f"O-{i}", 100), noon).points_earned for i in range(4)]
    assert earned == [31, 31, 1, 1]
    assert Award.objects.filter(reason="total").count() == 2


def test_at_the_limit_bonuses_stop_and_base_points_go_on(mei, noon):
    put_payer(
        code="merchant", name="M", unit_cost_micros=0, at=noon,
        terms=BudgetTerms(points=100, on_limit="stop_bonus"),
    )  # fmt: skip
    publish(noon, "gift")
    outcomes = [take(order(noon, f"O-{i}", 6_000), noon).points_earned for i in range(3)]
    assert outcomes == [90, 60, 60]
    assert Award.objects.filter(reason="budget").count() == 2


def test_stop_stops_base_points_too_and_the_order_says_so(mei, noon):
    terms = BudgetTerms(points=100, on_limit="stop")
    put_payer(code="merchant", name="M", unit_cost_micros=0, at=noon, terms=terms)
    assert [take(order(noon, f"O-{i}", 6_000), noon).points_earned for i in range(3)] == [60, 0, 0]
    second = Order.objects.get(external_id="O-1")
    assert (second.points_earned, second.evaluation["points"]) == (0, 60)
    assert OrderLine.objects.get(order=second).points == 0


def test_a_share_of_the_revenue_pays_for_what_the_revenue_earns(mei, noon):
    terms = BudgetTerms(rate=Decimal("0.01"), period="month", on_limit="stop")
    put_payer(code="merchant", name="M", unit_cost_micros=0, at=noon, terms=terms)
    # Each order of 100.00 brings 1.00 and earns 100 points of one fen each: exactly that.
    assert [take(order(noon, f"O-{i}", 10_000), noon).points_earned for i in range(3)] == [100] * 3
    publish(noon, "gift")
    assert take(order(noon, "O-9", 10_000), noon).points_earned == 100


def test_a_first_order_is_the_first_also_when_it_is_completed_last(mei, noon):
    condition = {"==": [{"var": "member.orders_count"}, 0]}
    publish(noon, "first", conditions=condition)
    take(order(noon, "O-1", status="paid"), noon)
    take(order(noon, "O-2", status="paid"), noon + DAY)
    for name in ("O-2", "O-1"):
        complete_order(external_id=name, completed_at=noon + DAY, at=noon + 2 * DAY, actor="t")
    assert [Order.objects.get(external_id=n).points_earned for n in ("O-1", "O-2")] == [140, 110]


def test_in_a_batch_each_order_comes_after_the_one_before(mei, noon):
    publish(noon, "first", conditions={"==": [{"var": "member.orders_count"}, 0]})
    batch = [order(noon, f"O-{i}", 10_000) for i in range(3)]
    outcomes = take_orders(orders=batch, create_members=False, at=noon, actor="t")
    assert [one.points_earned for one in outcomes] == [130, 100, 100]


def test_a_bonus_at_the_payment_comes_before_base_points_at_the_completion(mei, noon):
    publish(noon, "paid", trigger="order.paid")
    assert take(order(noon, status="paid"), noon).points_earned == 30
    assert available(mei, noon) == (30, 0, 0)
    body = IncomingRefund(external_id="R", refunded_at=noon, amount_cents=11_010)
    refund_order(external_id="O-1", refund=body, at=noon, actor="t")
    assert available(mei, noon) == (0, 0, 0)
    complete_order(external_id="O-1", completed_at=noon, at=noon, actor="t")
    assert available(mei, noon) == (0, 0, 0)
    stored = Order.objects.get()
    assert (stored.points_earned, stored.points_clawed_back) == (140, 140)


def test_a_late_order_is_judged_by_the_rules_of_its_time(mei, noon):
    publish(noon, "gift")
    earning.stop_rule(code="gift", at=noon + DAY, actor="t")
    assert take(order(noon - DAY, "before"), noon + 2 * DAY).points_earned == 110
    assert take(order(noon, "during"), noon + 2 * DAY).points_earned == 140
    assert take(order(noon + DAY, "after"), noon + 2 * DAY).points_earned == 110


def test_a_bonus_may_wait_longer_than_base_points(mei, noon):
    publish(noon, pending_days=7)
    take(order(noon), noon)
    assert available(mei, noon) == (110, 30, 0)
    assert available(mei, noon + 7 * DAY) == (140, 0, 0)


def test_excluded_products_earn_nothing(mei, noon):
    change_program(changes={"earning": {"excluded_skus": ["gift-card"]}}, at=noon)
    incoming = IncomingOrder(
        external_id="O-1", member_external_id="mei", currency="CNY", placed_at=noon,
        completed_at=noon, status="completed",
        lines=[
            IncomingLine(external_id="1", quantity=1, amount_cents=6_000, sku="tea"),
            IncomingLine(external_id="2", quantity=1, amount_cents=4_000, sku="gift-card"),
        ],
    )  # fmt: skip
    publish(noon, reward={"kind": "per_line", "points": 5})
    assert take(incoming, noon).points_earned == 60 + 5


def test_explanations_keep_what_matched_and_why_the_rest_did_not(mei, noon):
    publish(noon, "big", conditions={">=": [{"var": "order.amount_cents"}, 20_000]})
    publish(noon, "gift")
    take(order(noon), noon)
    rules = Order.objects.get().evaluation["rules"]
    assert [(r["code"], r["outcome"], r["reason"], r["points"]) for r in rules] == [
        ("big", "not_matched", "conditions", 0), ("gift", "planned", "", 30),
    ]  # fmt: skip
    assert rules[0]["leaves"][0]["found"] == 11_010


@pytest.fixture
def gold(mei, noon):
    """Mei is on gold, which earns 1.25 times as much."""
    from points.tiers.actions import create_tier, set_by_hand

    fields = {"code": "gold", "name_en": "Gold", "threshold": 1_000_000,
              "benefits": {"earn_multiplier": "1.25"}}  # fmt: skip
    create_tier(fields=fields, at=noon)
    set_by_hand(member_id=mei.pk, code="gold", until=noon + DAY, reason="r", at=noon, actor="t")
    return mei


def test_a_tier_multiplies_base_points_before_campaigns_and_is_a_lot_of_its_own(gold, noon):
    publish(noon, "double", reward={"kind": "multiplier", "factor": "2"})
    outcome = take(order(noon, "O-1", 6_000, 5_010), noon)
    assert outcome.points_earned == 110 + 27 + 110  # floor(137.5) − 110; the campaign counts base
    assert lots(gold) == [(27, "merchant"), (110, "merchant"), (110, "merchant")]
    stored = Order.objects.get()
    assert stored.evaluation["tier"] == {
        "code": "gold", "name": "Gold", "points": 27, "multiplier": "1.25",
    }  # fmt: skip
    body = IncomingRefund(external_id="R", refunded_at=noon, amount_cents=11_010)
    assert refund_order(
        external_id="O-1", refund=body, at=noon, actor="t"
    ).refund.points_clawed_back == 247  # fmt: skip
    assert available(gold, noon) == (0, 0, 0)


def test_a_tier_counts_at_the_completion_too_and_can_be_asked_for(gold, noon):
    publish(noon, "golden", conditions={"==": [{"var": "member.tier"}, "gold"]})
    take(order(noon, status="paid"), noon)
    complete_order(external_id="O-1", completed_at=noon, at=noon, actor="t")
    assert Order.objects.get().points_earned == 110 + 27 + 30


def test_a_rule_for_a_segment_is_for_those_who_are_in_it_now(mei, noon):
    from points.flows.segment_removed import remove_segment
    from points.members.actions import change_member
    from points.segments.actions import create_segment
    from points.segments.errors import SegmentInUse, SegmentNotFound

    with pytest.raises(SegmentNotFound):
        publish(noon, "nowhere", segments=["vip"])
    tagged = {"in": ["vip", {"var": "member.tags"}]}
    create_segment(code="vip", name="VIP", condition=tagged, at=noon)
    publish(noon, "gift", segments=["vip"])
    assert take(order(noon, "O-1"), noon).points_earned == 110
    change_member(member_id=mei.pk, changes={"tags": ["vip"]}, at=noon)
    assert take(order(noon, "O-2"), noon).points_earned == 140
    with pytest.raises(SegmentInUse):
        remove_segment(code="vip")
    earning.stop_rule(code="gift", at=noon, actor="t")
    earning.change_draft(code="gift", changes={"segments": []}, at=noon)
    remove_segment(code="vip")


def test_what_is_refunded_comes_back_to_the_budget_it_was_granted_from(mei, noon):
    terms = BudgetTerms(points=100, on_limit="stop")
    put_payer(code="merchant", name="M", unit_cost_micros=0, terms=terms, at=noon)
    assert [take(order(noon, f"O-{i}", 10_000), noon).points_earned for i in range(2)] == [100, 0]
    body = IncomingRefund(external_id="R", refunded_at=noon, amount_cents=4_000)
    refund_order(external_id="O-0", refund=body, at=noon, actor="t")
    assert [take(order(noon, f"P-{i}", 4_000), noon).points_earned for i in range(2)] == [40, 0]
