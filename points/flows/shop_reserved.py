"""What a shop order keeps for its buyer until it is paid: stock, coupons, points, cash.

`is_reserved` says whether pieces and coupons are kept; points and cash are holds of the ledger, which
end by themselves.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from kernel import outbox
from points.coupons import actions as coupons
from points.flows.shop_records import reference_of, told_of
from points.ledger.actions import hold_points, release_hold
from points.ledger.errors import HoldNotOpen
from points.ledger.models import Unit
from points.ledger.queries import get_open_hold
from points.program.queries import get_program
from points.shop import actions as catalogue
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_models import ShopOrder

HOLDS = (
    (Unit.POINTS, "offset_points", "points_hold_id"),
    (Unit.CASH, "cash_cents", "cash_hold_id"),
)


def hold_for(order: ShopOrder, *, until: datetime, at: datetime, actor: str) -> None:
    """Set the points and the cash of an order aside, unless they are; the row is not saved.

    Raises InsufficientPoints.
    """
    for unit, amount_column, hold_column in HOLDS:
        amount, hold = getattr(order, amount_column), getattr(order, hold_column)
        if not amount or (hold is not None and _is_open(hold, at)):
            continue
        hold = hold_points(
            member=order.member_id, points=amount, unit=unit, reference=order.number,
            expires_in=until - at, at=at, actor=actor,
        )  # fmt: skip
        setattr(order, hold_column, hold)


def renew(order: ShopOrder, *, at: datetime, actor: str) -> None:
    """Money has come: what ran out meanwhile is kept anew, but for stock (`retake_stock`, last).

    Raises what the coupons and the ledger refuse.
    """
    until = at + timedelta(minutes=get_program().settings.shop.hold_minutes)
    if order.coupons:
        coupons.lock(
            codes=[one["code"] for one in order.coupons], member=order.member_id,
            reference=reference_of(order.number), until=until, at=at, actor=actor,
        )  # fmt: skip
    hold_for(order, until=until, at=at, actor=actor)
    order.save(update_fields=[column for _, _, column in HOLDS])


def retake_stock(order: ShopOrder, *, at: datetime) -> None:
    """The pieces of an order that had been given up are taken again. Raises OutOfStock."""
    if order.is_reserved:
        return
    catalogue.take_stock(items=_items(order), at=at)
    order.is_reserved = True
    order.save(update_fields=["is_reserved"])


@transaction.atomic
def cancel(order: ShopOrder, *, reason: str, at: datetime, actor: str) -> None:
    """An unpaid order the caller has locked gives everything back; once."""
    if order.status == ShopOrder.Status.CANCELLED:
        return
    if order.coupons:
        coupons.release(
            codes=[one["code"] for one in order.coupons], reference=reference_of(order.number),
            at=at, actor=actor,
        )  # fmt: skip
    for _, _, column in HOLDS:
        if (hold := getattr(order, column)) is not None:
            release_hold(hold=hold, at=at, actor=actor)
    was_reserved, order.is_reserved = order.is_reserved, False
    orders.move_to(
        order=order, status=ShopOrder.Status.CANCELLED, at=at, actor=actor, note=reason,
        is_reserved=False, cancel_reason=reason,
    )  # fmt: skip
    outbox.tell(
        topic="shop_order.cancelled", subject=str(order.member_id),
        payload=told_of(order, reason), at=at,
    )  # fmt: skip
    if was_reserved:
        catalogue.put_back_stock(items=_items(order))


def _items(order: ShopOrder) -> dict[uuid.UUID, int]:
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    return {line.variant_id: line.quantity for line in lines}


def _is_open(hold: uuid.UUID, at: datetime) -> bool:
    try:
        get_open_hold(hold_id=hold, at=at)
    except HoldNotOpen:
        return False
    return True
