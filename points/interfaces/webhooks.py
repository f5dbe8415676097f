"""What every surface does for a call about webhooks: one action, one note in the audit log.

Moments are the real clock's, also for merchants in test mode: receivers and secrets live by it.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Page
from points.flows.tasks import send_webhooks
from points.interfaces import webhook_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.noting import Audit
from points.webhooks import actions
from points.webhooks.errors import DeliveryNotFound, EndpointNotFound
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from points.webhooks.queries import Health, get_delivery, get_endpoint, get_health
from tenants.context import tenant_on_commit


def list_endpoints(query: Page) -> shapes.EndpointItems:
    """Newest first, with their health. Two queries."""
    rows = WebhookEndpoint.objects.order_by("-pk")
    if (after := decode_cursor(query.cursor, uuid.UUID)) is not None:
        rows = rows.filter(pk__lt=after)
    page, following = cut(list(rows[: query.limit + 1]), query.limit, lambda row: row.pk)
    health, now = get_health(endpoints=[row.pk for row in page]), datetime.now(UTC)
    return shapes.EndpointItems(
        items=[shapes.endpoint(row, health[row.pk], now) for row in page], next=following
    )


def show_endpoint(endpoint_id: str) -> shapes.EndpointOut:
    """One endpoint with its health."""
    return _shown(get_endpoint(endpoint_id=_id(endpoint_id)))


@transaction.atomic
def add_endpoint(body: shapes.EndpointIn, *, actor: str, audit: Audit) -> shapes.NewEndpointOut:
    """Make one and tell its secret."""
    now = datetime.now(UTC)
    row, secret = actions.add_endpoint(
        url=body.url, topics=body.topics, description=body.description.strip(), at=now, actor=actor
    )
    audit("webhook_endpoint.added", _subject(row), after=_facts(row))
    return shapes.new_endpoint(row, secret, now)


@transaction.atomic
def change_endpoint(
    endpoint_id: str, changes: dict[str, Any], *, audit: Audit
) -> shapes.EndpointOut:
    """Change what was named, and note it."""
    before = _facts(get_endpoint(endpoint_id=_id(endpoint_id), lock=True))
    row = actions.change_endpoint(endpoint_id=_id(endpoint_id), changes=changes)
    audit("webhook_endpoint.changed", _subject(row), before=before, after=_facts(row))
    return _shown(row)


@transaction.atomic
def delete_endpoint(endpoint_id: str, *, audit: Audit) -> None:
    """Remove it with its log."""
    row = actions.delete_endpoint(endpoint_id=_id(endpoint_id))
    audit("webhook_endpoint.deleted", _subject(row), before=_facts(row))


@transaction.atomic
def rotate_secret(endpoint_id: str, *, audit: Audit) -> shapes.RotationOut:
    """A new secret; the note says when, never what."""
    row, secret = actions.rotate_secret(endpoint_id=_id(endpoint_id), at=datetime.now(UTC))
    assert row.previous_until is not None
    audit("webhook_endpoint.secret_rotated", _subject(row), after={"url": row.url})
    return shapes.RotationOut(secret=secret, previous_secret_until=row.previous_until)


@transaction.atomic
def send_test(endpoint_id: str, *, audit: Audit) -> shapes.DeliveryOut:
    """Queue a test event and ask for it to be sent at once."""
    row = actions.send_test(endpoint_id=_id(endpoint_id), at=datetime.now(UTC))
    audit("webhook_endpoint.tested", f"webhook_endpoint:{endpoint_id}")
    tenant_on_commit(send_webhooks)
    return shapes.delivery(row)


def list_deliveries(endpoint_id: str, query: shapes.DeliveryQuery) -> shapes.DeliveryItems:
    """The log of an endpoint, newest first. Two queries."""
    rows = WebhookDelivery.objects.filter(
        endpoint=get_endpoint(endpoint_id=_id(endpoint_id))
    ).order_by("-id")
    if query.status is not None:
        rows = rows.filter(status=query.status)
    if query.topic is not None:
        rows = rows.filter(topic=query.topic)
    if (after := decode_cursor(query.cursor, int)) is not None:
        rows = rows.filter(pk__lt=min(after, 2**62))
    page, following = cut(list(rows[: query.limit + 1]), query.limit, lambda row: row.pk)
    return shapes.DeliveryItems(items=[shapes.delivery(row) for row in page], next=following)


def show_delivery(delivery_id: str) -> shapes.DeliveryDetailOut:
    """One delivery with all its tries. One query."""
    return shapes.delivery_detail(get_delivery(delivery_id=_number(delivery_id)))


@transaction.atomic
def replay_delivery(delivery_id: str, *, audit: Audit) -> shapes.DeliveryOut:
    """Send it again, at once."""
    number = _number(delivery_id)
    if number is None:
        raise DeliveryNotFound()
    row = actions.replay_delivery(delivery_id=number, at=datetime.now(UTC))
    audit(
        "webhook_delivery.replayed", f"webhook_delivery:{row.pk}",
        after={"topic": row.topic, "event_id": str(row.event_id)},
    )  # fmt: skip
    tenant_on_commit(send_webhooks)
    return shapes.delivery(row)


@transaction.atomic
def replay_parked(endpoint_id: str, since: datetime, *, audit: Audit) -> shapes.ReplaysOut:
    """Send all that was parked since a moment again."""
    found = _id(endpoint_id)
    count = actions.replay_parked(endpoint_id=found, since=since, at=datetime.now(UTC))
    if count:
        audit(
            "webhook_endpoint.replayed", f"webhook_endpoint:{found}",
            after={"since": since.isoformat(), "replayed": count},
        )  # fmt: skip
        tenant_on_commit(send_webhooks)
    return shapes.ReplaysOut(replayed=count)


def _shown(row: WebhookEndpoint) -> shapes.EndpointOut:
    health = get_health(endpoints=[row.pk]).get(row.pk, Health())
    return shapes.endpoint(row, health, datetime.now(UTC))


def _facts(row: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("url", "topics", "description", "status")}


def _subject(row: WebhookEndpoint) -> str:
    return f"webhook_endpoint:{row.pk}"


def _id(endpoint_id: str) -> uuid.UUID:
    return require_id(endpoint_id, EndpointNotFound)


def _number(delivery_id: str) -> int | None:
    is_number = delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) < 19
    return int(delivery_id) if is_number else None
