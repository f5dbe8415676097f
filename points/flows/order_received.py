"""An order reaches us: this is where a customer earns points.

In order, in one transaction: what we know of the order, the programme and the buyer (one round
trip) · what the order earns by the programme (`earning`) · the order is written down (`orders`),
points set aside for it are spent and points earned are granted (`ledger`), the buyer's sums grow
(`members`; one round trip). One order and a thousand take the same few round trips.
"""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from django.db import IntegrityError, transaction

from kernel.db import NOTHING, Ask, ask, connection
from kernel.errors import DomainError
from kernel.ids import new_id
from kernel.money import exponent
from points.earning.calculations import Earned, evaluation_of
from points.flows.incoming_order import IncomingLine, IncomingOrder, check_order, fingerprint_of
from points.flows.order_completed import earned_by, grant_for
from points.ledger import actions as ledger
from points.ledger import queries as ledger_queries
from points.ledger.errors import HoldNotOpen
from points.ledger.models import Hold
from points.ledger.queries import LotState
from points.members import actions as members
from points.members import queries as members_queries
from points.members.errors import MemberNotFound
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.actions import LineRecord, OrderRecord, is_told_twice
from points.orders.calculations import charged_cents, offset_value_cents
from points.orders.errors import HoldOfAnother, OrderConflict
from points.orders.models import Order
from points.orders.queries import Known
from points.program.queries import ActiveProgram, ask_program

__all__ = ["IncomingLine", "IncomingOrder", "Outcome", "Written", "take_order", "take_orders"]


class Outcome(msgspec.Struct, frozen=True):
    """What became of one order: created, duplicate, conflict or refused (then with the error)."""

    external_id: str
    outcome: Literal["created", "duplicate", "conflict", "refused"]
    order_id: uuid.UUID | None = None
    points_earned: int = 0
    error: DomainError | None = None
    written: "Written | None" = None


class Written(msgspec.Struct, frozen=True):
    """What was written of a new order, so that nobody has to read it back to answer."""

    record: OrderRecord
    lots: list[LotState]


@dataclass(slots=True)
class _Prepared:
    """An order that passed every check, ready to be written."""

    position: int
    record: OrderRecord
    grant: ledger.Grant | None


def take_order(
    *, order: IncomingOrder, create_member: bool, at: datetime, actor: str,
    confirm: Ask[None] = NOTHING,
) -> Outcome:  # fmt: skip
    """One order: created, or told before with the same contents (duplicate).

    Raises OrderConflict, MemberNotFound, CurrencyMismatch, AmountsContradict, LineRepeated,
    EarnsTooMuch, and what a hold refuses.
    """
    outcome = take_orders(
        orders=[order], create_members=create_member, at=at, actor=actor, confirm=confirm
    )[0]
    if outcome.error is not None:
        raise outcome.error
    return outcome


def take_orders(
    *, orders: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str,
    confirm: Ask[None] = NOTHING,
) -> list[Outcome]:  # fmt: skip
    """Many orders, answered in their order; one that is refused does not keep the others out.

    `confirm` is asked with the first look, before anything is written: it may raise.
    """
    while True:
        taking = _Taking(orders, create_members, at, actor, confirm)
        try:
            # Several statements need a transaction; a single one is a transaction by itself.
            with nullcontext() if taking.writes_once() else transaction.atomic():
                taking.prepare()
                taking.write()
        except IntegrityError as error:
            if not is_told_twice(error=error):
                raise
            continue  # somebody told it between our look and our write: look again
        return [outcome for outcome in taking.outcomes if outcome is not None]


class _Taking:
    """The steps of taking a batch of orders, with what they share."""

    def __init__(
        self, batch: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str,
        confirm: Ask[None],
    ) -> None:  # fmt: skip
        self.batch, self.at, self.actor = batch, at, actor
        _, self.program, self.payer, self.known, found = ask(
            confirm,
            ask_program(),
            ledger_queries.ask_payer(),
            order_queries.ask_known(keys=[order.key for order in batch]),
            members_queries.ask_ids(
                external_ids={o.member_external_id for o in batch if o.member_external_id},
                ids={o.member_id for o in batch if o.member_id},
            ),
        )
        new = [order for order in batch if order.key not in self.known]
        self.buyers = _Buyers(new, found, create=create_members)
        self.has_holds = any(order.hold_id for order in new)
        self.outcomes: list[Outcome | None] = [None] * len(batch)
        self.prepared: list[_Prepared] = []
        self.repeats: list[tuple[int, int]] = []
        self.holds_used: set[uuid.UUID] = set()

    def writes_once(self) -> bool:
        """Whether all that is to be written goes in one statement, outside of any transaction."""
        return not (self.has_holds or self.buyers.missing or connection.in_atomic_block)

    def prepare(self) -> None:
        """Sort out what is known or wrong; work out what the rest earns."""
        self.buyers.add_missing(self.at)
        first: dict[tuple[str, str], tuple[int, str]] = {}
        for position, order in enumerate(self.batch):
            fingerprint = fingerprint_of(order)
            seen = self.known.get(order.key)
            if seen is not None:
                self.outcomes[position] = told_before(order, seen, fingerprint)
            elif order.key not in first:
                first[order.key] = position, fingerprint
                self._prepare_one(position, order, fingerprint)
            elif first[order.key][1] == fingerprint:
                self.repeats.append((position, first[order.key][0]))
            else:
                error = OrderConflict()
                self.outcomes[position] = Outcome(order.external_id, "conflict", error=error)

    def _prepare_one(self, position: int, order: IncomingOrder, fingerprint: str) -> None:
        try:
            member = self.buyers.of(order)
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
        """Store the orders and move their points; a repeat in the batch is told as one."""
        if self.prepared:
            self._write()
        for position, first in self.repeats:
            outcome = self.outcomes[first]
            if outcome is not None and outcome.outcome == "created":
                outcome = msgspec.structs.replace(outcome, outcome="duplicate")
            self.outcomes[position] = outcome

    def _write(self) -> None:
        records = sorted(
            (p.record for p in self.prepared), key=lambda r: (r.channel, r.external_id)
        )
        grants = [p.grant for p in self.prepared if p.grant]
        record = orders.ask_to_record(records=records)
        grant = ledger.ask_to_grant(grants=grants, at=self.at, actor=self.actor)
        count = members.ask_to_count(sums=_sums(records))
        if held := [one for one in records if one.hold_id]:
            ask(record)
            self._spend_holds(held)
            posted, _ = ask(grant, count)
        else:
            _, posted, _ = ask(record, grant, count)
        self._tell(posted)

    def _tell(self, posted: list[ledger.Posted]) -> None:
        left = iter(posted)
        for prepared in self.prepared:
            record, grant = prepared.record, prepared.grant
            lots = [_lot(grant, next(left).left, self.payer, self.at)] if grant else []
            self.outcomes[prepared.position] = Outcome(
                record.external_id, "created", record.id, record.points_earned,
                written=Written(record, [lot for lot in lots if lot.remaining]),
            )  # fmt: skip

    def _spend_holds(self, records: Sequence[OrderRecord]) -> None:
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


class _Buyers:
    """Who bought: members by id or by external id, added when asked to."""

    def __init__(
        self, batch: Sequence[IncomingOrder], found: dict[str, uuid.UUID], *, create: bool
    ) -> None:
        names = {o.member_external_id for o in batch if o.member_external_id} if create else set()
        self.missing = sorted(names - found.keys())
        self.by_name = found
        self.ids = set(found.values())

    def add_missing(self, at: datetime) -> None:
        """Add those who are named and not there yet, if that was asked for."""
        if not self.missing:
            return
        self.by_name |= members.add_missing(external_ids=self.missing, at=at)
        if raced := set(self.missing) - self.by_name.keys():
            self.by_name |= members_queries.find_ids(external_ids=raced)

    def of(self, order: IncomingOrder) -> uuid.UUID:
        """The buyer's id. Raises MemberNotFound."""
        if order.member_id is not None and order.member_id in self.ids:
            return order.member_id
        found = self.by_name.get(order.member_external_id or "")
        if found is None:
            raise MemberNotFound()
        return found


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
    order_id = new_id()
    return OrderRecord(
        id=order_id, channel=order.channel, external_id=order.external_id,
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
                order_id=order_id, position=i, external_id=line.external_id, sku=line.sku,
                category=line.category, quantity=line.quantity, amount_cents=line.amount_cents,
                points=points,
            )
            for i, (line, points) in enumerate(zip(order.lines, line_points, strict=True), 1)
        ),
    )  # fmt: skip


def _lot(grant: ledger.Grant, left: int, payer: ledger_queries.Payer, at: datetime) -> LotState:
    matures_at = grant.matures_at or grant.occurred_at
    return LotState(
        granted=grant.amount, remaining=left, held=0, is_mature=matures_at <= at,
        matures_at=matures_at, expires_at=grant.expires_at, funding_source=payer.code,
    )  # fmt: skip


def _sums(records: Iterable[OrderRecord]) -> list[tuple[uuid.UUID, int, int, datetime]]:
    """Per member: how many orders, how much was paid, the latest."""
    sums: dict[uuid.UUID, tuple[int, int, datetime]] = {}
    for record in records:
        count, cents, latest = sums.get(record.member_id, (0, 0, record.placed_at))
        total = cents + charged_cents(record)
        sums[record.member_id] = (count + 1, total, max(latest, record.placed_at))
    return [(member, *values) for member, values in sorted(sums.items())]
