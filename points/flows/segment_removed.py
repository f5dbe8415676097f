"""A segment is deleted, unless something uses it."""

from collections.abc import Callable

from django.db import transaction

from points.coupons.queries import templates_of_segment
from points.earning.queries import rules_of_segment
from points.segments.actions import delete_segment, hold_segments
from points.segments.models import Segment

# One function for each app that names segments: code → what uses it, as `<kind>:<code>`. Such an
# app calls `segments.actions.hold_segments` when it begins to use one.
USERS: list[Callable[[str], list[str]]] = [rules_of_segment, templates_of_segment]


@transaction.atomic
def remove_segment(*, code: str) -> Segment:
    """Delete it. Raises SegmentNotFound, SegmentInUse with all that uses it."""
    hold_segments(codes=[code])
    used_by = [name for ask in USERS for name in ask(code)]
    return delete_segment(code=code, used_by=used_by)
