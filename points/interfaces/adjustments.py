"""Correcting balances by hand, as both APIs do it."""

from datetime import datetime

from django.db import transaction

from points.adjustments.models import Adjustment
from points.flows.points_adjusted import adjust_points
from points.interfaces import adjustment_shapes as shapes
from points.interfaces.noting import Audit
from points.members.models import Member


@transaction.atomic
def adjust(
    *,
    member: Member,
    points: int,
    reason: str,
    at: datetime,
    actor: str,
    actor_name: str,
    audit: Audit,
    funding_source: str | None = None,
) -> Adjustment:
    """Give or take points, or ask a second person to.

    What it raises stands with the flow.
    """
    row = adjust_points(
        member_id=member.pk, points=points, reason=reason, at=at, actor=actor,
        actor_name=actor_name, funding_source=funding_source,
    )  # fmt: skip
    is_waiting = row.status == Adjustment.Status.WAITING
    action = "adjustment.requested" if is_waiting else "points.adjusted"
    audit(action, f"member:{member.pk}", after=shapes.facts(row))
    return row
