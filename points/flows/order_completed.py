"""An order is completed: what it earns, and the grant it earns it with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from kernel.shapes import LARGEST_AMOUNT
from points.earning.calculations import Earned, Line, evaluation_of, order_points
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.order_refunded import settle_waiting_refunds
from points.ledger import actions as ledger
from points.ledger import queries as ledger_queries
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.actions import OrderRecord
from points.orders.calculations import source_key
from points.orders.errors import EarnsTooMuch
from points.orders.models import Order, OrderLine
from points.program.calculations import Earning, expires_at
from points.program.queries import ActiveProgram, get_program


@transaction.atomic
def complete_order(
    *,
    external_id: str,
    completed_at: datetime,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Order:
    """A paid order is completed: it earns now, less what was refunded meanwhile.

    Completed before: nothing happens again. Raises OrderNotFound, OrderAmbiguous.
    """
    order = order_queries.get_order(external_id=external_id, channel=channel, lock=True)
    if order.status == Order.Status.COMPLETED:
        return order
    orders.mark_completed(order=order, completed_at=completed_at)
    if order.granted_at is None:
        _grant_late(order, at=at, actor=actor)
        settle_waiting_refunds(order=order, at=at, actor=actor)
    return order


def _grant_late(order: Order, *, at: datetime, actor: str) -> None:
    program = get_program()
    lines = order_queries.list_lines(order_id=order.pk)
    rule = program.settings.earning
    earned = earned_by(order, lines, rule, offset_cents=order.offset_cents)
    orders.mark_granted(
        order=order, points=earned.points, line_points=earned.line_points,
        evaluation=evaluation_of(rule, earned), at=at,
    )  # fmt: skip
    grant = grant_for(order, earned.points, program, ledger_queries.default_funding_source(), at=at)
    ledger.grant(grants=[grant] if grant else [], at=at, actor=actor)


def earned_by(
    order: IncomingOrder | Order,
    lines: Sequence[IncomingLine] | Sequence[OrderLine],
    rule: Earning,
    *,
    offset_cents: int,
) -> Earned:
    """What the order earns by the rule. Raises EarnsTooMuch beyond what sums can bear."""
    earned = order_points(
        rule,
        [Line(line.amount_cents, line.category) for line in lines],
        shipping_cents=order.shipping_cents,
        tax_cents=order.tax_cents,
        discount_cents=order.discount_cents,
        offset_cents=offset_cents,
    )
    if earned.points > LARGEST_AMOUNT:
        raise EarnsTooMuch(points=earned.points)
    return earned


def grant_for(
    order: OrderRecord | Order,
    points: int,
    program: ActiveProgram,
    payer: ledger_queries.Payer,
    *,
    at: datetime,
) -> ledger.Grant | None:
    """The lot an order earns, or None when it earns nothing."""
    if points == 0:
        return None
    settings = program.settings
    occurred_at = (
        (order.completed_at or order.placed_at) if order.status == "completed" else order.placed_at
    )
    return ledger.Grant(
        member=order.member_id,
        amount=points,
        key=source_key("order", order.channel, order.external_id, "base"),
        occurred_at=occurred_at,
        matures_at=occurred_at + timedelta(days=settings.earning.pending_days),
        expires_at=expires_at(settings.expiry, occurred_at, program.calendar),
        funding_source_id=payer.id,
        account=f"issuance:{payer.code}",
        unit_cost_micros=payer.unit_cost_micros,
        source_type="order",
        source_id=order.id,
        reference=order.external_id,
    )
