"""Somebody did something: written into the merchant's log beside what they did, and copied to the
platform's audit trail later.

A transaction in a merchant's schema may not write to the public one (ADR 0014), so the copy goes
into the outbox of the schema, and the relay carries it over, at least once and under one id.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from kernel import context, outbox
from kernel.db import connection
from kernel.ids import new_id
from kernel.models import OutboxEvent
from points.audit.actions import add_entry
from points.audit.calculations import changed, shield
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
    actor_role: str = "",
    surface: str = "",
    business_at: datetime | None = None,
) -> None:
    """Note an action, e.g. `mall_item.changed`; call it in the transaction of the action.

    `before` and `after` are JSON-ready. With both, only what differs is kept, and nothing is noted
    when nothing does. Secrets and members' personal data are hidden here, whoever calls.
    `at` is the real clock, `business_at` the merchant's.
    """
    # Compared before anything is hidden: one phone number for another is a change as well.
    if before is not None and after is not None:
        before, after = changed(before, after)
        if not before and not after:
            return
    before, after = shield(before, subject), shield(after, subject)
    entry, request_id = new_id(), context.request_id()
    payload = {
        "actor": actor, "actor_name": actor_name, "action": action,
        "before": before, "after": after, "request_id": request_id,
    }  # fmt: skip
    with transaction.atomic(savepoint=False):
        add_entry(
            entry_id=entry, action=action, subject=subject, before=before, after=after,
            actor=actor, actor_name=actor_name, actor_role=actor_role, surface=surface,
            request_id=request_id, at=at, business_at=business_at or at,
        )  # fmt: skip
        outbox.tell(
            topic=f"audit.{action}", subject=subject, payload=payload, at=at, event_id=entry
        )


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
