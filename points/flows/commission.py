"""Commission follows orders: noted when an order is completed, corrected with every refund, paid into
the cash wallet when the return window has closed, taken back from it after that (rules.md §11).

What an order gives is written beside it, in rows of `referral`; no wallet is touched until it is
owed for good, so that customers' orders never wait for a distributor's wallet (ADR 0077). A shop
without distributors pays one look at its settings for this.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from kernel import outbox
from kernel.ids import new_id
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.models import FundingSource
from points.ledger.queries import Payer
from points.members.errors import MemberMerged
from points.members.models import Member
from points.orders.models import Order, OrderLine
from points.program.calculations import Distribution, return_window_end
from points.program.queries import ActiveProgram, get_program
from points.referral import actions, queries
from points.referral.calculations import commission_of
from points.referral.models import Commission

BATCH = 200
# Millionths of a minor unit: cash costs what it is.
UNIT_COST = 1_000_000
SOURCE = "commission"
STATUS = Commission.Status


def pays_for(program: ActiveProgram, statuses: Sequence[str]) -> bool:
    """Whether orders with these states may give commission now: a look at the settings."""
    return program.settings.distribution.is_on and Order.Status.COMPLETED in statuses


def note_orders(*, order_ids: Sequence[uuid.UUID], program: ActiveProgram) -> int:
    """Orders have just been completed: what they give, to whom; how many rows are new.

    In the transaction that completes them. Two queries where no buyer was brought by anybody, four
    for any number of orders else.
    """
    if not program.settings.distribution.is_on or not order_ids:
        return 0
    found = queries.find_beneficiaries(order_ids=order_ids)
    if not found:
        return 0
    orders = Order.objects.in_bulk({one.order_id for one in found})
    lines = _lines(orders)
    # Ids follow the orders' own time, by which the lists go.
    found = sorted(found, key=lambda one: (orders[one.order_id].placed_at, one.level))
    rows = [_commission(orders[one.order_id], lines[one.order_id], one, program) for one in found]
    # One of which all came back already is kept: a dispute that is won brings it up again.
    rows = [row for row in rows if row.amount_cents or orders[row.order_id].refunded_cents]
    actions.add_commissions(rows=rows)
    return len(rows)


def _commission(
    order: Order, lines: Sequence[OrderLine], one: queries.Beneficiary, program: ActiveProgram
) -> Commission:
    rate, of_categories = _rates(program.settings.distribution, one.level)
    row = Commission(
        id=new_id(), order_id=order.pk, member_id=one.member_id, level=one.level, rate=rate,
        category_rates=of_categories,
    )  # fmt: skip
    assert order.completed_at is not None
    row.earned_at = order.completed_at
    days = program.settings.earning.return_window_days
    row.closes_at = return_window_end(days, order.completed_at, program.calendar)
    _value(row, order, lines)
    return row


def _rates(rule: Distribution, level: int) -> tuple[Decimal, dict[str, str]]:
    own = {1: rule.level1_rate, 2: rule.level2_rate}[level]
    others = {
        one.category: str(one.level1_rate if level == 1 else one.level2_rate)
        for one in rule.category_rates
    }
    return own, others


def _value(row: Commission, order: Order, lines: Sequence[OrderLine]) -> None:
    worth = commission_of(
        lines, discount_cents=order.discount_cents, offset_cents=order.offset_cents,
        rate=row.rate, category_rates=row.category_rates,
    )  # fmt: skip
    row.base_cents, row.amount_cents = worth.base_cents, worth.amount_cents


def follow_order(*, order: Order, at: datetime, actor: str) -> None:
    """Something came back of an order, or a dispute was won: its commissions are what the goods that
    are kept are worth. Of those that were paid the difference moves now: down from the wallet, owed
    if need be; up when a dispute was won.

    The caller holds the order and has stored its lines. One query where there is no commission.
    """
    rows = queries.of_orders(order_ids=[order.pk])
    if not rows:
        return
    lines = list(OrderLine.objects.filter(order_id=order.pk).order_by("position"))
    for row in rows:
        _value(row, order, lines)
    # Wallets in order of their ids, before the first of them moves: so does whoever pays a batch.
    paid = [row.member_id for row in rows if row.status == STATUS.SETTLED]
    ledger.lock_wallets(members=paid, unit="cash")
    for row in rows:
        if row.status == STATUS.SETTLED:
            _correct(row, order, at=at, actor=actor)
        elif row.status == STATUS.VOID and row.amount_cents:
            row.status = STATUS.PENDING  # a dispute was won after the window had closed
    actions.save_commissions(rows=rows)


def _correct(row: Commission, order: Order, *, at: datetime, actor: str) -> None:
    """Bring what was paid to what it is worth now."""
    difference = row.amount_cents - (row.paid_cents - row.taken_back_cents)
    if difference > 0:
        payer = _payer(get_program().settings.distribution)
        ledger.grant(grants=[_grant(row, order, difference, payer, at)], at=at, actor=actor)
        row.paid_cents += difference
    elif difference < 0:
        taken = clawing.claw_back(
            member=row.member_id, unit="cash", points=-difference, origin_id=row.pk,
            key=_key(row), at=at, actor=actor, from_other_lots=True, debt=True, debt_limit=None,
            source_type=SOURCE, source_id=row.pk, reference=order.external_id,
        ).taken  # fmt: skip
        row.taken_back_cents += taken
        outbox.tell_each(topic="commission.taken_back", told=[_told(row, taken)], at=at)
    row.moves += bool(difference)


def settle_due(*, at: datetime) -> int:
    """Pay every commission whose return window has closed by `at`; how many were settled."""
    program = get_program()
    done = 0
    while some := _settle_some(program, at):
        done += some
    return done


def _settle_some(program: ActiveProgram, at: datetime) -> int:
    """One batch: the orders are locked first, as refunds lock them; then wallets; then the rows."""
    due = Commission.objects.filter(status=STATUS.PENDING, closes_at__lte=at)
    try:
        with transaction.atomic():
            wanted = list(due.order_by("closes_at").values_list("order_id", flat=True)[:BATCH])
            orders = {
                row.pk: row
                for row in Order.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
            }
            rows = [row for row in queries.of_orders(order_ids=orders) if _is_due(row, at)]
            _pay(rows, orders, program, at)
            actions.save_commissions(rows=rows)
            return len(rows)
    except MemberMerged:
        return 0  # one of them while we were looking: the next run sees who it is now


def _is_due(row: Commission, at: datetime) -> bool:
    return row.status == STATUS.PENDING and row.closes_at <= at


def _pay(
    rows: Sequence[Commission], orders: Mapping[uuid.UUID, Order], program: ActiveProgram,
    at: datetime,
) -> None:  # fmt: skip
    """Grants for all in one call; who was erased meanwhile is paid nothing."""
    members = {row.member_id for row in rows}
    gone = Member.objects.filter(pk__in=members, erased_at__isnull=False)
    nobody = set(gone.values_list("pk", flat=True))
    paid = [row for row in rows if row.amount_cents and row.member_id not in nobody]
    payer = _payer(program.settings.distribution) if paid else None
    grants = [
        _grant(row, orders[row.order_id], row.amount_cents, payer, row.closes_at)
        for row in paid if payer
    ]  # fmt: skip
    ledger.grant(grants=grants, at=at, actor="job")
    for row in rows:
        row.status, row.settled_at = STATUS.VOID, row.closes_at
    for row in paid:
        row.status, row.paid_cents = STATUS.SETTLED, row.paid_cents + row.amount_cents
        row.moves += 1
    told = [_told(row, row.amount_cents) for row in paid]
    outbox.tell_each(topic="commission.settled", told=told, at=at)


def _grant(
    row: Commission, order: Order, cents: int, payer: Payer, occurred_at: datetime
) -> ledger.Grant:
    return ledger.Grant(
        member=row.member_id, unit="cash", amount=cents, key=_key(row), occurred_at=occurred_at,
        funding_source_id=payer.id, account=f"issuance:{payer.code}", unit_cost_micros=UNIT_COST,
        source_type=SOURCE, source_id=row.pk, reference=order.external_id,
    )  # fmt: skip


def _key(row: Commission) -> str:
    return f"commission:{row.pk}:{row.moves}"


def _payer(rule: Distribution) -> Payer:
    """Who bears it; the merchant for whoever has gone."""
    codes = [rule.funding_source, "merchant"]
    rows = FundingSource.objects.filter(code__in=codes)
    found = sorted(rows, key=lambda row: codes.index(row.code))[0]
    return Payer(found.pk, found.code, found.unit_cost_micros)


def _lines(orders: Mapping[uuid.UUID, Order]) -> dict[uuid.UUID, list[OrderLine]]:
    found: dict[uuid.UUID, list[OrderLine]] = {pk: [] for pk in orders}
    for line in OrderLine.objects.filter(order_id__in=list(orders)).order_by("position"):
        found[line.order_id].append(line)
    return found


def _told(row: Commission, cents: int) -> tuple[str, dict[str, Any]]:
    """Whom an event is about, and what it says."""
    return str(row.member_id), {
        "commission_id": str(row.pk), "member_id": str(row.member_id), "level": row.level,
        "order_id": str(row.order_id), "amount": cents,
    }  # fmt: skip
