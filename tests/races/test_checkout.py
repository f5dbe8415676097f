"""Checkouts that meet: at the last piece, at one coupon, at one payment, at one refund."""

import pytest

from points.coupons import actions as coupons
from points.coupons import templates
from points.coupons.models import Coupon
from points.flows.checkout import CheckoutAsk, Wanted, place_order
from points.flows.shop_moved import cancel_order, cancel_unpaid
from points.flows.shop_paid import begin_payment, confirm_offline, settle
from points.flows.shop_refunded import approve_refund, refund_at_once, request_refund
from points.orders.models import Order, Refund
from points.shop import actions as catalogue
from points.shop.models import Variant
from points.shop.order_models import Payment, ShopOrder
from points.shop.payments.provider import ProviderPayment
from tests.races.conftest import AT, balance, kinds

HOME = {"name": "M", "phone": "1", "region": "", "line": "1"}


@pytest.fixture
def sell(shop):
    """`sell("TIN", stock=1)`: a variant at 10.00."""

    def add(sku, **fields):
        catalogue.create_product(
            fields={"title_en": sku, "status": "on_sale"},
            variants=[{"sku": sku, "price_cents": 1_000, **fields}], at=AT,
        )  # fmt: skip
        return Variant.objects.get(sku=sku)

    return add


def buy(member, variant, *, payable=1_000, quantity=1, **more):
    ask = CheckoutAsk(lines=(Wanted(variant.pk, quantity),), **more)
    return place_order(
        member_id=member.pk, asked=ask, expected_payable_cents=payable, address=HOME, note="",
        at=AT, actor="test",
    )  # fmt: skip


def pay(order):
    payment = begin_payment(
        order_id=order.pk, member_id=order.member_id, provider="offline", success_url="",
        cancel_url="", at=AT, now=AT, actor="test",
    )  # fmt: skip
    confirm_offline(order_id=order.pk, payment_id=payment.pk, note="", at=AT, actor="test")
    return payment


def test_the_last_piece_is_one_buyers_and_the_others_lose_nothing(race, members, sell):
    tin, crowd = sell("TIN", stock=1), members(64, points=500)
    results = race(lambda i: buy(crowd[i], tin, payable=500, points=500), 64)
    assert kinds(results) == {"OutOfStock": 63, "ShopOrder": 1}
    assert sorted(balance(one)[:3] for one in crowd) == [(0, 0, 500), *[(500, 0, 0)] * 63]


def test_points_that_reach_for_one_order_pay_one(race, members, sell):
    tin, (mei,) = sell("TIN"), members(1, points=500)
    results = race(lambda i: buy(mei, tin, payable=500, points=500), 64)
    assert sum(isinstance(one, ShopOrder) for one in results) == 1
    assert set(kinds(results)) <= {"ShopOrder", "InsufficientPoints", "PointsBeyond"}
    assert balance(mei) == (0, 0, 500, 0)


def test_one_coupon_serves_one_order(race, members, sell):
    tin, (mei,) = sell("TIN"), members(1)
    templates.create_template(
        fields={
            "code": "two", "name_en": "Two off", "kind": "amount_off", "amount_cents": 200,
            "funding_source": "merchant", "status": "active",
        },
        at=AT,
    )  # fmt: skip
    (given,) = coupons.issue(
        template_code="two", issues=[coupons.CouponIssue(mei.pk, "test", "1")], at=AT, actor="test"
    )
    codes = (given.coupon.code,)
    results = race(lambda i: buy(mei, tin, payable=800, coupon_codes=codes), 64)
    assert kinds(results) == {"CouponLocked": 63, "ShopOrder": 1}
    assert Coupon.objects.get().state == "locked"


def test_paid_64_times_it_is_one_order(race, members, sell):
    tin, (mei,) = sell("TIN", stock=5), members(1, points=500)
    order = buy(mei, tin, payable=500, points=500)
    payment = Payment.objects.create(
        order=order, provider="stripe", provider_id="cs_1", account="acct_1", amount_cents=500,
        created_at=AT, expires_at=AT,
    )  # fmt: skip
    paid = ProviderPayment(
        provider_id="cs_1", status="paid", paid_cents=500, currency="CNY", paid_at=AT, refunds=(),
        disputed_cents=0, url=None,
    )  # fmt: skip
    results = race(lambda i: settle(payment_id=payment.pk, state=paid, at=AT, now=AT), 64)
    assert kinds(results) == {"Payment": 64}
    assert Order.objects.count() == 1
    assert balance(mei) == (0, 0, 0, 0)


def test_paid_while_it_is_given_up_it_is_paid_or_the_money_goes_back(race, members, sell):
    """Eight orders whose time is over: a payment, the sweep and the buyer meet at each."""
    tin, crowd = sell("TIN", stock=8), members(8, points=500)
    orders = [buy(one, tin, payable=500, points=500) for one in crowd]
    payments = [
        Payment.objects.create(
            order=order, provider="stripe", provider_id=f"cs_{i}", account="a", amount_cents=500,
            created_at=AT, expires_at=AT,
        )
        for i, order in enumerate(orders)
    ]  # fmt: skip
    late = orders[0].pay_by

    def job(i):
        order, payment = orders[i % 8], payments[i % 8]
        if i < 8:
            paid = ProviderPayment(
                provider_id="cs", status="paid", paid_cents=500, currency="CNY", paid_at=AT,
                refunds=(), disputed_cents=0, url=None,
            )  # fmt: skip
            return settle(payment_id=payment.pk, state=paid, at=late, now=late)
        if i < 16:
            return cancel_order(order_id=order.pk, reason="buyer", at=late, actor="test")
        return cancel_unpaid(at=late)

    results = race(job, 32)
    assert set(kinds(results)) <= {"Payment", "ShopOrder", "ShopOrderState", "int"}
    paid = 0
    for order, payment in zip(orders, payments, strict=True):
        order.refresh_from_db()
        payment.refresh_from_db()
        assert (order.status, payment.status) in (("paid", "paid"), ("cancelled", "surplus"))
        paid += order.status == "paid"
    tin.refresh_from_db()
    assert tin.stock == 8 - paid
    assert Order.objects.count() == paid


def test_a_refund_is_given_once(race, members, sell):
    tin, (mei,) = sell("TIN", stock=5), members(1, points=500)
    order = buy(mei, tin, payable=500, points=500)
    pay(order)
    asked = request_refund(
        order_id=order.pk, member_id=mei.pk, pieces={1: 1}, reason="", at=AT, actor="test"
    )

    def job(i):
        if i % 2:
            return approve_refund(
                refund_id=asked.pk, pieces=None, shipping_cents=None, is_restocked=True, note="",
                at=AT, now=AT, actor="test",
            )  # fmt: skip
        return refund_at_once(
            order_id=order.pk, pieces={1: 1}, reason="", shipping_cents=None, is_restocked=True,
            at=AT, now=AT, actor="test",
        )  # fmt: skip

    results = race(job, 64)
    assert kinds(results)["ShopRefund"] == 1
    assert Refund.objects.count() == 1
    assert balance(mei) == (500, 0, 0, 0)
    tin.refresh_from_db()
    assert tin.stock == 5


def test_pieces_given_back_one_by_one_at_once_are_no_more_than_were_sold(race, members, sell):
    tin, (mei,) = sell("TIN", stock=10), members(1, points=2_500)
    order = buy(mei, tin, payable=2_500, points=2_500, quantity=5)
    pay(order)
    results = race(
        lambda i: refund_at_once(
            order_id=order.pk, pieces={1: 1}, reason="", shipping_cents=None, is_restocked=True,
            at=AT, now=AT, actor="test",
        ),
        32,
    )  # fmt: skip
    assert kinds(results)["ShopRefund"] == 5
    assert set(kinds(results)) <= {"ShopRefund", "RefundBeyond", "ShopOrderState"}
    assert balance(mei) == (2_500, 0, 0, 0)
    order.refresh_from_db()
    assert (order.status, order.refunded_cents) == ("refunded", 2_500)
