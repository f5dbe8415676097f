"""A shop order paid by Stripe, over real HTTP against the stand-in: whatever arrives, and when, the end
is the same; money that cannot be kept goes back; nobody but Stripe is believed."""

import hashlib
import hmac
import itertools
import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from points.flows.books_checked import check_books
from points.flows.payment_events import handle_events
from points.flows.shop_moved import cancel_unpaid, look_around
from points.flows.shop_paid import begin_payment, confirm_offline, look_at_payment
from points.flows.shop_refund_paid import confirm_refund, look_at_refund
from points.flows.shop_refunded import refund_at_once
from points.orders.models import Order
from points.program.actions import change_program
from points.shop.actions import set_stock
from points.shop.order_errors import PaymentMethodOff
from points.shop.order_models import Payment, PaymentEvent, ShopOrder
from points.shop.payments.errors import PaymentProviderUnavailable
from tenants.actions import keep_payment_account
from tests.checkout.test_orders import UNTOUCHED, asked, coupon, place, state  # noqa: F401
from tests.support.stripe import KEY

HOOK, SECRET = "/api/platform/v1/connect/webhook", "whsec_tests"
VERSION = "2026-10-28.endive"


@pytest.fixture
def account(shop, stripe_control):
    """The tea shop's own account at Stripe, connected and on."""
    key = stripe_control.add_account()
    connect(shop, key)
    change_program(changes={"shop": {"payments": ["stripe", "offline"]}}, at=datetime.now(UTC))
    return key


def connect(merchant, key):
    keep_payment_account(
        merchant_id=merchant.pk, provider="stripe", account_id=key, charges_enabled=True,
        details_submitted=True, livemode=False, at=datetime.now(UTC), is_connecting=True,
    )  # fmt: skip


@pytest.fixture
def order(account, rich, shelf, coupon, noon):  # noqa: F811
    ask = asked(shelf, coupon_codes=(coupon.code,), points=3_000, cash_cents=1_000)
    return place(rich, ask, noon)


def begin(order, at, provider="stripe"):
    return begin_payment(
        order_id=order.pk, member_id=order.member_id, provider=provider,
        success_url="http://tea.localhost/orders/1?paid=1", cancel_url="http://tea.localhost/orders/1",
        at=at, now=datetime.now(UTC), actor="member",
    )  # fmt: skip


def pay(control, payment, card="4242424242424242"):
    return control.post(f"checkout/{payment.provider_id}/pay", card=card)


def events(control, account):
    """What Stripe would tell, oldest first."""
    request = urllib.request.Request(
        f"{control.url}/v1/events?limit=100",
        headers={"Authorization": f"Bearer {KEY}", "Stripe-Account": account,
                 "Stripe-Version": VERSION},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        found = json.load(answer)["data"]
    return [{**one, "account": account} for one in reversed(found)]


def tell(event, *, ahead=timedelta(0), secret=SECRET, signature=None):
    """Send an event to the product as Stripe does, or somebody who would like to be it."""
    payload = json.dumps(event).encode()
    moment = int((datetime.now(UTC) + ahead).timestamp())
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256)
    tenant = connection.tenant
    try:
        return Client(raise_request_exception=False).post(
            HOOK, payload, content_type="application/json",
            headers={
                "host": "localhost",
                "stripe-signature": f"t={moment},v1={signed.hexdigest()}"
                if signature is None else signature,
            },
        )  # fmt: skip
    finally:
        connection.set_tenant(tenant)


def handle(at):
    return handle_events(at=at, now=datetime.now(UTC))


def test_from_the_checkout_to_the_last_refund(
    order, rich, shelf, account, stripe_control, noon
):  # fmt: skip
    payment = begin(order, noon)
    assert payment.url.startswith(stripe_control.url)
    assert begin(order, noon).pk == payment.pk
    pay(stripe_control, payment)
    told = events(stripe_control, account)
    for event in told:
        assert tell(event).status_code == 204
    # What is told of the account itself is looked at there and then.
    assert handle(noon) == sum(not one["type"].startswith("account.") for one in told)
    order.refresh_from_db()
    assert order.status == "paid"
    assert check_books() == []

    done = []
    for pieces in ({2: 1}, {1: 2}):
        refund = refund_at_once(
            order_id=order.pk, pieces=pieces, reason="", shipping_cents=None, is_restocked=True,
            at=noon, now=noon, actor="user:owner",
        )  # fmt: skip
        assert refund.status == "paying"
        for _ in range(2):
            refund = look_at_refund(refund_id=refund.pk, at=noon, now=datetime.now(UTC))
        assert (refund.status, refund.provider_refund_id[:3]) == ("done", "re_")
        done.append(refund)
    back = [one["amount"] for one in stripe_control.stand_in.store.select("refund", account)]
    assert sorted(back) == sorted(one.paid_cents - one.cash_cents for one in done)
    assert sum(back) == order.due_cents == 9_590
    assert state(rich, shelf, noon) == UNTOUCHED
    assert check_books() == []


def snapshot(order, rich, shelf, noon):
    order.refresh_from_db()
    return (
        order.status, state(rich, shelf, noon), [one.status for one in order.payments.all()],
        Order.objects.filter(channel="shop").count(), [one["state"] for one in order.history],
    )  # fmt: skip


WAYS = ("completed", "intent", "poll", "back")


@pytest.mark.parametrize("ways", list(itertools.permutations(WAYS)), ids="-".join)
def test_every_order_of_arrival_ends_the_same(
    order, rich, shelf, account, stripe_control, noon, ways
):  # fmt: skip
    payment = begin(order, noon)
    pay(stripe_control, payment)
    told = {one["type"]: one for one in events(stripe_control, account)}
    for way in ways:
        if way == "poll":
            look_around(at=noon, now=datetime.now(UTC) + timedelta(minutes=2))
        elif way == "back":
            look_at_payment(payment_id=payment.pk, at=noon, now=datetime.now(UTC))
        else:
            kind = (
                "checkout.session.completed" if way == "completed" else "payment_intent.succeeded"
            )
            for _ in range(2):  # told twice as well
                assert tell(told[kind]).status_code == 204
            handle(noon)
    assert snapshot(order, rich, shelf, noon) == (
        "paid",
        {"points": (2_000, 0), "cash": (1_000, 0), "stock": (8, 4), "coupons": ["used"]},
        ["paid"], 1, ["awaiting_payment", "paid"],
    )  # fmt: skip
    assert PaymentEvent.objects.filter(handled_at=None).count() == 0
    assert check_books() == []


def test_before_it_is_paid_an_event_changes_nothing(
    order, account, stripe_control, noon
):  # fmt: skip
    payment = begin(order, noon)
    pay(stripe_control, payment, card="4000000000000002")
    for event in events(stripe_control, account):
        tell(event)
    # Somebody who can sign says that it is paid: what counts is what Stripe answers.
    tell({
        "id": "evt_1", "object": "event", "type": "checkout.session.completed", "account": account,
        "api_version": VERSION, "created": int(datetime.now(UTC).timestamp()),
        "data": {"object": {
            "id": payment.provider_id, "object": "checkout.session", "payment_status": "paid",
            "metadata": {"payment_id": str(payment.pk)},
        }},
    })  # fmt: skip
    handle(noon)
    order.refresh_from_db()
    assert order.status == "awaiting_payment"


def test_money_that_came_late_takes_everything_anew(
    order, rich, shelf, account, stripe_control, noon
):  # fmt: skip
    payment = begin(order, noon)
    pay(stripe_control, payment)
    late = noon + timedelta(hours=1)
    cancel_unpaid(at=late)
    assert state(rich, shelf, late) == UNTOUCHED
    look_around(at=late, now=datetime.now(UTC))
    order.refresh_from_db()
    assert order.status == "paid"
    assert state(rich, shelf, late)["stock"] == (8, 4)
    assert check_books() == []


def test_money_for_what_is_sold_out_meanwhile_goes_back_in_full(
    order, rich, shelf, account, stripe_control, noon
):  # fmt: skip
    payment = begin(order, noon)
    pay(stripe_control, payment)
    late = noon + timedelta(hours=1)
    cancel_unpaid(at=late)
    set_stock(variant_id=shelf["CUP"].pk, stock=0, at=late)
    for _ in range(3):
        look_around(at=late, now=datetime.now(UTC) + timedelta(minutes=5))
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.status, order.status) == ("returned", "cancelled")
    (back,) = stripe_control.stand_in.store.select("refund", account)
    assert back["amount"] == 9_590
    assert state(rich, shelf, late) == {**UNTOUCHED, "stock": (10, 0)}
    assert check_books() == []


def test_paid_at_the_counter_and_by_card_the_card_gets_its_money_back(
    order, account, stripe_control, noon
):  # fmt: skip
    card, counter = begin(order, noon), begin(order, noon, provider="offline")
    pay(stripe_control, card)
    confirm_offline(order_id=order.pk, payment_id=counter.pk, note="", at=noon, actor="user:owner")
    for _ in range(2):
        look_around(at=noon, now=datetime.now(UTC) + timedelta(minutes=5))
    card.refresh_from_db()
    assert card.status == "returned"
    assert (
        sum(one["amount"] for one in stripe_control.stand_in.store.select("refund", account))
        == 9_590
    )
    assert check_books() == []


def test_a_page_nobody_needs_any_more_is_closed(order, account, stripe_control, noon):
    payment = begin(order, noon)
    cancel_unpaid(at=noon + timedelta(hours=1))
    look_around(at=noon + timedelta(hours=1), now=datetime.now(UTC))
    payment.refresh_from_db()
    assert payment.status == "closed"
    session = stripe_control.stand_in.store.find("checkout.session", payment.provider_id, account)
    assert session["status"] == "expired"


def test_a_provider_that_does_not_answer_is_asked_again_for_the_same(
    order, account, stripe_control, noon
):  # fmt: skip
    # It does what was asked, and the answer is lost: three times, as the client tries that often.
    stripe_control.post("faults", path="/v1/checkout/sessions", times=3, mode="lost")
    with pytest.raises(PaymentProviderUnavailable):
        begin(order, noon)
    payment = begin(order, noon)
    assert Payment.objects.count() == 1
    assert payment.url
    assert len(stripe_control.stand_in.store.select("checkout.session", account)) == 1


def test_a_refund_that_fails_is_the_shops_to_pay(order, account, stripe_control, noon):
    payment = begin(order, noon)
    pay(stripe_control, payment)
    look_at_payment(payment_id=payment.pk, at=noon, now=datetime.now(UTC))
    refund = refund_at_once(
        order_id=order.pk, pieces={2: 1}, reason="", shipping_cents=None, is_restocked=True,
        at=noon, now=noon, actor="user:owner",
    )  # fmt: skip
    refund = look_at_refund(refund_id=refund.pk, at=noon, now=datetime.now(UTC))
    stripe_control.post(f"refunds/{refund.provider_refund_id}/settle", status="failed")
    for event in events(stripe_control, account):
        tell(event)
    handle(noon)
    refund.refresh_from_db()
    assert refund.status == "failed"
    done = confirm_refund(refund_id=refund.pk, note="bank transfer", at=noon, actor="user:owner")
    assert done.status == "done"
    # The failure is read again, and is no news.
    look_at_payment(payment_id=payment.pk, at=noon, now=datetime.now(UTC))
    done.refresh_from_db()
    assert done.status == "done"


def test_what_is_refunded_or_disputed_at_stripe_is_seen(
    order, account, stripe_control, noon
):  # fmt: skip
    payment = begin(order, noon)
    pay(stripe_control, payment, card="4000000000000259")
    look_at_payment(payment_id=payment.pk, at=noon, now=datetime.now(UTC))
    for event in events(stripe_control, account):
        tell(event)
    handle(noon)
    payment.refresh_from_db()
    assert (payment.status, payment.disputed_cents) == ("paid", 9_590)


def test_a_payment_the_provider_refuses_to_know_keeps_nobody_waiting(
    order, rich, shelf, account, stripe_control, noon
):  # fmt: skip
    """The first is of a page that Stripe does not know (any more); the second is paid all the same."""
    lost = begin(order, noon)
    Payment.objects.filter(pk=lost.pk).update(provider_id="cs_test_gone")
    other = place(rich, asked(shelf, tea=1, cup=0), noon)
    paid = begin(other, noon)
    pay(stripe_control, paid)
    assert tell(events(stripe_control, account)[-1]).status_code == 204
    later = datetime.now(UTC) + timedelta(minutes=5)
    look_around(at=noon, now=later)
    other.refresh_from_db()
    lost.refresh_from_db()
    assert (other.status, lost.status) == ("paid", "open")
    assert "refused" in lost.note
    assert lost.look_at > later
    assert PaymentEvent.objects.filter(handled_at=None).count() == 0


def test_stripe_is_not_offered_without_an_account_that_may_charge(
    rich, shelf, noon, shop, stripe_control
):  # fmt: skip
    change_program(changes={"shop": {"payments": ["stripe"]}}, at=noon)
    order = place(rich, asked(shelf), noon)
    with pytest.raises(PaymentMethodOff):
        begin(order, noon)


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_other"},
        {"ahead": timedelta(minutes=-6)},
        {"ahead": timedelta(minutes=6)},
        {"signature": "t=1,v1=00"},
        {"signature": ""},
    ],
    ids=["forged", "replayed", "future", "wrong", "none"],
)
def test_who_is_not_stripe_or_not_now_is_refused(order, account, stripe_control, noon, how):
    payment = begin(order, noon)
    pay(stripe_control, payment)
    (event,) = [
        one for one in events(stripe_control, account)
        if one["type"] == "checkout.session.completed"
    ]  # fmt: skip
    answer = tell(event, **how)
    assert (answer.status_code, answer.json()["code"]) == (400, "shop.webhook_invalid")
    assert not PaymentEvent.objects.exists()


def test_an_event_belongs_to_the_shop_of_its_account(order, account, toys, stripe_control, noon):
    payment = begin(order, noon)
    pay(stripe_control, payment)
    event = events(stripe_control, account)[-1]
    stranger = stripe_control.add_account()
    assert tell({**event, "account": stranger}).status_code == 204
    assert not PaymentEvent.objects.exists()
    tenant = connection.tenant
    connection.set_schema_to_public()
    connect(toys, stranger)
    connection.set_tenant(tenant)
    assert tell({**event, "account": stranger}).status_code == 204
    assert not PaymentEvent.objects.exists()
    connection.set_tenant(toys)
    assert PaymentEvent.objects.count() == 1
    # There the payment is nobody's: nothing happens, and nothing waits.
    assert handle_events(at=noon, now=datetime.now(UTC)) == 1
    connection.set_tenant(tenant)
    assert ShopOrder.objects.get().status == "awaiting_payment"
