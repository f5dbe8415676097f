"""Bodies and answers of webhooks, alike on every surface."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from kernel.shapes import Body, Items, Moment, Page, check_moments
from points.webhooks.calculations import SECRET_PREFIX
from points.webhooks.catalogue import ALL, EVENTS, TEST, EventType, write_body
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from points.webhooks.queries import Health

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Topics = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=60)]], msgspec.Meta(min_length=1, max_length=60)
]
Description = Annotated[str, msgspec.Meta(max_length=200)]
EndpointStatus = Literal["enabled", "disabled", "auto_disabled"]
Reason = Literal["gone", "failing"]
DeliveryStatus = Literal["pending", "delivered", "parked"]


class EndpointIn(Body, kw_only=True):
    url: Address
    topics: Topics = msgspec.field(default_factory=lambda: [ALL])
    description: Description = ""


class EndpointChange(Body, kw_only=True, omit_defaults=True):
    url: Address | UnsetType = UNSET
    topics: Topics | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    status: Literal["enabled", "disabled"] | UnsetType = UNSET


class RotationIn(Body, kw_only=True):
    """Nothing to say: the new secret is chance."""


class TestEventIn(Body, kw_only=True):
    """Nothing to say: every test event is the same."""

    __test__ = False  # the name makes pytest look


class ReplayIn(Body, kw_only=True):
    """Nothing to say: it is sent as it was."""


class ReplaySinceIn(Body, kw_only=True):
    since: Moment

    def __post_init__(self) -> None:
        check_moments(self.since)


class DeliveryQuery(Page, kw_only=True):
    status: DeliveryStatus | None = None
    topic: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class HealthOut(msgspec.Struct, kw_only=True):
    """`pending`: all that wait; the others count the latest 100 deliveries."""

    pending: int
    recent_delivered: int
    recent_parked: int


class EndpointOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    url: str
    description: str
    topics: list[str]
    status: EndpointStatus
    status_reason: Reason | None
    created_at: datetime
    last_delivered_at: datetime | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    health: HealthOut


class NewEndpointOut(EndpointOut, kw_only=True):
    """The secret is told this once."""

    secret: str


class EndpointItems(Items, kw_only=True):
    items: list[EndpointOut]


class RotationOut(msgspec.Struct, kw_only=True):
    """The new secret, told this once; the one before signs too until `previous_secret_until`."""

    secret: str
    previous_secret_until: datetime


class DeliveryOut(msgspec.Struct, kw_only=True):
    """`error`: empty when accepted, else not_allowed, unresolvable, connection, tls, timeout,
    redirect, gone, refused, secret or internal."""

    id: str
    endpoint_id: uuid.UUID
    event_id: uuid.UUID
    topic: str
    subject: str
    status: DeliveryStatus
    attempts: int
    occurred_at: datetime
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None
    response_status: int | None
    error: str
    duration_ms: int | None


class TryOut(msgspec.Struct, kw_only=True):
    at: datetime
    status: int | None
    error: str
    duration_ms: int


class DeliveryDetailOut(DeliveryOut, kw_only=True):
    """With what was sent, the beginning of the last answer, and every try."""

    url: str
    request_body: str
    response_body: str
    tries: list[TryOut]


class DeliveryItems(Items, kw_only=True):
    items: list[DeliveryOut]


class ReplaysOut(msgspec.Struct, kw_only=True):
    replayed: int


class TopicOut(msgspec.Struct, kw_only=True):
    code: str
    title: str
    version: int
    example: dict[str, Any]


class TopicItems(msgspec.Struct, kw_only=True):
    items: list[TopicOut]


def endpoint(row: WebhookEndpoint, health: Health, at: datetime) -> EndpointOut:
    """An endpoint without its secret."""
    until = row.previous_until
    return EndpointOut(
        id=row.pk, url=row.url, description=row.description, topics=row.topics,
        status=_known(row.status), status_reason=_reason(row.status_reason),
        created_at=row.created_at, last_delivered_at=row.last_delivered_at,
        failing_since=row.failing_since,
        previous_secret_until=until if until and until > at else None,
        health=HealthOut(
            pending=health.pending, recent_delivered=health.recent_delivered,
            recent_parked=health.recent_parked,
        ),
    )  # fmt: skip


def new_endpoint(row: WebhookEndpoint, secret: str, at: datetime) -> NewEndpointOut:
    """An endpoint with its secret."""
    assert secret.startswith(SECRET_PREFIX)
    told = msgspec.structs.asdict(endpoint(row, Health(), at))
    return NewEndpointOut(**told, secret=secret)


def delivery(row: WebhookDelivery) -> DeliveryOut:
    """A line of the log."""
    return DeliveryOut(**_line(row))


def delivery_detail(row: WebhookDelivery) -> DeliveryDetailOut:
    """All of one; its endpoint must be loaded."""
    body = write_body(topic=row.topic, occurred_at=row.occurred_at.astimezone(UTC), data=row.data)
    return DeliveryDetailOut(
        **_line(row), url=row.endpoint.url, request_body=body.decode(),
        response_body=row.response_body, tries=msgspec.convert(row.tries, list[TryOut]),
    )  # fmt: skip


def topics() -> TopicItems:
    """The catalogue, in the reader's language."""
    return TopicItems(items=[_topic(code, kind) for code, kind in EVENTS.items()])


def _topic(code: str, kind: EventType) -> TopicOut:
    return TopicOut(
        code=code, title=str(kind.title), version=kind.version, example=dict(kind.example)
    )


def _line(row: WebhookDelivery) -> Mapping[str, Any]:
    names = (name for name in DeliveryOut.__struct_fields__ if name != "id")
    told = {name: getattr(row, name) for name in names}
    # A test event has no subject of its own.
    return {**told, "id": str(row.pk), "subject": "" if row.topic == TEST else row.subject}


def _known(status: str) -> EndpointStatus:
    known: EndpointStatus = msgspec.convert(status, EndpointStatus)
    return known


def _reason(reason: str) -> Reason | None:
    known: Reason | None = msgspec.convert(reason or None, Reason | None)
    return known
