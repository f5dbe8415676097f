"""An order reaches us, or is completed: this is where a customer earns points.

In order, in one transaction: who bought · what the order earns by the programme (`earning`) · the
order is written down (`orders`) · points set aside for it are spent and points earned are granted
(`ledger`). One order and a thousand take the same few round trips.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from kernel.errors import DomainError
from kernel.ids import new_id
from kernel.money import exponent
from kernel.shapes import LARGEST_AMOUNT
from points.earning.calculations import Earned, Line, evaluation_of, order_points
from points.flows.incoming_order import IncomingLine, IncomingOrder, check_order, fingerprint_of
from points.flows.order_refunded import settle_waiting_refunds
from points.ledger import actions as ledger
from points.ledger import queries as ledger_queries
from points.ledger.errors import HoldNotOpen
from points.ledger.models import Hold
from points.members import actions as members
from points.members import queries as members_queries
from points.members.errors import MemberNotFound
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.actions import Known, LineRecord, OrderRecord
from points.orders.calculations import offset_value_cents, source_key
from points.orders.errors import EarnsTooMuch, HoldOfAnother, OrderConflict
from points.orders.models import Order, OrderLine
from points.program.calculations import Earning, expires_at
from points.program.queries import ActiveProgram, get_program

__all__ = [
    "IncomingLine",
    "IncomingOrder",
    "Outcome",
    "complete_order",
    "take_order",
    "take_orders",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: created, duplicate, conflict or refused (then with the error)."""

    external_id: str
    outcome: Literal["created", "duplicate", "conflict", "refused"]
    order_id: uuid.UUID | None = None
    points_earned: int = 0
    error: DomainError | None = None


@dataclass(slots=True)
class _Prepared:
    """An order that passed every check, ready to be written."""

    position: int
    record: OrderRecord
    grant: ledger.Grant | None


def take_order(*, order: IncomingOrder, create_member: bool, at: datetime, actor: str) -> Outcome:
    """One order: created, or told before with the same contents (duplicate).

    Raises OrderConflict, MemberNotFound, CurrencyMismatch, AmountsContradict, LineRepeated,
    EarnsTooMuch, and what a hold refuses.
    """
    outcome = take_orders(orders=[order], create_members=create_member, at=at, actor=actor)[0]
    if outcome.error is not None:
        raise outcome.error
    return outcome


@transaction.atomic
def take_orders(
    *, orders: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str
) -> list[Outcome]:
    """Many orders, answered in their order; one that is refused does not keep the others out."""
    taking = _Taking(orders, create_members, at, actor)
    taking.prepare()
    taking.write()
    return [outcome for outcome in taking.outcomes if outcome is not None]


class _Taking:
    """The steps of taking a batch of orders, with what they share."""

    def __init__(
        self, batch: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str
    ) -> None:
        self.batch, self.create_members, self.at, self.actor = batch, create_members, at, actor
        self.program = get_program()
        self.payer = ledger_queries.default_funding_source()
        self.outcomes: list[Outcome | None] = [None] * len(batch)
        self.prepared: list[_Prepared] = []
        self.repeats: list[tuple[int, int]] = []
        self.holds_used: set[uuid.UUID] = set()

    def prepare(self) -> None:
        """Sort out what is known or wrong; work out what the rest earns."""
        known = orders_known(self.batch)
        buyers = _Buyers(self.batch, known, self.create_members, self.at)
        first: dict[tuple[str, str], tuple[int, str]] = {}
        for position, order in enumerate(self.batch):
            fingerprint = fingerprint_of(order)
            seen = known.get(order.key)
            if seen is not None:
                self.outcomes[position] = told_before(order, seen, fingerprint)
            elif order.key not in first:
                first[order.key] = position, fingerprint
                self._prepare_one(position, order, fingerprint, buyers)
            elif first[order.key][1] == fingerprint:
                self.repeats.append((position, first[order.key][0]))
            else:
                error = OrderConflict()
                self.outcomes[position] = Outcome(order.external_id, "conflict", error=error)

    def _prepare_one(
        self, position: int, order: IncomingOrder, fingerprint: str, buyers: "_Buyers"
    ) -> None:
        try:
            member = buyers.of(order)
            offset = self._offset(order, member)
            check_order(order, currency=self.program.currency, offset_cents=offset[1])
            earned = self._earned(order, offset)
        except DomainError as error:
            self.outcomes[position] = Outcome(order.external_id, "refused", error=error)
            return
        if order.hold_id is not None:
            self.holds_used.add(order.hold_id)
        record = _record(order, member, fingerprint, offset, earned, self.program, at=self.at)
        grant = grant_for(
            record, earned.points if earned else 0, self.program, self.payer, at=self.at
        )
        self.prepared.append(_Prepared(position, record, grant))

    def _earned(self, order: IncomingOrder, offset: tuple[int, int]) -> Earned | None:
        """What the order earns now, or None while it has to wait for its completion."""
        rule = self.program.settings.earning
        if order.status != "completed" and rule.grant_on != "payment":
            return None
        return earned_by(order, order.lines, rule, offset_cents=offset[1])

    def _offset(self, order: IncomingOrder, member: uuid.UUID) -> tuple[int, int]:
        """Points and money of the hold the order is paid with."""
        if order.hold_id is None:
            return 0, 0
        hold = ledger_queries.get_open_hold(hold_id=order.hold_id, at=self.at)
        if hold.wallet.member_id != member:
            raise HoldOfAnother()
        if hold.pk in self.holds_used:
            raise HoldNotOpen(status=Hold.Status.CAPTURED)
        worth = self.program.settings.offset.points_per_unit
        return hold.points, offset_value_cents(hold.points, worth, exponent(order.currency))

    def write(self) -> None:
        """Store the orders, then move the points of those that were really new."""
        if self.prepared:
            self._write()
        for position, first in self.repeats:
            outcome = self.outcomes[first]
            if outcome is not None and outcome.outcome == "created":
                outcome = replace(outcome, outcome="duplicate")
            self.outcomes[position] = outcome

    def _write(self) -> None:
        records = sorted(
            (p.record for p in self.prepared), key=lambda r: (r.channel, r.external_id)
        )
        new = orders.record_orders(records=records)
        if len(new) < len(records):
            self._answer_raced(new)
        stored = [p for p in self.prepared if p.record.id in new]
        self._spend_holds([p.record for p in stored if p.record.hold_id])
        ledger.grant(grants=[p.grant for p in stored if p.grant], at=self.at, actor=self.actor)
        members.count_orders(sums=_sums(p.record for p in stored))
        for prepared in stored:
            record = prepared.record
            self.outcomes[prepared.position] = Outcome(
                record.external_id, "created", record.id, record.points_earned
            )

    def _spend_holds(self, records: Sequence[OrderRecord]) -> None:
        if not records:
            return
        # All wallets of the batch first, in order: two batches must not wait for each other.
        ledger.lock_wallets(members=[p.record.member_id for p in self.prepared])
        for record in records:
            assert record.hold_id is not None
            spent = ledger.capture_hold(
                hold=record.hold_id, at=self.at, actor=self.actor,
                source_type="order", source_id=record.id, reference=record.external_id,
            )  # fmt: skip
            if not spent.is_new:  # another order was paid with it while we were working this out
                raise HoldNotOpen(status=Hold.Status.CAPTURED)
            Order.objects.filter(pk=record.id).update(spend_transaction_id=spent.transaction_id)

    def _answer_raced(self, new: set[uuid.UUID]) -> None:
        """Another request stored these between our look and our write."""
        known = orders_known(self.batch)
        for prepared in self.prepared:
            if prepared.record.id not in new:
                order = self.batch[prepared.position]
                self.outcomes[prepared.position] = told_before(
                    order, known[order.key], prepared.record.fingerprint
                )


class _Buyers:
    """Who bought: members by id or by external id, added when asked to."""

    def __init__(
        self,
        batch: Sequence[IncomingOrder],
        known: dict[tuple[str, str], Known],
        create: bool,
        at: datetime,
    ) -> None:
        fresh = [order for order in batch if order.key not in known]
        names = {o.member_external_id for o in fresh if o.member_external_id is not None}
        ids = {o.member_id for o in fresh if o.member_id is not None}
        self.by_name = members_queries.find_ids(external_ids=names, ids=ids)
        self.ids = set(self.by_name.values()) if ids else set()
        if create and (missing := sorted(names - self.by_name.keys())):
            self.by_name |= members.add_missing(external_ids=missing, at=at)
            if raced := names - self.by_name.keys():
                self.by_name |= members_queries.find_ids(external_ids=raced)

    def of(self, order: IncomingOrder) -> uuid.UUID:
        """The buyer's id. Raises MemberNotFound."""
        if order.member_id is not None and order.member_id in self.ids:
            return order.member_id
        found = self.by_name.get(order.member_external_id or "")
        if found is None:
            raise MemberNotFound()
        return found


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


def orders_known(batch: Sequence[IncomingOrder]) -> dict[tuple[str, str], Known]:
    """Which of these orders are stored already."""
    return orders.find_known(keys=[order.key for order in batch])


def told_before(order: IncomingOrder, seen: Known, fingerprint: str) -> Outcome:
    """A duplicate with its first result, or a conflict."""
    if seen.fingerprint == fingerprint:
        return Outcome(order.external_id, "duplicate", seen.id, seen.points_earned)
    return Outcome(order.external_id, "conflict", seen.id, error=OrderConflict())


def _record(
    order: IncomingOrder,
    member: uuid.UUID,
    fingerprint: str,
    offset: tuple[int, int],
    earned: Earned | None,
    program: ActiveProgram,
    *,
    at: datetime,
) -> OrderRecord:
    completed = order.status == "completed"
    line_points = earned.line_points if earned else (0,) * len(order.lines)
    return OrderRecord(
        id=new_id(), channel=order.channel, external_id=order.external_id,
        fingerprint=fingerprint, member_id=member, status=order.status, currency=order.currency,
        goods_cents=sum(line.amount_cents for line in order.lines),
        shipping_cents=order.shipping_cents, tax_cents=order.tax_cents,
        discount_cents=order.discount_cents, offset_points=offset[0], offset_cents=offset[1],
        hold_id=order.hold_id, spend_transaction_id=None,
        points_earned=earned.points if earned else 0,
        evaluation=evaluation_of(program.settings.earning, earned) if earned else None,
        granted_at=at if earned else None, placed_at=order.placed_at,
        completed_at=(order.completed_at or at) if completed else None, received_at=at,
        lines=tuple(
            LineRecord(
                position=i, external_id=line.external_id, sku=line.sku, category=line.category,
                quantity=line.quantity, amount_cents=line.amount_cents, points=points,
            )
            for i, (line, points) in enumerate(zip(order.lines, line_points, strict=True), 1)
        ),
    )  # fmt: skip


def _sums(records: Iterable[OrderRecord]) -> list[tuple[uuid.UUID, int, int, datetime]]:
    """Per member: how many orders, how much was paid, the latest."""
    sums: dict[uuid.UUID, tuple[int, int, datetime]] = {}
    for record in records:
        count, cents, latest = sums.get(record.member_id, (0, 0, record.placed_at))
        paid = record.goods_cents + record.shipping_cents + record.tax_cents - record.discount_cents
        sums[record.member_id] = (count + 1, cents + paid, max(latest, record.placed_at))
    return [(member, *values) for member, values in sorted(sums.items())]
