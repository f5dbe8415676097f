"""A shop order from the checkout to its end: everything moves together, and all of it comes back."""

from datetime import timedelta

import pytest

from points.coupons import actions as coupons
from points.coupons import templates
from points.coupons.actions import CouponIssue
from points.coupons.models import Coupon
from points.flows.books_checked import check_books
from points.flows.checkout import CheckoutAsk, Wanted, place_order, quote_checkout
from points.flows.shop_moved import cancel_order, cancel_unpaid, receive_order, ship_order
from points.flows.shop_paid import begin_payment, confirm_offline
from points.flows.shop_refund_paid import confirm_refund, look_at_refund
from points.flows.shop_refunded import (
    approve_refund,
    refund_at_once,
    reject_refund,
    request_refund,
    withdraw_refund,
)
from points.ledger.queries import get_balance
from points.orders.models import Order
from points.shop.errors import OutOfStock
from points.shop.order_errors import (
    PaymentTooLate,
    PointsBeyond,
    PriceChanged,
    RefundBeyond,
    RefundOpen,
    RefundWindowClosed,
    ShopOrderState,
)
from points.shop.order_models import ShopOrder
from tests.checkout.conftest import give

HOME = {"name": "Mei", "phone": "13800000001", "region": "Hangzhou", "line": "Tea road 1"}


@pytest.fixture
def coupon(rich, noon):
    """20.00 off tea from 100.00 on."""
    templates.create_template(
        fields={
            "code": "tea20", "name_zh": "满百减二十", "kind": "amount_off", "amount_cents": 2_000,
            "threshold_cents": 10_000, "scope": "categories", "categories": ["tea"],
            "funding_source": "merchant", "status": "active",
        },
        at=noon,
    )  # fmt: skip
    issued = coupons.issue(
        template_code="tea20", issues=[CouponIssue(rich.pk, "test", "1")], at=noon, actor="test"
    )
    return issued[0].coupon


def asked(shelf, tea=2, cup=1, **more):
    wanted = [(shelf["TEA"], tea), (shelf["CUP"], cup)]
    lines = tuple(Wanted(variant.pk, count) for variant, count in wanted if count)
    return CheckoutAsk(lines=lines, **more)


def place(member, ask, at, **more):
    sums = quote_checkout(member_id=member.pk, asked=ask, at=at).composition
    return place_order(
        **{
            "member_id": member.pk, "asked": ask, "expected_payable_cents": sums.payable_cents,
            "address": HOME, "note": "", "at": at, "actor": f"member:{member.pk}", **more,
        }
    )  # fmt: skip


def pay(order, at):
    payment = begin_payment(
        order_id=order.pk, member_id=order.member_id, provider="offline", success_url="",
        cancel_url="", at=at, now=at, actor="member",
    )  # fmt: skip
    confirm_offline(order_id=order.pk, payment_id=payment.pk, note="", at=at, actor="user:owner")
    order.refresh_from_db()


def state(member, shelf, at):
    """All that a checkout moves: points, cash, stock, what the coupons are."""
    points = get_balance(member=member.pk, at=at)
    cash = get_balance(member=member.pk, at=at, unit="cash")
    for variant in shelf.values():
        variant.refresh_from_db()
    return {
        "points": (points.available, points.held), "cash": (cash.available, cash.held),
        "stock": (shelf["TEA"].stock, shelf["CUP"].stock),
        "coupons": [one.state for one in Coupon.objects.order_by("code")],
    }  # fmt: skip


UNTOUCHED = {"points": (5_000, 0), "cash": (2_000, 0), "stock": (10, 5), "coupons": ["issued"]}


@pytest.fixture
def order(rich, shelf, coupon, noon):
    """Two teas and a cup with the coupon, 3,000 points and 10.00 of the wallet: 95.90 less 10.00."""
    ask = asked(shelf, coupon_codes=(coupon.code,), points=3_000, cash_cents=1_000)
    return place(rich, ask, noon)


def test_a_checkout_reserves_everything(order, rich, shelf, noon):
    assert (order.list_cents, order.coupon_cents, order.offset_cents) == (15_590, 2_000, 3_000)
    assert (order.payable_cents, order.cash_cents, order.due_cents) == (10_590, 1_000, 9_590)
    assert state(rich, shelf, noon) == {
        "points": (2_000, 3_000), "cash": (1_000, 1_000), "stock": (8, 4), "coupons": ["locked"],
    }  # fmt: skip
    assert [line.coupon_cents for line in order.lines.order_by("position")] == [2_000, 0]
    assert check_books() == []


def test_paid_it_is_spent_and_counts_as_an_order(order, rich, shelf, noon):
    pay(order, noon)
    assert order.status == "paid"
    assert state(rich, shelf, noon) == {
        "points": (2_000, 0), "cash": (1_000, 0), "stock": (8, 4), "coupons": ["used"],
    }  # fmt: skip
    told = Order.objects.get(channel="shop", external_id=order.number)
    # Lines are told as they cost: coupons are off, points are the offset.
    assert [line.amount_cents for line in told.lines.order_by("position")] == [9_600, 3_990]
    assert (told.offset_points, told.offset_cents) == (3_000, 3_000)
    assert told.offset_shares == [{"funding_source": "merchant", "points": 3_000, "cents": 3_000}]
    assert check_books() == []


def test_completed_it_earns_on_the_money_paid_for_goods(order, rich, shelf, noon):
    pay(order, noon)
    ship_order(order_id=order.pk, carrier="SF", tracking="1", at=noon, actor="user:owner")
    receive_order(order_id=order.pk, at=noon, actor="member", member_id=rich.pk)
    # 135.90 of goods less 30.00 of points: 105 whole units.
    assert Order.objects.get(external_id=order.number).points_earned == 105
    assert state(rich, shelf, noon)["points"] == (2_105, 0)


def test_one_line_then_all_gives_everything_back(order, rich, shelf, noon):
    pay(order, noon)
    ship_order(order_id=order.pk, carrier="", tracking="", at=noon, actor="user:owner")
    receive_order(order_id=order.pk, at=noon, actor="member")
    later = noon + timedelta(days=2)
    first = refund_at_once(
        order_id=order.pk, pieces={2: 1}, reason="", shipping_cents=None, is_restocked=True,
        at=later, now=later, actor="user:owner",
    )  # fmt: skip
    # The cup: 39.90 less its points. 3,000 × 3,990 ÷ 13,590 = 880.8 → 881 (largest remainder).
    assert (first.points, first.offset_cents, first.paid_cents) == (881, 881, 3_109)
    assert first.cash_cents == 3_109 * 1_000 // 10_590
    assert first.coupons_returned == []
    assert check_books() == []
    second = refund_at_once(
        order_id=order.pk, pieces={1: 2}, reason="", shipping_cents=0, is_restocked=True,
        at=later, now=later, actor="user:owner",
    )  # fmt: skip
    assert second.coupons_returned == [Coupon.objects.get().code]
    assert first.paid_cents + second.paid_cents == 10_590
    assert state(rich, shelf, later) == UNTOUCHED
    order.refresh_from_db()
    assert (order.status, order.refunded_cents) == ("refunded", 10_590)
    told = Order.objects.get(external_id=order.number)
    assert told.points_earned == told.points_clawed_back
    assert told.points_returned == 3_000
    assert sum(row.offset_shares[0]["cents"] for row in told.refunds.all()) == 3_000
    assert check_books() == []


def test_a_piece_at_a_time_is_the_same_in_the_end(order, rich, shelf, noon):
    pay(order, noon)
    for pieces in ({1: 1}, {2: 1}, {1: 1}):
        refund_at_once(
            order_id=order.pk, pieces=pieces, reason="", shipping_cents=None, is_restocked=True,
            at=noon, now=noon, actor="user:owner",
        )  # fmt: skip
    assert state(rich, shelf, noon) == UNTOUCHED
    assert sum(row.paid_cents for row in order.refunds.all()) == 10_590
    assert check_books() == []


def test_nobody_pays_and_everything_returns_at_the_deadline(order, rich, shelf, noon):
    late = noon + timedelta(minutes=30)
    assert cancel_unpaid(at=late) == 1
    assert cancel_unpaid(at=late) == 0
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "unpaid")
    assert state(rich, shelf, late) == UNTOUCHED
    assert check_books() == []


def test_a_buyer_who_thinks_better_of_it_cancels_before_paying(order, rich, shelf, noon):
    for _ in range(2):
        cancel_order(order_id=order.pk, reason="buyer", at=noon, actor="m", member_id=rich.pk)
    assert state(rich, shelf, noon) == UNTOUCHED
    with pytest.raises(ShopOrderState):
        pay(order, noon)


def test_money_after_the_deadline_takes_everything_anew(order, rich, shelf, noon):
    payment = begin_payment(
        order_id=order.pk, member_id=rich.pk, provider="offline", success_url="", cancel_url="",
        at=noon, now=noon, actor="m",
    )  # fmt: skip
    late = noon + timedelta(hours=1)
    cancel_unpaid(at=late)
    confirm_offline(order_id=order.pk, payment_id=payment.pk, note="", at=late, actor="user:owner")
    order.refresh_from_db()
    assert order.status == "paid"
    assert state(rich, shelf, late) == {
        "points": (2_000, 0), "cash": (1_000, 0), "stock": (8, 4), "coupons": ["used"],
    }  # fmt: skip
    assert check_books() == []


def test_nothing_moves_when_the_stock_is_gone(rich, shelf, coupon, noon):
    ask = asked(shelf, tea=2, cup=5, coupon_codes=(coupon.code,), points=3_000, cash_cents=1_000)
    other = asked(shelf, tea=0, cup=1)
    place(rich, other, noon)
    before = state(rich, shelf, noon)
    with pytest.raises(OutOfStock):
        place(rich, ask, noon)
    assert state(rich, shelf, noon) == before


def test_a_price_that_changed_is_told_before_anything_moves(rich, shelf, noon):
    with pytest.raises(PriceChanged) as refused:
        place(rich, asked(shelf), noon, expected_payable_cents=1)
    assert refused.value.facts == {"payable_cents": 15_590, "expected_cents": 1}
    assert state(rich, shelf, noon)["stock"] == (10, 5)


def test_what_needs_no_money_is_paid_at_once(rich, shelf, noon):
    give(rich, 50_000, noon, unit="cash")
    order = place(rich, asked(shelf, cash_cents="most"), noon)
    assert (order.status, order.due_cents) == ("paid", 0)
    refund = refund_at_once(
        order_id=order.pk, pieces={1: 2, 2: 1}, reason="", shipping_cents=None,
        is_restocked=True, at=noon, now=noon, actor="user:owner",
    )  # fmt: skip
    assert (refund.status, refund.cash_cents) == ("done", 15_590)
    assert state(rich, shelf, noon)["cash"] == (52_000, 0)


def test_points_that_are_not_there_are_refused(rich, shelf, noon):
    place(rich, asked(shelf, points=3_000), noon)
    before = state(rich, shelf, noon)
    with pytest.raises(PointsBeyond) as refused:
        place(rich, asked(shelf, points=2_001), noon, expected_payable_cents=0)
    assert refused.value.facts["max_points"] == 2_000
    assert state(rich, shelf, noon) == before


def test_a_wish_to_give_back_is_decided(order, rich, noon):
    pay(order, noon)
    ask = {"order_id": order.pk, "member_id": rich.pk, "reason": "cold", "at": noon, "actor": "m"}
    with pytest.raises(RefundBeyond):
        request_refund(pieces={1: 3}, **ask)
    refund = request_refund(pieces={1: 1}, **ask)
    with pytest.raises(RefundOpen):
        request_refund(pieces={2: 1}, **ask)
    withdraw_refund(refund_id=refund.pk, member_id=rich.pk, at=noon, actor="m")
    refund = request_refund(pieces={1: 1}, **ask)
    reject_refund(refund_id=refund.pk, note="drunk already", at=noon, actor="user:owner")
    refund = request_refund(pieces={1: 1}, **ask)
    done = approve_refund(
        refund_id=refund.pk, pieces={1: 2}, shipping_cents=None, is_restocked=False, note="",
        at=noon, now=noon, actor="user:owner",
    )  # fmt: skip
    assert (done.status, done.lines[0]["quantity"]) == ("paying", 2)
    # Paid at the counter, it is paid back there.
    assert look_at_refund(refund_id=done.pk, at=noon, now=noon).look_at is None
    paid = confirm_refund(refund_id=done.pk, note="cash", at=noon, actor="user:owner")
    assert paid.status == "done"


def test_the_return_window_closes_for_members(order, rich, noon):
    pay(order, noon)
    receive_order(order_id=order.pk, at=noon, actor="m")
    ask = {"order_id": order.pk, "member_id": rich.pk, "reason": "", "actor": "m"}
    # Completed on 1 March at noon: returnable to the end of 8 March, local.
    last = noon.replace(day=8, hour=15, minute=59)
    request_refund(pieces={1: 1}, at=last, **ask)
    with pytest.raises(RefundWindowClosed):
        request_refund(pieces={2: 1}, at=last + timedelta(minutes=1), **ask)


def test_too_late_to_begin_paying(order, rich, noon):
    late = noon + timedelta(minutes=30)
    with pytest.raises(PaymentTooLate):
        begin_payment(
            order_id=order.pk, member_id=rich.pk, provider="offline", success_url="",
            cancel_url="", at=late, now=late, actor="m",
        )  # fmt: skip
    assert ShopOrder.objects.get().status == "awaiting_payment"
