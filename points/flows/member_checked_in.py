"""A member checks in: the day, what it gives, and what rules give for it."""

import uuid
from datetime import datetime

from django.db import transaction

from points.checkin.actions import check_in
from points.checkin.models import CheckIn
from points.checkin.queries import count_days
from points.flows.occasions import Occurrence, happen


@transaction.atomic
def check_member_in(*, member_id: uuid.UUID, at: datetime, actor: str) -> CheckIn:
    """Check in on the local day of this moment. Raises AlreadyCheckedIn; nothing has moved then."""
    row = check_in(member_id=member_id, at=at, actor=actor)
    days = count_days(member_id=member_id)
    happen(
        trigger="checkin",
        occurrences=[
            Occurrence(
                member_id, f"{member_id}:{row.local_date}", at,
                {"checkin.streak": row.streak, "checkin.total": days},
            )
        ],
        at=at, actor=actor,
    )  # fmt: skip
    return row
