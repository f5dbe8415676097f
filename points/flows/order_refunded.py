"""Money goes back for an order: spent points return to their lots, earned points are taken back.

In order, in one transaction: the refund is checked and written on the lines · coupons that the order
earned are taken back once all of it came back · points the order was
paid with return, by the share of goods refunded · what the refunded goods earned is taken back in
the four steps of rules.md §4 · the refund keeps every step. Before the order's completion nothing
has been earned; then the taking back waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.db import transaction

from kernel.ids import new_id
from kernel.shapes import Body, Cents, Moment, Slugish, check_moments, fingerprint_of
from points.earning.actions import follow_order
from points.flows.coupons_taken_back import take_coupons_back
from points.flows.incoming_order import MOST_LINES
from points.flows.refund_steps import (
    Refunded,
    due_of_lines,
    lock_order,
    return_spent,
    spent_of,
    store,
    take_back,
)
from points.ledger.queries import get_balance
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.calculations import spread_refund
from points.orders.errors import LineNotFound, LineRepeated, RefundTooLarge
from points.orders.models import Order, OrderLine, Refund
from points.program.queries import get_program


class IncomingRefundLine(Body, kw_only=True):
    """How much of one line is given back."""

    external_id: Slugish
    quantity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    amount_cents: Cents


class IncomingRefund(Body, kw_only=True):
    """A refund as a channel tells it. Without lines the amount is spread over all of them."""

    external_id: Slugish
    refunded_at: Moment
    amount_cents: Cents
    lines: Annotated[list[IncomingRefundLine], msgspec.Meta(max_length=MOST_LINES)] | None = None
    shortfall: Literal["debt", "net"] = "debt"

    def __post_init__(self) -> None:
        check_moments(self.refunded_at)


@transaction.atomic
def refund_order(
    *,
    external_id: str,
    refund: IncomingRefund,
    at: datetime,
    actor: str,
    channel: str | None = None,
    returned_points: int | None = None,
) -> Refunded:
    """Take a refund, once per (order, external id); told again equal gives the first result.

    `returned_points`: how many of the points it was paid with return, where the seller keeps them
    line by line; else the share of the goods says so.

    Raises OrderNotFound, OrderAmbiguous, RefundConflict, RefundTooLarge, LineNotFound,
    LineRepeated.
    """
    fingerprint = fingerprint_of(refund)
    order, known = lock_order(
        external_id=external_id, channel=channel, kind=Refund.Kind.REFUND,
        number=refund.external_id, fingerprint=fingerprint,
    )  # fmt: skip
    if known is not None:
        return known
    program, lines = get_program(), order_queries.list_lines(order_id=order.pk)
    parts = _parts(order, lines, refund)
    row = Refund(
        id=new_id(), order=order, external_id=refund.external_id, fingerprint=fingerprint,
        amount_cents=refund.amount_cents, refunded_at=refund.refunded_at, received_at=at,
        lines=[
            {"external_id": line.external_id, "quantity": quantity, "amount_cents": cents}
            for line, (quantity, cents) in zip(lines, parts, strict=True) if cents or quantity
        ],
    )  # fmt: skip
    for line, (quantity, cents) in zip(lines, parts, strict=True):
        give_back(line, quantity, cents)
    spent_before = spent_of(order)
    order.refunded_cents += refund.amount_cents
    take_coupons_back(order, row, at=at, actor=actor)
    return_spent(order, lines, row, program=program, at=at, actor=actor, agreed=returned_points)
    due = due_of_lines(order, lines, program)
    net = refund.shortfall == "net"
    take_back(order, row, due, program=program, at=at, actor=actor, net=net)
    done = store(order, lines, row, spent_before, program=program, at=at, actor=actor)
    follow_order(order_id=order.pk, at=at)
    return done


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund would do: the refund as it would be stored, and the member's points after it."""

    refund: Refund
    available: int
    debt: int


@transaction.atomic
def quote_refund(
    *,
    external_id: str,
    refund: IncomingRefund,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> RefundQuote:
    """What a refund would take, return, leave owed and net, before it is confirmed.

    The refund is done and rolled back: it cannot come to other numbers than the refund itself.
    Raises OrderNotFound, OrderAmbiguous, RefundTooLarge, LineNotFound, LineRepeated.
    """
    with transaction.atomic():
        row = refund_order(
            external_id=external_id, refund=refund, at=at, actor=actor, channel=channel
        ).refund
        balance = get_balance(member=row.order.member_id, at=at)
        transaction.set_rollback(True)
    return RefundQuote(row, balance.available, balance.debt)


def settle_waiting_refunds(*, order: Order, at: datetime, actor: str) -> None:
    """The order has just earned: take back what its earlier refunds were waiting for.

    They are gone through in the order they came, so that each ends with the numbers it would have
    had after the completion. Cash that was paid out already is not netted any more.
    """
    waiting = list(Refund.objects.filter(order=order).order_by("received_at", "id"))
    if not waiting:
        return
    program, lines = get_program(), order_queries.list_lines(order_id=order.pk)
    by_name = {line.external_id: line for line in lines}
    for line in lines:
        line.refunded_cents = 0
    for row in waiting:
        if row.reversal is not None:
            continue
        for part in row.lines:
            by_name[part["external_id"]].refunded_cents += part["amount_cents"] - part.get(
                "swapped_cents", 0
            )
        due = due_of_lines(order, lines, program)
        take_back(order, row, due, program=program, at=at, actor=actor, leg="clawback:completion")
        row.save()
    orders.save_lines(order=order, lines=lines)
    order.save(update_fields=["points_clawed_back"])
    follow_order(order_id=order.pk, at=at)


def give_back(line: OrderLine, quantity: int, cents: int) -> None:
    """Note on a line what of it came back."""
    # Money may come back in parts for the same piece: pieces are counted, not added up.
    line.refunded_quantity = min(line.quantity, line.refunded_quantity + quantity)
    line.refunded_cents += cents


def _parts(
    order: Order, lines: Sequence[OrderLine], refund: IncomingRefund
) -> list[tuple[int, int]]:
    """(quantity, cents) given back of each line, checked against what is left of it."""
    paid = order.goods_cents + order.shipping_cents + order.tax_cents - order.refunded_cents
    if refund.amount_cents > paid:
        raise RefundTooLarge(line="order", refundable_cents=max(0, paid))
    if refund.lines is None:
        left = [line.amount_cents - line.refunded_cents for line in lines]
        return [(0, cents) for cents in spread_refund(refund.amount_cents, left)]
    return parts_of(lines, refund.lines)


def parts_of(
    lines: Sequence[OrderLine], named: Sequence[IncomingRefundLine]
) -> list[tuple[int, int]]:
    """(quantity, cents) that come back of each line. Raises LineRepeated, LineNotFound,
    RefundTooLarge."""
    asked: dict[str, IncomingRefundLine] = {}
    for part in named:
        if part.external_id in asked:
            raise LineRepeated(line=part.external_id)
        asked[part.external_id] = part
    if unknown := asked.keys() - {line.external_id for line in lines}:
        raise LineNotFound(line=min(unknown))
    return [_part(line, asked.get(line.external_id)) for line in lines]


def _part(line: OrderLine, asked: IncomingRefundLine | None) -> tuple[int, int]:
    if asked is None:
        return 0, 0
    left = line.amount_cents - line.refunded_cents
    if asked.amount_cents > left or asked.quantity > line.quantity:
        raise RefundTooLarge(line=line.external_id, refundable_cents=left)
    return asked.quantity, asked.amount_cents
