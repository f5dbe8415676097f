"""Between Stripe's shapes and ours. No call, no clock, no stripe: what comes in is read by its fields."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from points.shop.payments.amounts import from_stripe, to_stripe
from points.shop.payments.errors import AmountNotChargeable
from points.shop.payments.provider import LineToPay, PaymentToBegin, ProviderPayment, ProviderRefund

MOST_LINES = 100
TITLE_LENGTH = 250
# Money that a bank has taken, or still may; a warning takes none, a dispute won gives it back.
_AT_RISK = {
    "needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review",
}  # fmt: skip


def checkout_params(asked: PaymentToBegin) -> dict[str, Any]:
    """Everything of a checkout session; charges exactly `amount_cents`. Raises AmountNotChargeable."""
    metadata = {"payment_id": str(asked.payment_id), "number": asked.number}
    if asked.merchant:
        metadata["merchant"] = asked.merchant
    params = {
        "mode": "payment", "line_items": _line_items(asked), "success_url": asked.success_url,
        "cancel_url": asked.cancel_url, "expires_at": int(asked.expires_at.timestamp()),
        "client_reference_id": str(asked.payment_id), "metadata": metadata,
        "locale": "zh" if asked.locale.lower().startswith("zh") else "en",
        # The same on the intent: events of charges and refunds know nothing of the session.
        "payment_intent_data": {"metadata": metadata, "description": asked.number},
    }  # fmt: skip
    if asked.email:
        params["customer_email"] = asked.email
    return params


def _line_items(asked: PaymentToBegin) -> list[dict[str, Any]]:
    """One for each line, or one for the order where the lines say something else than the sum."""
    total = to_stripe(asked.amount_cents, asked.currency)
    whole = LineToPay(title=asked.number, quantity=1, amount_cents=asked.amount_cents)
    is_sum = sum(line.amount_cents for line in asked.lines) == asked.amount_cents
    is_plain = all(line.amount_cents >= 0 and line.title.strip() for line in asked.lines)
    if not (is_sum and is_plain and len(asked.lines) <= MOST_LINES):
        return [_line_item(whole, total, asked.currency)]
    try:
        amounts = [to_stripe(line.amount_cents, asked.currency) for line in asked.lines]
    except AmountNotChargeable:
        return [_line_item(whole, total, asked.currency)]
    return [
        _line_item(line, amount, asked.currency)
        for line, amount in zip(asked.lines, amounts, strict=True)
    ]


def _line_item(line: LineToPay, amount: int, currency: str) -> dict[str, Any]:
    """Pieces by their price when it comes out even, else the line as one piece."""
    title, pieces = line.title.strip()[:TITLE_LENGTH], line.quantity
    if pieces > 1 and amount % pieces:
        title, pieces = f"{title} × {pieces}", 1
    return {
        "quantity": max(pieces, 1),
        "price_data": {
            "currency": currency.lower(), "unit_amount": amount // max(pieces, 1),
            "product_data": {"name": title},
        },
    }  # fmt: skip


def account_params(*, merchant: str, name: str, email: str) -> Any:
    """An account whose fees, losses and dashboard are its owner's."""
    return {
        "email": email, "business_profile": {"name": name}, "metadata": {"merchant": merchant},
        "controller": {
            "fees": {"payer": "account"}, "losses": {"payments": "stripe"},
            "requirement_collection": "stripe", "stripe_dashboard": {"type": "full"},
        },
        "capabilities": {
            "card_payments": {"requested": True}, "transfers": {"requested": True},
        },
    }  # fmt: skip


def payment(session: Any, refunds: Sequence[Any], disputed_cents: int) -> ProviderPayment:
    """A session with its intent and charge as ours."""
    currency = (session.currency or "").upper()
    is_paid = session.payment_status == "paid"
    charge = charge_of(session)
    intent = session.payment_intent
    return ProviderPayment(
        provider_id=session.id, status=_status(session), currency=currency,
        paid_cents=from_stripe(intent.amount_received, currency) if is_paid else 0,
        paid_at=moment(charge.created) if is_paid and charge else None,
        refunds=tuple(refund(one) for one in refunds), disputed_cents=disputed_cents,
        url=session.url,
    )  # fmt: skip


def _status(session: Any) -> Any:
    if session.payment_status == "paid":
        return "paid"
    if session.status == "expired":
        return "closed"
    # Completed and not paid: a debit on its way, or one that the bank has refused for good.
    is_over = session.status == "complete" and session.payment_intent.status != "processing"
    return "closed" if is_over else "open"


def charge_of(session: Any) -> Any:
    """The charge of an expanded session that took money; None where none has."""
    intent = session.payment_intent
    charge = intent.latest_charge if intent is not None else None
    return charge if charge is not None and charge.paid else None


def refund(made: Any) -> ProviderRefund:
    """A refund as ours; one that waits for somebody is pending, one called off has failed."""
    known = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
    status: Any = known.get(made.status, "pending")
    reason = getattr(made, "failure_reason", None) or ""
    return ProviderRefund(
        provider_id=made.id, status=status, reason=reason,
        amount_cents=from_stripe(made.amount, made.currency),
        reference=texts(made.metadata).get("reference", ""),
    )  # fmt: skip


def is_at_risk(status: str) -> bool:
    """Whether a dispute in this state has taken money, or still may."""
    return status in _AT_RISK


def payment_id(metadata: Any, reference: str | None = None) -> UUID | None:
    """Our payment's id in what an object carries; anything else was not made by us."""
    for text in (texts(metadata).get("payment_id"), reference):
        try:
            return UUID(text or "")
        except ValueError:
            continue
    return None


def texts(metadata: Any) -> dict[str, str]:
    """Metadata as a plain dict."""
    if metadata is None:
        return {}
    return dict(metadata if isinstance(metadata, dict) else metadata.to_dict())


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)
