"""Goods are exchanged: some of an order's lines come back, others go out in their place.

One call, one transaction: what comes back is checked · the points of it move on to the new lines as
far as their price reaches · only the difference moves in the ledger: points the lower price gives
back are taken in the four steps of rules.md §4, points the higher price earns are granted · the
exchange keeps every step. An order that has not earned yet just changes its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from django.db import transaction

from kernel.db import ask
from kernel.ids import new_id
from kernel.money import split_by_largest_remainder
from kernel.shapes import Body, Moment, Slugish, check_moments, fingerprint_of
from points.earning.actions import award
from points.earning.awards import Granting, Origin, granting_of, plain_award
from points.earning.calculations import Exchanged, Returned, clawback_due, exchange_points
from points.earning.evaluation import extra_points
from points.earning.queries import ask_rules
from points.flows.incoming_order import MOST_LINES, IncomingLine
from points.flows.order_refunded import IncomingRefundLine, give_back, parts_of
from points.flows.refund_steps import (
    Refunded,
    add_steps,
    count_revenue,
    key_of,
    lock_order,
    return_spent,
    spent_of,
    store,
    take_back,
)
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.errors import LineRepeated
from points.orders.models import Order, OrderLine, Refund
from points.program.calculations import Earning
from points.program.queries import ActiveProgram, ask_program
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
    program, rules = ask(ask_program(), ask_rules())
    spent_before = spent_of(order)
    work = _work_out(order, exchange, program.settings.earning)
    _add_tier_bonus(work, program)
    row = _row(work, exchange, fingerprint, at=at)
    order.goods_cents += sum(line.amount_cents for line in work.new) - sum(
        work.exchanged.swapped_cents
    )
    order.refunded_cents += row.amount_cents
    # As with an order: what the revenue earns may be paid by the budget that lives of it.
    count_revenue(order, spent_before, program=program, at=at)
    _grant(work, row, granting_of(program, rules), at=at, actor=actor)
    row.replacements = _replacements(work)
    _change_lines(work)
    orders.add_lines(lines=work.new)
    return_spent(order, work.lines, row, program=program, at=at, actor=actor)
    if order.granted_at is not None:
        _take_back(work, row, program, at=at, actor=actor)
    return store(
        order, work.lines, row, spent_before, program=program, at=at, actor=actor,
        is_revenue_counted=True,
    )  # fmt: skip


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
    )  # fmt: skip


def _replacements(work: _Exchange) -> list[dict[str, object]]:
    """What went out, as it is stored with the exchange."""
    return [
        {
            "external_id": line.external_id, "sku": line.sku, "quantity": line.quantity,
            "amount_cents": line.amount_cents, "points": points,
        }
        for line, points in zip(work.new, work.exchanged.new_points, strict=True)
    ]  # fmt: skip


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


def _grant(work: _Exchange, row: Refund, granting: Granting, *, at: datetime, actor: str) -> None:
    """What the higher price earns, as far as the payer's budget reaches."""
    done, order = work.exchanged, work.order
    parts = {"": done.extra - work.tier_bonus, "tier": work.tier_bonus}
    completed = order.completed_at
    origin = Origin(
        member=order.member_id, key=key_of(order, row, "earned"), occurred_at=row.refunded_at,
        source_type="exchange", source_id=order.pk, reference=order.external_id, waits=True,
        # The new goods can be returned from the exchange on: the window begins again for them.
        completed_at=max(completed, row.refunded_at) if completed else None,
    )  # fmt: skip
    grants = [
        plain_award(origin, points, part, granting) for part, points in parts.items() if points
    ]
    granted = sum(one.points for one in award(items=grants, at=at, actor=actor))
    order.points_earned += granted
    if granted < done.extra:
        less = sum(done.new_points) - done.extra + granted
        work.exchanged = msgspec.structs.replace(
            done, extra=granted,
            new_points=tuple(split_by_largest_remainder(less, list(done.new_points))),
        )  # fmt: skip


def _take_back(
    work: _Exchange, row: Refund, program: ActiveProgram, *, at: datetime, actor: str
) -> None:
    """What the lower price gives back."""
    done = work.exchanged
    add_steps(row, {"moved": sum(done.moved), "earned": done.extra})
    due = zip(work.lines, done.due, strict=True)
    take_back(
        work.order, row, {line.external_id: points for line, points in due if points},
        program=program, at=at, actor=actor,
    )  # fmt: skip
