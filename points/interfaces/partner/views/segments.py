"""Segments: who belongs together, by a condition."""

import msgspec
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page
from points.conditions import ConditionInvalid
from points.interfaces import segment_shapes as shapes
from points.interfaces import segments
from points.interfaces.partner import schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.views.members import render_members
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound


class SegmentPreviewOut(msgspec.Struct, kw_only=True):
    """How many members a condition holds for, of `total`; the first ten of them."""

    members_count: int
    total: int
    summary: str
    members: list[schemas.MemberOut]


class Segments(PartnerEndpoint):
    """All segments."""

    @operation(
        summary="List segments by their codes, with how many members are in each now",
        query=Page,
        answers={200: shapes.SegmentItems},
        refuses=[InvalidCursor],
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
        refuses=[ConditionInvalid, SegmentCodeTaken, KeyReused],
        idempotency_key="optional",
        scope="segments:write",
    )
    def post(self, request: Request, body: shapes.SegmentIn) -> shapes.SegmentOut:
        return segments.add_segment(body=body, audit=self.audit)


class SegmentView(PartnerEndpoint):
    """One segment."""

    @operation(
        summary="Get a segment",
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound],
        scope="members:read",
    )
    def get(self, request: Request, segment_code: str) -> shapes.SegmentOut:
        return segments.show_segment(segment_code)

    @operation(
        summary="Change a segment",
        description="Only what is named changes. Another condition is another version.",
        body=shapes.SegmentChange,
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound, ConditionInvalid, KeyReused],
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
        refuses=[SegmentNotFound, SegmentInUse, KeyReused],
        idempotency_key="optional",
        scope="segments:write",
    )
    def delete(self, request: Request, segment_code: str) -> None:
        segments.delete_segment(code=segment_code, audit=self.audit)


class SegmentMembers(PartnerEndpoint):
    """Who is in a segment."""

    @operation(
        summary="List the members who are in a segment now",
        query=Page,
        answers={200: schemas.MemberItems},
        refuses=[SegmentNotFound, InvalidCursor],
        scope="members:read",
    )
    def get(self, request: Request, query: Page, segment_code: str) -> schemas.MemberItems:
        page, following = segments.segment_members(segment_code, query)
        return schemas.MemberItems(items=render_members(page), next=following)


class SegmentPreviews(PartnerEndpoint):
    """A condition tried out."""

    @operation(
        summary="See whom a condition would hold for, without saving it",
        body=shapes.PreviewIn,
        answers={200: SegmentPreviewOut},
        refuses=[ConditionInvalid],
        scope="members:read",
    )
    def post(self, request: Request, body: shapes.PreviewIn) -> SegmentPreviewOut:
        tried = segments.preview_segment(body=body, limit=10)
        return SegmentPreviewOut(
            members_count=tried.found.count, total=tried.found.total, summary=tried.summary,
            members=render_members(tried.found.members),
        )  # fmt: skip


class SegmentFields(PartnerEndpoint):
    """What conditions can speak of."""

    @operation(
        summary="List the fields a segment's condition may use",
        answers={200: shapes.ConditionSchemaOut},
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.ConditionSchemaOut:
        return segments.segment_fields()
