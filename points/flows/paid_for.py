"""What a payment is for: a shop order, or the money part of a redemption.

What differs between the two stands here: what is due and until when, the lines a buyer is shown, and
what happens when the money is there. How money is asked for, seen and sent back is one thing for both
(`shop_paid`).
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.db import transaction

from kernel.errors import DomainError
from points.flows import redeemed, shop_filled, shop_reserved
from points.redemption.actions import lock_redemption
from points.redemption.errors import NotAwaitingPayment, PaymentOver, RedemptionNotFound
from points.redemption.models import Redemption
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.models import in_language
from points.shop.order_errors import NothingToPay, PaymentTooLate, ShopOrderState
from points.shop.order_models import Payment, ShopOrder
from points.shop.payments.provider import LineToPay


class PaidFor(Protocol):
    """Something that money is due for; `row` is locked when it was found by `lock`."""

    @property
    def row(self) -> ShopOrder | Redemption: ...

    @property
    def number(self) -> str:
        """What people call it."""

    @property
    def due_cents(self) -> int:
        """What a payment is to bring."""

    def waits(self, at: datetime) -> bool:
        """Whether money is still wanted."""

    def check_payable(self, at: datetime) -> None:
        """Raises what says that no payment may begin."""

    def payments(self) -> Iterable[Payment]:
        """All attempts to pay it, oldest first."""

    def lines(self, language: str) -> tuple[LineToPay, ...]:
        """What the buyer is shown at the provider."""

    def fill(self, payment: Payment, *, at: datetime, actor: str) -> str:
        """The right sum has come, of a payment that is not `paid` yet: both become paid, with what
        ran out meanwhile taken anew. Else why the money has to go back."""


class PaidOrder:
    """A shop order."""

    def __init__(self, row: ShopOrder) -> None:
        self.row = row

    @property
    def number(self) -> str:
        return self.row.number

    @property
    def due_cents(self) -> int:
        return self.row.due_cents

    def waits(self, at: datetime) -> bool:
        return self.row.status == ShopOrder.Status.AWAITING_PAYMENT and self.row.pay_by > at

    def check_payable(self, at: datetime) -> None:
        """Raises ShopOrderState, PaymentTooLate, NothingToPay."""
        if self.row.status != ShopOrder.Status.AWAITING_PAYMENT:
            raise ShopOrderState(status=self.row.status)
        if not self.waits(at):
            raise PaymentTooLate()
        if self.due_cents == 0:
            raise NothingToPay()

    def payments(self) -> Iterable[Payment]:
        return queries.payments_of(order_id=self.row.pk)

    def lines(self, language: str) -> tuple[LineToPay, ...]:
        return tuple(
            LineToPay(
                title=in_language(language, line.title_zh, line.title_en),
                quantity=line.quantity, amount_cents=line.paid_cents,
            )
            for line in queries.lines_of(order_ids=[self.row.pk])[self.row.pk]
        )  # fmt: skip

    def fill(self, payment: Payment, *, at: datetime, actor: str) -> str:
        order = self.row
        if order.status != ShopOrder.Status.AWAITING_PAYMENT and not order.ran_out:
            return f"order: {order.status}"
        try:
            with transaction.atomic():
                shop_reserved.renew(order, at=at, actor=actor)
                orders.move_payment(payment=payment, status=Payment.Status.PAID, paid_at=at)
                shop_filled.become_paid(order, at=at, actor=actor)
                shop_reserved.retake_stock(order, at=at)
        except DomainError as refusal:
            order.refresh_from_db()
            shop_reserved.cancel(order, reason="payment_came_late", at=at, actor=actor)
            return f"late: {refusal.code}"
        return ""


class PaidRedemption:
    """The money part of a redemption."""

    def __init__(self, row: Redemption) -> None:
        self.row = row

    @property
    def number(self) -> str:
        return self.row.code

    @property
    def due_cents(self) -> int:
        return self.row.price_cents

    def waits(self, at: datetime) -> bool:
        row = self.row
        return row.status == Redemption.Status.AWAITING_PAYMENT and _is_before(at, row.pay_by)

    def check_payable(self, at: datetime) -> None:
        """Raises NotAwaitingPayment, PaymentOver."""
        if self.row.status != Redemption.Status.AWAITING_PAYMENT:
            raise NotAwaitingPayment(status=self.row.status)
        if not self.waits(at):
            raise PaymentOver()

    def payments(self) -> Iterable[Payment]:
        return queries.payments_of_redemptions(redemption_ids=[self.row.pk])[self.row.pk]

    def lines(self, language: str) -> tuple[LineToPay, ...]:
        row = self.row
        parts = (row.item.title(language), row.variant.name(language) if row.variant else "")
        title = " · ".join(part for part in parts if part)
        return (LineToPay(title=title, quantity=row.quantity, amount_cents=row.price_cents),)

    def fill(self, payment: Payment, *, at: datetime, actor: str) -> str:
        redemption = self.row
        if redemption.status != Redemption.Status.AWAITING_PAYMENT:
            return f"redemption: {redemption.status}"
        try:
            with transaction.atomic():
                orders.move_payment(payment=payment, status=Payment.Status.PAID, paid_at=at)
                redeemed.become_paid(redemption_id=redemption.pk, at=at, actor=actor)
        except DomainError as refusal:
            redeemed.give_up(
                redemption_id=redemption.pk, reason="payment_came_late", at=at, actor=actor
            )
            return f"late: {refusal.code}"
        return ""


def lock_order(*, order_id: uuid.UUID, member: uuid.UUID | None = None) -> PaidOrder:
    """A shop order, of this member if one is named, locked. Raises ShopOrderNotFound."""
    return PaidOrder(queries.get_shop_order(order_id=order_id, member=member, lock=True))


def lock_redeemed(*, redemption_id: uuid.UUID, member: uuid.UUID | None = None) -> PaidRedemption:
    """A redemption, of this member if one is named, locked. Raises RedemptionNotFound."""
    row = lock_redemption(redemption_id=redemption_id)
    if member is not None and row.member_id != member:
        raise RedemptionNotFound()
    return PaidRedemption(row)


def lock(payment: Payment) -> PaidFor:
    """What a payment is for, locked until the caller's transaction ends."""
    if payment.order_id is not None:
        return lock_order(order_id=payment.order_id)
    assert payment.redemption_id is not None  # payment_is_for_one_thing
    return lock_redeemed(redemption_id=payment.redemption_id)


def look(payment: Payment) -> PaidFor:
    """What a payment is for, as it was read with it."""
    if payment.order is not None:
        return PaidOrder(payment.order)
    assert payment.redemption is not None  # payment_is_for_one_thing
    return PaidRedemption(payment.redemption)


def _is_before(at: datetime, end: datetime | None) -> bool:
    return end is not None and at < end
