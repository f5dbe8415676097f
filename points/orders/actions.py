"""Every write to orders and refunds. Points are moved by `points.flows`, in the same transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from points.orders.models import Order


class LineRecord(msgspec.Struct, kw_only=True, frozen=True):
    """A line as it is stored."""

    position: int
    external_id: str
    sku: str
    category: str
    quantity: int
    amount_cents: int
    points: int = 0


class OrderRecord(msgspec.Struct, kw_only=True, frozen=True):
    """An order as it is stored, with what it earned if it has earned already."""

    id: uuid.UUID
    channel: str
    external_id: str
    fingerprint: str
    member_id: uuid.UUID
    status: str
    currency: str
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    offset_points: int
    offset_cents: int
    hold_id: uuid.UUID | None
    spend_transaction_id: int | None
    points_earned: int
    evaluation: dict[str, Any] | None
    granted_at: datetime | None
    placed_at: datetime
    completed_at: datetime | None
    received_at: datetime
    lines: tuple[LineRecord, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """An order that is stored already."""

    id: uuid.UUID
    fingerprint: str
    points_earned: int


_RECORD = """
with item as (
  select * from jsonb_to_recordset(%s) as i(
    id uuid, channel text, external_id text, fingerprint text, member_id uuid, status text,
    currency text, goods_cents bigint, shipping_cents bigint, tax_cents bigint,
    discount_cents bigint, offset_points bigint, offset_cents bigint, hold_id uuid,
    spend_transaction_id bigint, points_earned bigint, evaluation jsonb, granted_at timestamptz,
    placed_at timestamptz, completed_at timestamptz, received_at timestamptz, lines jsonb)
), stored as (
  insert into orders_order (id, channel, external_id, fingerprint, member_id, status, currency,
    goods_cents, shipping_cents, tax_cents, discount_cents, offset_points, offset_cents, hold_id,
    spend_transaction_id, refunded_cents, points_earned, points_clawed_back, points_returned,
    evaluation, granted_at, placed_at, completed_at, received_at)
  select id, channel, external_id, fingerprint, member_id, status, currency, goods_cents,
    shipping_cents, tax_cents, discount_cents, offset_points, offset_cents, hold_id,
    spend_transaction_id, 0, points_earned, 0, 0, evaluation, granted_at, placed_at, completed_at,
    received_at
    from item
  on conflict (channel, external_id) do nothing
  returning id
), lined as (
  insert into orders_orderline (order_id, position, external_id, sku, category, quantity,
    amount_cents, points, refunded_quantity, refunded_cents, points_clawed_back)
  select item.id, l.position, l.external_id, l.sku, l.category, l.quantity, l.amount_cents,
    l.points, 0, 0, 0
    from stored join item using (id)
    cross join lateral jsonb_to_recordset(item.lines) as l(
      position smallint, external_id text, sku text, category text, quantity int,
      amount_cents bigint, points bigint)
)
select id from stored
"""


def record_orders(*, records: Sequence[OrderRecord]) -> set[uuid.UUID]:
    """Store orders with their lines, in one statement; returns the ids that were new.

    An order whose (channel, external_id) another request stored meanwhile is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [msgspec.json.encode(records).decode()])
        return {row[0] for row in cursor.fetchall()}


def find_known(*, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Which of these (channel, external id) are stored already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select channel, external_id, id, fingerprint, points_earned from orders_order"
            " where (channel, external_id) in (select * from unnest(%s, %s))",
            [[channel for channel, _ in keys], [external_id for _, external_id in keys]],
        )
        return {(row[0], row[1]): Known(row[2], row[3], row[4]) for row in cursor.fetchall()}


def mark_completed(*, order: Order, completed_at: datetime) -> None:
    """A paid order is completed; the caller holds its lock."""
    order.status = Order.Status.COMPLETED
    order.completed_at = completed_at
    order.save(update_fields=["status", "completed_at"])


def mark_granted(
    *,
    order: Order,
    points: int,
    line_points: Sequence[int],
    evaluation: dict[str, Any],
    at: datetime,
) -> None:
    """Write down what an order earned, and its split over the lines."""
    order.points_earned, order.evaluation, order.granted_at = points, evaluation, at
    order.save(update_fields=["points_earned", "evaluation", "granted_at"])
    with connection.cursor() as cursor:
        cursor.execute(
            "update orders_orderline l set points = n.points"
            " from unnest(%s::bigint[]) with ordinality as n(points, position)"
            " where l.order_id = %s and l.position = n.position",
            [list(line_points), order.pk],
        )
