"""Staff or another system lets points live longer: those of a member, or of everybody."""

import uuid
from datetime import date, datetime

from points.ledger import expiring
from points.ledger.models import WalletWalk
from points.program.queries import get_program


def extend_expiry(
    *,
    until: date,
    reason: str,
    at: datetime,
    actor: str,
    member_id: uuid.UUID | None = None,
    ending_by: date | None = None,
) -> WalletWalk:
    """Open lots that end sooner live to the end of a local day; none ends sooner than it would.

    `ending_by`: only those that would end on that local day or before. A large shop's extension
    goes on in the background. Raises ExtensionTooEarly.
    """
    calendar = get_program().calendar
    return expiring.begin_extension(
        until=calendar.end_of(until), ending_by=calendar.end_of(ending_by) if ending_by else None,
        member=member_id, reason=reason, at=at, actor=actor,
    )  # fmt: skip


def preview_extension(
    *,
    until: date,
    at: datetime,
    member_id: uuid.UUID | None = None,
    ending_by: date | None = None,
) -> expiring.Reach:
    """What `extend_expiry` would move now. Raises ExtensionTooEarly."""
    calendar = get_program().calendar
    return expiring.reach_of_extension(
        until=calendar.end_of(until), ending_by=calendar.end_of(ending_by) if ending_by else None,
        member=member_id, at=at,
    )  # fmt: skip
