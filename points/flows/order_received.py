"""An order reaches us: this is where a customer earns points.

In order, in one transaction: what we know of the order, the programme and the buyer (one round
trip) · what the order earns by the programme (`earning`) · the order is written down (`orders`),
points set aside for it are spent and points earned are granted (`ledger`), the buyer's sums grow
(`members`; one round trip). One order and a thousand take the same few round trips.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec
from django.db import DatabaseError, transaction

from kernel.db import NOTHING, Ask, ask, connection
from kernel.errors import DomainError
from kernel.ids import new_id
from kernel.money import exponent
from points.budget.actions import ask_to_count_revenue, ask_to_lock
from points.earning import actions as earning
from points.earning.awards import Origin, granting_of
from points.earning.facts import MemberFacts
from points.earning.order_earnings import EarningMoment, moment_of
from points.earning.queries import ask_rules, get_member_facts
from points.earning.rules import ORDER_TRIGGERS
from points.flows import commission, growth
from points.flows.buyers import Buyers
from points.flows.incoming_order import IncomingLine, IncomingOrder, check_order, fingerprint_of
from points.flows.offset_shares import borne_by
from points.flows.order_earnings import Plan, order_key, plan_order, with_rules
from points.flows.order_records import lot_of, record_of, settled_record, sums_of
from points.ledger import actions as ledger
from points.ledger import queries as ledger_queries
from points.ledger.errors import HoldNotOpen
from points.ledger.models import Hold
from points.ledger.queries import LotState
from points.members import actions as members
from points.members import queries as members_queries
from points.members.errors import MemberMerged, is_merged
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.actions import OrderRecord, is_told_twice
from points.orders.calculations import charged_cents, offset_value_cents
from points.orders.errors import HoldOfAnother, OrderConflict
from points.orders.models import Order
from points.orders.queries import Known
from points.program.queries import ask_program

# Natural key of an order → what the points it is paid with are worth, in minor units.
Agreed = Mapping[tuple[str, str], int]
NONE_AGREED: Agreed = {}
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
    plan: Plan


def take_order(
    *, order: IncomingOrder, create_member: bool, at: datetime, actor: str,
    confirm: Ask[None] = NOTHING, agreed_offset_cents: int | None = None,
) -> Outcome:  # fmt: skip
    """One order: created, or told before with the same contents (duplicate).

    `agreed_offset_cents`: what the points of its hold are worth, where that was agreed at a checkout;
    else the programme's rate of now says so.

    Raises OrderConflict, MemberNotFound, CurrencyMismatch, AmountsContradict, LineRepeated,
    EarnsTooMuch, and what a hold refuses.
    """
    agreed = {} if agreed_offset_cents is None else {order.key: agreed_offset_cents}
    outcome = take_orders(
        orders=[order], create_members=create_member, at=at, actor=actor, confirm=confirm,
        agreed=agreed,
    )[0]  # fmt: skip
    if outcome.error is not None:
        raise outcome.error
    return outcome


def take_orders(
    *, orders: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str,
    confirm: Ask[None] = NOTHING, agreed: Agreed = NONE_AGREED,
) -> list[Outcome]:  # fmt: skip
    """Many orders, answered in their order; one that is refused does not keep the others out.

    Where an order may move its buyer to another tier or segment, the next one of the same buyer comes
    after it: the batch is taken in rounds, each a transaction unless the caller has one.
    `confirm` is asked with the first look, before anything is written: it may raise.
    """
    outcomes: dict[int, Outcome] = {}
    left: Sequence[int] = range(len(orders))
    while left:
        taking = _take([orders[i] for i in left], create_members, at, actor, confirm, agreed)
        found = zip(left, taking.outcomes, strict=True)
        outcomes |= {i: outcome for i, outcome in found if outcome is not None}
        left, confirm = [left[i] for i in taking.later], NOTHING
    return [outcomes[i] for i in range(len(orders))]


def _take(
    batch: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str,
    confirm: Ask[None], agreed: Agreed,
) -> "_Taking":  # fmt: skip
    """One round of a batch."""
    while True:
        taking = _Taking(batch, create_members, at, actor, confirm, agreed)
        try:
            # Several statements need a transaction; a single one is a transaction by itself.
            with nullcontext() if taking.writes_once() else transaction.atomic():
                taking.prepare()
                taking.write()
        except (MemberMerged, HoldNotOpen):  # looked at again, the one order is refused
            continue
        except DatabaseError as error:
            # Somebody told it, or merged its buyer, between our look and our write: look again.
            if not (is_told_twice(error=error) or is_merged(error)):
                raise
            continue
        return taking


class _Taking:
    """The steps of taking a batch of orders, with what they share."""

    def __init__(
        self, batch: Sequence[IncomingOrder], create_members: bool, at: datetime, actor: str,
        confirm: Ask[None], agreed: Agreed,
    ) -> None:  # fmt: skip
        self.batch, self.at, self.actor, self.agreed = batch, at, actor, agreed
        self.is_nested = connection.in_atomic_block
        _, self.program, self.rules, self.known, found = ask(
            confirm,
            ask_program(),
            ask_rules(),
            order_queries.ask_known(keys=[order.key for order in batch]),
            members_queries.ask_buyers(
                names={(o.channel, o.member_external_id) for o in batch if o.member_external_id},
                ids={o.member_id for o in batch if o.member_id},
            ),
        )
        new = [order for order in batch if order.key not in self.known]
        self.buyers = Buyers(new, found, create=create_members)
        self.granting = granting_of(self.program, self.rules)
        self.facts: dict[uuid.UUID, MemberFacts] = {}
        self.in_steps = self.rules.judges_orders or any(order.hold_id for order in new)
        self.pays_commission = commission.pays_for(self.program, [order.status for order in new])
        self.outcomes: list[Outcome | None] = [None] * len(batch)
        self.prepared: list[_Prepared] = []
        self.repeats: list[tuple[int, int]] = []
        self.holds_used: set[uuid.UUID] = set()
        # One order of each buyer at a time, and the places of those that wait for the next round.
        self.one_each = self.program.settings.tiers.is_on or bool(
            self.rules.segments_of(ORDER_TRIGGERS)
        )
        self.served: set[uuid.UUID] = set()
        self.later: list[int] = []

    def writes_once(self) -> bool:
        """Whether all that is to be written goes in one statement, outside of any transaction."""
        several = self.in_steps or self.pays_commission
        return not (several or self.buyers.missing or self.is_nested)

    def prepare(self) -> None:
        """Sort out what is known or wrong; work out what the rest earns."""
        self.buyers.add_missing(self.at)
        self.facts = get_member_facts(
            members=self.buyers.all_ids(), rules=self.rules, triggers=ORDER_TRIGGERS,
            program=self.program, at=self.at,
        )  # fmt: skip
        first: dict[tuple[str, str], tuple[int, str]] = {}
        for position, order in enumerate(self.batch):
            fingerprint = fingerprint_of(order)
            seen = self.known.get(order.key)
            if seen is not None:
                self.outcomes[position] = told_before(order, seen, fingerprint)
            elif (known := first.get(order.key)) is not None and known[0] in self.later:
                self.later.append(position)
            elif known is not None and known[1] == fingerprint:
                self.repeats.append((position, known[0]))
            elif known is None or self.outcomes[known[0]] is not None:
                # What was refused was not told: the same order may follow with what was wrong mended.
                first[order.key] = position, fingerprint
                self._prepare_one(position, order, fingerprint)
            else:
                error = OrderConflict()
                self.outcomes[position] = Outcome(order.external_id, "conflict", error=error)

    def _prepare_one(self, position: int, order: IncomingOrder, fingerprint: str) -> None:
        order_id = new_id()
        try:
            member = self.buyers.of(order)
            if self.one_each and member in self.served:
                self.later.append(position)
                return
            offset = self._offset(order, member)
            check_order(order, currency=self.program.currency, offset_cents=offset[1])
            plan = self._plan(order, order_id, member, offset_cents=offset[1])
        except DomainError as error:
            self.outcomes[position] = Outcome(order.external_id, "refused", error=error)
            return
        if order.hold_id is not None:
            self.holds_used.add(order.hold_id)
        record = record_of(
            order, order_id, member, fingerprint, offset, plan,
            has_base=self._moment(order).has_base, at=self.at,
        )  # fmt: skip
        if member in self.facts:  # the next order of this batch comes after this one
            self.facts[member] = self.facts[member].after(charged_cents(record))
        self.served.add(member)
        self.prepared.append(_Prepared(position, record, plan))

    def _plan(
        self, order: IncomingOrder, order_id: uuid.UUID, member: uuid.UUID, *, offset_cents: int
    ) -> Plan:
        moment = self._moment(order)
        origin = Origin(
            member=member, key=order_key(order.channel, order.external_id),
            occurred_at=moment.occurred_at, source_type="order", source_id=order_id,
            reference=order.external_id, waits=True,
            completed_at=moment.occurred_at if order.status == "completed" else None,
        )  # fmt: skip
        return plan_order(
            order, order.lines, moment, origin, self.granting,
            offset_cents=offset_cents, member=self.facts.get(member),
        )  # fmt: skip

    def _moment(self, order: IncomingOrder) -> EarningMoment:
        return moment_of(
            is_new=True, status=order.status, placed_at=order.placed_at,
            completed_at=order.completed_at, grant_on=self.program.settings.earning.grant_on,
        )  # fmt: skip

    def _offset(self, order: IncomingOrder, member: uuid.UUID) -> tuple[int, int]:
        """Points and money of the hold the order is paid with."""
        if order.hold_id is None:
            return 0, 0
        hold = ledger_queries.get_open_hold(hold_id=order.hold_id, at=self.at)
        if hold.wallet.member_id != member:
            raise HoldOfAnother()
        if hold.pk in self.holds_used:
            raise HoldNotOpen(status=Hold.Status.CAPTURED)
        if (cents := self.agreed.get(order.key)) is not None:
            return hold.points, cents
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
        grants = [grant for one in self.prepared for grant in one.plan.grants]
        if self.in_steps:
            given = self._write_in_steps(grants)
        else:
            record, count = self._asks()
            _, left, *_ = ask(record, self._ask_to_grant(grants), count, *self._rise())
            given = [(grant.amount, rest) for grant, rest in zip(grants, left, strict=True)]
        if self.pays_commission:
            ids = [one.record.id for one in self.prepared]
            commission.note_orders(order_ids=ids, program=self.program)
        self._tell(iter(given))

    def _write_in_steps(self, grants: Sequence[ledger.Grant]) -> list[tuple[int, int]]:
        """When what was set aside has to be spent, or limits decide what is given."""
        record, count = self._asks()
        ask(record)
        if any(one.record.hold_id for one in self.prepared):
            self._spend_holds()
        self._count_revenue()
        self._lock_for_all_rounds()
        awarded = earning.award(items=grants, at=self.at, actor=self.actor)
        following = iter(awarded)
        cut = []
        for one in self.prepared:
            settled = settled_record(
                one.record, one.plan, [next(following) for _ in one.plan.planned]
            )
            if settled != one.record:
                cut.append(settled)
                one.record = settled
        ask(orders.ask_to_correct(records=cut), count, *self._rise())
        return [(one.points, one.left) for one in awarded]

    def _asks(self) -> tuple[Ask[None], Ask[None]]:
        """Storing the orders, and adding them to their buyers' sums."""
        records = self._records()
        return orders.ask_to_record(records=records), members.ask_to_count(sums=sums_of(records))

    def _records(self) -> list[OrderRecord]:
        """In the order of their keys: two batches must not wait for each other."""
        return sorted((p.record for p in self.prepared), key=lambda r: (r.channel, r.external_id))

    def _rise(self) -> growth.Asks:
        """The growth of the orders, and the review of their buyers' tiers."""
        return growth.asks_for(
            records=self._records(), program=self.program, payer=self.granting.payer("merchant"),
            at=self.at, actor=self.actor,
        )  # fmt: skip

    def _ask_to_grant(self, grants: Sequence[ledger.Grant]) -> Ask[list[int]]:
        """Grants nothing can cut: rules note their awards, base points go to the ledger alone."""
        if with_rules(grants):
            award = earning.ask_to_award(items=grants, at=self.at, actor=self.actor)
            return award.then(lambda awarded: [one.left for one in awarded])
        grant = ledger.ask_to_grant(grants=grants, at=self.at, actor=self.actor)
        return grant.then(lambda posted: [one.left for one in posted])

    def _count_revenue(self) -> None:
        """Budgets that are a share of the revenue grow before this revenue's points are given."""
        if not self.rules.takes_revenue:
            return
        calendar, cents = self.program.calendar, Counter[date]()
        for one in self.prepared:
            cents[calendar.day_of(one.record.placed_at)] += charged_cents(one.record)
        for day, amount in sorted(cents.items()):
            ask(ask_to_count_revenue(cents=amount, day=day))

    def _lock_for_all_rounds(self) -> None:
        """In the caller's transaction a later round could take a slot before those this one holds:
        wallets and slots are all locked now, in their order (ADR 0022)."""
        if not (self.later and self.is_nested and self.rules.pots):
            return
        ledger.lock_wallets(members=[one.record.member_id for one in self.prepared])
        calendar = self.program.calendar
        days = {calendar.day_of(self._moment(order).occurred_at) for order in self.batch}
        ask(ask_to_lock(pots=[pot.id for pot in self.rules.pots.values()], days=sorted(days)))

    def _tell(self, given: Iterator[tuple[int, int]]) -> None:
        """`given`: of each grant what it gave, and what a debt left of that."""
        for prepared in self.prepared:
            record = prepared.record
            lots = [lot_of(grant, *next(given), self.at) for grant in prepared.plan.grants]
            self.outcomes[prepared.position] = Outcome(
                record.external_id, "created", record.id, record.points_earned,
                written=Written(record, [lot for lot in lots if lot.remaining]),
            )  # fmt: skip

    def _spend_holds(self) -> None:
        # All wallets of the batch first, in order: two batches must not wait for each other.
        ledger.lock_wallets(members=[p.record.member_id for p in self.prepared])
        for one in self.prepared:
            record = one.record
            if record.hold_id is None:
                continue
            spent = ledger.capture_hold(
                hold=record.hold_id, at=self.at, actor=self.actor,
                source_type="order", source_id=record.id, reference=record.external_id,
            )  # fmt: skip
            if not spent.is_new:  # another order was paid with it while we were working this out
                raise HoldNotOpen(status=Hold.Status.CAPTURED)
            shares = borne_by(transaction_id=spent.transaction_id, cents=record.offset_cents)
            one.record = msgspec.structs.replace(record, offset_shares=shares)
            Order.objects.filter(pk=record.id).update(
                spend_transaction_id=spent.transaction_id, offset_shares=shares
            )


def told_before(order: IncomingOrder, seen: Known, fingerprint: str) -> Outcome:
    """A duplicate with its first result, or a conflict."""
    if seen.fingerprint == fingerprint:
        return Outcome(order.external_id, "duplicate", seen.id, seen.points_earned)
    return Outcome(order.external_id, "conflict", seen.id, error=OrderConflict())
