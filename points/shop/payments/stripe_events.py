"""Messages that Stripe sends to us: believed when signed with our secret, within five minutes of now."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from points.shop.payments import stripe_shapes as shapes
from points.shop.payments.errors import WebhookInvalid
from points.shop.payments.provider import ProviderEvent
from points.shop.payments.stripe import check_signature

TOLERANCE = timedelta(seconds=300)
HEADER_LENGTH = 2_000


def verify_event(*, payload: bytes, signature: str, secret: str, now: datetime) -> ProviderEvent:
    """The event in a message. Raises WebhookInvalid.

    `now` is real time. stripe-python takes moments an hour ahead; here five minutes either way, so
    that a message cannot be kept and sent again later. Another API version than ours is refused: its
    fields may mean something else.
    """
    if not secret:
        raise WebhookInvalid(reason="no secret is set")
    sent_at = _sent_at(signature)
    if abs(now - sent_at) > TOLERANCE:
        raise WebhookInvalid(reason="not signed within five minutes of now")
    if not check_signature(payload, signature, secret):
        raise WebhookInvalid(reason="the signature is wrong")
    try:
        event = json.loads(payload)
        return _read(event)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise WebhookInvalid(reason="this is no event") from None


def _sent_at(signature: str) -> datetime:
    """The moment in `t=…,v1=…`: exactly one, or nobody could say which was signed."""
    pairs = [part.partition("=") for part in signature[:HEADER_LENGTH].split(",")]
    moments = [value for name, _, value in pairs if name.strip() == "t"]
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit()):
        raise WebhookInvalid(reason="the signature names no moment")
    if len(moments[0]) > 11:
        raise WebhookInvalid(reason="the signature names no moment")
    return shapes.moment(int(moments[0]))


def _read(event: dict[str, Any]) -> ProviderEvent:
    if event["object"] != "event":
        raise KeyError("object")
    if event["api_version"] != settings.STRIPE_API_VERSION:
        raise WebhookInvalid(reason=f"it speaks version {str(event['api_version'])[:40]}")
    body = event["data"]["object"]
    intent = body["id"] if body["object"] == "payment_intent" else body.get("payment_intent")
    if isinstance(intent, dict):
        intent = intent["id"]
    account = str(event.get("account") or "")
    return ProviderEvent(
        id=str(event["id"]), type=str(event["type"]), account=account,
        created_at=shapes.moment(event["created"]), object_id=str(body["id"]),
        payment_id=shapes.payment_id(body.get("metadata"), body.get("client_reference_id")),
        intent_id=str(intent or ""),
    )  # fmt: skip
