"""Reading orders."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from kernel.db import Ask, connection, find_row
from points.orders.errors import OrderAmbiguous, OrderNotFound
from points.orders.models import Order, OrderLine
from points.program.calculations import returnable_since
from points.program.queries import ActiveProgram


class Known(msgspec.Struct, array_like=True, frozen=True):
    """An order that is stored already."""

    channel: str
    external_id: str
    id: uuid.UUID
    fingerprint: str
    points_earned: int


_known = msgspec.json.Decoder(list[Known])


def ask_known(*, keys: Sequence[tuple[str, str]]) -> Ask[dict[tuple[str, str], Known]]:
    """Which of these (channel, external id) are stored already."""
    values = [[channel for channel, _ in keys], [external_id for _, external_id in keys]]
    return Ask("orders_known(%s::text[], %s::text[])", values, _read_known)


def _read_known(text: str) -> dict[tuple[str, str], Known]:
    return {(one.channel, one.external_id): one for one in _known.decode(text)}


def get_order(*, external_id: str, channel: str | None = None, lock: bool = False) -> Order:
    """An order by its natural key; without a channel the only match is meant.

    Raises OrderNotFound, OrderAmbiguous.
    """
    orders = Order.objects.filter(external_id=external_id)
    if channel is not None:
        orders = orders.filter(channel=channel)
    if lock:
        orders = orders.select_for_update()
    found = list(orders[:2])
    if not found:
        raise OrderNotFound()
    if len(found) > 1:
        raise OrderAmbiguous()
    return found[0]


def get_stored(*, order_id: uuid.UUID | None) -> Order:
    """An order by its own id. Raises OrderNotFound."""
    found = find_row(Order, "id = %s", [order_id]) if order_id else None
    if found is None:
        raise OrderNotFound()
    return found


def list_beyond_return(
    *, order_ids: Collection[uuid.UUID], program: ActiveProgram, at: datetime
) -> list[Order]:
    """Of these orders the completed ones that can no longer be returned at `at`, oldest completion
    first; `refunded_cents` says what had come back by then. One query.

    For whatever is paid only then: referrals, commission, rebates.
    """
    days = program.settings.earning.return_window_days
    rows = Order.objects.filter(
        pk__in=order_ids,
        status=Order.Status.COMPLETED,
        completed_at__lt=returnable_since(days, at, program.calendar),
    )
    return list(rows.order_by("completed_at", "id"))


def list_lines(*, order_id: uuid.UUID) -> list[OrderLine]:
    """Lines in the order they were sent."""
    return list(OrderLine.objects.filter(order_id=order_id).order_by("position"))


def sum_before(*, order: Order) -> tuple[int, int]:
    """How many orders of the member were received before this one, and what they cost (minor units).

    One query over the member's orders; what has been refunded of them is taken off.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(sum(greatest(0, goods_cents + shipping_cents + tax_cents"
            " - discount_cents - refunded_cents)), 0)::bigint from orders_order"
            " where member_id = %s and (received_at, id) < (%s, %s)",
            [order.member_id, order.received_at, order.pk],
        )
        count, cents = cursor.fetchone()
    return count, cents
