"""The audit log, for other systems."""

import uuid

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import Moment
from points.audit import queries
from points.insights.errors import PeriodInvalid
from points.interfaces import audit_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.program.queries import get_program


class AuditEntries(PartnerEndpoint):
    """Who changed or did what, and when."""

    @operation(
        summary="List audit entries, newest first",
        description="Settings and actions of staff and of API keys. `before` and `after` hold the"
        " fields that changed; secrets and personal data of members are hidden.",
        query=shapes.AuditQuery,
        answers={200: shapes.AuditEntryItems},
        refuses=[InvalidCursor, PeriodInvalid],
        scope="audit:read",
    )
    def get(self, request: Request, query: shapes.AuditQuery) -> shapes.AuditEntryItems:
        rows = queries.list_entries(
            limit=query.limit + 1,
            before=decode_cursor(query.cursor, tuple[Moment, uuid.UUID]),
            **shapes.wanted(query, get_program().calendar),
        )
        page, following = cut(rows, query.limit, lambda row: (row.occurred_at, row.pk))
        return shapes.AuditEntryItems(items=[shapes.entry(row) for row in page], next=following)
