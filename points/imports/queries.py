"""Reading imports and their rows."""

import uuid
from collections.abc import Sequence

import msgspec

from kernel.db import connection
from points.imports.calculations import Plan
from points.imports.errors import ImportNotFound
from points.imports.models import ImportRow, MemberImport

TO_WRITE = (ImportRow.Status.NEW, ImportRow.Status.UPDATED, ImportRow.Status.POINTS)
_plan = msgspec.json.Decoder(Plan)


def get_import(*, import_id: uuid.UUID, lock: bool = False) -> MemberImport:
    """One import. Raises ImportNotFound."""
    rows = MemberImport.objects.select_for_update() if lock else MemberImport.objects.all()
    found = rows.filter(pk=import_id).first()
    if found is None:
        raise ImportNotFound()
    return found


def list_imports(*, limit: int, before: uuid.UUID | None = None) -> list[MemberImport]:
    """Newest first, at most `limit`; `before` is the id of the last one seen."""
    rows = MemberImport.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


class RawRow(msgspec.Struct, frozen=True):
    """A row as it was given."""

    number: int
    raw: dict[str, object]


def read_rows(*, import_id: uuid.UUID, after: int, limit: int) -> list[RawRow]:
    """Rows in their order, whatever was found in them before. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, raw::text from imports_importrow where member_import_id = %s"
            " and number > %s order by number limit %s",
            [import_id, after, limit],
        )
        return [RawRow(number, msgspec.json.decode(raw)) for number, raw in cursor.fetchall()]


class PlannedRow(msgspec.Struct, frozen=True):
    """A row that waits to be written."""

    number: int
    status: str
    plan: Plan


def next_planned(*, import_id: uuid.UUID, after: int, limit: int) -> list[PlannedRow]:
    """The first rows that are still to be written, locked: who writes them takes them away.

    `after` is a number below which none is left; it spares a walk over what was taken away.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, status, plan::text from imports_importrow where member_import_id = %s"
            " and number > %s and status = any(%s) order by number limit %s for update",
            [import_id, after, list(TO_WRITE), limit],
        )
        return [
            PlannedRow(number, status, _plan.decode(plan))
            for number, status, plan in cursor.fetchall()
        ]


def list_refused(*, import_id: uuid.UUID, after: int, limit: int) -> list[ImportRow]:
    """Rows that cannot be imported, in their order."""
    rows = ImportRow.objects.filter(
        member_import_id=import_id, status=ImportRow.Status.REFUSED, number__gt=after
    )
    return list(rows.order_by("number")[:limit])


def posted_before(*, keys: Sequence[str]) -> dict[str, str]:
    """Of these natural keys those the ledger knows, with what they said. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select source_key, fingerprint from ledger_transaction where source_key = any(%s)",
            [list(keys)],
        )
        return dict(cursor.fetchall())


def sums_in_ledger(*, import_id: uuid.UUID) -> dict[str, tuple[int, int]]:
    """Unit → (transactions, amount) that an import has posted, from the ledger itself. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select w.unit, count(*), sum(t.amount) from ledger_transaction t"
            " join ledger_wallet w on w.id = t.wallet_id"
            " where t.source_id = %s and t.kind = 'opening' group by 1",
            [import_id],
        )
        return {unit: (int(count), int(amount)) for unit, count, amount in cursor.fetchall()}
