"""Imports as they are asked for and shown, alike on every surface."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec

from kernel.shapes import Body, Items, Page
from points.imports.models import ImportRow, MemberImport
from points.imports.totals import SignedTotals, Totals
from points.interfaces.job_shapes import JobOut, job_out
from points.interfaces.refusals import sentence
from points.jobs.models import Job

ROWS_A_CALL = 10_000
Status = Literal["open", "checking", "checked", "writing", "written", "discarded"]
# As a spreadsheet has it: what cannot be read is found by the check, row by row.
Cell = Annotated[str, msgspec.Meta(max_length=2_000)] | int | float | None


class RowIn(Body, kw_only=True, omit_defaults=True):
    """One member, or one lot of one. `external_id` is the number in `channel` (`api`); empty cells
    say nothing. Days are YYYY-MM-DD: points live to the end of `expires_at` (`never`: for ever; empty:
    by the programme, from `earned_at` or now). `reference` names the row where a member has several;
    else their order does. `custom` holds the shop's own fields by code."""

    external_id: Cell = None
    channel: Cell = None
    name: Cell = None
    phone: Cell = None
    email: Cell = None
    birthday: Cell = None
    joined_at: Cell = None
    tags: list[str] | Cell = None
    tier: Cell = None
    tier_until: Cell = None
    points: Cell = None
    expires_at: Cell = None
    earned_at: Cell = None
    funding_source: Cell = None
    growth: Cell = None
    reference: Cell = None
    custom: dict[str, Cell | bool] | None = None


Rows = Annotated[list[RowIn], msgspec.Meta(max_length=ROWS_A_CALL)]


class ImportIn(Body, kw_only=True):
    """`name` says where the rows come from, e.g. the old system. The same row in another import of
    the same name gives nothing."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    file_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    rows: Rows = []

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("name may not be blank")


class RowsIn(Body, kw_only=True):
    """Up to 10,000 rows a call, 500,000 an import."""

    rows: Annotated[list[RowIn], msgspec.Meta(min_length=1, max_length=ROWS_A_CALL)]


class CommitIn(Body, kw_only=True):
    """`totals` are those of the last check; with rows refused, `skip_refused` leaves them out."""

    totals: SignedTotals
    skip_refused: bool = False


class ImportQuery(Page, kw_only=True):
    pass


class ImportOut(msgspec.Struct, kw_only=True):
    """`totals` is what the last check found, `signed` what was signed off, `written` what was done
    so far; `job` is the latest, whatever became of it."""

    id: uuid.UUID
    name: str
    file_name: str
    status: Status
    rows_count: int
    totals: Totals | None
    signed: SignedTotals | None
    written: dict[str, Any] | None
    job: JobOut | None
    created_by_name: str
    signed_by_name: str
    created_at: datetime
    checked_at: datetime | None
    signed_at: datetime | None
    finished_at: datetime | None


class ImportItems(Items, kw_only=True):
    items: list[ImportOut]


class ProblemOut(msgspec.Struct, kw_only=True):
    """A row that cannot be imported: its number in the import (1 is the first), why, and the row."""

    number: int
    field: str
    code: str
    detail: str
    facts: dict[str, Any]
    row: dict[str, Any]


class ProblemItems(Items, kw_only=True):
    items: list[ProblemOut]


def import_out(row: MemberImport, job: Job | None) -> ImportOut:
    """An import as it stands."""
    return ImportOut(
        id=row.pk, name=row.name, file_name=row.file_name, status=cast(Status, row.status),
        rows_count=row.rows_count,
        totals=msgspec.convert(row.totals, Totals) if row.totals else None,
        signed=msgspec.convert(row.signed, SignedTotals) if row.signed else None,
        written=row.written or None, job=job_out(job) if job else None,
        created_by_name=row.created_by_name, signed_by_name=row.signed_by_name,
        created_at=row.created_at, checked_at=row.checked_at, signed_at=row.signed_at,
        finished_at=row.finished_at,
    )  # fmt: skip


def problem_out(row: ImportRow) -> ProblemOut:
    """Why a row was refused, in the reader's language."""
    problem: dict[str, Any] = row.problem or {}
    facts = problem.get("facts", {})
    return ProblemOut(
        number=row.number, field=problem.get("field", ""), code=problem["code"],
        detail=sentence(problem["code"], facts), facts=facts, row=row.raw,
    )  # fmt: skip
