"""Every write of segments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from points.conditions import parse
from points.segments import facts, queries
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound
from points.segments.models import Segment

# Boundaries of fifths over the members who ordered; nobody ordered: no scale.
_MEASURE = """
insert into segments_rfmscale (id, recency, frequency, monetary, members_count, measured_at)
select 1, percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by last_order_at),
       percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by orders_count::bigint),
       percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by spent_cents),
       count(*), %s
  from members_member where orders_count > 0 having count(*) > 0
on conflict (id) do update set recency = excluded.recency, frequency = excluded.frequency,
       monetary = excluded.monetary, members_count = excluded.members_count,
       measured_at = excluded.measured_at
"""


@transaction.atomic
def create_segment(
    *, code: str, name: str, condition: object, at: datetime, description: str = ""
) -> Segment:
    """Add a segment. `condition`: a JSON Logic tree over the fields of `facts.schema()`.

    Raises SegmentCodeTaken, ConditionInvalid.
    """
    row = Segment(
        code=code, name=name, description=description, condition=_checked(condition, at),
        created_at=at, changed_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise SegmentCodeTaken(code=code) from None
    return row


@transaction.atomic
def change_segment(*, code: str, changes: dict[str, Any], at: datetime) -> Segment:
    """Change name, description or condition; another condition is another version.

    Raises SegmentNotFound, ConditionInvalid; nothing has changed then.
    """
    row = _locked(code)
    if "condition" in changes:
        changes = {**changes, "condition": _checked(changes["condition"], at)}
        row.version += changes["condition"] != row.condition
    for field, value in changes.items():
        setattr(row, field, value)
    row.changed_at = at
    row.save(update_fields=[*changes, "version", "changed_at"])
    return row


@transaction.atomic
def delete_segment(*, code: str, used_by: Sequence[str] = ()) -> Segment:
    """Delete a segment. `used_by` names what uses it, as the flow that asks has found it.

    Raises SegmentNotFound, SegmentInUse.
    """
    row = _locked(code)
    if used_by:
        raise SegmentInUse(code=code, used_by=list(used_by))
    Segment.objects.filter(pk=row.pk).delete()
    return row


@transaction.atomic
def hold_segments(*, codes: Sequence[str]) -> dict[str, Segment]:
    """Segments that something is about to use: none of them is deleted before this transaction
    ends.

    Raises SegmentNotFound when one of the codes is nobody's.
    """
    rows = Segment.objects.select_for_update(no_key=True).filter(code__in=codes).order_by("pk")
    found = {row.code: row for row in rows}
    if missing := sorted(set(codes) - found.keys()):
        raise SegmentNotFound(code=missing[0])
    return found


def measure_rfm(*, at: datetime, since: datetime | None = None) -> int:
    """Set the scale of RFM scores by the members of now; how many members it was made from.

    With `since` a scale measured at or after that moment stays, and 0 is returned.
    """
    with connection.cursor() as cursor:
        if since is not None:
            cursor.execute("select 1 from segments_rfmscale where measured_at >= %s", [since])
            if cursor.fetchone():
                return 0
        cursor.execute(f"{_MEASURE} returning members_count", [at])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _locked(code: str) -> Segment:
    row = Segment.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise SegmentNotFound()
    return row


def _checked(tree: object, at: datetime) -> object:
    """The canonical tree; the first one that asks for scores has them measured."""
    condition = parse(tree=tree, schema=facts.schema())
    ensure_scale(uses_rfm=facts.uses_rfm(condition), at=at)
    return condition.tree


def ensure_scale(*, uses_rfm: bool, at: datetime) -> None:
    """Measure the scale if a condition needs it and there is none yet."""
    if uses_rfm and not queries.has_scale():
        measure_rfm(at=at)
