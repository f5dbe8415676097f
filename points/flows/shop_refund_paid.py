"""The money of an approved refund goes back through the provider it came from, once.

It is owed from its approval on: a provider that does not answer is asked again, under the same key. A
provider that refuses for good leaves it to the shop, which pays otherwise and says so.
"""

import uuid
from datetime import datetime

from django.db import transaction

from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_errors import RefundState
from points.shop.order_models import Payment, ShopRefund
from points.shop.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)
from points.shop.payments.provider import ProviderRefund
from points.shop.payments.registry import OFFLINE, provider_of

Status = ShopRefund.Status


def look_at_refund(*, refund_id: uuid.UUID, at: datetime, now: datetime) -> ShopRefund:
    """Send a refund's money, or ask after it. Raises RefundNotFound."""
    refund = queries.get_refund(refund_id=refund_id)
    if refund.status != Status.PAYING:
        return refund
    payment = _payment_of(refund)
    if payment is None or payment.provider == OFFLINE:
        _wait_for_the_shop(refund)
        return refund
    try:
        sent = _send(refund, payment)
    except (PaymentProviderUnavailable, PaymentsNotSetUp):
        orders.look_later(row=refund, now=now)
        return refund
    except PaymentProviderRefused as refusal:
        return _settle(refund, Status.FAILED, at=at, note=str(refusal))
    if sent.status == "pending":
        refund.provider_refund_id = sent.provider_id
        refund.save(update_fields=["provider_refund_id"])
        orders.look_later(row=refund, now=now)
        return refund
    status = Status.DONE if sent.status == "succeeded" else Status.FAILED
    return _settle(refund, status, at=at, note=sent.reason, provider_refund_id=sent.provider_id)


def _send(refund: ShopRefund, payment: Payment) -> ProviderRefund:
    """Send it; asked again, the provider tells how it stands."""
    provider = provider_of(payment.provider)
    return provider.refund(
        provider_id=payment.provider_id, account=payment.account,
        amount_cents=refund.paid_cents - refund.cash_cents, reference=str(refund.pk),
    )  # fmt: skip


@transaction.atomic
def confirm_refund(*, refund_id: uuid.UUID, note: str, at: datetime, actor: str) -> ShopRefund:
    """The shop has paid the money back by itself. Raises RefundNotFound, RefundState."""
    refund = queries.get_refund(refund_id=refund_id)
    queries.get_shop_order(order_id=refund.order_id, lock=True)
    refund.refresh_from_db()
    if refund.status == Status.DONE:
        return refund
    if refund.status not in (Status.PAYING, Status.FAILED):
        raise RefundState(status=refund.status)
    return _settle(
        refund, Status.DONE, at=at, note=f"{actor}: {note}" if note else actor,
        provider_refund_id="",
    )  # fmt: skip


def _payment_of(refund: ShopRefund) -> Payment | None:
    paid = [
        one for one in queries.payments_of(order_id=refund.order_id)
        if one.status == Payment.Status.PAID
    ]  # fmt: skip
    return paid[0] if paid else None


def _wait_for_the_shop(refund: ShopRefund) -> None:
    refund.look_at = None
    refund.save(update_fields=["look_at"])


@transaction.atomic
def _settle(
    refund: ShopRefund,
    status: str,
    *,
    at: datetime,
    note: str = "",
    provider_refund_id: str | None = None,
) -> ShopRefund:
    queries.get_shop_order(order_id=refund.order_id, lock=True)
    refund.refresh_from_db()
    if refund.status in (Status.PAYING, Status.FAILED):
        orders.settle_refund(
            refund=refund, status=status, at=at, note=note, provider_refund_id=provider_refund_id
        )
    return refund
