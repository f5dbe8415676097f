"""The audit log, and the people who work here."""

import json
import uuid
from collections.abc import Iterator, Sequence
from functools import partial

from django.http import StreamingHttpResponse
from django.utils.translation import gettext
from django_tenants.utils import tenant_context
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.db import connection
from kernel.shapes import CsvFile, Moment, Page
from kernel.spreadsheets import stream_csv
from points.adjustments.queries import points_of_day
from points.audit import queries
from points.audit.models import AuditEntry
from points.insights.errors import PeriodInvalid
from points.interfaces import audit_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import READING
from points.interfaces.console.lists.audit import render_entries
from points.interfaces.console.schemas.audit import EntryItems, EntryRow, StaffItems, StaffRow
from points.program.queries import get_program
from tenants.models import Membership, Merchant


class AuditEntries(ConsoleEndpoint):
    """Who did what, when."""

    @operation(
        summary="List audit entries, newest first",
        description="Two to eighteen queries: programme, entries, names of what they are about. Conditions"
        " are told in words, who pays by name.",
        query=shapes.AuditQuery,
        answers={200: EntryItems},
        refuses=[InvalidCursor, PeriodInvalid, *READING],
        scope="audit:read",
    )
    def get(self, request: Request, query: shapes.AuditQuery) -> EntryItems:
        rows = queries.list_entries(
            limit=query.limit + 1,
            before=decode_cursor(query.cursor, tuple[Moment, uuid.UUID]),
            **shapes.wanted(query, get_program().calendar),
        )
        page, following = cut(rows, query.limit, lambda row: (row.occurred_at, row.pk))
        return EntryItems(items=render_entries(page), next=following)


class AuditExport(ConsoleEndpoint):
    """The log as a file."""

    @operation(
        summary="Export audit entries as CSV",
        description="`text/csv` in UTF-8, streamed: all that match, newest first, one line for each"
        " field that changed. No cell can start a formula.",
        query=shapes.AuditFilter,
        answers={200: CsvFile},
        refuses=[PeriodInvalid, *READING],
        scope="audit:read",
    )
    def get(self, request: Request, query: shapes.AuditFilter) -> StreamingHttpResponse:
        wanted = shapes.wanted(query, get_program().calendar)
        batches = partial(queries.walk_entries, **wanted)
        lines = stream_csv(_header(), _within(connection.tenant, batches()))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
        answer["Cache-Control"] = "no-store"
        return answer


class StaffView(ConsoleEndpoint):
    """The people who work here."""

    @operation(
        summary="List the staff, longest here first",
        description="Three queries: people, programme, what they adjusted today.",
        query=Page,
        answers={200: StaffItems},
        refuses=[InvalidCursor, *READING],
        scope="staff:read",
    )
    def get(self, request: Request, query: Page) -> StaffItems:
        of_shop = Membership.objects.filter(merchant_id=connection.tenant.pk, user__is_active=True)
        if (after := decode_cursor(query.cursor, uuid.UUID)) is not None:
            of_shop = of_shop.filter(pk__gt=after)
        people = of_shop.select_related("user").order_by("pk")[: query.limit + 1]
        page, following = cut(list(people), query.limit, lambda row: row.pk)
        return StaffItems(items=_people(page, me=self.staff.user.pk), next=following)


def _people(rows: Sequence[Membership], *, me: uuid.UUID) -> list[StaffRow]:
    """With what each has adjusted today."""
    program = get_program()
    limit = program.settings.adjustments.staff_daily_points
    today = program.calendar.day_of(clock.now())
    used = points_of_day(actors=[f"staff:{row.user_id}" for row in rows], day=today)
    return [_person(row, used.get(f"staff:{row.user_id}", 0), limit, me) for row in rows]


def _person(row: Membership, used: int, limit: int | None, me: uuid.UUID) -> StaffRow:
    return StaffRow(
        id=row.user_id, name=row.user.name or row.user.email, email=row.user.email, role=row.role,
        joined_at=row.created_at, used_points=used,
        left_points=None if limit is None else max(0, limit - used), is_me=row.user_id == me,
    )  # fmt: skip


def _header() -> list[str]:
    return [
        gettext("When"), gettext("Shop's time"), gettext("Who"), gettext("Role"), gettext("Where"),
        gettext("Action"), gettext("Of what"), gettext("Name"), gettext("Field"),
        gettext("Before"), gettext("After"), gettext("Request"),
    ]  # fmt: skip


def _within(
    merchant: Merchant, batches: Iterator[list[AuditEntry]]
) -> Iterator[Iterator[list[object]]]:
    """Each batch read and named inside the merchant's schema: the answer is sent after the view has
    returned, when the connection may be anybody's."""
    while True:
        with tenant_context(merchant):
            batch = next(batches, None)
            entries = render_entries(batch) if batch else []
        if batch is None:
            return
        yield (line for entry in entries for line in _lines(entry))


def _lines(entry: EntryRow) -> Iterator[list[object]]:
    begin: list[object] = [
        entry.occurred_at.isoformat(), entry.business_at.isoformat(), entry.actor_name or entry.actor,
        entry.actor_role, entry.surface, entry.action, entry.subject, entry.subject_name,
    ]  # fmt: skip
    for change in entry.changes:
        yield [*begin, change.field, _text(change.old), _text(change.new), entry.request_id]
    if not entry.changes:
        yield [*begin, None, None, None, entry.request_id]


def _text(value: object) -> object:
    """Lists and sections as JSON; numbers and texts as they are."""
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False)
    return value
