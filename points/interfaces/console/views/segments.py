"""Segments and their builder."""

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
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.members import name_tiers
from points.interfaces.console.schemas import members as schemas
from points.ledger.queries import Balance, get_balances
from points.program.queries import ActiveProgram, get_program
from points.segments import actions, facts, queries
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound
from points.segments.facts import Around
from points.segments.models import Segment


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
        refuses=[ConditionInvalid, SegmentCodeTaken, KeyReused, *CHANGING],
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
        return _rendered(queries.get_segment(code=segment_code))

    @operation(
        summary="Change a segment",
        description="Only what is named changes. Another condition is another version.",
        body=shapes.SegmentChange,
        answers={200: shapes.SegmentOut},
        refuses=[SegmentNotFound, ConditionInvalid, KeyReused, *CHANGING],
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
        refuses=[SegmentNotFound, SegmentInUse, *CHANGING],
        scope="segments:write",
    )
    @transaction.atomic
    def delete(self, request: Request, segment_code: str) -> None:
        row = remove_segment(code=segment_code)
        self.audit("segment.deleted", f"segment:{row.code}", before=shapes.trace(row))


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
        program = get_program()
        around = _around(program)
        condition = parse(tree=body.condition, schema=facts.schema())
        actions.ensure_scale(uses_rfm=facts.uses_rfm(condition), at=around.at)
        found = queries.preview(condition=condition, around=around, limit=5)
        ids = [row.pk for row in found.members]
        balances, tiers = get_balances(members=ids, at=around.at), name_tiers(members=ids)
        sees = self.staff.may("members:write")
        return schemas.SegmentPreview(
            members_count=found.count, total=found.total,
            summary=shapes.summary(condition, currency=program.currency),
            members=[
                rendering.member_row(
                    row, balances.get(row.pk, Balance()), tier=tiers.get(row.pk), sees_contacts=sees
                )
                for row in found.members
            ],
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
        return shapes.condition_schema(list(facts.schema()))


def _around(program: ActiveProgram) -> Around:
    return Around(clock.now(), program.calendar)


def _rendered(row: Segment) -> shapes.SegmentOut:
    program = get_program()
    counted = queries.count(segment=row, around=_around(program))
    return shapes.segment(row, counted, currency=program.currency)
