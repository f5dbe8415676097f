"""Segments: who belongs together, by a condition."""

import uuid

import msgspec
from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page
from points.conditions import ConditionInvalid, parse
from points.flows.segment_removed import remove_segment
from points.interfaces import segment_shapes as shapes
from points.interfaces.partner import rendering, schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.views.members import render_members
from points.program.queries import ActiveProgram, get_program
from points.segments import actions, facts, queries
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound
from points.segments.facts import Around
from points.segments.models import Segment


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
        rows = queries.list_segments(
            limit=query.limit + 1, after=decode_cursor(query.cursor, str)
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.code)
        program = get_program()
        counts = queries.count_all(segments=page, around=_around(program))
        return shapes.SegmentItems(
            items=[
                shapes.segment(row, counts[row.code], currency=program.currency) for row in page
            ],
            next=following,
        )

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
    @transaction.atomic
    def post(self, request: Request, body: shapes.SegmentIn) -> shapes.SegmentOut:
        row = actions.create_segment(
            code=body.code, name=body.name, description=body.description,
            condition=body.condition, at=clock.now(),
        )  # fmt: skip
        self.audit("segment.added", f"segment:{row.code}", after=shapes.trace(row))
        return _rendered(row)


class SegmentView(PartnerEndpoint):
    """One segment."""

    @operation(
        summary="Get a segment",
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound],
        scope="members:read",
    )
    def get(self, request: Request, segment_code: str) -> shapes.SegmentOut:
        return _rendered(queries.get_segment(code=segment_code))

    @operation(
        summary="Change a segment",
        description="Only what is named changes. Another condition is another version.",
        body=shapes.SegmentChange,
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound, ConditionInvalid, KeyReused],
        idempotency_key="optional",
        scope="segments:write",
    )
    @transaction.atomic
    def patch(
        self, request: Request, body: shapes.SegmentChange, segment_code: str
    ) -> shapes.SegmentOut:
        before = shapes.trace(queries.get_segment(code=segment_code))
        row = actions.change_segment(
            code=segment_code, changes=rendering.given(body), at=clock.now()
        )
        after = shapes.trace(row)
        self.audit("segment.changed", f"segment:{row.code}", before=before, after=after)
        return _rendered(row)

    @operation(
        summary="Delete a segment",
        description="Refused while something uses it; `facts.used_by` names what.",
        answers={204: None},
        refuses=[SegmentNotFound, SegmentInUse, KeyReused],
        idempotency_key="optional",
        scope="segments:write",
    )
    @transaction.atomic
    def delete(self, request: Request, segment_code: str) -> None:
        row = remove_segment(code=segment_code)
        self.audit("segment.deleted", f"segment:{row.code}", before=shapes.trace(row))


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
        around = _around(get_program())
        found = queries.list_members(
            segment=queries.get_segment(code=segment_code), around=around, limit=query.limit + 1,
            after=decode_cursor(query.cursor, uuid.UUID),
        )  # fmt: skip
        page, following = cut(found, query.limit, lambda row: row.pk)
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
        program = get_program()
        around = _around(program)
        condition = parse(tree=body.condition, schema=facts.schema())
        actions.ensure_scale(uses_rfm=facts.uses_rfm(condition), at=around.at)
        found = queries.preview(condition=condition, around=around, limit=10)
        return SegmentPreviewOut(
            members_count=found.count, total=found.total,
            summary=shapes.summary(condition, currency=program.currency),
            members=render_members(found.members),
        )  # fmt: skip


class SegmentFields(PartnerEndpoint):
    """What conditions can speak of."""

    @operation(
        summary="List the fields a segment's condition may use",
        answers={200: shapes.ConditionSchemaOut},
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.ConditionSchemaOut:
        return shapes.condition_schema(list(facts.schema()))


def _around(program: ActiveProgram) -> Around:
    return Around(clock.now(), program.calendar)


def _rendered(row: Segment) -> shapes.SegmentOut:
    program = get_program()
    counted = queries.count(segment=row, around=_around(program))
    return shapes.segment(row, counted, currency=program.currency)
