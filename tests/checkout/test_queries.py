"""A checkout asks the database as often for ten articles as for one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.flows.checkout import CheckoutAsk, Wanted, place_order, quote_checkout
from points.flows.shop_paid import begin_payment, confirm_offline
from points.flows.shop_refunded import refund_at_once
from points.shop.actions import create_product

HOME = {"name": "M", "phone": "1", "region": "", "line": "1"}
# The most each step may ask for, whatever is bought; the savepoints of a step are among them.
MOST = {"quote": 3, "place": 15, "begin": 7, "pay": 23, "refund": 42}


def _sell(name, count, noon):
    products = [
        create_product(
            fields={"title_en": f"{name} {i}", "status": "on_sale"},
            variants=[{"sku": f"{name}-{i}", "price_cents": 1_000, "stock": 5, "choice": []}],
            at=noon,
        )
        for i in range(count)
    ]  # fmt: skip
    return tuple(Wanted(product.variants.get().pk, 1) for product in products)


def _buy_and_return(member, lines, noon):
    """How many queries each step takes."""
    taken = {}

    def step(name, job):
        with CaptureQueriesContext(connection) as queries:
            found = job()
        taken[name] = len(queries)
        return found

    asked = CheckoutAsk(lines=lines, points=100, cash_cents=100)
    quote = step("quote", lambda: quote_checkout(member_id=member.pk, asked=asked, at=noon))
    order = step("place", lambda: place_order(
        member_id=member.pk, asked=asked, address=HOME, note="", at=noon, actor="t",
        expected_payable_cents=quote.composition.payable_cents,
    ))  # fmt: skip
    payment = step("begin", lambda: begin_payment(
        order_id=order.pk, member_id=member.pk, provider="offline", success_url="", cancel_url="",
        at=noon, now=noon, actor="t",
    ))  # fmt: skip
    step("pay", lambda: confirm_offline(
        order_id=order.pk, payment_id=payment.pk, note="", at=noon, actor="t"
    ))  # fmt: skip
    step("refund", lambda: refund_at_once(
        order_id=order.pk, pieces=dict.fromkeys(range(1, len(lines) + 1), 1), reason="",
        shipping_cents=None, is_restocked=True, at=noon, now=noon, actor="t",
    ))  # fmt: skip
    return taken


def test_ten_articles_take_no_more_queries_than_one(shelf, rich, noon):
    _buy_and_return(rich, _sell("first", 1, noon), noon)  # what a process keeps is kept now
    one = _buy_and_return(rich, _sell("one", 1, noon), noon)
    ten = _buy_and_return(rich, _sell("ten", 10, noon), noon)
    assert ten == one
    assert {step: count for step, count in one.items() if count > MOST[step]} == {}
