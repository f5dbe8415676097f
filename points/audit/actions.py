"""The one way into the log."""

import uuid
from datetime import datetime
from typing import Any

from points.audit.models import AuditEntry


def add_entry(
    *,
    entry_id: uuid.UUID,
    action: str,
    subject: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    actor: str,
    actor_name: str,
    actor_role: str,
    surface: str,
    request_id: str,
    at: datetime,
    business_at: datetime,
) -> AuditEntry:
    """Add a line, in the caller's transaction. Fields come shielded (`calculations.shield`)."""
    return AuditEntry.objects.create(
        id=entry_id, action=action, subject=subject, before=before, after=after, actor=actor,
        actor_name=actor_name, actor_role=actor_role, surface=surface, request_id=request_id,
        occurred_at=at, business_at=business_at,
    )  # fmt: skip
