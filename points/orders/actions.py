"""Every write to orders and refunds. Points are moved by `points.flows`, in the same transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import DatabaseError

from kernel.db import Ask, connection
from points.orders.models import Order, OrderLine, Refund


class LineRecord(msgspec.Struct, kw_only=True, frozen=True):
    """A line as it is stored: the columns of its table."""

    order_id: uuid.UUID
    position: int
    external_id: str
    sku: str
    category: str
    quantity: int
    amount_cents: int
    points: int = 0
    refunded_quantity: int = 0
    refunded_cents: int = 0
    points_clawed_back: int = 0


class OrderRecord(msgspec.Struct, kw_only=True, frozen=True):
    """An order as it is stored, with what it earned if it has earned already: the columns of its
    table, and its lines."""

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
    refunded_cents: int = 0
    points_clawed_back: int = 0
    points_returned: int = 0
    offset_shares: list[dict[str, Any]] | None = None


def ask_to_record(*, records: Sequence[OrderRecord]) -> Ask[None]:
    """Store orders with their lines, in one statement.

    It raises IntegrityError, which `is_told_twice` knows, when another request has stored one of
    these orders meanwhile; nothing is stored then.
    """
    return Ask("orders_record(%s)", [msgspec.json.encode(records).decode()], lambda _: None)


def ask_to_correct(*, records: Sequence[OrderRecord]) -> Ask[None]:
    """Write down what orders of this transaction really earned, in all and per line."""
    return Ask("orders_correct(%s)", [msgspec.json.encode(records).decode()], lambda _: None)


def is_told_twice(*, error: DatabaseError) -> bool:
    """Whether a write failed because the order was stored by somebody else."""
    return "order_is_told_once" in str(error)


def mark_completed(*, order: Order, completed_at: datetime) -> None:
    """A paid order is completed; the caller holds its lock."""
    order.status = Order.Status.COMPLETED
    order.completed_at = completed_at
    order.save(update_fields=["status", "completed_at"])


def add_earned(
    *,
    order: Order,
    points: int,
    line_points: Sequence[int],
    evaluation: dict[str, Any],
    at: datetime,
) -> None:
    """Add what an order earned now to what it earned before, in all and per line.

    `evaluation` is laid over the one that is there; rules judged now follow those judged before.
    """
    was = order.evaluation or {}
    rules = [*was.get("rules", []), *evaluation.get("rules", [])]
    order.evaluation = {**was, **evaluation, **({"rules": rules} if rules else {})}
    order.points_earned += points
    order.granted_at = order.granted_at or at
    order.save(update_fields=["points_earned", "evaluation", "granted_at"])
    with connection.cursor() as cursor:
        cursor.execute(
            "update orders_orderline l set points = l.points + n.points"
            " from unnest(%s::bigint[]) with ordinality as n(points, position)"
            " where l.order_id = %s and l.position = n.position",
            [list(line_points), order.pk],
        )


_LINE_STATE = (
    "quantity", "amount_cents", "points", "refunded_quantity", "refunded_cents",
    "points_clawed_back",
)  # fmt: skip


def save_lines(*, order: Order, lines: Sequence[OrderLine]) -> None:
    """Write what changes on an order's lines, in one statement for any number of them."""
    rows = [{"position": line.position, **_state(line)} for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(
            "update orders_orderline l set "
            + ", ".join(f"{name} = n.{name}" for name in _LINE_STATE)
            + " from jsonb_populate_recordset(null::orders_orderline, %s) n"
            " where l.order_id = %s and l.position = n.position",
            [msgspec.json.encode(rows).decode(), order.pk],
        )


def add_lines(*, lines: Sequence[OrderLine]) -> None:
    """Put more lines into an order, in one statement."""
    OrderLine.objects.bulk_create(lines)


def save_refund(*, order: Order, lines: Sequence[OrderLine], refund: Refund) -> None:
    """Store a new refund, exchange or chargeback with what it changed on the order and its lines."""
    save_lines(order=order, lines=lines)
    refund.save(force_insert=True)
    save_sums(order=order)


def save_sums(*, order: Order) -> None:
    """Write the sums of an order that refunds, exchanges and chargebacks change."""
    order.save(
        update_fields=[
            "goods_cents", "refunded_cents", "points_earned", "points_clawed_back",
            "points_returned", "spend_transaction_id",
        ]
    )  # fmt: skip


def _state(line: OrderLine) -> dict[str, int]:
    return {name: getattr(line, name) for name in _LINE_STATE}
