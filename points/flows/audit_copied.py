"""A staff action recorded in a merchant's schema is copied to the platform's audit log.

The two never share a transaction; the event's own id makes the copy once.
"""

from django_tenants.utils import schema_context

from kernel.db import connection
from kernel.models import OutboxEvent
from tenants.models import AuditEvent


def copy_to_platform(event: OutboxEvent) -> None:
    """Outbox handler of `audit.*`: payload as written by `flows.audited`."""
    facts = event.payload
    merchant_id = connection.tenant.pk
    with schema_context("public"):
        AuditEvent.objects.get_or_create(
            pk=event.event_id,
            defaults={
                "merchant_id": merchant_id,
                "actor": facts.get("actor", ""),
                "actor_name": facts.get("actor_name", ""),
                "action": event.topic.removeprefix("audit."),
                "subject": event.subject,
                "before": facts.get("before"),
                "after": facts.get("after"),
                "request_id": facts.get("request_id", ""),
                "occurred_at": event.occurred_at,
            },
        )
