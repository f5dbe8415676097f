"""Goods are exchanged: some of an order's lines come back, others go out in their place.

One call, one transaction: what comes back is checked · the points of it move on to the new lines as
far as their price reaches · only the difference moves in the ledger: points the lower price gives
back are taken in the four steps of rules.md §4, points the higher price earns are granted · the
exchange keeps every step. An order that has not earned yet just changes its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.db import transaction

from kernel.ids import new_id
from kernel.money import split_by_largest_remainder
from kernel.shapes import Body, Moment, Slugish, check_moments, fingerprint_of
from points.earning.calculations import Exchanged, Returned, clawback_due, exchange_points
from points.earning.evaluation import extra_points
from points.flows.incoming_order import MOST_LINES, IncomingLine
from points.flows.order_refunded import IncomingRefundLine, give_back, parts_of
from points.flows.refund_steps import (
    Refunded,
    add_steps,
    key_of,
    lock_order,
    return_spent,
    spent_of,
    store,
    take_back,
)
from points.ledger import actions as ledger
from points.ledger.queries import default_funding_source
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.errors import LineRepeated
from points.orders.models import Order, OrderLine, Refund
from points.program.calculations import Earning, idle_rule, living_until, return_window_end
from points.program.queries import ActiveProgram, get_program
from points.tiers.queries import get_standings


class IncomingExchange(Body, kw_only=True):
    """An exchange as a channel tells it; the new lines need numbers the order does not have yet."""

    external_id: Slugish
    exchanged_at: Moment
    returned: Annotated[list[IncomingRefundLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    replacements: Annotated[list[IncomingLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]

    def __post_init__(self) -> None:
        check_moments(self.exchanged_at)


@dataclass(slots=True)
class _Exchange:
    """An exchange being worked out: the order, its lines, what comes back of each, what goes out."""

    order: Order
    lines: list[OrderLine]
    parts: list[tuple[int, int]]
    new: list[OrderLine]
    exchanged: Exchanged
    # Of what the difference earns, what the buyer's tier adds to it.
    tier_bonus: int = 0


@transaction.atomic
def exchange_order(
    *,
    external_id: str,
    exchange: IncomingExchange,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Refunded:
    """Take an exchange, once per (order, external id); told again equal gives the first result.

    Raises OrderNotFound, OrderAmbiguous, RefundConflict, RefundTooLarge, LineNotFound,
    LineRepeated.
    """
    fingerprint = fingerprint_of(exchange)
    order, known = lock_order(
        external_id=external_id, channel=channel, kind=Refund.Kind.EXCHANGE,
        number=exchange.external_id, fingerprint=fingerprint,
    )  # fmt: skip
    if known is not None:
        return known
    program, spent_before = get_program(), spent_of(order)
    work = _work_out(order, exchange, program.settings.earning)
    _add_tier_bonus(work, program)
    row = _row(work, exchange, fingerprint, at=at)
    _change_lines(work)
    order.goods_cents += sum(line.amount_cents for line in work.new) - sum(
        work.exchanged.swapped_cents
    )
    order.refunded_cents += row.amount_cents
    orders.add_lines(lines=work.new)
    return_spent(order, work.lines, row, program=program, at=at, actor=actor)
    if order.granted_at is not None:
        _move_points(work, row, program, at=at, actor=actor)
    return store(order, work.lines, row, spent_before, program=program, at=at, actor=actor)


def _work_out(order: Order, exchange: IncomingExchange, rule: Earning) -> _Exchange:
    lines = order_queries.list_lines(order_id=order.pk)
    parts = parts_of(lines, exchange.returned)
    new = _new_lines(order, lines, exchange.replacements)
    due = clawback_due(
        [line.points for line in lines],
        [line.amount_cents for line in lines],
        [line.refunded_cents + cents for line, (_, cents) in zip(lines, parts, strict=True)],
        [line.points_clawed_back for line in lines],
    )
    returned = [
        Returned(
            cents, max(0, points) if cents or quantity else 0,
            not rule.excludes(line.category, line.sku),
        )
        for line, (quantity, cents), points in zip(lines, parts, due, strict=True)
    ]  # fmt: skip
    exchanged = exchange_points(rule, returned, new, base_cents=_base(order, lines, rule))
    if order.granted_at is None:
        nothing = (0,) * len(lines)
        exchanged = msgspec.structs.replace(
            exchanged, moved=nothing, due=nothing, extra=0, new_points=(0,) * len(new)
        )
    return _Exchange(order, lines, parts, new, exchanged)


def _add_tier_bonus(work: _Exchange, program: ActiveProgram) -> None:
    """The difference earns as an order of it would by the programme: times what the tier says now.
    Rules are not judged again (ADR 0052)."""
    done = work.exchanged
    if done.extra == 0 or not program.settings.tiers.is_on:
        return
    standing = get_standings(member_ids=[work.order.member_id]).get(work.order.member_id)
    bonus = extra_points(done.extra, standing.earn_multiplier) if standing else 0
    if bonus > 0:
        more = split_by_largest_remainder(bonus, list(done.new_points))
        work.tier_bonus = bonus
        work.exchanged = msgspec.structs.replace(
            done, extra=done.extra + bonus,
            new_points=tuple(a + b for a, b in zip(done.new_points, more, strict=True)),
        )  # fmt: skip


def _base(order: Order, lines: Sequence[OrderLine], rule: Earning) -> int:
    """What of the order counts now: as when it earned, with the goods of today."""
    counted = [line for line in lines if not rule.excludes(line.category, line.sku)]
    goods = sum(line.amount_cents for line in counted)
    extra = order.shipping_cents + order.tax_cents if rule.basis == "order_total" else 0
    evaluation = order.evaluation or {}
    return max(0, goods + extra - int(evaluation.get("deducted_cents", 0)))


def _new_lines(
    order: Order, lines: Sequence[OrderLine], incoming: Sequence[IncomingLine]
) -> list[OrderLine]:
    names = {line.external_id for line in lines}
    for line in incoming:
        if line.external_id in names:
            raise LineRepeated(line=line.external_id)
        names.add(line.external_id)
    return [
        OrderLine(
            order_id=order.pk, position=position, external_id=line.external_id, sku=line.sku,
            category=line.category, quantity=line.quantity, amount_cents=line.amount_cents,
        )
        for position, line in enumerate(incoming, max(line.position for line in lines) + 1)
    ]  # fmt: skip


def _row(work: _Exchange, exchange: IncomingExchange, fingerprint: str, *, at: datetime) -> Refund:
    swapped = work.exchanged.swapped_cents
    return Refund(
        id=new_id(), order=work.order, kind=Refund.Kind.EXCHANGE, received_at=at,
        external_id=exchange.external_id, fingerprint=fingerprint,
        refunded_at=exchange.exchanged_at,
        amount_cents=sum(cents for _, cents in work.parts) - sum(swapped),
        lines=[
            {
                "external_id": line.external_id, "quantity": quantity, "amount_cents": cents,
                "swapped_cents": part,
            }
            for line, (quantity, cents), part in zip(work.lines, work.parts, swapped, strict=True)
            if cents or quantity
        ],
        replacements=[
            {
                "external_id": line.external_id, "sku": line.sku, "quantity": line.quantity,
                "amount_cents": line.amount_cents, "points": points,
            }
            for line, points in zip(work.new, work.exchanged.new_points, strict=True)
        ],
    )  # fmt: skip


def _change_lines(work: _Exchange) -> None:
    """What was swapped leaves its line with its points; what was not is refunded."""
    done = work.exchanged
    for i, (line, (quantity, cents)) in enumerate(zip(work.lines, work.parts, strict=True)):
        swapped = done.swapped_cents[i]
        line.amount_cents -= swapped
        line.points -= done.moved[i]
        if swapped == cents:
            line.quantity -= quantity
            line.refunded_quantity = min(line.quantity, line.refunded_quantity)
        else:
            give_back(line, quantity, cents - swapped)
        line.points_clawed_back += done.due[i]
    for line, points in zip(work.new, done.new_points, strict=True):
        line.points = points


def _move_points(
    work: _Exchange, row: Refund, program: ActiveProgram, *, at: datetime, actor: str
) -> None:
    """Only the difference: taken back, or granted."""
    order, done = work.order, work.exchanged
    add_steps(row, {"moved": sum(done.moved), "earned": done.extra})
    due = zip(work.lines, done.due, strict=True)
    take_back(
        order, row, {line.external_id: points for line, points in due if points},
        program=program, at=at, actor=actor,
    )  # fmt: skip
    if done.extra == 0:
        return
    parts = {"earned": done.extra - work.tier_bonus, "tier": work.tier_bonus}
    grants = [_grant(order, row, points, part, program) for part, points in parts.items() if points]
    ledger.grant(grants=grants, at=at, actor=actor)
    order.points_earned += done.extra


def _grant(
    order: Order, row: Refund, points: int, part: str, program: ActiveProgram
) -> ledger.Grant:
    payer, ripe_at = default_funding_source(), _matures_at(order, row, program)
    expiry, calendar = program.settings.expiry, program.calendar
    return ledger.Grant(
        member=order.member_id, amount=points, key=key_of(order, row, part),
        occurred_at=row.refunded_at, funding_source_id=payer.id,
        account=f"issuance:{payer.code}", unit_cost_micros=payer.unit_cost_micros,
        matures_at=ripe_at, is_waiting=ripe_at is None,
        expires_at=living_until(expiry, row.refunded_at, ripe_at, calendar),
        idle_rule=idle_rule(expiry, calendar),
        source_type="exchange", source_id=order.pk, reference=order.external_id,
    )  # fmt: skip


def _matures_at(order: Order, row: Refund, program: ActiveProgram) -> datetime | None:
    """From when what the dearer goods earn can be spent: they can be returned from the exchange on,
    so the return window begins again for them; None while the order is not completed."""
    earning = program.settings.earning
    if earning.pending == "days":
        return row.refunded_at + timedelta(days=earning.pending_days)
    if order.completed_at is None:
        return None
    begins = max(order.completed_at, row.refunded_at)
    return return_window_end(earning.return_window_days, begins, program.calendar)
