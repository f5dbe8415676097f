"""Every write to imports and their rows."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kernel.db import connection
from points.imports.calculations import ROWS_AT_MOST
from points.imports.errors import (
    AlreadyWritten,
    BeingWritten,
    CheckOutdated,
    NameBusy,
    NotChecked,
    NothingToImport,
    NotOpen,
    RowsRefused,
    TooManyRows,
    TotalsDiffer,
)
from points.imports.models import ImportRow, MemberImport
from points.imports.queries import get_import
from points.imports.totals import SignedTotals, Totals, signable

Status = MemberImport.Status
# Rows of an import nobody touches any more carry people's data: they go.
KEPT = timedelta(days=30)
_OVER = (Status.WRITTEN, Status.DISCARDED)


def begin_import(*, name: str, file_name: str, by_name: str, at: datetime) -> MemberImport:
    """An import without rows. `name` says where they come from, and makes each known for ever."""
    return MemberImport.objects.create(
        name=name, file_name=file_name, created_by_name=by_name, created_at=at, changed_at=at
    )


@transaction.atomic
def add_rows(
    *, import_id: uuid.UUID, rows: Sequence[Mapping[str, Any]], is_checking: bool, at: datetime
) -> MemberImport:
    """Append rows, in one statement. `is_checking`: whether a check is under way.

    Raises ImportNotFound, NotOpen, TooManyRows.
    """
    found = get_import(import_id=import_id, lock=True)
    if found.status not in (Status.OPEN, Status.CHECKING) or is_checking:
        raise NotOpen()
    if found.rows_count + len(rows) > ROWS_AT_MOST:
        raise TooManyRows(limit=ROWS_AT_MOST)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into imports_importrow (member_import_id, number, status, raw)"
            " select %s, %s + place, 'waiting', given"
            " from jsonb_array_elements(%s) with ordinality as all_rows(given, place)",
            [import_id, found.rows_count, msgspec.json.encode(rows).decode()],
        )
    found.rows_count += len(rows)
    found.status, found.changed_at = Status.OPEN, at
    found.save(update_fields=["rows_count", "status", "changed_at"])
    return found


@transaction.atomic
def begin_check(*, import_id: uuid.UUID, at: datetime) -> MemberImport:
    """The findings of an earlier check do not count any more.

    Raises ImportNotFound, NothingToImport, BeingWritten, AlreadyWritten, NameBusy.
    """
    found = get_import(import_id=import_id, lock=True)
    if found.status in _OVER:
        raise AlreadyWritten()
    if found.status == Status.WRITING:
        raise BeingWritten()
    if found.rows_count == 0:
        raise NothingToImport()
    peers = _peers(found)
    if peers.filter(status=Status.WRITING).exists():
        raise NameBusy()
    found.status, found.totals, found.checked_at, found.changed_at = Status.CHECKING, {}, None, at
    found.peers_seen = peers.count()
    found.save(update_fields=["status", "totals", "checked_at", "changed_at", "peers_seen"])
    return found


def _peers(of: MemberImport) -> QuerySet[MemberImport]:
    """Other imports of the same name that were signed off."""
    named = MemberImport.objects.filter(name=of.name, signed_at__isnull=False)
    return named.exclude(pk=of.pk)


class Finding(msgspec.Struct, frozen=True):
    """What was found in a row; a row that is refused has a problem and no plan."""

    number: int
    status: str
    member_id: uuid.UUID | None
    plan: Any
    problem: Mapping[str, Any] | None


def note_findings(*, import_id: uuid.UUID, findings: Sequence[Finding]) -> None:
    """Store what was found in many rows, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update imports_importrow r set status = f.status, member_id = f.member_id,"
            " plan = f.plan, problem = f.problem"
            " from jsonb_to_recordset(%s) as f(number int, status text, member_id uuid, plan jsonb,"
            " problem jsonb) where r.member_import_id = %s and r.number = f.number",
            [msgspec.json.encode(findings).decode(), import_id],
        )


def finish_check(*, import_id: uuid.UUID, totals: Totals, at: datetime) -> None:
    """All rows have been looked at; call it in the transaction that finishes the job."""
    MemberImport.objects.filter(pk=import_id, status=Status.CHECKING).update(
        status=Status.CHECKED, totals=msgspec.to_builtins(totals), checked_at=at, changed_at=at
    )


@transaction.atomic
def sign_off(
    *,
    import_id: uuid.UUID,
    totals: SignedTotals,
    skip_refused: bool,
    by: tuple[str, str],
    at: datetime,
) -> MemberImport:
    """Somebody has seen the totals and wants them written. Signed before and stopped: it goes on.

    `by` is (actor, name). Raises ImportNotFound, NotChecked, AlreadyWritten, TotalsDiffer,
    RowsRefused, NothingToImport, NameBusy, CheckOutdated.
    """
    found = get_import(import_id=import_id, lock=True)
    if found.status in _OVER:
        raise AlreadyWritten()
    if found.status not in (Status.CHECKED, Status.WRITING):
        raise NotChecked()
    seen = msgspec.convert(found.totals, Totals)
    if totals != signable(seen):
        raise TotalsDiffer(totals=msgspec.to_builtins(signable(seen)))
    if found.status == Status.WRITING:
        return found
    if seen.refused and not skip_refused:
        raise RowsRefused(refused=seen.refused)
    if not seen.rows:
        raise NothingToImport()
    found.status, found.signed = Status.WRITING, msgspec.to_builtins(totals)
    found.signed_at = found.changed_at = at
    found.signed_by, found.signed_by_name = by
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise NameBusy() from None
    # Counted when no other can be signed off any more: what it wrote was not seen by the check.
    if _peers(found).count() != found.peers_seen:
        raise CheckOutdated()
    return found


def take_rows(*, import_id: uuid.UUID, numbers: Sequence[int], written: Mapping[str, int]) -> None:
    """Rows have been written: they go, and what was done is added to the import's sums. Call it in
    the transaction that writes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from imports_importrow where member_import_id = %s and number = any(%s)",
            [import_id, list(numbers)],
        )
        cursor.execute(
            "update imports_memberimport set written = (select jsonb_object_agg(key, value::bigint"
            " + coalesce((written->>key)::bigint, 0)) from jsonb_each_text(%s)) where id = %s",
            [msgspec.json.encode(written).decode(), import_id],
        )


def finish_writing(*, import_id: uuid.UUID, written: Mapping[str, Any], at: datetime) -> None:
    """Everything is written; rows that said nothing new go, refused ones stay to be looked at."""
    rows = ImportRow.objects.filter(member_import_id=import_id)
    rows.exclude(status=ImportRow.Status.REFUSED)._raw_delete("default")
    MemberImport.objects.filter(pk=import_id).update(
        status=Status.WRITTEN, written=dict(written), finished_at=at, changed_at=at
    )


@transaction.atomic
def discard_import(*, import_id: uuid.UUID, at: datetime) -> MemberImport:
    """Forget an import and all its rows. One that is written stays as it is, without refused rows.

    Raises ImportNotFound, BeingWritten.
    """
    found = get_import(import_id=import_id, lock=True)
    if found.status == Status.WRITING:
        raise BeingWritten()
    ImportRow.objects.filter(member_import_id=import_id)._raw_delete("default")
    if found.status != Status.WRITTEN:
        found.status, found.finished_at = Status.DISCARDED, found.finished_at or at
    found.changed_at = at
    found.save(update_fields=["status", "finished_at", "changed_at"])
    return found


def forget_old_rows(*, at: datetime) -> int:
    """Rows of imports nobody has touched for 30 days go; what was written of them stays written.

    Returns how many imports.
    """
    old = MemberImport.objects.filter(changed_at__lt=at - KEPT)
    names = old.exclude(status__in=[Status.DISCARDED, Status.WRITING])
    done = 0
    for pk in names.values_list("pk", flat=True):
        if ImportRow.objects.filter(member_import_id=pk).exists():
            discard_import(import_id=pk, at=at)
            done += 1
    return done
