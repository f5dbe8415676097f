"""An order on its way into the tables: its record, what becomes of it, what it adds to sums."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from points.earning.awards import Awarded
from points.flows.incoming_order import IncomingOrder
from points.flows.order_earnings import Plan
from points.ledger import actions as ledger
from points.ledger.queries import LotState
from points.orders.actions import LineRecord, OrderRecord
from points.orders.calculations import charged_cents


def record_of(
    order: IncomingOrder, order_id: uuid.UUID, member: uuid.UUID, fingerprint: str,
    offset: tuple[int, int], plan: Plan, *, has_base: bool, at: datetime,
) -> OrderRecord:  # fmt: skip
    """The order as it will be stored if nothing of the plan is cut."""
    points, line_points = plan.settled(None, len(order.lines))
    completed = order.status == "completed"
    return OrderRecord(
        id=order_id, channel=order.channel, external_id=order.external_id,
        fingerprint=fingerprint, member_id=member, status=order.status, currency=order.currency,
        goods_cents=sum(line.amount_cents for line in order.lines),
        shipping_cents=order.shipping_cents, tax_cents=order.tax_cents,
        discount_cents=order.discount_cents, offset_points=offset[0], offset_cents=offset[1],
        hold_id=order.hold_id, spend_transaction_id=None, points_earned=points,
        evaluation=plan.evaluation, granted_at=at if has_base else None,
        placed_at=order.placed_at, completed_at=(order.completed_at or at) if completed else None,
        received_at=at,
        lines=tuple(
            LineRecord(
                order_id=order_id, position=i, external_id=line.external_id, sku=line.sku,
                category=line.category, quantity=line.quantity, amount_cents=line.amount_cents,
                points=of_line,
            )
            for i, (line, of_line) in enumerate(zip(order.lines, line_points, strict=True), 1)
        ),
    )  # fmt: skip


def settled_record(record: OrderRecord, plan: Plan, awarded: Sequence[Awarded]) -> OrderRecord:
    """The record with what was really given."""
    points, line_points = plan.settled(awarded, len(record.lines))
    if points == record.points_earned:
        return record
    lines = tuple(
        msgspec.structs.replace(line, points=of_line)
        for line, of_line in zip(record.lines, line_points, strict=True)
    )
    return msgspec.structs.replace(record, points_earned=points, lines=lines)


def lot_of(grant: ledger.Grant, granted: int, left: int, at: datetime) -> LotState:
    matures_at = None if grant.is_waiting else grant.matures_at or grant.occurred_at
    return LotState(
        granted=granted, remaining=left, held=0,
        is_mature=matures_at is not None and matures_at <= at, matures_at=matures_at,
        expires_at=grant.expires_at, funding_source=grant.account.removeprefix("issuance:"),
        waits_for_order=grant.reference if grant.is_waiting else None,
    )  # fmt: skip


def sums_of(records: Iterable[OrderRecord]) -> list[tuple[uuid.UUID, int, int, datetime]]:
    """Per member: how many orders, how much was paid, the latest."""
    sums: dict[uuid.UUID, tuple[int, int, datetime]] = {}
    for record in records:
        count, cents, latest = sums.get(record.member_id, (0, 0, record.placed_at))
        total = cents + charged_cents(record)
        sums[record.member_id] = (count + 1, total, max(latest, record.placed_at))
    return [(member, *values) for member, values in sorted(sums.items())]
