"""Something a member did reaches us: a review, a visit, an event of the merchant's own (rules.md §3).

In order, in one transaction: what is known of the events, the programme, its rules and the members
(one round trip) · which rules they meet · limits and budgets are judged, points granted, the events
stored with what they earned (one round trip). One event and a thousand take the same.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.db import DatabaseError

from kernel.db import NOTHING, Ask, ask
from kernel.errors import DomainError
from kernel.ids import new_id
from kernel.shapes import LARGEST_AMOUNT, Body, Moment, Slugish, check_moments, fingerprint_of
from points.earning import actions as earning
from points.earning.actions import EventRecord
from points.earning.awards import Awarded, Granting, Origin, granting_of, rule_award
from points.earning.errors import EventConflict, EventTypeReserved, EventTypeUnknown
from points.earning.evaluation import Judged, Occasion, evaluation_of_rules, judge_rules
from points.earning.facts import PROPERTIES, MemberFacts, member_facts
from points.earning.queries import KnownEvent, ask_known_events, ask_rules, get_member_facts
from points.earning.rules import OWN_TRIGGERS, TOLD_TRIGGERS
from points.members import queries as members_queries
from points.members.errors import MemberNotFound, is_merged
from points.members.queries import BuyerKey
from points.orders.calculations import source_key
from points.program.queries import ask_program

_CUSTOM = re.compile(r"custom:[a-z0-9][a-z0-9_.-]{0,59}")
# Events name their member as the merchant does, whatever channel they come from.
API = "api"
MOST_PROPERTIES = 50
MOST_BYTES = 16_384


class IncomingEvent(Body, kw_only=True):
    """An event as another system tells it. Its `id` is its natural key, for ever."""

    id: Slugish
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=70)]
    occurred_at: Moment
    member_external_id: Slugish | None = None
    member_id: uuid.UUID | None = None
    properties: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=60)], Any],
        msgspec.Meta(max_length=MOST_PROPERTIES),
    ] = {}

    def __post_init__(self) -> None:
        check_moments(self.occurred_at)
        if (self.member_external_id is None) == (self.member_id is None):
            raise ValueError("name the member by member_external_id or by member_id")
        if len(msgspec.json.encode(self.properties)) > MOST_BYTES:
            raise ValueError(f"field `properties` is longer than {MOST_BYTES} bytes")


class Given(msgspec.Struct, frozen=True):
    """What one rule made of an event, and what became of its award."""

    judged: Judged
    awarded: Awarded | None = None


class EventOutcome(msgspec.Struct, frozen=True):
    """What became of one event: created, duplicate, conflict or refused (then with the error)."""

    external_id: str
    outcome: Literal["created", "duplicate", "conflict", "refused"]
    event_id: uuid.UUID | None = None
    points_earned: int = 0
    error: DomainError | None = None
    given: tuple[Given, ...] = ()


class _Prepared(msgspec.Struct):
    position: int
    record: EventRecord
    judged: list[Judged]
    items: list[Any]


def take_event(
    *, event: IncomingEvent, at: datetime, actor: str, confirm: Ask[None] = NOTHING
) -> EventOutcome:
    """One event: created, or told before with the same contents (duplicate).

    Raises EventConflict, EventTypeReserved, EventTypeUnknown, MemberNotFound.
    """
    outcome = take_events(events=[event], at=at, actor=actor, confirm=confirm)[0]
    if outcome.error is not None:
        raise outcome.error
    return outcome


def take_events(
    *, events: Sequence[IncomingEvent], at: datetime, actor: str, confirm: Ask[None] = NOTHING
) -> list[EventOutcome]:
    """Many events, answered in their order; one that is refused does not keep the others out."""
    while True:
        taking = _Taking(events, at, actor, confirm)
        try:
            taking.write()
        except DatabaseError as error:
            # Somebody told it, or merged its member, between our look and our write: look again.
            if not (earning.is_told_twice(error=error) or is_merged(error)):
                raise
            continue
        return taking.answer()


class _Taking:
    """The steps of taking a batch of events, with what they share."""

    def __init__(
        self, batch: Sequence[IncomingEvent], at: datetime, actor: str, confirm: Ask[None]
    ) -> None:
        self.batch, self.at, self.actor = batch, at, actor
        _, program, rules, self.known, self.members = ask(
            confirm,
            ask_program(),
            ask_rules(),
            ask_known_events(ids=[one.id for one in batch]),
            members_queries.ask_buyers(
                names={(API, o.member_external_id) for o in batch if o.member_external_id},
                ids={o.member_id for o in batch if o.member_id},
            ),
        )
        self.ids = set(self.members.values())
        self.granting = granting_of(program, rules)
        self.facts: Mapping[uuid.UUID, MemberFacts] = {}
        if rules.triggers.intersection(one.type for one in batch):
            self.facts = get_member_facts(
                members=self.ids, rules=rules, triggers={one.type for one in batch},
                program=program, at=at,
            )  # fmt: skip
        self.outcomes: list[EventOutcome | None] = [None] * len(batch)
        self.first: dict[str, tuple[int, str]] = {}
        self.repeats: dict[int, int] = {}
        self.prepared: list[_Prepared] = []
        for position, event in enumerate(batch):
            self._prepare(position, event)

    def _prepare(self, position: int, event: IncomingEvent) -> None:
        fingerprint = fingerprint_of(event)
        seen = self.known.get(event.id)
        if seen is not None:
            self.outcomes[position] = _told_before(event, seen, fingerprint)
            return
        first = self.first.get(event.id)
        if first is not None and first[1] == fingerprint:
            self.repeats[position] = first[0]
            return
        if first is not None and self.outcomes[first[0]] is None:
            self.outcomes[position] = _conflict(event)
            return
        # New, or mended: what was refused was not told.
        self.first[event.id] = position, fingerprint
        try:
            check_type(event.type)
            member = self._member(event)
        except DomainError as error:
            self.outcomes[position] = EventOutcome(event.id, "refused", error=error)
            return
        self.prepared.append(self._plan(position, event, member, fingerprint))

    def _member(self, event: IncomingEvent) -> uuid.UUID:
        named: BuyerKey = API, event.member_external_id or ""
        found = self.members.get((None, str(event.member_id)) if event.member_id else named)
        if found is None:
            raise MemberNotFound()
        return found

    def _plan(
        self, position: int, event: IncomingEvent, member: uuid.UUID, fingerprint: str
    ) -> _Prepared:
        event_id = new_id()
        judged = judge_event(
            event.type, event.occurred_at, properties_of(event), self.facts.get(member),
            self.granting, amount_cents=amount_of(event),
        )  # fmt: skip
        origin = Origin(
            member=member, key=source_key("event", event.id), occurred_at=event.occurred_at,
            source_type="event", source_id=event_id, reference=event.type,
        )  # fmt: skip
        items = [
            rule_award(origin, one, self.granting) for one in judged if one.outcome == "planned"
        ]
        record = EventRecord(
            id=event_id, external_id=event.id, fingerprint=fingerprint, type=event.type,
            member_id=member, properties=event.properties, evaluation=evaluation_of_rules(judged),
            occurred_at=event.occurred_at, received_at=self.at,
        )  # fmt: skip
        return _Prepared(position, record, judged, items)

    def write(self) -> None:
        """Grant and store, in one statement, which is a transaction by itself."""
        if not self.prepared:
            return
        items = [item for one in self.prepared for item in one.items]
        records = sorted((one.record for one in self.prepared), key=lambda r: r.external_id)
        record = earning.ask_to_record_events(records=records)
        if items:
            award = earning.ask_to_award(items=items, at=self.at, actor=self.actor)
            awarded, earned = ask(award, record)
        else:
            awarded, earned = [], ask(record)[0]
        following = iter(awarded)
        for one in self.prepared:
            given = tuple(
                Given(judged, next(following) if judged.outcome == "planned" else None)
                for judged in one.judged
            )
            self.outcomes[one.position] = EventOutcome(
                one.record.external_id, "created", one.record.id, earned[one.record.id],
                given=given,
            )  # fmt: skip

    def answer(self) -> list[EventOutcome]:
        """Outcomes in order; the repeat of an event within the batch is a duplicate of it."""
        found = []
        for position, outcome in enumerate(self.outcomes):
            if outcome is None:
                outcome = self.outcomes[self.repeats[position]]
                assert outcome is not None
                if outcome.outcome == "created":
                    outcome = msgspec.structs.replace(outcome, outcome="duplicate")
            found.append(outcome)
        return found


def judge_event(
    trigger: str, occurred_at: datetime, properties: Mapping[str, object],
    member: MemberFacts | None, granting: Granting, *, amount_cents: int = 0,
) -> list[Judged]:  # fmt: skip
    """Hold an event against the rules that were in force when it happened."""
    rules = granting.rules.in_force(trigger, occurred_at)
    if not rules:
        return []
    calendar = granting.program.calendar
    facts = dict(properties)
    if member is not None:
        facts |= member_facts(member, day=calendar.day_of(occurred_at))
    occasion = Occasion(
        occurred_at, facts, amount_cents=amount_cents,
        segments=member.segments if member else frozenset(),
    )  # fmt: skip
    return judge_rules(rules, occasion, calendar=calendar, money=granting.money)


def check_type(kind: str) -> None:
    """Raises EventTypeReserved, EventTypeUnknown."""
    if kind in OWN_TRIGGERS:
        raise EventTypeReserved(type=kind)
    if kind not in TOLD_TRIGGERS and not _CUSTOM.fullmatch(kind):
        raise EventTypeUnknown(type=kind)


def properties_of(event: IncomingEvent) -> dict[str, object]:
    """An event's properties under the names conditions know them by."""
    return {f"{PROPERTIES}{name}": value for name, value in event.properties.items()}


def amount_of(event: IncomingEvent) -> int:
    """What rewards by amount count: the property `amount_cents`, when it is a whole number ≥ 0."""
    amount = event.properties.get("amount_cents")
    if not isinstance(amount, int) or isinstance(amount, bool):
        return 0
    return amount if 0 <= amount <= LARGEST_AMOUNT else 0


def _told_before(event: IncomingEvent, seen: KnownEvent, fingerprint: str) -> EventOutcome:
    if seen.fingerprint != fingerprint:
        return _conflict(event, seen.id)
    return EventOutcome(event.id, "duplicate", seen.id, seen.points_earned)


def _conflict(event: IncomingEvent, event_id: uuid.UUID | None = None) -> EventOutcome:
    return EventOutcome(event.id, "conflict", event_id, error=EventConflict())
