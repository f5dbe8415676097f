"""An import is written: a thousand rows a transaction, each row once for ever.

The rows of a batch go in the transaction that writes them, so that a run which was killed goes on
with the rows that are left. Locks are taken in the order in which orders take them: wallets, members'
records, growth, tiers. New members are added before anything is locked.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import DatabaseError, IntegrityError, transaction

from points.flows.import_checked import growth_key
from points.imports import actions, queries
from points.imports.models import ImportRow
from points.imports.queries import PlannedRow
from points.imports.totals import SignedTotals
from points.jobs.actions import Run
from points.ledger import actions as ledger
from points.ledger.models import FundingSource, Kind
from points.members import importing as members
from points.members.errors import MemberMerged
from points.members.importing import Record
from points.members.queries import find_buyers, list_fields
from points.program.queries import ActiveProgram, get_program
from points.tiers import actions as tiers
from points.tiers import importing as placing

KIND = "import.write"
BATCH = 1_000
TRIES = 10
REASON = "import"


def write_import(run: Run) -> Mapping[str, Any]:
    """Write all rows of the import `run.input` names that were signed off and are left."""
    writing = _Writing(run)
    while not run.is_over:
        _again_if_met(writing.write_batch)
    return {}


def _again_if_met(step: Callable[[], None]) -> None:
    """Whoever meets another in the middle looks again: a member merged, an address taken, a
    deadlock. Nothing of the step has happened then."""
    for attempt in range(1, TRIES + 1):
        try:
            step()
            return
        except (MemberMerged, IntegrityError, DatabaseError) as met:
            is_passing = isinstance(met, MemberMerged | IntegrityError)
            code = getattr(met.__cause__, "pgcode", None)
            if attempt == TRIES or not (is_passing or code == "40P01"):
                raise


class _Writing:
    """What all batches of one import share."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.import_id = uuid.UUID(run.input["import_id"])
        self.at = datetime.fromisoformat(run.input["at"])
        found = queries.get_import(import_id=self.import_id)
        self.signed = msgspec.convert(found.signed, SignedTotals)
        self.name, self.actor = found.name, found.signed_by
        self.done, self.last = int(found.written.get("rows", 0)), 0
        self.program: ActiveProgram = get_program()
        self.payers = {one.pk: one.code for one in FundingSource.objects.all()}
        self.required = [one.code for one in list_fields() if one.is_required]

    def write_batch(self) -> None:
        """The next rows, all or none of them; behind the last one, the end."""
        with transaction.atomic():
            rows = queries.next_planned(import_id=self.import_id, after=self.last, limit=BATCH)
            if not rows:
                return self._finish()
            self._write(rows)
            self.run.advance(done=self.done + len(rows), total=self.signed.rows)
        self.done, self.last = self.done + len(rows), rows[-1].number

    def _write(self, rows: Sequence[PlannedRow]) -> None:
        whose, added, changed = self._people(rows)
        self._grant(_points(rows, whose, self))
        members.change_records(records=changed)
        members.note_complete(
            ids=[*added, *(one.member for one in changed if one.member)], required=self.required,
            at=self.at,
        )  # fmt: skip
        risen = self._grant(_growth(rows, whose, self))
        self._place(rows, whose, risen)
        written = {"rows": len(rows), "members_new": len(added), "members_changed": len(changed)}
        actions.take_rows(
            import_id=self.import_id, numbers=[row.number for row in rows], written=written
        )

    def _people(
        self, rows: Sequence[PlannedRow]
    ) -> tuple[dict[int, uuid.UUID], set[uuid.UUID], list[Record]]:
        """Row → member, the members added, and the records of others to be changed."""
        names = {_who(row) for row in rows}
        people = find_buyers(names=names)
        records = _records([row for row in rows if _who(row) not in people])
        added = (
            members.add_records(records=list(records.values()), at=self.at) if records else set()
        )
        if records:
            people |= find_buyers(names=names - people.keys())
            ledger.open_wallets(members=sorted(added))
        whose = {row.number: people[_who(row)] for row in rows}
        said = [
            row for row in rows
            if row.status != ImportRow.Status.POINTS and whose[row.number] not in added
        ]  # fmt: skip
        return whose, added, list(_records(said, whose).values())

    def _grant(self, grants: Sequence[ledger.Grant]) -> list[uuid.UUID]:
        """Book what is not booked yet; whose it was. A key another import has used gives nothing."""
        if grants:
            ledger.grant(grants=grants, at=self.at, actor=self.actor)
        return [one.member for one in grants]

    def grant_of(
        self, row: PlannedRow, member: uuid.UUID, *, key: str, amount: int, **more: Any
    ) -> ledger.Grant:
        """An opening balance. It is dated now, as statements of past months are closed."""
        plan = row.plan
        return ledger.Grant(
            member=member, amount=amount, key=key, kind=Kind.OPENING, account="opening",
            funding_source_id=plan.payer_id, source_type="import", source_id=self.import_id,
            reference=plan.parsed.reference, note=self.name, **more,
        )  # fmt: skip

    def _place(
        self, rows: Sequence[PlannedRow], whose: Mapping[int, uuid.UUID], risen: list[uuid.UUID]
    ) -> None:
        """Tiers by hand, and those that the growth leads to."""
        placements = {
            whose[row.number]: placing.Placement(
                whose[row.number], row.plan.parsed.tier, row.plan.parsed.tier_until
            )
            for row in rows
            if row.plan.parsed.tier and row.plan.parsed.tier_until
        }
        placing.place_by_hand(
            placements=list(placements.values()), reason=REASON, at=self.at, actor=self.actor
        )
        if risen and self.program.settings.tiers.is_on:
            tiers.reassess(
                members=sorted(set(risen)), program=self.program, at=self.at, actor=self.actor
            )

    def _finish(self) -> None:
        """The ledger itself says what was written; it is put beside what was signed."""
        sums = queries.sums_in_ledger(import_id=self.import_id)
        found = queries.get_import(import_id=self.import_id, lock=True)
        lots, points = sums.get("points", (0, 0))
        _, growth = sums.get("growth", (0, 0))
        rows, new = (int(found.written.get(name, 0)) for name in ("rows", "members_new"))
        matches = (rows, new, points, growth) == (
            self.signed.rows, self.signed.members_new, self.signed.points, self.signed.growth,
        )  # fmt: skip
        written = {
            **found.written, "rows": rows, "members_new": new, "lots": lots, "points": points,
            "growth": growth, "matches": matches,
        }  # fmt: skip
        actions.finish_writing(import_id=self.import_id, written=written, at=self.at)
        self.run.finish({"written": written, "signed": msgspec.to_builtins(self.signed)})


def _points(
    rows: Sequence[PlannedRow], whose: Mapping[int, uuid.UUID], writing: _Writing
) -> list[ledger.Grant]:
    return [
        writing.grant_of(
            row, whose[row.number], key=row.plan.key, amount=row.plan.parsed.points,
            occurred_at=writing.at, expires_at=row.plan.parsed.expires_at,
            idle_rule=row.plan.parsed.idle_rule, fingerprint=row.plan.points_mark,
            unit_cost_micros=row.plan.unit_cost_micros,
        )
        for row in rows if row.plan.has_points
    ]  # fmt: skip


def _growth(
    rows: Sequence[PlannedRow], whose: Mapping[int, uuid.UUID], writing: _Writing
) -> list[ledger.Grant]:
    """Growth counts from when it was earned: tiers look at its date."""
    return [
        writing.grant_of(
            row, whose[row.number], key=growth_key(row.plan.key), amount=row.plan.parsed.growth,
            unit="growth", occurred_at=row.plan.parsed.earned_at or writing.at,
            fingerprint=row.plan.growth_mark,
        )
        for row in rows if row.plan.has_growth
    ]  # fmt: skip


def _who(row: PlannedRow) -> tuple[str, str]:
    return row.plan.parsed.channel, row.plan.parsed.external_id


def _records(
    rows: Sequence[PlannedRow], whose: Mapping[int, uuid.UUID] | None = None
) -> dict[Any, Record]:
    """What rows say of members, one record each: the first that says something is meant."""
    records: dict[Any, Record] = {}
    for row in rows:
        parsed = row.plan.parsed
        member = whose[row.number] if whose else None
        record = records.setdefault(
            member or parsed.external_id, Record(external_id=parsed.external_id, member=member)
        )
        for name in ("name", "phone", "email", "birthday", "joined_at"):
            setattr(record, name, getattr(record, name) or getattr(parsed, name))
        if record.channel == "api":
            record.channel = parsed.channel
        record.tags = sorted({*record.tags, *parsed.tags})
        record.custom = {**parsed.custom, **record.custom}
    return records
