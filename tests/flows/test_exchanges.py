"""Goods for goods: only the difference in price moves points."""

from datetime import timedelta
from decimal import Decimal

import pytest

from points.budget.calculations import BudgetTerms
from points.budget.queries import funding_owner, list_usage
from points.earning import actions as earning
from points.flows.books_checked import check_books
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine
from points.flows.order_completed import complete_order
from points.flows.order_exchanged import IncomingExchange, exchange_order
from points.flows.order_refunded import IncomingRefundLine
from points.ledger import actions as ledger
from points.ledger.models import FundingSource, Transaction
from points.orders.errors import LineNotFound, LineRepeated, RefundConflict, RefundTooLarge
from points.orders.models import Order, OrderLine
from points.program.actions import change_program
from points.tiers.actions import create_tier, set_by_hand
from tests.flows.test_orders import balance, order, refund, take


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def exchange(name, at, returned, new, *, order_id="O-1", category=""):
    body = IncomingExchange(
        external_id=name, exchanged_at=at,
        returned=[
            IncomingRefundLine(external_id=n, quantity=1, amount_cents=c) for n, c in returned
        ],
        replacements=[
            IncomingLine(external_id=n, quantity=1, amount_cents=c, category=category)
            for n, c in new
        ],
    )  # fmt: skip
    return exchange_order(external_id=order_id, exchange=body, at=at, actor="test")


def moved():
    """Entries of the points ledger so far: (kind, amount)."""
    return list(Transaction.objects.order_by("id").values_list("kind", "amount"))


def lines():
    rows = OrderLine.objects.order_by("position")
    return list(rows.values_list("external_id", "amount_cents", "points"))


def test_the_same_price_moves_no_points_whatever_the_rounding(mei, noon):
    """10.50 and 99.60 earned 110: 10 and 100. 99.60 alone would earn 99; the swap keeps 100."""
    take(order(noon, (1_050,), (9_960,)), noon)
    done = exchange("X-1", noon, [("2", 9_960)], [("3", 9_960)])

    assert done.refund.steps == [{"step": "moved", "points": 100}]
    assert moved() == [("earn", 110)]
    assert lines() == [("1", 1_050, 10), ("2", 0, 0), ("3", 9_960, 100)]
    mei.refresh_from_db()
    assert mei.spent_cents == 11_010


def test_something_dearer_earns_the_difference(mei, noon):
    take(order(noon, (5_000,), (2_000,)), noon)
    done = exchange("X-1", noon, [("1", 5_000)], [("3", 8_050)])

    assert done.refund.steps == [{"step": "moved", "points": 50}, {"step": "earned", "points": 30}]
    assert moved() == [("earn", 70), ("earn", 30)]
    stored = Order.objects.get()
    assert (stored.goods_cents, stored.points_earned, stored.refunded_cents) == (10_050, 100, 0)
    assert balance(mei, noon) == (100, 0, 0)
    mei.refresh_from_db()
    assert mei.spent_cents == 10_050


def test_the_difference_is_rounded_with_the_order_and_not_alone(mei, noon):
    """10 points per 100.00: 109.00 earned 10; 91.00 more make 200.00, which earn 20."""
    change_program(changes={"earning": {"step_cents": 10_000, "points_per_step": 10}}, at=noon)
    take(order(noon, (900,), (10_000,)), noon)
    exchange("X-1", noon, [("1", 900)], [("3", 10_000)])
    assert Order.objects.get().points_earned == 20


def test_something_cheaper_gives_back_the_difference_and_refunds_the_money(mei, noon):
    take(order(noon, (5_000,), (2_000,)), noon)
    done = exchange("X-1", noon, [("1", 5_000)], [("3", 2_000)]).refund

    # 20.00 of 50.00 stay: floor(50 × 20 ÷ 50) = 20 of 50 points, 30 are taken back
    assert done.steps == [{"step": "moved", "points": 20}, {"step": "own_lots", "points": 30}]
    assert (done.amount_cents, done.points_clawed_back) == (3_000, 30)
    assert moved() == [("earn", 70), ("clawback", -30)]
    stored = Order.objects.get()
    assert (stored.goods_cents, stored.refunded_cents) == (7_000, 3_000)
    assert balance(mei, noon) == (40, 0, 0)


def test_what_was_spent_of_the_difference_is_owed(mei, noon):
    take(order(noon, (5_000,)), noon)
    ledger.spend(member=mei.pk, points=45, key="s", at=noon, actor="t")
    exchange("X-1", noon, [("1", 5_000)], [("3", 2_000)])
    assert balance(mei, noon) == (0, 0, 25)


def test_goods_that_do_not_count_carry_no_points(mei, noon):
    change_program(changes={"earning": {"excluded_categories": ["gift-card"]}}, at=noon)
    take(order(noon, (5_000,)), noon)
    exchange("X-1", noon, [("1", 5_000)], [("3", 5_000)], category="gift-card")
    assert balance(mei, noon) == (0, 0, 0)
    assert lines() == [("1", 0, 50), ("3", 5_000, 0)]


def test_part_of_a_line_and_then_a_refund_of_all_ends_at_nothing(mei, noon):
    take(order(noon, (1_001,), (2_999,)), noon)
    exchange("X-1", noon, [("1", 333)], [("3", 100), ("4", 500)])
    exchange("X-2", noon, [("4", 500), ("2", 1_000)], [("5", 700)])
    stored = Order.objects.get()
    refund("R-1", stored.goods_cents - stored.refunded_cents, noon)

    stored.refresh_from_db()
    assert stored.points_earned == stored.points_clawed_back
    assert balance(mei, noon) == (0, 0, 0)
    mei.refresh_from_db()
    assert mei.spent_cents == 0


@pytest.mark.parametrize("share", ["by_line", "proportional"])
def test_after_an_exchange_refunds_go_on_by_the_new_lines(mei, noon, share):
    change_program(changes={"clawback": {"share": share}}, at=noon)
    take(order(noon, (5_000,), (2_000,)), noon)
    exchange("X-1", noon, [("1", 5_000)], [("3", 8_000)])
    assert refund("R-1", 8_000, noon, ("3", 8_000)).points_clawed_back == 80
    assert balance(mei, noon) == (20, 0, 0)
    with pytest.raises(RefundTooLarge):
        refund("R-2", 1, noon, ("1", 1))


def test_an_order_that_was_not_completed_earns_on_what_it_then_consists_of(mei, noon):
    take(order(noon, (5_050,), status="paid", completed_at=None), noon)
    assert exchange("X-1", noon, [("1", 5_050)], [("2", 6_010)]).refund.steps == []
    complete_order(external_id="O-1", completed_at=noon, at=noon, actor="t")
    assert balance(mei, noon) == (60, 0, 0)
    assert lines() == [("1", 0, 0), ("2", 6_010, 60)]


def test_a_cheaper_exchange_before_the_completion_is_settled_at_it(mei, noon):
    take(order(noon, (5_000,), status="paid", completed_at=None), noon)
    exchange("X-1", noon, [("1", 5_000)], [("2", 2_000)])
    complete_order(external_id="O-1", completed_at=noon, at=noon, actor="t")
    assert balance(mei, noon) == (20, 0, 0)


def test_points_an_order_was_paid_with_come_back_only_for_goods_that_go(mei, noon):
    take(order(noon, (100_000,)), noon)  # 1,000 points
    hold = ledger.hold_points(
        member=mei.pk, points=400, reference="cart", expires_in=timedelta(hours=1), at=noon,
        actor="test",
    )  # fmt: skip
    take(order(noon, (1_000,), external_id="O-2", hold_id=hold), noon)
    dearer = exchange("X-1", noon, [("1", 1_000)], [("2", 2_000)], order_id="O-2").refund
    assert dearer.points_returned == 0
    cheaper = exchange("X-2", noon, [("2", 2_000)], [("3", 1_000)], order_id="O-2").refund
    assert (cheaper.points_returned, cheaper.amount_cents) == (200, 1_000)
    refund("R-1", 1_000, noon, ("3", 1_000), order_id="O-2")
    assert Order.objects.get(external_id="O-2").points_returned == 400
    assert balance(mei, noon) == (1_000, 0, 0)


def test_told_again_it_is_the_same_and_told_otherwise_a_conflict(mei, noon):
    take(order(noon, (5_000,)), noon)
    first = exchange("X-1", noon, [("1", 5_000)], [("2", 8_000)])
    again = exchange("X-1", noon, [("1", 5_000)], [("2", 8_000)])
    assert (again.refund.pk, again.is_new) == (first.refund.pk, False)
    with pytest.raises(RefundConflict):
        exchange("X-1", noon, [("1", 5_000)], [("2", 8_001)])
    # a refund of that number is another thing
    assert refund("X-1", 8_000, noon, ("2", 8_000)).points_clawed_back == 80


@pytest.mark.parametrize(
    ("returned", "new", "error"),
    [
        ([("1", 5_001)], [("2", 1)], RefundTooLarge),
        ([("9", 1)], [("2", 1)], LineNotFound),
        ([("1", 1), ("1", 1)], [("2", 1)], LineRepeated),
        ([("1", 1)], [("1", 1)], LineRepeated),
        ([("1", 1)], [("2", 1), ("2", 1)], LineRepeated),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_moved(mei, noon, returned, new, error):
    take(order(noon, (5_000,)), noon)
    with pytest.raises(error):
        exchange("X-1", noon, returned, new)
    assert (lines(), moved()) == ([("1", 5_000, 50)], [("earn", 50)])


def test_the_difference_earns_what_the_tier_adds_and_no_rules(mei, noon):
    """110.10 → 160.10 on gold, 1.5 times: 50 more base points, 25 more of the tier."""
    document = {
        "name": "bonus",
        "trigger": "order.completed",
        "reward": {"kind": "fixed", "points": 30},
    }
    earning.create_rule(code="bonus", document=document, at=noon)
    earning.publish_rule(code="bonus", effective_from=None, at=noon, actor="t")
    create_tier(fields={"code": "plain", "threshold": 0}, at=noon)
    gold = {"code": "gold", "threshold": 90_000, "benefits": {"earn_multiplier": "1.5"}}
    create_tier(fields=gold, at=noon)
    until = noon + 900 * timedelta(days=1)
    set_by_hand(member_id=mei.pk, code="gold", until=until, reason="r", at=noon, actor="t")
    take(order(noon), noon)
    assert balance(mei, noon) == (195, 0, 0)  # 110 + 55 + 30
    done = exchange("X-1", noon, [("1", 11_010)], [("2", 16_010)])
    assert {"step": "earned", "points": 75} in done.refund.steps
    assert balance(mei, noon) == (270, 0, 0)
    assert OrderLine.objects.get(external_id="2").points == 270
    amounts = Transaction.objects.filter(source_type="exchange", wallet__unit="points")
    assert sorted(amounts.values_list("amount", flat=True)) == [25, 50]
    refund("R-1", 16_010, noon, ("2", 16_010))
    assert balance(mei, noon) == (0, 0, 0)


def left(noon):
    """What is left of the merchant's budget."""
    owner = funding_owner(FundingSource.objects.get(code="merchant").pk)
    return list_usage(owners=[owner], day=noon.date())[owner].left


@pytest.mark.parametrize(
    ("points", "earned", "rest"), [(180, 70, 0), (179, 0, 69), (None, 70, None)]
)
def test_what_the_difference_earns_comes_out_of_the_budget_or_is_not_given(
    mei, noon, points, earned, rest
):
    """110.10 for 180.10 earns 70 more. The budget has just that, or one less, or lives of 1 % of the
    revenue: 0.70 more, of one fen a point."""
    size = {"points": points} if points else {"rate": Decimal("0.01")}
    terms = BudgetTerms(**size, on_limit="stop")
    put_payer(code="merchant", name="M", unit_cost_micros=0, at=noon, terms=terms)
    take(order(noon), noon)
    done = exchange("X-1", noon, [("1", 11_010)], [("2", 18_010)])
    assert balance(mei, noon) == (110 + earned, 0, 0)
    assert {"step": "earned", "points": earned} in done.refund.steps or not earned
    assert OrderLine.objects.get(external_id="2").points == Order.objects.get().points_earned
    assert done.refund.replacements[0]["points"] == 110 + earned
    if rest is not None:
        assert left(noon) == rest
    refund("R-1", 18_010, noon, ("2", 18_010))
    assert balance(mei, noon) == (0, 0, 0)
    if points:
        assert left(noon) == points
