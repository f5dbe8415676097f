"""A shop order goes its way: it is sent, received, or given up; and what becomes of it by itself."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from kernel import outbox
from points.flows import shop_reserved
from points.flows.order_completed import complete_order
from points.flows.payment_events import handle_events
from points.flows.shop_paid import look_at_payment
from points.flows.shop_records import CHANNEL, told_of
from points.flows.shop_refund_paid import look_at_refund
from points.members.queries import get_member
from points.program.queries import get_program
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_errors import ShopOrderState
from points.shop.order_models import ShopOrder

Status = ShopOrder.Status
BATCH = 100


@transaction.atomic
def cancel_order(
    *, order_id: uuid.UUID, reason: str, at: datetime, actor: str,
    member_id: uuid.UUID | None = None,
) -> ShopOrder:  # fmt: skip
    """Give up an order that is not paid; cancelled before: nothing happens again.

    Raises ShopOrderNotFound, ShopOrderState (what is paid is refunded instead).
    """
    order = queries.get_shop_order(order_id=order_id, member=member_id, lock=True)
    if order.status not in (Status.AWAITING_PAYMENT, Status.CANCELLED):
        raise ShopOrderState(status=order.status)
    orders.look_at_once(order_id=order.pk)
    shop_reserved.cancel(order, reason=reason, at=at, actor=actor)
    return order


@transaction.atomic
def ship_order(
    *, order_id: uuid.UUID, carrier: str, tracking: str, at: datetime, actor: str
) -> ShopOrder:
    """The parcel is on its way; told again it corrects carrier and number.

    Raises ShopOrderNotFound, ShopOrderState.
    """
    order = queries.get_shop_order(order_id=order_id, lock=True)
    if order.status not in (Status.PAID, Status.SHIPPED):
        raise ShopOrderState(status=order.status)
    sent_at = order.shipment["at"] if order.shipment else at.isoformat()
    days = get_program().settings.shop.complete_after_days
    is_new = order.status == Status.PAID
    orders.move_to(
        order=order, status=Status.SHIPPED, at=at, actor=actor,
        note=" ".join(part for part in (carrier, tracking) if part),
        shipment={"carrier": carrier, "tracking": tracking, "at": sent_at},
        completes_at=at + timedelta(days=days) if is_new else order.completes_at,
    )  # fmt: skip
    if is_new:
        _tell("shop_order.shipped", order, at)
    return order


@transaction.atomic
def receive_order(
    *, order_id: uuid.UUID, at: datetime, actor: str, member_id: uuid.UUID | None = None
) -> ShopOrder:
    """The goods have arrived: the order is completed, here and for the points it earns.

    Completed before: nothing happens again. Raises ShopOrderNotFound, ShopOrderState.
    """
    order = queries.get_shop_order(order_id=order_id, member=member_id, lock=True)
    if order.status == Status.COMPLETED:
        return order
    if order.status not in (Status.PAID, Status.SHIPPED):
        raise ShopOrderState(status=order.status)
    complete_order(external_id=order.number, channel=CHANNEL, completed_at=at, at=at, actor=actor)
    buyer = get_member(member_id=order.member_id)
    orders.move_to(
        order=order, status=Status.COMPLETED, at=at, actor=actor, completed_at=at,
        address=None if buyer.erased_at else order.address,
    )  # fmt: skip
    _tell("shop_order.completed", order, at)
    return order


def cancel_unpaid(*, at: datetime) -> int:
    """Orders whose time to pay is over give back what was kept for them; one transaction each."""

    def give_up(order_id: uuid.UUID) -> None:
        with transaction.atomic():
            order = queries.get_shop_order(order_id=order_id, lock=True)
            if order.status == Status.AWAITING_PAYMENT and order.pay_by <= at:
                orders.look_at_once(order_id=order.pk)
                shop_reserved.cancel(order, reason="unpaid", at=order.pay_by, actor="")

    return _each(lambda: queries.overdue_orders(at=at, limit=BATCH), give_up)


def complete_arrived(*, at: datetime) -> int:
    """Parcels nobody confirmed count as received on their day."""

    def receive(order_id: uuid.UUID) -> None:
        with transaction.atomic():
            order = queries.get_shop_order(order_id=order_id, lock=True)
            if order.status == Status.SHIPPED and order.completes_at and order.completes_at <= at:
                receive_order(order_id=order_id, at=at, actor="")

    return _each(lambda: queries.arrived_orders(at=at, limit=BATCH), receive)


def look_around(*, at: datetime, now: datetime) -> int:
    """Read at their providers the payments and refunds whose turn it is, or that somebody told of;
    how many."""
    told = handle_events(at=at, now=now)
    payments = queries.payments_to_look_at(now=now, limit=BATCH)
    for payment_id in payments:
        look_at_payment(payment_id=payment_id, at=at, now=now)
    refunds = queries.refunds_to_look_at(now=now, limit=BATCH)
    for refund_id in refunds:
        look_at_refund(refund_id=refund_id, at=at, now=now)
    return told + len(payments) + len(refunds)


def _each(find: Callable[[], Sequence[uuid.UUID]], do: Callable[[uuid.UUID], None]) -> int:
    done = 0
    while rows := find():
        for row in rows:
            do(row)
        done += len(rows)
    return done


def _tell(topic: str, order: ShopOrder, at: datetime) -> None:
    outbox.tell(topic=topic, subject=str(order.member_id), payload=told_of(order), at=at)
