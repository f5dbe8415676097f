"""Every write to adjustments. The points themselves are moved by `flows.points_adjusted`."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from kernel.db import connection
from kernel.ids import new_id
from points.adjustments.calculations import is_limited, needs_approval, waits_until
from points.adjustments.errors import (
    AdjustmentNotFound,
    AlreadyDecided,
    DailyLimitReached,
    SamePerson,
)
from points.adjustments.models import Adjustment, StaffDay
from points.program.queries import ActiveProgram

_COUNT = """
insert into adjustments_staffday as today (actor, local_date, points) values (%s, %s, %s)
on conflict (actor, local_date) do update set points = today.points + excluded.points
returning points
"""


@transaction.atomic
def enter_adjustment(
    *,
    member_id: uuid.UUID,
    points: int,
    reason: str,
    funding_source: str,
    program: ActiveProgram,
    actor: str,
    actor_name: str,
    at: datetime,
) -> Adjustment:
    """A new adjustment, not stored yet unless it waits for a second person.

    Counts it against its author's day first, where there is a limit for people: of many at once the
    row of the day lets through what fits, and not one point more. Raises DailyLimitReached.
    """
    rule, day = program.settings.adjustments, program.calendar.day_of(at)
    if is_limited(actor):
        _count(actor, day, abs(points), rule.staff_daily_points)
    row = Adjustment(
        id=new_id(), member_id=member_id, points=points, reason=reason,
        funding_source=funding_source, requested_by=actor, requested_by_name=actor_name,
        requested_at=at, local_date=day,
    )  # fmt: skip
    if needs_approval(points, rule):
        row.status = Adjustment.Status.WAITING
        row.expires_at = waits_until(at, rule)
        row.save(force_insert=True)
    return row


def store_executed(*, adjustment: Adjustment, transaction_id: int) -> Adjustment:
    """Write an adjustment down as executed by a transaction of the ledger."""
    adjustment.status = Adjustment.Status.EXECUTED
    adjustment.transaction_id = transaction_id
    adjustment.save()
    return adjustment


def lock_waiting(*, adjustment_id: uuid.UUID, actor: str, at: datetime) -> Adjustment:
    """A request that waits, locked until the caller's transaction ends, for a second person.

    Raises AdjustmentNotFound, AlreadyDecided (executed, rejected or run out), SamePerson.
    """
    found = Adjustment.objects.select_for_update().filter(pk=adjustment_id).first()
    if found is None:
        raise AdjustmentNotFound()
    status = found.status_at(at)
    if status != Adjustment.Status.WAITING:
        raise AlreadyDecided(status=status)
    if found.requested_by == actor:
        raise SamePerson()
    return found


@transaction.atomic
def reject_adjustment(
    *, adjustment_id: uuid.UUID, actor: str, actor_name: str, note: str, at: datetime
) -> Adjustment:
    """A second person says no; the day of who asked gets the points back.

    Raises AdjustmentNotFound, AlreadyDecided, SamePerson.
    """
    row = lock_waiting(adjustment_id=adjustment_id, actor=actor, at=at)
    decide(adjustment=row, actor=actor, actor_name=actor_name, note=note, at=at)
    row.status = Adjustment.Status.REJECTED
    row.save()
    if is_limited(row.requested_by):
        StaffDay.objects.filter(actor=row.requested_by, local_date=row.local_date).update(
            points=F("points") - abs(row.points)
        )
    return row


def decide(*, adjustment: Adjustment, actor: str, actor_name: str, note: str, at: datetime) -> None:
    """Put down who decided, when and with what words; the caller stores the row."""
    adjustment.decided_by, adjustment.decided_by_name = actor, actor_name
    adjustment.decided_at, adjustment.decision_note = at, note


def _count(actor: str, day: date, points: int, limit: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [actor, day, points])
        total = cursor.fetchone()[0]
    if limit is not None and total > limit:
        used = total - points
        raise DailyLimitReached(limit=limit, used=used, left=max(0, limit - used))
