"""Reading the log."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from points.audit.models import AuditEntry

EntryPlace = tuple[datetime, uuid.UUID]
BATCH = 500


def list_entries(
    *,
    limit: int,
    before: EntryPlace | None = None,
    action: str = "",
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntry]:
    """Newest first, at most `limit`; `before` is the (occurred_at, id) of the last row seen.

    `action` is the beginning of an action at a dot (`mall_item`, `mall_item.changed`); `actor` and
    `subject` are whole (`staff:<id>`), or a kind alone (`key`); `since` ≤ occurred_at < `until`.
    One query.
    """
    rows = AuditEntry.objects.order_by("-occurred_at", "-id")
    if before is not None:
        rows = rows.extra(
            where=["(audit_entry.occurred_at, audit_entry.id) < (%s, %s)"], params=list(before)
        )
    if since is not None:
        rows = rows.filter(occurred_at__gte=since)
    if until is not None:
        rows = rows.filter(occurred_at__lt=until)
    rows = _beginning(rows, "action", action, ".")
    rows = _beginning(rows, "actor", actor, ":")
    rows = _beginning(rows, "subject", subject, ":")
    return list(rows[:limit])


def walk_entries(
    *,
    action: str = "",
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: EntryPlace | None = None,
) -> Iterator[list[AuditEntry]]:
    """All that match, newest first, in batches of 500, one query each, whatever their number."""
    while True:
        rows = list_entries(
            limit=BATCH, before=before, action=action, actor=actor, subject=subject, since=since,
            until=until,
        )  # fmt: skip
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        before = (rows[-1].occurred_at, rows[-1].pk)


def _beginning(
    rows: QuerySet[AuditEntry], field: str, wanted: str, sign: str
) -> QuerySet[AuditEntry]:
    """Rows whose field is `wanted`, or goes on after it with the sign that divides its parts."""
    if not wanted:
        return rows
    whole = rows.filter(**{field: wanted})
    return whole | rows.filter(**{f"{field}__startswith": f"{wanted}{sign}"})
