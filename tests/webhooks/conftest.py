"""A shop with an endpoint at a receiver on this machine."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from kernel import outbox
from points.flows.webhooks_delivered import deliver_webhooks
from points.webhooks.actions import add_endpoint
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.webhooks.receiver import Receiver, receiving

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def endpoint(shop, receiver) -> WebhookEndpoint:
    """Wants everything; its secret is `endpoint.secret`."""
    return subscribe(receiver)


def subscribe(receiver: Receiver, *topics: str, at: datetime = AT) -> Any:
    """An endpoint at the receiver, with its secret beside it."""
    made, secret = add_endpoint(url=receiver.url, topics=topics or ("*",), at=at)
    made.secret = secret
    return made


def tell(*subjects: str, topic: str = "points.spent", at: datetime = AT) -> list[Any]:
    """One event per subject, relayed; the payload is what the ledger tells."""
    told = [
        outbox.tell(
            topic=topic, subject=subject, at=at,
            payload={
                "transaction_id": "1", "member_id": subject, "amount": place, "reference": None,
            },
        )
        for place, subject in enumerate(subjects)
    ]  # fmt: skip
    outbox.relay(at=at)
    return told


def deliver(at: datetime = AT, *, seconds: float = 30) -> int:
    """Send all that is due at a moment that stands still."""
    return deliver_webhooks(tell_time=lambda: at, seconds=seconds)


def rows(**filters: Any) -> list[WebhookDelivery]:
    """Deliveries in the order in which their events were told."""
    return list(WebhookDelivery.objects.filter(**filters).order_by("sequence", "id"))


Make = Callable[..., Any]
