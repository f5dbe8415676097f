"""What the shop does with its orders, for its people and its systems: each action with its note in
the audit log, in one transaction."""

import uuid
from datetime import UTC, datetime

from django.db import transaction

from kernel import clock
from points.flows import shop_moved, shop_paid, shop_refund_paid, shop_refunded
from points.flows.tasks import look_at_payments
from points.interfaces import shop_order_shapes as shapes
from points.interfaces import shop_orders
from points.interfaces.finding import require_id
from points.interfaces.noting import Audit
from points.shop.order_errors import PaymentNotFound, RefundNotFound, ShopOrderNotFound
from points.shop.order_models import ShopOrder, ShopRefund
from points.shop.order_queries import get_payment, get_refund, get_shop_order
from tenants.context import tenant_on_commit


def show(order_id: str) -> shapes.StaffShopOrderOut:
    """One order. Raises ShopOrderNotFound."""
    return shop_orders.staff_order(get_shop_order(order_id=_order_id(order_id)))


@transaction.atomic
def cancel(
    order_id: str, body: shapes.GiveUpIn, *, actor: str, audit: Audit
) -> shapes.StaffShopOrderOut:
    """Give up an order nobody has paid. Raises ShopOrderNotFound, ShopOrderState."""
    was = get_shop_order(order_id=_order_id(order_id)).status
    order = shop_moved.cancel_order(
        order_id=_order_id(order_id), reason=body.reason.strip() or "shop", at=clock.now(),
        actor=actor,
    )  # fmt: skip
    if was != order.status:
        _note(audit, "shop_order.cancelled", order, reason=order.cancel_reason)
    return shop_orders.staff_order(order)


@transaction.atomic
def ship(
    order_id: str, body: shapes.ShipmentIn, *, actor: str, audit: Audit
) -> shapes.StaffShopOrderOut:
    """The parcel is on its way. Raises ShopOrderNotFound, ShopOrderState."""
    order = shop_moved.ship_order(
        order_id=_order_id(order_id), carrier=body.carrier.strip(), tracking=body.tracking.strip(),
        at=clock.now(), actor=actor,
    )  # fmt: skip
    _note(audit, "shop_order.shipped", order, carrier=body.carrier, tracking=body.tracking)
    return shop_orders.staff_order(order)


@transaction.atomic
def complete(order_id: str, *, actor: str, audit: Audit) -> shapes.StaffShopOrderOut:
    """The goods are with their buyer. Raises ShopOrderNotFound, ShopOrderState."""
    was = get_shop_order(order_id=_order_id(order_id)).status
    order = shop_moved.receive_order(order_id=_order_id(order_id), at=clock.now(), actor=actor)
    if was != order.status:
        _note(audit, "shop_order.completed", order)
    return shop_orders.staff_order(order)


@transaction.atomic
def confirm_payment(
    order_id: str, payment_id: str, body: shapes.MoneySeenIn, *, actor: str, audit: Audit
) -> shapes.StaffShopOrderOut:
    """Money was taken at the counter. Raises PaymentNotFound, ShopOrderNotFound, ShopOrderState."""
    payment = shop_paid.confirm_offline(
        order_id=_order_id(order_id), payment_id=require_id(payment_id, PaymentNotFound),
        note=body.note.strip(), at=clock.now(), actor=actor,
    )  # fmt: skip
    order = get_shop_order(order_id=_order_id(order_id))
    _note(audit, "shop_order.paid", order, amount_cents=payment.amount_cents, note=payment.note)
    return shop_orders.staff_order(order)


@transaction.atomic
def settle_payment(
    order_id: str, payment_id: str, body: shapes.MoneySeenIn, *, actor: str, audit: Audit
) -> shapes.StaffShopOrderOut:
    """The shop gave surplus money back by itself. Raises ShopOrderNotFound, PaymentNotFound,
    PaymentState."""
    order = get_shop_order(order_id=_order_id(order_id))
    parsed = require_id(payment_id, PaymentNotFound)
    before = get_payment(payment_id=parsed, order_id=order.pk)
    after = shop_paid.confirm_returned(payment_id=parsed, note=body.note.strip(), actor=actor)
    if before.status != after.status:
        _note(
            audit, "shop_order.money_returned", order, amount_cents=after.amount_cents,
            note=body.note.strip(),
        )  # fmt: skip
    return shop_orders.staff_order(order)


@transaction.atomic
def give_back(
    order_id: str, body: shapes.GiveBackIn, *, actor: str, audit: Audit
) -> shapes.StaffShopOrderOut:
    """Refund pieces without being asked. Raises what the flow does."""
    refund = shop_refunded.refund_at_once(
        order_id=_order_id(order_id), pieces=shapes.pieces_of(body.lines),
        reason=body.reason.strip(), shipping_cents=body.shipping_cents,
        is_restocked=body.is_restocked, at=clock.now(), now=datetime.now(UTC), actor=actor,
    )  # fmt: skip
    order = get_shop_order(order_id=refund.order_id)
    audit("shop_refund.approved", f"shop_order:{order.pk}", after=_facts(refund, order))
    _pay_soon()
    return shop_orders.staff_order(order)


@transaction.atomic
def approve(
    refund_id: str, body: shapes.RefundApprovalIn, *, actor: str, audit: Audit
) -> shapes.ShopRefundOut:
    """Say yes to a request. Raises RefundNotFound and what the flow does."""
    refund = shop_refunded.approve_refund(
        refund_id=_refund_id(refund_id),
        pieces=shapes.pieces_of(body.lines) if body.lines else None,
        shipping_cents=body.shipping_cents, is_restocked=body.is_restocked,
        note=body.note.strip(), at=clock.now(), now=datetime.now(UTC), actor=actor,
    )  # fmt: skip
    _pay_soon()
    refund = get_refund(refund_id=refund.pk)
    audit(
        "shop_refund.approved", f"shop_order:{refund.order_id}", after=_facts(refund, refund.order)
    )
    return shop_orders.refund(refund)


@transaction.atomic
def reject(
    refund_id: str, body: shapes.RefundRejectionIn, *, actor: str, audit: Audit
) -> shapes.ShopRefundOut:
    """Say no to a request. Raises RefundNotFound, RefundState."""
    refund = shop_refunded.reject_refund(
        refund_id=_refund_id(refund_id), note=body.note.strip(), at=clock.now(), actor=actor
    )
    refund = get_refund(refund_id=refund.pk)
    audit(
        "shop_refund.rejected", f"shop_order:{refund.order_id}", after=_facts(refund, refund.order)
    )
    return shop_orders.refund(refund)


@transaction.atomic
def confirm_refund(
    refund_id: str, body: shapes.MoneySeenIn, *, actor: str, audit: Audit
) -> shapes.ShopRefundOut:
    """The money of a refund was paid by hand. Raises RefundNotFound, RefundState."""
    refund = shop_refund_paid.confirm_refund(
        refund_id=_refund_id(refund_id), note=body.note.strip(), at=clock.now(), actor=actor
    )
    refund = get_refund(refund_id=refund.pk)
    audit("shop_refund.paid", f"shop_order:{refund.order_id}", after=_facts(refund, refund.order))
    return shop_orders.refund(refund)


def _pay_soon() -> None:
    """Once it is written down; the sweep would, too."""
    tenant_on_commit(look_at_payments)


def _note(audit: Audit, action: str, order: ShopOrder, **facts: object) -> None:
    audit(action, f"shop_order:{order.pk}", after={"number": order.number, **facts})


def _facts(refund: ShopRefund, order: ShopOrder) -> dict[str, object]:
    return {
        "number": order.number, "paid_cents": refund.paid_cents, "points": refund.points,
        "note": refund.decision_note or refund.reason,
    }  # fmt: skip


def _order_id(text: str) -> uuid.UUID:
    return require_id(text, ShopOrderNotFound)


def _refund_id(text: str) -> uuid.UUID:
    return require_id(text, RefundNotFound)
