"""The dry run of an import: every row is judged as it would be written, and nothing else happens.

A run that was killed begins again; findings are written over. Batches of rows share a few queries:
who is meant, what is known of them, who has the addresses, what the ledger has seen.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kernel.errors import DomainError
from points.imports import actions, queries
from points.imports.calculations import (
    Parsed,
    Plan,
    Reading,
    fingerprints,
    natural_key,
    parse_row,
)
from points.imports.errors import ContradictsRow, ImportedOtherwise, RowRepeated, TakenInRow
from points.imports.models import ImportRow
from points.imports.queries import RawRow
from points.imports.totals import Adder
from points.jobs.actions import Run
from points.ledger.errors import FundingSourceNotFound
from points.ledger.models import FundingSource
from points.members.errors import EmailTaken, MemberErased, PhoneTaken
from points.members.importing import Profile, get_profiles, owners_of
from points.members.queries import BuyerKey, find_buyers, list_fields
from points.program.calculations import Expiry, expires_at
from points.program.queries import get_program
from points.tiers.errors import TierNotFound
from points.tiers.queries import list_tiers

KIND = "import.check"
BATCH = 2_000
Status = ImportRow.Status
_TAKEN = {"phone": PhoneTaken, "email": EmailTaken}
# Of one member every row says the same, or nothing.
_SAID_ONCE = ("name", "phone", "email", "birthday", "joined_at", "tier", "tier_until")
Person = uuid.UUID | str


def check_import(run: Run) -> Mapping[str, Any]:
    """Judge all rows of the import `run.input` names, at the shop's moment it names."""
    import_id, at = uuid.UUID(run.input["import_id"]), datetime.fromisoformat(run.input["at"])
    found = queries.get_import(import_id=import_id)
    check, last, done = _Check(found.name, at), 0, 0
    run.advance(done=0, total=found.rows_count)
    while rows := queries.read_rows(import_id=import_id, after=last, limit=BATCH):
        findings = check.judge(rows)
        last, done = rows[-1].number, done + len(rows)
        with transaction.atomic():
            actions.note_findings(import_id=import_id, findings=findings)
            run.advance(done=done)
    totals = check.result()
    with transaction.atomic():
        actions.finish_check(import_id=import_id, totals=totals, at=at)
        run.finish({"totals": msgspec.to_builtins(totals)})
    return {}


@dataclass
class _Seen:
    """What rows before have said of one person: values, and the row that said each first."""

    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    is_added: bool = False


@dataclass
class _Known:
    """What the database knows about the rows of one batch."""

    people: dict[BuyerKey, uuid.UUID]
    profiles: dict[uuid.UUID, Profile]
    owners: dict[tuple[str, str], uuid.UUID]
    posted: dict[str, str]


@dataclass
class _Read:
    """A row that could be read."""

    number: int
    parsed: Parsed
    key: str


class _Check:
    """All rows of an import in their order, with what the ones before have said."""

    def __init__(self, name: str, at: datetime) -> None:
        program = get_program()
        self.name, self.at, self.calendar = name, at, program.calendar
        self.reading = Reading(
            at, program.calendar, program.settings.expiry, {one.code: one for one in list_fields()}
        )
        self.payers = {one.code: one for one in FundingSource.objects.all()}
        self.tiers = {tier.code for tier in list_tiers()}
        # Where a row names no end: to the end of this day a year from now.
        self.tier_until = expires_at(Expiry(policy="rolling", months=12), at, self.calendar)
        self.adder = Adder(self.calendar)
        self.ordinals: Counter[tuple[str, str]] = Counter()
        self.people: dict[Person, _Seen] = {}
        self.addresses: dict[tuple[str, str], tuple[Person, int]] = {}
        self.keys: dict[str, int] = {}
        self.known_people: set[Person] = set()
        self.updated_people: set[Person] = set()

    def judge(self, rows: Sequence[RawRow]) -> list[actions.Finding]:
        """What becomes of each row of the next batch. Four queries."""
        read = [self._read(row) for row in rows]
        known = _look_up([one for one in read if isinstance(one, _Read)])
        return [self._find(row, one, known) for row, one in zip(rows, read, strict=True)]

    def result(self) -> Any:
        """The control totals of all rows judged."""
        totals = self.adder.result()
        totals.members_known = len(self.known_people)
        totals.members_updated = len(self.updated_people)
        return totals

    def _read(self, row: RawRow) -> _Read | DomainError:
        """Rows of a member are counted whether they can be read or not: a mended file sent again
        keeps each row's name in the ledger."""
        who = (_cell(row, "channel") or "api", _cell(row, "external_id"))
        self.ordinals[who] += 1
        try:
            parsed = parse_row(row.raw, self.reading)
        except DomainError as problem:
            return problem
        return _Read(row.number, parsed, natural_key(self.name, parsed, self.ordinals[who]))

    def _find(self, row: RawRow, read: "_Read | DomainError", known: _Known) -> actions.Finding:
        member: uuid.UUID | None = None
        try:
            if isinstance(read, DomainError):
                raise read
            member = known.people.get((read.parsed.channel, read.parsed.external_id))
            status, plan = self._judge(read, member, known)
        except DomainError as problem:
            self.adder.totals.refused += 1
            return actions.Finding(row.number, Status.REFUSED, member, None, _told(problem))
        return actions.Finding(row.number, status, member, plan, None)

    def _judge(self, read: _Read, member: uuid.UUID | None, known: _Known) -> tuple[Status, Plan]:
        parsed, person = read.parsed, member or read.parsed.external_id
        profile = known.profiles.get(member) if member else None
        if profile is not None and profile.is_erased:
            raise MemberErased(field="external_id")
        plan = self._plan(read, known)
        is_repeat = (parsed.points or parsed.growth) and not (plan.has_points or plan.has_growth)
        if not is_repeat:
            self._check_person(read, person, known)
        status = self._status(read, person, plan, profile, is_repeat=bool(is_repeat))
        self._count(status, plan, person, is_known=member is not None)
        return status, plan

    def _plan(self, read: _Read, known: _Known) -> Plan:
        parsed = read.parsed
        payer = self.payers.get(parsed.funding_source)
        if payer is None:
            raise FundingSourceNotFound(field="funding_source", code=parsed.funding_source[:60])
        if parsed.tier and parsed.tier not in self.tiers:
            raise TierNotFound(field="tier", code=parsed.tier[:60])
        if parsed.tier and parsed.tier_until is None:
            parsed.tier_until = self.tier_until
        if read.key in self.keys:
            raise RowRepeated(field="reference", row=self.keys[read.key])
        points_mark, growth_mark = fingerprints(parsed)
        plan = Plan(
            parsed=parsed, key=read.key, points_mark=points_mark, growth_mark=growth_mark,
            payer_id=payer.pk, unit_cost_micros=payer.unit_cost_micros,
            has_points=_is_new(parsed.points, known.posted.get(read.key), points_mark, "points"),
            has_growth=_is_new(
                parsed.growth, known.posted.get(growth_key(read.key)), growth_mark, "growth"
            ),
        )  # fmt: skip
        self.keys[read.key] = read.number
        return plan

    def _check_person(self, read: _Read, person: Person, known: _Known) -> None:
        """Rows of one member do not contradict each other; an address is one member's."""
        seen = self.people.get(person) or _Seen()
        for name, value in _said(read.parsed):
            if name in seen.values and seen.values[name] != value:
                raise ContradictsRow(field=name, row=seen.rows[name])
        for name, refusal in _TAKEN.items():
            address = getattr(read.parsed, name)
            if not address:
                continue
            owner = known.owners.get((name, address))
            if owner is not None and owner != person:
                raise refusal(field=name)
            other, row = self.addresses.get((name, address), (person, 0))
            if other != person:
                raise TakenInRow(field=name, row=row)

    def _status(
        self, read: _Read, person: Person, plan: Plan, profile: Profile | None, *, is_repeat: bool
    ) -> Status:
        if is_repeat:
            return Status.REPEATED
        seen = self.people.setdefault(person, _Seen())
        is_first = profile is None and not seen.is_added
        changes = is_first or self._changes(read.parsed, seen, profile)
        for name, value in _said(read.parsed):
            if name not in seen.values:
                seen.values[name], seen.rows[name] = value, read.number
        for name in _TAKEN:
            if address := getattr(read.parsed, name):
                self.addresses.setdefault((name, address), (person, read.number))
        seen.is_added = True
        if is_first:
            return Status.NEW
        if changes:
            return Status.UPDATED
        return Status.POINTS if plan.has_points or plan.has_growth else Status.REPEATED

    def _changes(self, parsed: Parsed, seen: _Seen, profile: Profile | None) -> bool:
        """Whether the row says of the member what neither the record nor a row before does."""
        if parsed.tags and not set(parsed.tags) <= set(profile.tags if profile else ()):
            return True
        for name, value in _said(parsed):
            if name in seen.values:
                continue
            if profile is None or name in ("tier", "tier_until"):
                return True
            if name == "joined_at":
                if value < profile.joined_at:
                    return True
            elif name.startswith("custom."):
                if profile.custom.get(name.removeprefix("custom.")) != value:
                    return True
            elif getattr(profile, name) != value:
                return True
        return False

    def _count(self, status: Status, plan: Plan, person: Person, *, is_known: bool) -> None:
        totals = self.adder.totals
        if status == Status.REPEATED:
            totals.repeated += 1
            return
        totals.rows += 1
        totals.members_new += status == Status.NEW
        if is_known:
            self.known_people.add(person)
        if is_known and status == Status.UPDATED:
            self.updated_people.add(person)
        if plan.has_growth:
            totals.growth += plan.parsed.growth
        if plan.has_points:
            self.adder.add_points(
                points=plan.parsed.points, funding_source=plan.parsed.funding_source,
                unit_cost_micros=plan.unit_cost_micros, ends=plan.parsed.expires_at,
            )  # fmt: skip


def growth_key(key: str) -> str:
    """What a row's growth is called in the ledger."""
    return f"{key}:growth"


def _look_up(read: Sequence[_Read]) -> _Known:
    names = {(one.parsed.channel, one.parsed.external_id) for one in read}
    people = find_buyers(names=names) if names else {}
    keys = [key for one in read for key in (one.key, growth_key(one.key))]
    return _Known(
        people=people,
        profiles=get_profiles(ids=sorted(set(people.values()))),
        owners=owners_of(
            phones=[one.parsed.phone for one in read if one.parsed.phone],
            emails=[one.parsed.email for one in read if one.parsed.email],
        ),
        posted=queries.posted_before(keys=keys),
    )


def _said(parsed: Parsed) -> Iterator[tuple[str, Any]]:
    """Each thing a row says of its member; an empty cell says nothing."""
    for name in _SAID_ONCE:
        if value := getattr(parsed, name):
            yield name, value
    for code, value in parsed.custom.items():
        yield f"custom.{code}", value


def _is_new(amount: int, mark: str | None, expected: str, field: str) -> bool:
    """Whether there is an amount and the ledger does not have it. Raises ImportedOtherwise."""
    if amount and mark is not None and mark != expected:
        raise ImportedOtherwise(field=field)
    return amount > 0 and mark is None


def _told(problem: DomainError) -> dict[str, Any]:
    facts = dict(problem.facts)
    return {"code": problem.code, "field": facts.pop("field", ""), "facts": facts}


def _cell(row: RawRow, name: str) -> str:
    value = row.raw.get(name)
    return "" if value is None else str(value).strip()
