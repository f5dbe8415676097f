"""The outbox: events written in the transaction that made them true, delivered after it.

At least once, in order, each with a stable id. What listens to a topic is named in
`settings.OUTBOX_HANDLERS` ({topic prefix: dotted function(event) -> None}), as the kernel knows
nobody. An event whose handler fails is tried again, later each time, and parked after five tries.

Who keeps a copy of events (webhooks do) is named in `settings.OUTBOX_COPIES`: dotted names of SQL
texts, each an `insert … select … from told`, where `told` holds rows of kernel_outboxevent and
`%(at)s` is the moment. It runs in the statement that takes the events from the queue, so that
events are copied all at once, exactly once, in order, and for nothing where nobody wants them.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from kernel.ids import new_id
from kernel.models import OutboxEvent

log = logging.getLogger(__name__)
BATCH = 500
TRIES = 5
KEPT = timedelta(days=7)
LEASE = timedelta(seconds=60)
_LOCK = "select pg_advisory_xact_lock(hashtextextended(current_schema() || ' outbox', 0))"
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


def tell_each(*, topic: str, told: Sequence[tuple[str, dict[str, Any]]], at: datetime) -> None:
    """The same of many: (subject, payload) of each, in order, in one statement."""
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            topic=topic, subject=subject, payload=payload, occurred_at=at, event_id=new_id()
        )
        for subject, payload in told
    )


def relay(*, at: datetime) -> int:
    """Deliver what is waiting, and forget what was delivered a week ago; returns how many were
    delivered."""
    delivered = hand_out(at=at)
    OutboxEvent.objects.filter(delivered_at__lt=at - KEPT).delete()
    return delivered


def hand_out(*, at: datetime) -> int:
    """Deliver what is waiting in the current merchant's schema; returns how many were delivered.

    A handler runs outside any transaction of this schema, as it may write elsewhere; a relay that
    dies leaves its events leased for a minute, after which they are handed out again.
    """
    delivered = _settle_unheard(at)
    while events := _lease(at):
        delivered += sum(_deliver(event, at) for event in events)
    return delivered


def _lease(at: datetime) -> list[OutboxEvent]:
    """The next events nobody else has taken, oldest first."""
    ids = _take(
        "picked as (select id from kernel_outboxevent where delivered_at is null"
        " and parked_at is null and (next_attempt_at is null or next_attempt_at <= %(at)s)"
        " order by id limit %(batch)s for update skip locked),"
        " leased as (update kernel_outboxevent e set next_attempt_at = %(until)s"
        " from picked p where e.id = p.id returning e.*),"
        " told as (select * from leased where attempts = 0)",
        "array(select id from leased order by id)",
        {"at": at, "until": at + LEASE, "batch": BATCH},
    )
    return list(OutboxEvent.objects.filter(pk__in=ids).order_by("id")) if ids else []


def _handlers() -> dict[str, Handler]:
    return {topic: import_string(path) for topic, path in settings.OUTBOX_HANDLERS.items()}


def _settle_unheard(at: datetime) -> int:
    """Events nobody listens to are done at once, in one statement."""
    heard = [f"{topic}%" for topic in settings.OUTBOX_HANDLERS]
    settled = _take(
        "told as (update kernel_outboxevent set delivered_at = %(at)s where delivered_at is null"
        " and parked_at is null and not (topic like any(%(heard)s)) returning *)",
        "(select count(*) from told)",
        {"at": at, "heard": heard},
    )
    return int(settled)


def _take(told: str, answer: str, values: dict[str, Any]) -> Any:
    """Take events from the queue, copy those that are `told`, and answer; in one round trip.

    One relay at a time per schema: of two, the later could copy a member's newer event first. The
    lock is a statement of its own, so that the next one sees what the relay before has committed,
    and comes before any lock of a row.
    """
    copies = [import_string(path) for path in settings.OUTBOX_COPIES]
    parts = [told, *(f"copy_{place} as ({sql})" for place, sql in enumerate(copies))]
    with connection.cursor() as cursor:
        cursor.execute(f"{_LOCK}; with {', '.join(parts)} select {answer}", values)
        return cursor.fetchone()[0]


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
