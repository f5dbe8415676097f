"""Segments as both APIs read and change them; every change leaves a note with both sides.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
"""

import uuid
from collections.abc import Sequence

import msgspec
from django.db import transaction

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Page, given
from points.conditions import parse
from points.flows.segment_removed import remove_segment
from points.interfaces import segment_shapes as shapes
from points.interfaces.noting import Audit
from points.members.models import Member
from points.program.queries import ActiveProgram, get_program
from points.segments import actions, facts, queries
from points.segments.facts import Around
from points.segments.models import Segment


def segment_items(query: Page) -> shapes.SegmentItems:
    """A page of segments by their codes. Three queries: segments, programme, all counts at once."""
    rows = queries.list_segments(limit=query.limit + 1, after=decode_cursor(query.cursor, str))
    page, following = cut(rows, query.limit, lambda row: row.code)
    program = get_program()
    counts = queries.count_all(segments=page, around=_around(program))
    return shapes.SegmentItems(
        items=[shapes.segment(row, counts[row.code], currency=program.currency) for row in page],
        next=following,
    )


def show_segment(code: str) -> shapes.SegmentOut:
    """One segment. Three queries: segment, programme, count. Raises SegmentNotFound."""
    return _shown(queries.get_segment(code=code))


@transaction.atomic
def add_segment(*, body: shapes.SegmentIn, audit: Audit) -> shapes.SegmentOut:
    """A new segment. Raises SegmentCodeTaken, ConditionInvalid."""
    row = actions.create_segment(
        code=body.code, name=body.name, description=body.description, condition=body.condition,
        at=clock.now(),
    )  # fmt: skip
    audit("segment.added", _subject(row), after=shapes.trace(row))
    return _shown(row)


@transaction.atomic
def change_segment(*, code: str, body: shapes.SegmentChange, audit: Audit) -> shapes.SegmentOut:
    """Change what was named. Raises SegmentNotFound, ConditionInvalid."""
    before = shapes.trace(queries.get_segment(code=code))
    row = actions.change_segment(code=code, changes=given(body), at=clock.now())
    audit("segment.changed", _subject(row), before=before, after=shapes.trace(row))
    return _shown(row)


@transaction.atomic
def delete_segment(*, code: str, audit: Audit) -> None:
    """Raises SegmentNotFound, SegmentInUse."""
    row = remove_segment(code=code)
    audit("segment.deleted", _subject(row), before=shapes.trace(row))


def segment_members(code: str, query: Page) -> tuple[Sequence[Member], str | None]:
    """A page of who is in it now, and the cursor of the next. Three queries: programme, segment,
    members. Raises SegmentNotFound."""
    around = _around(get_program())
    found = queries.list_members(
        segment=queries.get_segment(code=code), around=around, limit=query.limit + 1,
        after=decode_cursor(query.cursor, uuid.UUID),
    )  # fmt: skip
    return cut(found, query.limit, lambda row: row.pk)


class Tried(msgspec.Struct, frozen=True):
    """A condition in words, and whom it would hold for."""

    summary: str
    found: queries.Preview


def preview_segment(*, body: shapes.PreviewIn, limit: int) -> Tried:
    """Try a condition out, with at most `limit` members. Three queries: programme, counts, members.

    Raises ConditionInvalid.
    """
    program = get_program()
    around = _around(program)
    condition = parse(tree=body.condition, schema=facts.schema())
    actions.ensure_scale(uses_rfm=facts.uses_rfm(condition), at=around.at)
    found = queries.preview(condition=condition, around=around, limit=limit)
    return Tried(shapes.summary(condition, currency=program.currency), found)


def segment_fields() -> shapes.ConditionSchemaOut:
    """What conditions can speak of."""
    return shapes.condition_schema(list(facts.schema()))


def _shown(row: Segment) -> shapes.SegmentOut:
    program = get_program()
    counted = queries.count(segment=row, around=_around(program))
    return shapes.segment(row, counted, currency=program.currency)


def _around(program: ActiveProgram) -> Around:
    return Around(clock.now(), program.calendar)


def _subject(row: Segment) -> str:
    return f"segment:{row.code}"
