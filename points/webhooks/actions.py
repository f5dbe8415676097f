"""Every write to endpoints and deliveries. All moments are of the real clock: receivers live by it."""

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kernel.db import Ask, ask, connection
from kernel.ids import new_id
from kernel.sealing import seal
from points.webhooks import addresses
from points.webhooks.calculations import (
    ENDPOINTS_AT_MOST,
    GIVES_UP_AFTER,
    KEPT,
    LEASE,
    PREVIOUS_SECRET_VALID,
    WIDTH,
    new_secret,
    wait_after,
)
from points.webhooks.catalogue import ALL, EVENTS, TEST, TEST_EVENT
from points.webhooks.errors import (
    EndpointDisabled,
    InFlight,
    TooManyEndpoints,
    TopicUnknown,
    UrlNotAllowed,
)
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from points.webhooks.queries import get_delivery, get_endpoint

PURPOSE = "webhook secret"
BATCH = 5_000


class Claim(msgspec.Struct, array_like=True, frozen=True):
    """A delivery leased to its sender; secrets sealed, `attempts` before this one."""

    id: int
    endpoint_id: uuid.UUID
    url: str
    sealed_secret: str
    sealed_previous: str | None
    event_id: uuid.UUID
    topic: str
    occurred_at: datetime
    data: dict[str, Any]
    attempts: int


class Try(msgspec.Struct, frozen=True):
    """How sending a claim went; `error` is empty when the receiver accepted it."""

    claim: Claim
    error: str
    duration_ms: int
    status: int | None = None
    body: str = ""
    retry_after_seconds: int | None = None


class Disabled(msgspec.Struct, array_like=True, frozen=True):
    """An endpoint that was disabled because of its answers: `gone` or `failing`."""

    endpoint_id: uuid.UUID
    url: str
    reason: str


_claims = msgspec.json.Decoder(list[Claim])
_disabled = msgspec.json.Decoder(list[Disabled])


def add_endpoint(
    *, url: str, topics: Sequence[str], at: datetime, description: str = "", actor: str = ""
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once.

    Raises UrlNotAllowed, TopicUnknown, TooManyEndpoints.
    """
    checked = {"url": _checked_url(url), "topics": _checked_topics(topics)}
    secret = new_secret()
    with transaction.atomic():
        _take_turns()
        if WebhookEndpoint.objects.count() >= ENDPOINTS_AT_MOST:
            raise TooManyEndpoints(limit=ENDPOINTS_AT_MOST)
        made = WebhookEndpoint.objects.create(
            **checked, description=description, created_at=at, created_by=actor,
            sealed_secret=seal(secret, purpose=PURPOSE),
        )  # fmt: skip
    return made, secret


def change_endpoint(*, endpoint_id: uuid.UUID, changes: Mapping[str, Any]) -> WebhookEndpoint:
    """Change `url`, `topics`, `description` or `status` (enabled, disabled).

    What waits for an endpoint that is disabled goes on when it is enabled again. Raises
    EndpointNotFound, UrlNotAllowed, TopicUnknown.
    """
    values = dict(changes)
    if "url" in values:
        values["url"] = _checked_url(values["url"])
    if "topics" in values:
        values["topics"] = _checked_topics(values["topics"])
    with transaction.atomic():
        endpoint = get_endpoint(endpoint_id=endpoint_id, lock=True)
        if values.get("status", endpoint.status) != endpoint.status:
            values |= {"status_reason": "", "failing_since": None}
        for name, value in values.items():
            setattr(endpoint, name, value)
        if values:
            endpoint.save(update_fields=list(values))
    return endpoint


@transaction.atomic
def delete_endpoint(*, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Remove an endpoint with its log; what it was still to be told is not sent.

    Raises EndpointNotFound.
    """
    endpoint = get_endpoint(endpoint_id=endpoint_id, lock=True)
    WebhookDelivery.objects.filter(endpoint_id=endpoint_id)._raw_delete("default")
    WebhookEndpoint.objects.filter(pk=endpoint_id)._raw_delete("default")
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_id: uuid.UUID, at: datetime) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown this once; the one before signs beside it for 24 hours.

    A second change within that time ends the first secret at once. Raises EndpointNotFound.
    """
    endpoint = get_endpoint(endpoint_id=endpoint_id, lock=True)
    secret = new_secret()
    endpoint.sealed_previous = endpoint.sealed_secret
    endpoint.previous_until = at + PREVIOUS_SECRET_VALID
    endpoint.sealed_secret = seal(secret, purpose=PURPOSE)
    endpoint.save(update_fields=["sealed_previous", "previous_until", "sealed_secret"])
    return endpoint, secret


@transaction.atomic
def send_test(*, endpoint_id: uuid.UUID, at: datetime) -> WebhookDelivery:
    """Queue a `webhook.test` for one endpoint. Raises EndpointNotFound, EndpointDisabled."""
    endpoint = _enabled(get_endpoint(endpoint_id=endpoint_id, lock=True))
    event_id = new_id()
    return WebhookDelivery.objects.create(
        endpoint=endpoint, event_id=event_id, topic=TEST, subject=f"test:{event_id}",
        data=TEST_EVENT.example, occurred_at=at, created_at=at, next_attempt_at=at,
    )  # fmt: skip


@transaction.atomic
def replay_delivery(*, delivery_id: int, at: datetime) -> WebhookDelivery:
    """Send one again, whatever became of it; one that waits is tried now. Its tries start anew.

    Raises DeliveryNotFound, EndpointDisabled, InFlight.
    """
    found = get_delivery(delivery_id=delivery_id, lock=True)
    _enabled(found.endpoint)
    if found.leased_until is not None and found.leased_until > at:
        raise InFlight()
    found.status, found.attempts = WebhookDelivery.Status.PENDING, 0
    found.next_attempt_at, found.finished_at, found.leased_until = at, None, None
    found.save(
        update_fields=["status", "attempts", "next_attempt_at", "finished_at", "leased_until"]
    )
    return found


@transaction.atomic
def replay_parked(*, endpoint_id: uuid.UUID, since: datetime, at: datetime) -> int:
    """Send again what was parked of events since a moment; returns how many. One statement.

    Raises EndpointNotFound, EndpointDisabled.
    """
    _enabled(get_endpoint(endpoint_id=endpoint_id, lock=True))
    parked = WebhookDelivery.objects.filter(
        endpoint_id=endpoint_id, status=WebhookDelivery.Status.PARKED, occurred_at__gte=since
    )
    return parked.update(
        status=WebhookDelivery.Status.PENDING, attempts=0, next_attempt_at=at, finished_at=None
    )


def claim_deliveries(*, at: datetime, most: int) -> list[Claim]:
    """Take up to so many deliveries that are due, for a minute. One call of a stored function.

    Whoever dies with them loses them to the next who asks after that.
    """
    return ask(
        Ask("webhooks_claim(%s, %s, %s, %s)", [at, at + LEASE, WIDTH, most], _claims.decode)
    )[0]


def record_tries(
    *, tries: Sequence[Try], at: datetime, chance: Callable[[], float] = random.random
) -> list[Disabled]:
    """Note how tries went, and when each comes again; returns the endpoints this disabled.

    One call of a stored function for any number of tries.
    """
    told = [_outcome(one, at, chance()) for one in tries]
    text = msgspec.json.encode(told).decode()
    return ask(
        Ask("webhooks_record(%s, %s, %s)", [text, at, at - GIVES_UP_AFTER], _disabled.decode)
    )[0]


def forget_old_deliveries(*, at: datetime) -> int:
    """Remove deliveries older than 30 days, in batches; returns how many."""
    total, count = 0, BATCH
    while count == BATCH:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from webhooks_webhookdelivery where id in (select id from"
                " webhooks_webhookdelivery where created_at < %s order by id limit %s)",
                [at - KEPT, BATCH],
            )
            count = int(cursor.rowcount)
        total += count
    return total


def _outcome(one: Try, at: datetime, chance: float) -> dict[str, Any]:
    """What webhooks_record wants to know of a try."""
    outcome, next_at = "delivered", None
    if one.error:
        wait = wait_after(
            failures=one.claim.attempts + 1, chance=chance, asked_seconds=one.retry_after_seconds
        )
        outcome, next_at = ("failed", at + wait) if wait is not None else ("parked", None)
    return {
        "id": one.claim.id, "endpoint_id": one.claim.endpoint_id, "outcome": outcome,
        "status": one.status, "error": one.error, "duration_ms": one.duration_ms,
        "body": one.body, "next_attempt_at": next_at,
    }  # fmt: skip


def _checked_url(url: str) -> str:
    """Its normal form. A name that has no address yet may be saved; what it will lead to is checked
    again at every delivery."""
    try:
        target = addresses.read_url(url)
        addresses.resolve(target)
    except addresses.Refused as refused:
        reason = str(addresses.RULES[refused.rule])
        raise UrlNotAllowed(field="url", rule=refused.rule, reason=reason) from None
    except addresses.Unresolvable:
        pass
    return target.url


def _checked_topics(topics: Sequence[str]) -> list[str]:
    """Without repetitions, in the catalogue's order; all of them are `*`."""
    for topic in topics:
        if topic != ALL and topic not in EVENTS:
            raise TopicUnknown(topic=topic[:60])
    return [ALL] if ALL in topics else [topic for topic in EVENTS if topic in topics]


def _enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if endpoint.status != WebhookEndpoint.Status.ENABLED:
        raise EndpointDisabled()
    return endpoint


def _take_turns() -> None:
    """Who adds an endpoint counts those there are; two at once would both count too few."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(current_schema() || ' webhooks', 0))"
        )
