"""Reading adjustments."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from points.adjustments.errors import AdjustmentNotFound
from points.adjustments.models import Adjustment, StaffDay

WAITING, EXPIRED = Adjustment.Status.WAITING, Adjustment.EXPIRED


def get_adjustment(*, adjustment_id: uuid.UUID) -> Adjustment:
    """One adjustment. Raises AdjustmentNotFound."""
    found = Adjustment.objects.filter(pk=adjustment_id).first()
    if found is None:
        raise AdjustmentNotFound()
    return found


def list_adjustments(
    *,
    limit: int,
    at: datetime,
    before: uuid.UUID | None = None,
    status: str | None = None,
    member: uuid.UUID | None = None,
) -> list[Adjustment]:
    """Newest first, at most `limit`; `before` is the id of the last row seen. One query.

    `status` is that of the moment: what nobody decided in time is `expired`, not `waiting`.
    """
    rows = Adjustment.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if member is not None:
        rows = rows.filter(member_id=member)
    if status == EXPIRED:
        rows = rows.filter(status=WAITING, expires_at__lte=at)
    elif status == WAITING:
        rows = rows.filter(status=WAITING, expires_at__gt=at)
    elif status is not None:
        rows = rows.filter(status=status)
    return list(rows[:limit])


def count_waiting(*, at: datetime, not_of: str) -> int:
    """How many wait for a second person who is this one: not asked for by them. One query."""
    waiting = Adjustment.objects.filter(status=WAITING, expires_at__gt=at)
    return waiting.exclude(requested_by=not_of).count()


def find_decided(*, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Adjustment]:
    """Of these adjustments, those a second person decided, by id. At most one query."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = Adjustment.objects.filter(pk__in=wanted).exclude(decided_by="")
    return {row.pk: row for row in rows}


def points_of_day(*, actors: Iterable[str], day: date) -> dict[str, int]:
    """Person → points moved on a local day, waiting ones included; none is left out. One query."""
    rows = StaffDay.objects.filter(actor__in=list(actors), local_date=day)
    return dict(rows.values_list("actor", "points"))
