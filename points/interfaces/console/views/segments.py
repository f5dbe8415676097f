"""Segments and their builder."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page
from points.conditions import ConditionInvalid
from points.interfaces import segment_shapes as shapes
from points.interfaces import segments
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.members import member_rows
from points.interfaces.console.schemas import members as schemas
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound


class Segments(ConsoleEndpoint):
    """All segments."""

    @operation(
        summary="List segments by their codes, with how many members are in each now",
        description="Three queries: segments, programme, all counts at once.",
        query=Page,
        answers={200: shapes.SegmentItems},
        refuses=[InvalidCursor, *READING],
        scope="members:read",
    )
    def get(self, request: Request, query: Page) -> shapes.SegmentItems:
        return segments.segment_items(query)

    @operation(
        summary="Add a segment",
        description="The condition is checked when it is saved; who is in the segment is worked out"
        " whenever somebody asks.",
        body=shapes.SegmentIn,
        answers={201: shapes.SegmentOut},
        refuses=[ConditionInvalid, SegmentCodeTaken, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="segments:write",
    )
    def post(self, request: Request, body: shapes.SegmentIn) -> shapes.SegmentOut:
        return segments.add_segment(body=body, audit=self.audit)


class SegmentView(ConsoleEndpoint):
    """One segment."""

    @operation(
        summary="Get a segment",
        description="Three queries: segment, programme, count.",
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound, *READING],
        scope="members:read",
    )
    def get(self, request: Request, segment_code: str) -> shapes.SegmentOut:
        return segments.show_segment(segment_code)

    @operation(
        summary="Change a segment",
        description="Only what is named changes. Another condition is another version.",
        body=shapes.SegmentChange,
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound, ConditionInvalid, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="segments:write",
    )
    def patch(
        self, request: Request, body: shapes.SegmentChange, segment_code: str
    ) -> shapes.SegmentOut:
        return segments.change_segment(code=segment_code, body=body, audit=self.audit)

    @operation(
        summary="Delete a segment",
        description="Refused while something uses it; `facts.used_by` names what.",
        answers={204: None},
        refuses=[SegmentNotFound, SegmentInUse, *CHANGING],
        scope="segments:write",
    )
    def delete(self, request: Request, segment_code: str) -> None:
        segments.delete_segment(code=segment_code, audit=self.audit)


class SegmentPreviews(ConsoleEndpoint):
    """A condition tried out."""

    @operation(
        summary="See whom a condition would hold for, without saving it",
        description="Four queries: programme, counts, members, balances.",
        body=shapes.PreviewIn,
        answers={200: schemas.SegmentPreview},
        refuses=[ConditionInvalid, *CHANGING],
        scope="members:read",
    )
    def post(self, request: Request, body: shapes.PreviewIn) -> schemas.SegmentPreview:
        tried, sees = segments.preview_segment(body=body, limit=5), self.staff.may("members:write")
        return schemas.SegmentPreview(
            members_count=tried.found.count, total=tried.found.total, summary=tried.summary,
            members=member_rows(tried.found.members, sees_contacts=sees, at=clock.now()),
        )  # fmt: skip


class SegmentFields(ConsoleEndpoint):
    """What conditions can speak of."""

    @operation(
        summary="List the fields a segment's condition may use",
        answers={200: shapes.ConditionSchemaOut},
        refuses=[*READING],
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.ConditionSchemaOut:
        return segments.segment_fields()
