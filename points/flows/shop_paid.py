"""Money for a shop order: a payment is begun, looked at, and its order becomes paid.

A provider's word is only a hint: whoever tells us of a payment (a webhook, the buyer coming back, the
poller) makes us read it again at the provider, outside of any transaction, and `settle` writes down
what it says. So all orders of arrival end the same. Money that comes for an order that is paid
already, or that can no longer be filled, goes back in full.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language

from kernel import outbox
from kernel.db import connection
from kernel.errors import DomainError
from points.coupons import actions as coupons
from points.flows import shop_reserved
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.order_received import take_order
from points.flows.payments_connected import list_ways_to_pay
from points.flows.shop_records import CHANNEL, line_name, reference_of, told_of
from points.ledger.actions import capture_hold
from points.members.queries import get_member
from points.program.queries import get_program
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.models import in_language
from points.shop.order_errors import (
    NothingToPay,
    PaymentMethodOff,
    PaymentNotFound,
    PaymentTooLate,
    ShopOrderState,
)
from points.shop.order_models import Payment, ShopOrder
from points.shop.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import LineToPay, PaymentToBegin, Provider, ProviderPayment
from points.shop.payments.registry import OFFLINE, provider_of
from tenants.queries import get_payment_account

Status = ShopOrder.Status


def begin_payment(
    *, order_id: uuid.UUID, member_id: uuid.UUID, provider: str, success_url: str,
    cancel_url: str, at: datetime, now: datetime, actor: str,
) -> Payment:  # fmt: skip
    """A way to pay what is due; asked again, the one that is open. `now` is the real clock.

    Raises ShopOrderNotFound, ShopOrderState, PaymentTooLate, NothingToPay, PaymentMethodOff,
    PaymentProviderUnavailable (then asking again goes on with the same payment),
    PaymentProviderRefused.
    """
    payment = _open_payment(order_id, member_id, provider, at=at, now=now, actor=actor)
    if payment.provider == OFFLINE or payment.url:
        return payment
    asked = _asked(payment, success_url=success_url, cancel_url=cancel_url)
    try:
        begun = provider_of(provider).begin(asked)
    except PaymentProviderRefused:
        orders.move_payment(payment=payment, status=Payment.Status.CLOSED)
        raise
    orders.save_begun(payment=payment, provider_id=begun.provider_id, url=begun.url or "")
    return payment


@transaction.atomic
def _open_payment(
    order_id: uuid.UUID, member_id: uuid.UUID, provider: str, *, at: datetime, now: datetime,
    actor: str,
) -> Payment:  # fmt: skip
    order = queries.get_shop_order(order_id=order_id, member=member_id, lock=True)
    if order.status != Status.AWAITING_PAYMENT:
        raise ShopOrderState(status=order.status)
    if order.pay_by <= at:
        raise PaymentTooLate()
    if order.due_cents == 0:
        raise NothingToPay()
    merchant = connection.tenant
    if provider not in list_ways_to_pay(merchant=merchant, settings=get_program().settings):
        raise PaymentMethodOff()
    for payment in queries.payments_of(order_id=order.pk):
        if payment.status == Payment.Status.OPEN and payment.provider == provider:
            return payment
    account = get_payment_account(merchant_id=merchant.pk, provider=provider)
    return orders.add_payment(
        order=order, provider=provider, account=account.account_id if account else "", at=at, now=now, actor=actor,
        language=get_language() or "zh-hans",
    )  # fmt: skip


def _asked(payment: Payment, *, success_url: str, cancel_url: str) -> PaymentToBegin:
    """What the provider is asked for: the same however often it is asked for this payment."""
    order, language = payment.order, payment.language
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    return PaymentToBegin(
        payment_id=payment.pk, number=order.number, currency=order.currency,
        amount_cents=payment.amount_cents, success_url=success_url, cancel_url=cancel_url,
        lines=tuple(
            LineToPay(
                title=in_language(language, line.title_zh, line.title_en),
                quantity=line.quantity, amount_cents=line.paid_cents,
            )
            for line in lines
        ),
        expires_at=payment.expires_at, email=get_member(member_id=order.member_id).email or "",
        locale=language, account=payment.account, merchant=str(connection.tenant.pk),
    )  # fmt: skip


def look_at_payment(
    *, payment_id: uuid.UUID, at: datetime, now: datetime, is_told: bool = False
) -> Payment:
    """Ask the provider how a payment stands, and write down what it says.

    An order that waits no longer closes its open payments, so that nobody pays in vain. A provider
    that does not answer is asked again later; whoever was told to look (`is_told`) hears of it. One
    that refuses keeps nobody else waiting: its word is noted, and it is asked again, ever less often.
    Raises PaymentNotFound, PaymentProviderUnavailable.
    """
    payment = queries.get_payment(payment_id=payment_id)
    if payment.provider == OFFLINE:
        return payment
    try:
        provider = provider_of(payment.provider)
        if payment.status == Payment.Status.SURPLUS:
            return _send_back(payment, provider, now=now)
        if not payment.provider_id:
            return _forget_unbegun(payment, now=now)
        is_wanted = payment.order.status == Status.AWAITING_PAYMENT and payment.order.pay_by > at
        is_over = payment.status != Payment.Status.OPEN
        ask = provider.read if is_wanted or is_over else provider.close
        state = ask(payment.provider_id, payment.account)
    except PaymentProviderUnavailable:
        if is_told:
            raise
        orders.look_later(row=payment, now=now)
        return payment
    except (PaymentProviderRefused, PaymentsNotSetUp) as refused:
        if payment.status in (Payment.Status.OPEN, Payment.Status.SURPLUS):
            orders.refuse_for_now(payment=payment, why=str(refused), now=now)
        return payment
    return settle(payment_id=payment.pk, state=state, at=at, now=now)


def _forget_unbegun(payment: Payment, *, now: datetime) -> Payment:
    """It was never begun as far as we know; the buyer may ask again, with the same key."""
    if payment.order.status == Status.AWAITING_PAYMENT:
        orders.look_later(row=payment, now=now)
    else:
        orders.move_payment(payment=payment, status=Payment.Status.CLOSED)
    return payment


@transaction.atomic
def settle(
    *, payment_id: uuid.UUID, state: ProviderPayment, at: datetime, now: datetime
) -> Payment:
    """Write down how a payment stands at its provider; the same state again changes nothing."""
    order_id = queries.get_payment(payment_id=payment_id).order_id
    order = queries.get_shop_order(order_id=order_id, lock=True)
    payment = queries.get_payment(payment_id=payment_id)
    if payment.status not in (Payment.Status.OPEN, Payment.Status.CLOSED):
        _follow(payment, state)
        return payment
    if state.status == "paid":
        _take_money(order, payment, state, at=at, now=now)
    elif state.status == "closed":
        orders.move_payment(payment=payment, status=Payment.Status.CLOSED)
    else:
        orders.look_later(row=payment, now=now)
    return payment


def _follow(payment: Payment, state: ProviderPayment) -> None:
    """Refunds and disputes of money that is here already. Ours bear our references; others were made
    in the provider's own pages, where the points of the order know nothing of them."""
    failed = [one.reference for one in state.refunds if one.status == "failed"]
    orders.fail_refunds(order_id=payment.order_id, refund_ids=failed)
    outside = sum(
        one.amount_cents for one in state.refunds if not one.reference and one.status != "failed"
    )
    seen = (payment.refunded_outside_cents, payment.disputed_cents)
    if (outside, state.disputed_cents) != seen:
        orders.note_outside(
            payment=payment, refunded_cents=outside, disputed_cents=state.disputed_cents
        )


def _take_money(
    order: ShopOrder, payment: Payment, state: ProviderPayment, *, at: datetime, now: datetime
) -> None:
    actor, note = f"payment:{payment.provider}", ""
    if state.paid_cents != payment.amount_cents or state.currency != order.currency:
        note = f"amount: {state.paid_cents} {state.currency}"
    elif order.status == Status.AWAITING_PAYMENT or order.ran_out:
        note = _fill(order, payment, at=at, actor=actor)
    else:
        note = f"order: {order.status}"
    if note:
        orders.move_payment(
            payment=payment, status=Payment.Status.SURPLUS, look_at=now, note=note, paid_at=at
        )


def _fill(order: ShopOrder, payment: Payment, *, at: datetime, actor: str) -> str:
    """The order becomes paid, with what ran out meanwhile taken anew; else why it cannot be."""
    try:
        with transaction.atomic():
            shop_reserved.renew(order, at=at, actor=actor)
            orders.move_payment(payment=payment, status=Payment.Status.PAID, paid_at=at)
            become_paid(order, at=at, actor=actor)
            shop_reserved.retake_stock(order, at=at)
    except DomainError as refusal:
        order.refresh_from_db()
        shop_reserved.cancel(order, reason="payment_came_late", at=at, actor=actor)
        return f"late: {refusal.code}"
    return ""


@transaction.atomic
def confirm_offline(
    *, order_id: uuid.UUID, payment_id: uuid.UUID, note: str, at: datetime, actor: str
) -> Payment:
    """Somebody of the shop has seen the money. Confirmed before: nothing happens again.

    Raises PaymentNotFound; ShopOrderState when the order is paid or cannot be filled any more.
    """
    order = queries.get_shop_order(order_id=order_id, lock=True)
    payment = queries.get_payment(payment_id=payment_id, order_id=order_id)
    if payment.provider != OFFLINE:
        raise PaymentNotFound()
    if payment.status == Payment.Status.PAID:
        return payment
    if order.status != Status.AWAITING_PAYMENT and not order.ran_out:
        raise ShopOrderState(status=order.status)
    shop_reserved.renew(order, at=at, actor=actor)
    payment.note = note
    orders.move_payment(payment=payment, status=Payment.Status.PAID, note=note, paid_at=at)
    become_paid(order, at=at, actor=actor)
    shop_reserved.retake_stock(order, at=at)
    return payment


def become_paid(order: ShopOrder, *, at: datetime, actor: str) -> None:
    """All of an order's price is there: coupons are used, the points and the cash set aside are
    spent, and it earns like any order. The caller holds its lock."""
    if order.coupons:
        coupons.use(
            codes=[one["code"] for one in order.coupons], reference=reference_of(order.number),
            discounts={one["code"]: one["discount_cents"] for one in order.coupons},
            at=at, actor=actor,
        )  # fmt: skip
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    take_order(
        order=IncomingOrder(
            external_id=order.number, channel=CHANNEL, currency=order.currency, placed_at=at,
            status="paid", member_id=order.member_id, shipping_cents=order.shipping_cents,
            hold_id=order.points_hold_id,
            lines=[
                IncomingLine(
                    external_id=line_name(line.position), sku=line.sku, category=line.category,
                    quantity=line.quantity, amount_cents=line.goods_cents,
                )
                for line in lines
            ],
        ),
        create_member=False, at=at, actor=actor, agreed_offset_cents=order.offset_cents,
    )  # fmt: skip
    if order.cash_hold_id is not None:
        spent = capture_hold(
            hold=order.cash_hold_id, at=at, actor=actor, source_type="shop_order",
            source_id=order.pk, reference=order.number,
        )  # fmt: skip
        order.cash_transaction_id = spent.transaction_id
    orders.move_to(
        order=order, status=Status.PAID, at=at, actor=actor, paid_at=at,
        cash_transaction_id=order.cash_transaction_id,
    )  # fmt: skip
    outbox.tell(
        topic="shop_order.paid", subject=str(order.member_id), payload=told_of(order), at=at
    )


def _send_back(payment: Payment, provider: Provider, *, now: datetime) -> Payment:
    """Money nobody may keep goes back, once: the payment's own id is the refund's key."""
    sent = provider.refund(
        provider_id=payment.provider_id, account=payment.account,
        amount_cents=payment.amount_cents, reference=str(payment.pk),
    )  # fmt: skip
    if sent.status == "succeeded":
        orders.move_payment(payment=payment, status=Payment.Status.RETURNED)
    else:
        orders.look_later(row=payment, now=now)
    return payment
