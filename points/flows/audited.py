"""Staff did something: written beside what they did, copied to the platform's audit trail later.

A transaction in a merchant's schema may not write to the public one, so the note goes into the
outbox of the schema, and the relay carries it over, at least once and under one id.
"""

from datetime import datetime
from typing import Any

from kernel import context, outbox
from kernel.db import connection
from kernel.models import OutboxEvent
from tenants.models import AuditEvent


def record(
    *,
    action: str,
    subject: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    actor: str,
    actor_name: str,
    at: datetime,
) -> None:
    """Note a staff action, e.g. `mall_item.changed`; call it in the transaction of the action.

    `before` and `after` hold the fields that changed, JSON-ready, without secrets.
    """
    outbox.tell(
        topic=f"audit.{action}",
        subject=subject,
        payload={
            "actor": actor, "actor_name": actor_name, "action": action,
            "before": before, "after": after, "request_id": context.request_id(),
        },
        at=at,
    )  # fmt: skip


def copy_to_platform(event: OutboxEvent) -> None:
    """Handler of `audit.` events: makes a public.audit_event; a second copy changes nothing."""
    row = AuditEvent(
        id=event.event_id,
        merchant_id=connection.tenant.pk,
        subject=event.subject,
        occurred_at=event.occurred_at,
        **event.payload,
    )
    AuditEvent.objects.bulk_create([row], ignore_conflicts=True)
