"""Money for a shop order or a redemption: a payment is begun, looked at, and what it is for is paid.

A provider's word is only a hint: whoever tells us of a payment (a webhook, the buyer coming back, the
poller) makes us read it again at the provider, outside of any transaction, and `settle` writes down
what it says. So all orders of arrival end the same. Money that comes for what is paid already, or can
no longer be filled, goes back in full. What differs between orders and redemptions is `paid_for`'s.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import get_language

from kernel.db import connection
from points.flows import paid_for, shop_reserved
from points.flows.paid_for import PaidFor
from points.flows.payments_connected import list_ways_to_pay
from points.flows.shop_filled import become_paid
from points.members.queries import get_member
from points.program.queries import get_program
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_errors import (
    PaymentMethodOff,
    PaymentNotFound,
    PaymentState,
    ShopOrderState,
)
from points.shop.order_models import Payment, ShopOrder
from points.shop.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import PaymentToBegin, Provider, ProviderPayment
from points.shop.payments.registry import OFFLINE, provider_of
from tenants.queries import get_payment_account

Status = Payment.Status


class Pages(msgspec.Struct, frozen=True):
    """Where a provider sends the buyer: after paying, and without."""

    success_url: str
    cancel_url: str


def begin_payment(
    *, order_id: uuid.UUID, member_id: uuid.UUID, provider: str, success_url: str,
    cancel_url: str, at: datetime, now: datetime, actor: str,
) -> Payment:  # fmt: skip
    """A way to pay what is due of an order; asked again, the one that is open. `now` is the real clock.

    Raises ShopOrderNotFound, ShopOrderState, PaymentTooLate, NothingToPay, PaymentMethodOff,
    PaymentProviderUnavailable (then asking again goes on with the same payment),
    PaymentProviderRefused.
    """
    return _begin(
        lambda: paid_for.lock_order(order_id=order_id, member=member_id),
        provider, Pages(success_url, cancel_url), at=at, now=now, actor=actor,
    )  # fmt: skip


def begin_redemption_payment(
    *, redemption_id: uuid.UUID, member_id: uuid.UUID, provider: str, success_url: str,
    cancel_url: str, at: datetime, now: datetime, actor: str,
) -> Payment:  # fmt: skip
    """A way to pay the money part of a redemption; else as `begin_payment`.

    Raises RedemptionNotFound, NotAwaitingPayment, PaymentOver, PaymentMethodOff,
    PaymentProviderUnavailable, PaymentProviderRefused.
    """
    return _begin(
        lambda: paid_for.lock_redeemed(redemption_id=redemption_id, member=member_id),
        provider, Pages(success_url, cancel_url), at=at, now=now, actor=actor,
    )  # fmt: skip


def _begin(
    find: Callable[[], PaidFor], provider: str, pages: Pages, *, at: datetime, now: datetime,
    actor: str,
) -> Payment:  # fmt: skip
    payment, of = _open_payment(find, provider, at=at, now=now, actor=actor)
    if payment.provider == OFFLINE or payment.url:
        return payment
    asked = _asked(of, payment, pages)
    try:
        begun = provider_of(provider).begin(asked)
    except PaymentProviderRefused:
        orders.move_payment(payment=payment, status=Status.CLOSED)
        raise
    orders.save_begun(payment=payment, provider_id=begun.provider_id, url=begun.url or "")
    return payment


@transaction.atomic
def _open_payment(
    find: Callable[[], PaidFor], provider: str, *, at: datetime, now: datetime, actor: str
) -> tuple[Payment, PaidFor]:
    """The open payment with this provider, or a new one, and what it is for."""
    of = find()
    of.check_payable(at)
    merchant = connection.tenant
    if provider not in list_ways_to_pay(merchant=merchant, settings=get_program().settings):
        raise PaymentMethodOff()
    for payment in of.payments():
        if payment.status == Status.OPEN and payment.provider == provider:
            return payment, of
    account = get_payment_account(merchant_id=merchant.pk, provider=provider)
    payment = orders.add_payment(
        of=of.row, amount_cents=of.due_cents, pay_by=of.row.pay_by or at, provider=provider,
        account=account.account_id if account else "", at=at, now=now, actor=actor,
        language=get_language() or "zh-hans",
    )  # fmt: skip
    return payment, of


def _asked(of: PaidFor, payment: Payment, pages: Pages) -> PaymentToBegin:
    """What the provider is asked for: the same however often it is asked for this payment."""
    return PaymentToBegin(
        payment_id=payment.pk, number=of.number, currency=of.row.currency,
        amount_cents=payment.amount_cents, success_url=pages.success_url,
        cancel_url=pages.cancel_url, lines=of.lines(payment.language),
        expires_at=payment.expires_at, email=get_member(member_id=of.row.member_id).email or "",
        locale=payment.language, account=payment.account, merchant=str(connection.tenant.pk),
    )  # fmt: skip


def look_at_payment(
    *, payment_id: uuid.UUID, at: datetime, now: datetime, is_told: bool = False
) -> Payment:
    """Ask the provider how a payment stands, and write down what it says.

    What waits for no money any more closes its open payments, so that nobody pays in vain. A provider
    that does not answer is asked again later; whoever was told to look (`is_told`) hears of it. One
    that refuses keeps nobody else waiting: its word is noted, and it is asked again, ever less often.
    Raises PaymentNotFound, PaymentProviderUnavailable.
    """
    payment = queries.get_payment(payment_id=payment_id)
    if payment.provider == OFFLINE:
        return payment
    try:
        provider = provider_of(payment.provider)
        if payment.status == Status.SURPLUS:
            return _send_back(payment, provider, now=now)
        is_wanted = paid_for.look(payment).waits(at)
        if not payment.provider_id:
            return _forget_unbegun(payment, is_wanted=is_wanted, now=now)
        ask = provider.read if is_wanted or payment.status != Status.OPEN else provider.close
        state = ask(payment.provider_id, payment.account)
    except PaymentProviderUnavailable:
        if is_told:
            raise
        orders.look_later(row=payment, now=now)
        return payment
    except (PaymentProviderRefused, PaymentsNotSetUp) as refused:
        if payment.status in (Status.OPEN, Status.SURPLUS):
            orders.refuse_for_now(payment=payment, why=str(refused), now=now)
        return payment
    return settle(payment_id=payment.pk, state=state, at=at, now=now)


def _forget_unbegun(payment: Payment, *, is_wanted: bool, now: datetime) -> Payment:
    """It was never begun as far as we know; the buyer may ask again, with the same key."""
    if is_wanted:
        orders.look_later(row=payment, now=now)
    else:
        orders.move_payment(payment=payment, status=Status.CLOSED)
    return payment


@transaction.atomic
def settle(
    *, payment_id: uuid.UUID, state: ProviderPayment, at: datetime, now: datetime
) -> Payment:
    """Write down how a payment stands at its provider; the same state again changes nothing."""
    of, payment = _lock(payment_id)
    if payment.status not in (Status.OPEN, Status.CLOSED):
        _follow(payment, state)
        return payment
    if state.status == "paid":
        _take_money(of, payment, state, at=at, now=now)
    elif state.status == "closed":
        orders.move_payment(payment=payment, status=Status.CLOSED)
    else:
        orders.look_later(row=payment, now=now)
    return payment


def _lock(payment_id: uuid.UUID) -> tuple[PaidFor, Payment]:
    """What a payment is for, locked, and the payment as it is then."""
    of = paid_for.lock(queries.get_payment(payment_id=payment_id))
    return of, queries.get_payment(payment_id=payment_id)


def _follow(payment: Payment, state: ProviderPayment) -> None:
    """Refunds and disputes of money that is here already. Ours bear our references; others were made
    in the provider's own pages, where the points of the order know nothing of them."""
    failed = [one.reference for one in state.refunds if one.status == "failed"]
    if payment.order_id is not None:
        orders.fail_refunds(order_id=payment.order_id, refund_ids=failed)
    if str(payment.pk) in failed and payment.status == Status.RETURNED:
        orders.move_payment(payment=payment, status=Status.OWED, note="bounced")
    outside = sum(
        one.amount_cents for one in state.refunds if not one.reference and one.status != "failed"
    )
    seen = (payment.refunded_outside_cents, payment.disputed_cents)
    if (outside, state.disputed_cents) != seen:
        orders.note_outside(
            payment=payment, refunded_cents=outside, disputed_cents=state.disputed_cents
        )


def _take_money(
    of: PaidFor, payment: Payment, state: ProviderPayment, *, at: datetime, now: datetime
) -> None:
    if state.paid_cents != payment.amount_cents or state.currency != of.row.currency:
        note = f"amount: {state.paid_cents} {state.currency}"
    else:
        note = of.fill(payment, at=at, actor=f"payment:{payment.provider}")
    if note:
        orders.move_payment(
            payment=payment, status=Status.SURPLUS, look_at=now, note=note, paid_at=at
        )


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
    if payment.status == Status.PAID:
        return payment
    if order.status != ShopOrder.Status.AWAITING_PAYMENT and not order.ran_out:
        raise ShopOrderState(status=order.status)
    shop_reserved.renew(order, at=at, actor=actor)
    payment.note = note
    orders.move_payment(payment=payment, status=Status.PAID, note=note, paid_at=at)
    become_paid(order, at=at, actor=actor)
    shop_reserved.retake_stock(order, at=at)
    return payment


@transaction.atomic
def confirm_returned(*, payment_id: uuid.UUID, note: str, actor: str) -> Payment:
    """The shop has given money back by itself that no provider sends. Said before: nothing changes.

    Raises PaymentNotFound, PaymentState (it is not the shop's to give back).
    """
    _, payment = _lock(payment_id)
    if payment.status == Status.SETTLED:
        return payment
    if payment.status != Status.OWED:
        raise PaymentState(status=payment.status)
    orders.move_payment(
        payment=payment, status=Status.SETTLED, note=f"{actor}: {note}" if note else actor
    )
    return payment


def _send_back(payment: Payment, provider: Provider, *, now: datetime) -> Payment:
    """Money nobody may keep goes back, once: the payment's own id is the refund's key. What the
    provider refuses for good, or could not deliver, is the shop's to give back."""
    try:
        sent = provider.refund(
            provider_id=payment.provider_id, account=payment.account,
            amount_cents=payment.amount_cents, reference=str(payment.pk),
        )  # fmt: skip
    except PaymentProviderRefused as refused:
        return _note_sent(payment.pk, Status.OWED, str(refused), now=now)
    status = {"succeeded": Status.RETURNED, "failed": Status.OWED}.get(sent.status)
    return _note_sent(payment.pk, status, sent.reason, now=now)


@transaction.atomic
def _note_sent(payment_id: uuid.UUID, status: str | None, note: str, *, now: datetime) -> Payment:
    """Under the lock, as somebody else may have sent it, and seen it fail, meanwhile."""
    _, payment = _lock(payment_id)
    if payment.status != Status.SURPLUS:
        return payment
    if status is None:
        orders.look_later(row=payment, now=now)
    else:
        orders.move_payment(payment=payment, status=status, note=note)
    return payment
