"""Growth and tiers follow orders: granted with their points, taken back by refunds.

A shop whose tiers are off pays nothing for this: `asks_for` then gives `NOTHING` twice. Growth has
wallets of its own; its lots never expire and nothing is spent from them, so that what remains of a
lot is what its order still counts for.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum

from kernel.db import NOTHING, Ask, ask
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.models import Kind, Lot, Transaction
from points.ledger.queries import Payer, default_funding_source
from points.orders import queries as order_queries
from points.orders.actions import OrderRecord
from points.orders.calculations import cumulative_share, source_key
from points.orders.models import Order
from points.program.queries import ActiveProgram, get_program
from points.tiers import actions as tiers
from points.tiers.calculations import growth_of, refunded_share

Asks = tuple[Ask[Any], Ask[Any]]


def asks_for(
    *,
    records: Sequence[OrderRecord],
    program: ActiveProgram,
    payer: Payer,
    at: datetime,
    actor: str,
) -> Asks:
    """Growth of orders that have just earned, and the review of their members' tiers: two calls
    to be asked behind those that store the orders, in the same round trip."""
    if not program.settings.tiers.is_on:
        return NOTHING, NOTHING
    return _asks(records, {record.member_id for record in records}, program, payer, at, actor)


def follow_completion(*, order: Order, at: datetime, actor: str) -> None:
    """An order that waited is completed: its growth, less what was refunded meanwhile."""
    program = get_program()
    if program.settings.tiers.is_on:
        ask(*_asks([order], {order.member_id}, program, default_funding_source(), at, actor))
        if order.refunded_cents:
            _follow_refund(order, "completion", program, at=at, actor=actor)


def follow_refund(
    *, order: Order, refund: str, program: ActiveProgram, at: datetime, actor: str
) -> None:
    """A refund takes the growth of what it gave back; the tier itself stands until its period
    ends (rules.md §8)."""
    if program.settings.tiers.is_on:
        _follow_refund(order, refund, program, at=at, actor=actor)


def follow_reversal(
    *, order: Order, refund: str, program: ActiveProgram, at: datetime, actor: str
) -> None:
    """A dispute was won: the growth its chargeback took comes back to its lots."""
    if not program.settings.tiers.is_on:
        return
    taken = Transaction.objects.filter(source_key=_key(order, refund)).first()
    if taken is not None:
        clawing.undo_clawback(
            transaction_id=taken.pk, key=f"{_key(order, refund)}:won", at=at, actor=actor,
            source_type="refund", reference=order.external_id,
        )  # fmt: skip
    tiers.reassess(members=[order.member_id], program=program, at=at, actor=actor)


def unite_tiers(*, loser: uuid.UUID, survivor: uuid.UUID, at: datetime, actor: str) -> None:
    """Two members are one person, and orders and growth of both are the survivor's already."""
    tiers.unite_members(loser=loser, survivor=survivor, at=at, actor=actor)
    program = get_program()
    if program.settings.tiers.is_on:
        tiers.reassess(members=[survivor], program=program, at=at, actor=actor)


def review_tiers(*, at: datetime) -> int:
    """Members whose period, grace or tier set by hand is over, and all of them when the definitions
    changed; how many were looked at. In batches that can be interrupted."""
    program = get_program()
    if not program.settings.tiers.is_on:
        return 0
    done = tiers.recalculate_all(program=program, at=at)
    while some := tiers.reassess_due(program=program, at=at):
        done += some
    return done


def _follow_refund(
    order: Order, refund: str, program: ActiveProgram, *, at: datetime, actor: str
) -> None:
    if order.granted_at is not None and program.settings.tiers.qualify_by == "growth":
        _take_back(order, refund, at=at, actor=actor)
    tiers.reassess(members=[order.member_id], program=program, at=at, actor=actor)


def _asks(
    orders: Sequence[OrderRecord] | Sequence[Order],
    members: set[uuid.UUID],
    program: ActiveProgram,
    payer: Payer,
    at: datetime,
    actor: str,
) -> Asks:
    grants = [
        grant for order in orders if (grant := _grant_for(order, program, payer, at)) is not None
    ]
    return (
        ledger.ask_to_grant(grants=grants, at=at, actor=actor) if grants else NOTHING,
        tiers.ask_to_reassess(members=list(members), program=program, at=at, actor=actor),
    )


def _grant_for(
    order: OrderRecord | Order, program: ActiveProgram, payer: Payer, at: datetime
) -> ledger.Grant | None:
    rule = program.settings.tiers
    if rule.qualify_by != "growth" or order.evaluation is None:
        return None
    amount = growth_of(rule, int(order.evaluation.get("base_cents", 0)))
    if amount == 0:
        return None
    happened = (order.completed_at if order.status == "completed" else None) or order.placed_at
    return ledger.Grant(
        member=order.member_id, unit="growth", amount=amount,
        key=source_key("order", order.channel, order.external_id, "growth"),
        # Growth is never pending: what is dated ahead counts from now on.
        occurred_at=min(happened, at), funding_source_id=payer.id,
        account=f"issuance:{payer.code}", source_type="order", source_id=order.id,
        reference=order.external_id,
    )  # fmt: skip


def _take_back(order: Order, refund: str, *, at: datetime, actor: str) -> None:
    """By the share of goods refunded so far: the full refund takes back all there was."""
    lots = Lot.objects.filter(source_id=order.pk, wallet__unit="growth")
    # A merge moves what is left of a lot into a new one; what was granted stands in the first.
    is_first = ~Q(transaction__kind=Kind.TRANSFER_IN)
    sums = lots.aggregate(granted=Sum("granted", filter=is_first), left=Sum("remaining"))
    granted, left = sums["granted"] or 0, sums["left"] or 0
    if left == 0:
        return
    lines = order_queries.list_lines(order_id=order.pk)
    refunded, counted = refunded_share(
        [line.amount_cents for line in lines],
        [line.points for line in lines],
        [line.refunded_cents for line in lines],
    )
    due = cumulative_share(granted, refunded, counted, granted - left)
    if due:
        clawing.claw_back(
            member=order.member_id, unit="growth", points=due, origin_id=order.pk, at=at,
            actor=actor, from_other_lots=False, debt=False, debt_limit=None,
            key=_key(order, refund),
            source_type="refund", reference=order.external_id,
        )  # fmt: skip


def _key(order: Order, refund: str) -> str:
    return source_key("refund", order.channel, order.external_id, refund, "growth")
