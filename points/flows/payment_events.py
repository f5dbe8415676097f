"""A payment provider tells that something happened. Kept as it came, once; then what it is about is
read again at the provider, so that neither order nor repetition nor loss of messages matters.
"""

import uuid
from datetime import datetime
from typing import Any

from points.flows.shop_paid import look_at_payment
from points.shop import order_actions as orders
from points.shop.order_errors import PaymentNotFound
from points.shop.order_models import PaymentEvent
from points.shop.order_queries import waiting_events
from points.shop.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import ProviderEvent
from points.shop.payments.stripe import get_stripe


def keep_event(*, event: ProviderEvent, payload: dict[str, Any], now: datetime) -> bool:
    """Keep an event of the current merchant's account; False: it was told before."""
    kept = orders.keep_event(
        event_id=event.id, type=event.type, account=event.account, payment_id=event.payment_id,
        intent_id=event.intent_id, payload=payload, at=now,
    )  # fmt: skip
    return kept is not None


def handle_events(*, at: datetime, now: datetime) -> int:
    """Look at what kept events are about; how many were done. One that cannot be looked at now
    waits."""
    done = 0
    for event in waiting_events():
        try:
            _handle(event, at=at, now=now)
        except (PaymentProviderUnavailable, PaymentsNotSetUp):
            continue
        orders.mark_handled(event=event, at=now)
        done += 1
    return done


def _handle(event: PaymentEvent, *, at: datetime, now: datetime) -> None:
    payment_id = _payment_of(event)
    if payment_id is None:
        return
    try:
        look_at_payment(payment_id=payment_id, at=at, now=now, is_told=True)
    except PaymentNotFound:
        return  # of another system that uses the same account


def _payment_of(event: PaymentEvent) -> uuid.UUID | None:
    """Which of our payments an event is about, as far as anybody can tell."""
    if event.payment_id is not None or not event.intent_id:
        return event.payment_id
    try:
        return get_stripe().find_payment_id(event.intent_id, event.account)
    except PaymentProviderRefused:
        return None
