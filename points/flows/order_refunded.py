"""Money goes back for an order: spent points return to their lots, earned points are taken back.

In order, in one transaction: the refund is checked and written on the lines · points the order was
paid with return, by the share of goods refunded · what the refunded goods earned is taken back in
the four steps of rules.md §4 · the refund keeps every step. Before the order's completion nothing
has been earned; then the taking back waits for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.db import transaction
from django.db.models import F

from kernel.ids import new_id
from kernel.money import exponent
from kernel.shapes import Body, Cents, Moment, Slugish, check_moments
from points.earning.calculations import clawback_due
from points.flows import growth
from points.ledger import actions as ledger
from points.members.models import Member
from points.orders import queries as order_queries
from points.orders.calculations import (
    charged_cents,
    cumulative_share,
    offset_value_cents,
    source_key,
    spread_refund,
)
from points.orders.errors import LineNotFound, LineRepeated, RefundConflict, RefundTooLarge
from points.orders.models import Order, OrderLine, Refund
from points.program.queries import ActiveProgram, get_program


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
    lines: Annotated[list[IncomingRefundLine], msgspec.Meta(max_length=500)] | None = None
    shortfall: Literal["debt", "net"] = "debt"

    def __post_init__(self) -> None:
        check_moments(self.refunded_at)


@dataclass(frozen=True, slots=True)
class Refunded:
    """The stored refund, and whether this call made it."""

    refund: Refund
    is_new: bool


@transaction.atomic
def refund_order(
    *,
    external_id: str,
    refund: IncomingRefund,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Refunded:
    """Take a refund, once per (order, external id); told again equal gives the first result.

    Raises OrderNotFound, OrderAmbiguous, RefundConflict, RefundTooLarge, LineNotFound,
    LineRepeated.
    """
    order = order_queries.get_order(external_id=external_id, channel=channel, lock=True)
    fingerprint = _fingerprint(refund)
    known = Refund.objects.filter(order=order, external_id=refund.external_id).first()
    if known is not None:
        if known.fingerprint != fingerprint:
            raise RefundConflict()
        return Refunded(known, is_new=False)
    lines = order_queries.list_lines(order_id=order.pk)
    parts = _parts(order, lines, refund)
    row = Refund(
        id=new_id(), order=order, external_id=refund.external_id, fingerprint=fingerprint,
        amount_cents=refund.amount_cents, refunded_at=refund.refunded_at, received_at=at,
        lines=[
            {"external_id": line.external_id, "quantity": quantity, "amount_cents": cents}
            for line, (quantity, cents) in zip(lines, parts, strict=True) if cents or quantity
        ],
    )  # fmt: skip
    _write_on_lines(lines, parts)
    spent_before = _spent(order)
    order.refunded_cents += refund.amount_cents
    _return_spent(order, lines, row, at=at, actor=actor)
    _take_back(order, lines, row, net=refund.shortfall == "net", at=at, actor=actor)
    row.save(force_insert=True)
    order.save(update_fields=["refunded_cents", "points_returned", "points_clawed_back"])
    Member.objects.filter(pk=order.member_id).update(
        spent_cents=F("spent_cents") - (spent_before - _spent(order))
    )
    growth.follow_refund(order=order, refund=row.external_id, at=at, actor=actor)
    return Refunded(row, is_new=True)


def _spent(order: Order) -> int:
    """What the member's sum still counts of an order: at the end nothing, and never less.

    Refunds are told in the prices of the lines; a coupon made the order cheaper than those.
    """
    return max(0, charged_cents(order) - order.refunded_cents)


def settle_waiting_refunds(*, order: Order, at: datetime, actor: str) -> None:
    """The order has just earned: take back what its earlier refunds were waiting for.

    Ends in the state that the right order of arrival would have led to.
    """
    waiting = list(Refund.objects.filter(order=order).order_by("received_at"))
    if not waiting:
        return
    lines = order_queries.list_lines(order_id=order.pk)
    for row in waiting:
        _take_back(order, lines, row, net=False, at=at, actor=actor, part="clawback:completion")
        row.save()
    order.save(update_fields=["points_clawed_back"])


def _fingerprint(refund: IncomingRefund) -> str:
    packed = msgspec.msgpack.encode(refund, order="deterministic")
    return hashlib.blake2b(packed, digest_size=12).hexdigest()


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
    asked: dict[str, IncomingRefundLine] = {}
    for part in refund.lines:
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


def _write_on_lines(lines: Sequence[OrderLine], parts: Sequence[tuple[int, int]]) -> None:
    for line, (quantity, cents) in zip(lines, parts, strict=True):
        if quantity or cents:
            # Money may come back in parts for the same piece: pieces are counted, not added up.
            line.refunded_quantity = min(line.quantity, line.refunded_quantity + quantity)
            line.refunded_cents += cents
            OrderLine.objects.filter(order_id=line.order_id, position=line.position).update(
                refunded_quantity=line.refunded_quantity, refunded_cents=line.refunded_cents
            )


def _return_spent(
    order: Order, lines: Sequence[OrderLine], row: Refund, *, at: datetime, actor: str
) -> None:
    """Points the order was paid with go back by the share of goods refunded so far."""
    if order.spend_transaction_id is None:
        return
    refunded = sum(line.refunded_cents for line in lines)
    due = cumulative_share(order.offset_points, refunded, order.goods_cents, order.points_returned)
    if due == 0:
        return
    ledger.return_points(
        transaction_id=order.spend_transaction_id, points=due, at=at, actor=actor,
        key=_key(order, row, "return"),
        source_type="refund", source_id=row.pk, reference=order.external_id,
    )  # fmt: skip
    row.points_returned = due
    order.points_returned += due


def _key(order: Order, row: Refund, part: str) -> str:
    return source_key("refund", order.channel, order.external_id, row.external_id, part)


def _take_back(
    order: Order, lines: Sequence[OrderLine], row: Refund, *, net: bool, at: datetime, actor: str,
    part: str = "clawback",
) -> None:  # fmt: skip
    """Clawback of what the refunded goods earned, and the rest netted against the cash if asked."""
    program = get_program()
    due = _due(order, lines, program)
    row.points_due += due
    if due == 0:
        return
    rules = program.settings.clawback
    taken = ledger.claw_back(
        member=order.member_id, points=due, origin_id=order.pk, at=at, actor=actor,
        key=_key(order, row, part),
        from_other_lots=rules.from_other_lots, debt=rules.debt and not net,
        debt_limit=rules.debt_limit_points, source_type="refund", source_id=row.pk,
        reference=order.external_id,
    )  # fmt: skip
    if net:
        _net(row, taken.uncovered, program, order.currency)
    row.points_clawed_back += taken.taken
    row.points_debt += taken.debt
    row.points_uncovered += taken.uncovered
    row.steps = [
        *row.steps,
        *(
            {"step": step, "points": points}
            for step in ("own_pending", "own_lots", "other_lots", "debt", "uncovered")
            if (points := getattr(taken, step))
        ),
    ]
    order.points_clawed_back += taken.taken


def _due(order: Order, lines: Sequence[OrderLine], program: ActiveProgram) -> int:
    """Points that now belong back, and their note on the lines."""
    if program.settings.clawback.share == "proportional":
        refunded = sum(line.refunded_cents for line in lines)
        already = sum(line.points_clawed_back for line in lines)
        total = cumulative_share(order.points_earned, refunded, order.goods_cents, already)
        per_line = spread_refund(total, [line.points - line.points_clawed_back for line in lines])
    else:
        per_line = clawback_due(
            [line.points for line in lines],
            [line.amount_cents for line in lines],
            [line.refunded_cents for line in lines],
            [line.points_clawed_back for line in lines],
        )
    for line, points in zip(lines, per_line, strict=True):
        if points:
            line.points_clawed_back += points
            OrderLine.objects.filter(order_id=line.order_id, position=line.position).update(
                points_clawed_back=line.points_clawed_back
            )
    return sum(per_line)


def _net(row: Refund, uncovered: int, program: ActiveProgram, currency: str) -> None:
    """What could not be taken is kept back from the cash, at face value, at most the cash."""
    worth = program.settings.face_value_points_per_unit
    value = offset_value_cents(uncovered, worth, exponent(currency))
    row.cash_netted_cents = min(row.amount_cents, value)
