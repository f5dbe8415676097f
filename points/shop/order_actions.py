"""Every write to shop orders and their refunds, and to payments. What moves points, coupons and stock is
joined to it by `points.flows.shop_*`, in the same transaction."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, CharField, F, Q, TextField, Value, When

from kernel.ids import parse_id
from kernel.shapes import EARLIEST
from points.redemption.models import Redemption
from points.shop.order_errors import RefundOpen
from points.shop.order_models import Payment, PaymentEvent, ShopOrder, ShopOrderLine, ShopRefund

# Without letters and figures that are taken for one another when read out.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# How long a payment nobody hears of is left alone, look by look, in seconds of real time.
_PAUSES = (60, 120, 300, 600, 1_800, 3_600)


def new_number(at: datetime) -> str:
    """Number of a shop order: its day and eight characters, `261122-7KQ4M2XW`."""
    return f"{at:%y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def add_order(
    *, order: ShopOrder, lines: Sequence[ShopOrderLine], at: datetime, actor: str
) -> None:
    """Store a new shop order with its lines: two statements."""
    order.history = [_entry(order.status, at, actor)]
    order.save(force_insert=True)
    ShopOrderLine.objects.bulk_create(lines)


def move_to(
    *, order: ShopOrder, status: str, at: datetime, actor: str, note: str = "", **changes: Any
) -> None:
    """An order the caller has locked changes its state; `changes` are other columns."""
    order.status = status
    note_on(order=order, state=status, at=at, actor=actor, note=note, **changes)


def note_on(
    *, order: ShopOrder, state: str, at: datetime, actor: str, note: str = "", **changes: Any
) -> None:
    """Write an entry into an order's history, whatever its state."""
    for name, value in changes.items():
        setattr(order, name, value)
    order.history = [*order.history, _entry(state, at, actor, note)]
    order.save(update_fields=["status", "history", *changes])


def add_payment(
    *, of: ShopOrder | Redemption, amount_cents: int, pay_by: datetime, provider: str, account: str,
    language: str, at: datetime, now: datetime, actor: str,
) -> Payment:  # fmt: skip
    """A new attempt to pay what is due until `pay_by`; `now` is the real clock, by which it is looked
    at again."""
    return Payment.objects.create(
        **{"order" if isinstance(of, ShopOrder) else "redemption": of},
        provider=provider, account=account, amount_cents=amount_cents,
        created_at=at, actor=actor, language=language, expires_at=now + (pay_by - at),
        look_at=None if provider == "offline" else now + timedelta(seconds=_PAUSES[0]),
    )  # fmt: skip


def save_begun(*, payment: Payment, provider_id: str, url: str) -> None:
    """What the provider said when the payment was begun."""
    payment.provider_id, payment.url = provider_id, url
    payment.save(update_fields=["provider_id", "url"])


def move_payment(
    *, payment: Payment, status: str, look_at: datetime | None = None, note: str = "",
    paid_at: datetime | None = None,
) -> None:  # fmt: skip
    """A payment changes its state; the caller has locked what it is for."""
    payment.status, payment.look_at, payment.looks = status, look_at, 0
    payment.paid_at = paid_at or payment.paid_at
    payment.note = note or payment.note
    payment.save(update_fields=["status", "look_at", "looks", "paid_at", "note"])


def note_outside(*, payment: Payment, refunded_cents: int, disputed_cents: int) -> None:
    """What became of a payment at its provider without us."""
    payment.refunded_outside_cents, payment.disputed_cents = refunded_cents, disputed_cents
    payment.save(update_fields=["refunded_outside_cents", "disputed_cents"])


def refuse_for_now(*, payment: Payment, why: str, now: datetime) -> None:
    """The provider refused to say or do anything: its word is kept, and it is asked again later."""
    payment.note = why
    payment.save(update_fields=["note"])
    look_later(row=payment, now=now)


def look_later(*, row: Payment | ShopRefund, now: datetime) -> None:
    """Nothing new, or no answer: look again, after a growing pause."""
    pause = _PAUSES[min(row.looks, len(_PAUSES) - 1)]
    row.looks = min(row.looks + 1, 1_000)
    row.look_at = now + timedelta(seconds=pause)
    row.save(update_fields=["looks", "look_at"])


def look_at_once(*, order_id: uuid.UUID) -> None:
    """Open payments of an order are looked at next, before all others."""
    Payment.objects.filter(order_id=order_id, status=Payment.Status.OPEN).exclude(
        provider="offline"
    ).update(look_at=EARLIEST, looks=0)


def keep_paid_at_shop(*, redemption: Redemption, note: str, at: datetime, actor: str) -> None:
    """The shop has the money part of a redemption the caller has locked: the payment the member began
    there, or one that nobody announced. Pages of providers are to be closed next."""
    rows = Payment.objects.filter(redemption=redemption, status=Payment.Status.OPEN)
    row = rows.filter(provider="offline").first() or Payment(
        redemption=redemption, provider="offline", amount_cents=redemption.price_cents,
        created_at=at, expires_at=redemption.pay_by or at,
    )  # fmt: skip
    row.status, row.paid_at, row.actor, row.note = Payment.Status.PAID, at, actor, note
    row.save()
    rows.exclude(provider="offline").update(look_at=EARLIEST, looks=0)


def let_go_of_payments(*, redemption_ids: Sequence[uuid.UUID]) -> None:
    """Redemptions the caller has locked are no more: money that came goes back, through its provider
    or by the shop's hand; pages that are open are closed next, before all else. One statement."""
    status, at_shop = Payment.Status, Q(provider="offline")
    rows = Payment.objects.filter(redemption__in=redemption_ids)
    rows.filter(status__in=[status.OPEN, status.PAID]).update(
        status=Case(
            When(at_shop, status=status.PAID, then=Value(status.OWED)),
            When(at_shop, then=Value(status.CLOSED)),
            When(status=status.PAID, then=Value(status.SURPLUS)),
            default=F("status"), output_field=CharField(),
        ),
        note=Case(
            When(status=status.PAID, then=Value("cancelled")), default=F("note"),
            output_field=TextField(),
        ),
        look_at=Case(When(at_shop, then=None), default=Value(EARLIEST)),
        looks=0,
    )  # fmt: skip


def keep_event(
    *, event_id: str, type: str, account: str, payment_id: uuid.UUID | None, intent_id: str,
    payload: dict[str, Any], at: datetime,
) -> PaymentEvent | None:  # fmt: skip
    """Keep what a provider told; None when it told the same before."""
    event, is_new = PaymentEvent.objects.get_or_create(
        event_id=event_id,
        defaults={
            "type": type, "account": account, "payment_id": payment_id, "intent_id": intent_id,
            "payload": payload, "received_at": at,
        },
    )  # fmt: skip
    return event if is_new else None


def mark_handled(*, event: PaymentEvent, at: datetime) -> None:
    """The event has led to what it had to."""
    event.handled_at = at
    event.save(update_fields=["handled_at"])


@transaction.atomic
def add_refund(
    *, order: ShopOrder, lines: Sequence[dict[str, int]], reason: str, at: datetime, actor: str
) -> ShopRefund:
    """A new request; the caller has locked its order. Raises RefundOpen."""
    if ShopRefund.objects.filter(order=order, status=ShopRefund.Status.REQUESTED).exists():
        raise RefundOpen()
    return ShopRefund.objects.create(
        order=order, lines=list(lines), reason=reason, requested_by=actor, requested_at=at
    )


def decide_refund(
    *, refund: ShopRefund, status: str, at: datetime, actor: str, note: str, **changes: Any
) -> None:
    """A request gets its answer; `changes` are the amounts of one that is approved."""
    refund.status, refund.decided_at, refund.decided_by = status, at, actor
    refund.decision_note = note
    for name, value in changes.items():
        setattr(refund, name, value)
    refund.save()


def settle_refund(
    *,
    refund: ShopRefund,
    status: str,
    at: datetime,
    provider_refund_id: str | None = None,
    note: str = "",
) -> None:
    """Its money went back, or could not."""
    refund.status, refund.look_at = status, None
    if provider_refund_id is not None:
        refund.provider_refund_id = provider_refund_id
    refund.provider_note = note
    if status == ShopRefund.Status.DONE:
        refund.done_at = at
    refund.save(
        update_fields=["status", "look_at", "provider_refund_id", "provider_note", "done_at"]
    )


def fail_refunds(*, order_id: uuid.UUID, refund_ids: Sequence[str]) -> int:
    """Refunds whose money came back to the provider after all: the shop has to pay otherwise.

    What the shop has paid by itself since names no provider's refund, and stays done however often the
    failure is read again.
    """
    if not refund_ids:
        return 0
    rows = ShopRefund.objects.filter(
        order_id=order_id, id__in=[one for one in map(parse_id, refund_ids) if one],
        status__in=[ShopRefund.Status.PAYING, ShopRefund.Status.DONE],
    ).exclude(status=ShopRefund.Status.DONE, provider_refund_id="")  # fmt: skip
    return rows.update(status=ShopRefund.Status.FAILED, done_at=None, look_at=None)


def mark_given_back(*, order_id: uuid.UUID, pieces: Sequence[tuple[int, int]]) -> None:
    """Count pieces of lines as given back: (position, quantity) each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update shop_order_line l set refunded_quantity = l.refunded_quantity + n.quantity"
            " from unnest(%s::int[], %s::int[]) as n(position, quantity)"
            " where l.order_id = %s and l.position = n.position",
            [[place for place, _ in pieces], [count for _, count in pieces], order_id],
        )


def _entry(state: str, at: datetime, actor: str, note: str = "") -> dict[str, str]:
    return {"state": state, "at": at.isoformat(), "actor": actor, "note": note}
