"""Reading shop orders, payments and refunds."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from points.shop.order_errors import PaymentNotFound, RefundNotFound, ShopOrderNotFound
from points.shop.order_models import Payment, PaymentEvent, ShopOrder, ShopOrderLine, ShopRefund


def get_shop_order(
    *, order_id: uuid.UUID, member: uuid.UUID | None = None, lock: bool = False
) -> ShopOrder:
    """A shop order, of this member if one is named. Raises ShopOrderNotFound."""
    rows = ShopOrder.objects.select_for_update() if lock else ShopOrder.objects.all()
    if member is not None:
        rows = rows.filter(member_id=member)
    found = rows.filter(pk=order_id).first()
    if found is None:
        raise ShopOrderNotFound()
    return found


def list_shop_orders(
    *, limit: int, before: uuid.UUID | None = None, member: uuid.UUID | None = None,
    status: str | None = None, number: str = "",
) -> list[ShopOrder]:  # fmt: skip
    """Newest first, from behind `before`; `number` is the beginning of one."""
    rows = ShopOrder.objects.order_by("-id")
    if member is not None:
        rows = rows.filter(member_id=member)
    if status is not None:
        rows = rows.filter(status=status)
    if number.strip():
        rows = rows.filter(number__startswith=number.strip().upper())
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def lines_of(*, order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ShopOrderLine]]:
    """Order → its lines in order, one query for any number."""
    found: dict[uuid.UUID, list[ShopOrderLine]] = {order_id: [] for order_id in order_ids}
    rows = ShopOrderLine.objects.filter(order_id__in=order_ids).order_by("order_id", "position")
    for line in rows:
        found[line.order_id].append(line)
    return found


def refunds_of(*, order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ShopRefund]]:
    """Order → its refunds, oldest first."""
    found: dict[uuid.UUID, list[ShopRefund]] = {order_id: [] for order_id in order_ids}
    rows = ShopRefund.objects.filter(order_id__in=order_ids).order_by("requested_at", "id")
    for refund in rows:
        found[refund.order_id].append(refund)
    return found


def payments_of(*, order_id: uuid.UUID) -> list[Payment]:
    """All attempts to pay an order, oldest first."""
    return list(Payment.objects.filter(order_id=order_id).order_by("created_at", "id"))


def payments_of_redemptions(
    *, redemption_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Payment]]:
    """Redemption → all attempts to pay its money part, oldest first. One query for any number, none
    for no redemption."""
    found: dict[uuid.UUID, list[Payment]] = {one: [] for one in redemption_ids}
    rows = Payment.objects.filter(redemption__in=redemption_ids) if redemption_ids else ()
    for row in sorted(rows, key=lambda row: (row.created_at, row.pk)):
        found[cast(uuid.UUID, row.redemption_id)].append(row)
    return found


def get_payment(
    *, payment_id: uuid.UUID, order_id: uuid.UUID | None = None,
    redemption_id: uuid.UUID | None = None,
) -> Payment:  # fmt: skip
    """A payment, for this order or redemption if one is named. Raises PaymentNotFound."""
    rows = Payment.objects.select_related("order", "redemption").filter(pk=payment_id)
    if order_id is not None:
        rows = rows.filter(order_id=order_id)
    if redemption_id is not None:
        rows = rows.filter(redemption_id=redemption_id)
    found = rows.first()
    if found is None:
        raise PaymentNotFound()
    return found


def get_refund(*, refund_id: uuid.UUID, member: uuid.UUID | None = None) -> ShopRefund:
    """A refund, of this member's order if one is named. Raises RefundNotFound."""
    rows = ShopRefund.objects.select_related("order").filter(pk=refund_id)
    found = rows.filter(order__member_id=member).first() if member else rows.first()
    if found is None:
        raise RefundNotFound()
    return found


def list_refunds(
    *, limit: int, before: uuid.UUID | None = None, status: str | None = None
) -> list[ShopRefund]:
    """Of all orders, newest first, with their orders."""
    rows = ShopRefund.objects.select_related("order").order_by("-id")
    if status is not None:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def overdue_orders(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Orders whose time to pay is over."""
    rows = ShopOrder.objects.filter(status=ShopOrder.Status.AWAITING_PAYMENT, pay_by__lte=at)
    return list(rows.order_by("pay_by").values_list("pk", flat=True)[:limit])


def unpaid_orders(*, member: uuid.UUID) -> list[uuid.UUID]:
    """Orders of a member that wait for their payment."""
    rows = ShopOrder.objects.filter(member_id=member, status=ShopOrder.Status.AWAITING_PAYMENT)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def arrived_orders(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Parcels nobody confirmed that count as received."""
    rows = ShopOrder.objects.filter(status=ShopOrder.Status.SHIPPED, completes_at__lte=at)
    return list(rows.order_by("completes_at").values_list("pk", flat=True)[:limit])


def waiting_events(*, limit: int = 200) -> list[PaymentEvent]:
    """Events nobody has looked into yet, oldest first."""
    rows = PaymentEvent.objects.filter(handled_at__isnull=True).order_by("received_at", "id")
    return list(rows[:limit])


def payments_to_look_at(*, now: datetime, limit: int) -> list[uuid.UUID]:
    """Payments to be read at their provider, by the real clock."""
    rows = Payment.objects.filter(look_at__lte=now).order_by("look_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def refunds_to_look_at(*, now: datetime, limit: int) -> list[uuid.UUID]:
    """Refunds whose money is to be sent, or asked after."""
    rows = ShopRefund.objects.filter(look_at__lte=now).order_by("look_at")
    return list(rows.values_list("pk", flat=True)[:limit])
