"""The money part of a redemption paid by Stripe, over real HTTP against the stand-in: whatever arrives,
and when, the end is the same; money that cannot be kept goes back, once, and all of it."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from points.flows import redeemed
from points.flows.member_joined import join_member
from points.flows.shop_moved import look_around
from points.flows.shop_paid import begin_redemption_payment, confirm_returned, look_at_payment
from points.ledger.models import Transaction
from points.redemption.errors import NotAwaitingPayment, PaymentOver, RedemptionNotFound
from points.redemption.handing import reveal_gift_codes
from points.redemption.offering import add_gift_codes
from points.shop.order_errors import PaymentMethodOff, PaymentState
from points.shop.order_models import Payment, PaymentEvent
from tests.checkout.test_stripe import account, events, handle, pay, tell  # noqa: F401
from tests.mall.conftest import AT, item, points_of, redeem

PRICE = 990


def begin(made, at=AT, provider="stripe", member=None):
    return begin_redemption_payment(
        redemption_id=made.pk, member_id=member or made.member_id, provider=provider,
        success_url="http://tea.localhost/redemptions/1?paid=1",
        cancel_url="http://tea.localhost/redemptions/1", at=at, now=datetime.now(UTC),
        actor="member",
    )  # fmt: skip


def around(at=AT, minutes=0):
    look_around(at=at, now=datetime.now(UTC) + timedelta(minutes=minutes))


def read(payment, at=AT):
    return look_at_payment(payment_id=payment.pk, at=at, now=datetime.now(UTC))


def money_back(control, account):  # noqa: F811
    return [one["amount"] for one in control.stand_in.store.select("refund", account)]


def status(row):
    row.refresh_from_db()
    return row.status


@pytest.fixture
def card(account, mei):  # noqa: F811
    """A gift code at 100 points and 9.90; three in the pool."""
    card = item(kind="gift_code", price_cents=PRICE)
    add_gift_codes(item_id=card.pk, codes=["AAAA-1", "BBBB-2", "CCCC-3"], at=AT, actor="s")
    return card


@pytest.fixture
def made(card, mei):
    """Redeemed, its points held, waiting for 9.90."""
    return redeem(mei, card, payment="later")


def test_paid_by_card_it_is_delivered(made, mei, account, stripe_control):  # noqa: F811
    payment = begin(made)
    assert (payment.amount_cents, payment.redemption_id, payment.order_id) == (PRICE, made.pk, None)
    assert begin(made).pk == payment.pk
    session = stripe_control.stand_in.store.find("checkout.session", payment.provider_id, account)
    assert session["amount_total"] == PRICE
    assert reveal_gift_codes(redemption=made) == []
    pay(stripe_control, payment)
    read(payment)
    assert (status(made), status(payment)) == ("fulfilled", "paid")
    assert made.paid_by == "payment:stripe"
    assert reveal_gift_codes(redemption=made) == ["AAAA-1"]
    assert points_of(mei) == 900


WAYS = ("completed", "intent", "poll", "back")


@pytest.mark.parametrize("ways", list(itertools.permutations(WAYS)), ids="-".join)
def test_every_order_of_arrival_ends_the_same(
    made, mei, account, stripe_control, ways  # noqa: F811
):  # fmt: skip
    payment = begin(made)
    pay(stripe_control, payment)
    told = {one["type"]: one for one in events(stripe_control, account)}
    kinds = {"completed": "checkout.session.completed", "intent": "payment_intent.succeeded"}
    for way in ways:
        if way == "poll":
            around(minutes=2)
        elif way == "back":
            read(payment)
        else:
            for _ in range(2):  # told twice as well
                assert tell(told[kinds[way]]).status_code == 204
            handle(AT)
    assert (status(made), status(payment)) == ("fulfilled", "paid")
    assert made.delivered == {"gift_codes": 1}
    assert reveal_gift_codes(redemption=made) == ["AAAA-1"]
    assert points_of(mei) == 900
    assert Transaction.objects.filter(kind="capture").count() == 1
    assert Payment.objects.count() == 1
    assert money_back(stripe_control, account) == []
    assert PaymentEvent.objects.filter(handled_at=None).count() == 0


def test_money_that_came_late_takes_the_points_anew(made, mei, stripe_control):
    payment = begin(made)
    pay(stripe_control, payment)
    late = made.pay_by + timedelta(minutes=1)
    around(late, minutes=2)
    assert (status(made), status(payment)) == ("fulfilled", "paid")
    assert points_of(mei, late) == 900


def test_money_that_came_late_goes_back_when_the_points_are_gone(
    made, mei, account, stripe_control  # noqa: F811
):  # fmt: skip
    payment = begin(made)
    pay(stripe_control, payment)
    late = made.pay_by + timedelta(minutes=1)
    redeem(mei, item(price_points=950), at=late)
    for _ in range(3):
        around(late, minutes=5)
    assert (status(made), made.cancel_reason) == ("cancelled", "payment_came_late")
    assert (status(payment), payment.note) == ("returned", "late: redemption.payment_too_late")
    assert money_back(stripe_control, account) == [PRICE]
    assert points_of(mei, late) == 50


def test_given_up_meanwhile_the_money_goes_back(
    made, mei, card, account, stripe_control  # noqa: F811
):  # fmt: skip
    payment = begin(made)
    pay(stripe_control, payment)
    late = made.pay_by
    assert redeemed.give_up_unpaid(at=late) == 1
    for _ in range(3):
        around(late, minutes=5)
    assert (status(made), status(payment)) == ("cancelled", "returned")
    assert money_back(stripe_control, account) == [PRICE]
    card.refresh_from_db()
    assert (points_of(mei, late), card.stock) == (1_000, 3)


def test_a_page_nobody_needs_any_more_is_closed(made, mei, account, stripe_control):  # noqa: F811
    payment, counter = begin(made), begin(made, provider="offline")
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="m", by_member=True)
    around()
    assert (status(payment), status(counter)) == ("closed", "closed")
    session = stripe_control.stand_in.store.find("checkout.session", payment.provider_id, account)
    assert session["status"] == "expired"


def test_paid_at_the_shop_and_by_card_the_card_gets_its_money_back(
    made, account, stripe_control  # noqa: F811
):  # fmt: skip
    payment, counter = begin(made), begin(made, provider="offline")
    assert counter.url == ""
    pay(stripe_control, payment)
    redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1", note="cash")
    redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1")
    for _ in range(3):
        around(minutes=5)
    assert (status(counter), counter.note, status(payment)) == ("paid", "cash", "returned")
    assert money_back(stripe_control, account) == [PRICE]
    assert status(made) == "fulfilled"


def test_cancelled_by_the_shop_the_money_goes_back_once(
    mei, account, stripe_control  # noqa: F811
):  # fmt: skip
    made = redeem(mei, item(price_cents=PRICE, stock=5), 2, payment="later")
    payment = begin(made)
    pay(stripe_control, payment)
    read(payment)
    assert status(made) == "pending"
    for _ in range(2):
        redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
    assert (status(payment), payment.note) == ("surplus", "cancelled")
    for _ in range(3):
        around(minutes=5)
    for event in events(stripe_control, account):
        tell(event)
    handle(AT)
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
    assert status(payment) == "returned"
    assert money_back(stripe_control, account) == [2 * PRICE]
    assert points_of(mei) == 1_000


def test_paid_at_the_shop_the_shop_hands_it_back_and_says_so(mei, shop):
    made = redeem(mei, item(price_cents=PRICE), payment="later")
    redeemed.mark_paid(redemption_id=made.pk, at=AT, actor="staff:1")
    payment = Payment.objects.get()
    with pytest.raises(PaymentState):
        confirm_returned(payment_id=payment.pk, note="", actor="staff:1")
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
    assert status(payment) == "owed"
    for _ in range(2):
        confirm_returned(payment_id=payment.pk, note="cash", actor="staff:1")
    assert (status(payment), payment.note) == ("settled", "staff:1: cash")


def test_money_that_bounces_is_the_shops_to_give_back(
    mei, account, stripe_control  # noqa: F811
):  # fmt: skip
    made = redeem(mei, item(price_cents=PRICE), payment="later")
    payment = begin(made)
    pay(stripe_control, payment)
    read(payment)
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
    around()
    assert status(payment) == "returned"
    (refund,) = stripe_control.stand_in.store.select("refund", account)
    stripe_control.post(f"refunds/{refund['id']}/settle", status="failed")
    for event in events(stripe_control, account):
        tell(event)
    handle(AT)
    assert (status(payment), payment.note) == ("owed", "bounced")
    confirm_returned(payment_id=payment.pk, note="bank transfer", actor="staff:1")
    read(payment)  # the failed refund is still there at the provider
    assert status(payment) == "settled"
    assert len(money_back(stripe_control, account)) == 1


def test_what_a_provider_refuses_to_send_back_the_shop_gives_back(mei, account, stripe_control):  # noqa: F811
    made = redeem(mei, item(price_cents=PRICE), payment="later")
    payment = begin(made)
    pay(stripe_control, payment)
    read(payment)
    Payment.objects.filter(pk=payment.pk).update(provider_id="cs_test_gone")
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="staff:1")
    around()
    assert status(payment) == "owed"
    assert "refused" in payment.note
    assert payment.look_at is None


def test_what_cannot_be_delivered_is_cancelled_and_the_money_goes_back(
    made, card, mei, account, stripe_control  # noqa: F811
):  # fmt: skip
    """What it gives is not there any more when the money comes."""
    payment = begin(made)
    pay(stripe_control, payment)
    card.kind = "coupon"
    card.coupon_template = "gone"
    card.save(update_fields=["kind", "coupon_template"])
    for _ in range(3):
        around(minutes=5)
    assert (status(made), status(payment)) == ("cancelled", "returned")
    assert money_back(stripe_control, account) == [PRICE]
    assert points_of(mei) == 1_000


def test_who_may_begin_to_pay_and_when(made, mei, account, stripe_control):  # noqa: F811
    lin = join_member(external_id="lin", at=AT)
    with pytest.raises(RedemptionNotFound):
        begin(made, member=lin.pk)
    with pytest.raises(PaymentMethodOff):
        begin(made, provider="wechat")
    with pytest.raises(PaymentOver):
        begin(made, at=made.pay_by)
    redeemed.cancel(redemption_id=made.pk, at=AT, actor="m", by_member=True)
    with pytest.raises(NotAwaitingPayment):
        begin(made)
    assert not Payment.objects.exists()


def test_another_sum_pays_nothing_and_goes_back(made, account, stripe_control):  # noqa: F811
    payment = begin(made)
    pay(stripe_control, payment)
    Payment.objects.filter(pk=payment.pk).update(amount_cents=PRICE - 1)
    read(payment)
    assert (status(made), status(payment)) == ("awaiting_payment", "surplus")


def test_a_payment_is_for_one_thing(made, mei):
    with pytest.raises(IntegrityError, match="payment_is_for_one_thing"), transaction.atomic():
        Payment.objects.create(provider="stripe", amount_cents=1, created_at=AT, expires_at=AT)
    assert not Payment.objects.exists()
