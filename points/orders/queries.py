"""Reading orders."""

import uuid
from collections.abc import Sequence

import msgspec

from kernel.db import Ask, connection, find_row
from points.orders.errors import OrderAmbiguous, OrderNotFound
from points.orders.models import Order, OrderLine


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
