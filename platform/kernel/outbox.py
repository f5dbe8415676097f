"""The outbox: events written in the transaction that made them true, delivered after it.

At least once, in order, each with a stable id. What listens to a topic is named in
`settings.OUTBOX_HANDLERS` ({topic prefix: dotted function(event) -> None}), as the kernel knows
nobody. An event whose handler fails is tried again, later each time, and parked after five tries.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from kernel.ids import new_id
from kernel.models import OutboxEvent

log = logging.getLogger(__name__)
BATCH = 500
TRIES = 5
KEPT = timedelta(days=7)
LEASE = timedelta(seconds=60)
Handler = Callable[[OutboxEvent], None]


def tell(
    *,
    topic: str,
    subject: str,
    payload: dict[str, Any],
    at: datetime,
    event_id: uuid.UUID | None = None,
) -> OutboxEvent:
    """Write an event; call it inside the transaction that makes it true.

    `event_id` is for events about something that has an id of its own already.
    """
    return OutboxEvent.objects.create(
        topic=topic, subject=subject, payload=payload, occurred_at=at,
        event_id=event_id or new_id(),
    )  # fmt: skip


def relay(*, at: datetime) -> int:
    """Deliver what is waiting in the current merchant's schema; returns how many were delivered.

    A handler runs outside any transaction of this schema, as it may write elsewhere; a relay that
    dies leaves its events leased for a minute, after which they are handed out again.
    """
    delivered = _settle_unheard(at)
    while events := _lease(at):
        delivered += sum(_deliver(event, at) for event in events)
    OutboxEvent.objects.filter(delivered_at__lt=at - KEPT).delete()
    return delivered


def _lease(at: datetime) -> list[OutboxEvent]:
    """The next events nobody else has taken, oldest first."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(delivered_at__isnull=True, parked_at__isnull=True)
        ready = waiting.exclude(next_attempt_at__gt=at).order_by("id")
        events = list(ready.select_for_update(skip_locked=True)[:BATCH])
        ids = [event.pk for event in events]
        OutboxEvent.objects.filter(pk__in=ids).update(next_attempt_at=at + LEASE)
    return events


def _handlers() -> dict[str, Handler]:
    return {topic: import_string(path) for topic, path in settings.OUTBOX_HANDLERS.items()}


def _settle_unheard(at: datetime) -> int:
    """Events nobody listens to are done at once, in one statement."""
    heard = [f"{topic}%" for topic in settings.OUTBOX_HANDLERS]
    with connection.cursor() as cursor:
        cursor.execute(
            "update kernel_outboxevent set delivered_at = %s where delivered_at is null"
            " and parked_at is null and not (topic like any(%s))",
            [at, heard],
        )
        return int(cursor.rowcount)


def _deliver(event: OutboxEvent, at: datetime) -> bool:
    try:
        for topic, handler in _handlers().items():
            if event.topic.startswith(topic):
                handler(event)
    except Exception:
        log.exception("outbox event %s (%s) failed", event.event_id, event.topic)
        event.attempts += 1
        event.next_attempt_at = at + timedelta(seconds=30 * 2**event.attempts)
        event.parked_at = at if event.attempts >= TRIES else None
        event.save(update_fields=["attempts", "next_attempt_at", "parked_at"])
        return False
    event.delivered_at = at
    event.save(update_fields=["delivered_at"])
    return True
