"""From shop orders to answers, in the language of the request."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from django.utils.translation import get_language

from kernel.api.pages import cut, decode_cursor
from kernel.db import connection
from points.flows.payments_connected import list_ways_to_pay
from points.flows.shop_records import CHANNEL
from points.interfaces import shop_order_shapes as shapes
from points.media.queries import address_of
from points.orders.models import Order, Refund
from points.program.calculations import ProgramSettings
from points.program.queries import get_program
from points.shop.models import in_language
from points.shop.order_errors import PaymentMethodOff
from points.shop.order_models import Payment, ShopOrder, ShopOrderLine, ShopRefund
from points.shop.order_queries import (
    lines_of,
    list_refunds,
    list_shop_orders,
    payments_of,
    refunds_of,
)
from points.shop.payments.errors import (
    AmountNotChargeable,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentsNotSetUp,
)

# What beginning a payment can meet, whatever it is for.
PROVIDER_REFUSES = (
    PaymentMethodOff, PaymentProviderUnavailable, PaymentProviderRefused, PaymentsNotSetUp,
    AmountNotChargeable,
)  # fmt: skip

By = Literal["member", "staff", "api", "payment", "time"]
_BY: Mapping[str, By] = {
    "member": "member", "staff": "staff", "key": "api", "payment": "payment", "": "time",
}  # fmt: skip


def rows(orders: Sequence[ShopOrder]) -> list[shapes.ShopOrderRow]:
    """Orders of a list: two queries for any number."""
    ids = [order.pk for order in orders]
    lines, refunds = lines_of(order_ids=ids), refunds_of(order_ids=ids)
    return [
        shapes.ShopOrderRow(**_row(order, lines[order.pk], refunds[order.pk])) for order in orders
    ]


def page(*, query: shapes.ShopOrderQuery, member: uuid.UUID | None = None) -> shapes.ShopOrderRows:
    """A page of a list: three queries. Raises InvalidCursor."""
    found = list_shop_orders(
        limit=query.limit + 1, before=decode_cursor(query.cursor, uuid.UUID), number=query.number,
        member=member, status=query.status,
    )  # fmt: skip
    cut_off, following = cut(found, query.limit, lambda row: row.pk)
    return shapes.ShopOrderRows(items=rows(cut_off), next=following)


def refund_page(*, query: shapes.ShopRefundQuery) -> shapes.ShopRefundItems:
    """A page of refunds of all orders: one query. Raises InvalidCursor."""
    found = list_refunds(
        limit=query.limit + 1, before=decode_cursor(query.cursor, uuid.UUID), status=query.status
    )
    cut_off, following = cut(found, query.limit, lambda row: row.pk)
    return shapes.ShopRefundItems(items=[refund(row) for row in cut_off], next=following)


def order(row: ShopOrder) -> shapes.ShopOrderOut:
    """One order for its buyer: three queries."""
    return shapes.ShopOrderOut(**_full(row, _refunds(row)))


def staff_order(row: ShopOrder) -> shapes.StaffShopOrderOut:
    """One order for the shop, with who bore what: five queries."""
    refunds = _refunds(row)
    return shapes.StaffShopOrderOut(**_full(row, refunds), settlement=_settlement(row, refunds))


def _settlement(row: ShopOrder, refunds: Sequence[ShopRefund]) -> list[shapes.BorneOut]:
    """Who bore which part of what points and coupons took off an order. Two queries."""
    borne: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    told = Order.objects.filter(channel=CHANNEL, external_id=row.number).first()
    if told is not None:
        _add_offsets(borne, told.offset_shares, "")
        for shares in Refund.objects.filter(order=told).values_list("offset_shares", flat=True):
            _add_offsets(borne, shares, "returned_")
    for coupon in row.coupons:
        borne[coupon["funding_source"]]["coupon_cents"] += coupon["discount_cents"]
    for given_back in refunds:
        for share in given_back.coupon_shares:
            borne[share["funding_source"]]["returned_coupon_cents"] += share["cents"]
    names = [name for name in shapes.BorneOut.__struct_fields__ if name != "funding_source"]
    return [
        shapes.BorneOut(funding_source=code, **{name: sums[name] for name in names})
        for code, sums in sorted(borne.items())
    ]


def _add_offsets(
    borne: dict[str, dict[str, int]], shares: Sequence[Mapping[str, Any]] | None, prefix: str
) -> None:
    for share in shares or ():
        sums = borne[share["funding_source"]]
        sums[f"{prefix}points" if prefix else "offset_points"] += share["points"]
        sums[f"{prefix}offset_cents"] += share["cents"]


def refund(row: ShopRefund) -> shapes.ShopRefundOut:
    """A refund; its order must be loaded."""
    return shapes.ShopRefundOut(
        id=row.pk, order_id=row.order_id, number=row.order.number,
        status=ShopRefund.Status(row.status),
        lines=[
            shapes.RefundedLineOut(
                position=line["position"], quantity=line["quantity"],
                paid_cents=line.get("paid_cents", 0), points=line.get("points", 0),
            )
            for line in row.lines
        ],
        reason=row.reason, note=row.decision_note, shipping_cents=row.shipping_cents,
        paid_cents=row.paid_cents, cash_cents=row.cash_cents, points=row.points,
        coupons_returned=row.coupons_returned, requested_at=row.requested_at,
        decided_at=row.decided_at, done_at=row.done_at,
    )  # fmt: skip


def payment(row: Payment) -> shapes.ShopPaymentOut:
    """An attempt to pay; where to pay is told while it is open."""
    is_open = row.status == Payment.Status.OPEN
    return shapes.ShopPaymentOut(
        id=row.pk, provider=row.provider, status=Payment.Status(row.status),
        amount_cents=row.amount_cents, url=(row.url or None) if is_open else None,
        created_at=row.created_at, paid_at=row.paid_at,
    )  # fmt: skip


def payment_methods(settings: ProgramSettings) -> list[shapes.PaymentMethodOut]:
    """The ways to pay that the shop offers now."""
    shop = settings.shop
    text = in_language(get_language() or "zh-hans", shop.offline_zh, shop.offline_en)
    return [
        shapes.PaymentMethodOut(
            code=cast(shapes.Means, code), text=text if code == "offline" else ""
        )
        for code in list_ways_to_pay(merchant=connection.tenant, settings=settings)
    ]


def line(row: ShopOrderLine) -> shapes.ShopLineOut:
    """A line as it was sold."""
    language = get_language() or "zh-hans"
    return shapes.ShopLineOut(
        position=row.position, product_id=row.product_id, variant_id=row.variant_id, sku=row.sku,
        title=in_language(language, row.title_zh, row.title_en),
        options=in_language(language, row.options_zh, row.options_en),
        picture=address_of(picture_id=uuid.UUID(row.picture)) if row.picture else None,
        quantity=row.quantity, list_cents=row.list_cents,
        member_discount_cents=row.member_discount_cents, coupon_cents=row.coupon_cents,
        offset_points=row.offset_points, offset_cents=row.offset_cents, paid_cents=row.paid_cents,
        refunded_quantity=row.refunded_quantity,
    )  # fmt: skip


def _row(
    row: ShopOrder, lines: Sequence[ShopOrderLine], refunds: Sequence[ShopRefund]
) -> dict[str, Any]:
    names = (
        "number", "member_id", "currency", "list_cents", "member_discount_cents", "coupon_cents",
        "offset_points", "offset_cents", "shipping_cents", "payable_cents", "cash_cents",
        "due_cents", "refunded_cents", "created_at", "pay_by", "paid_at", "completed_at",
        "cancel_reason",
    )  # fmt: skip
    return {
        "id": row.pk, "status": ShopOrder.Status(row.status),
        "lines": [line(one) for one in lines],
        "has_open_refund": any(one.status == ShopRefund.Status.REQUESTED for one in refunds),
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


def _refunds(row: ShopOrder) -> list[ShopRefund]:
    refunds = refunds_of(order_ids=[row.pk])[row.pk]
    for one in refunds:
        one.order = row
    return refunds


def _full(row: ShopOrder, refunds: Sequence[ShopRefund]) -> dict[str, Any]:
    lines = lines_of(order_ids=[row.pk])[row.pk]
    return {
        **_row(row, lines, refunds),
        "coupons": [
            shapes.UsedCouponOut(code=one["code"], discount_cents=one["discount_cents"])
            for one in row.coupons
        ],
        "address": shapes.ShopAddressOut(**row.address) if row.address else None,
        "note": row.note,
        "shipment": _shipment(row.shipment),
        "completes_at": row.completes_at,
        "payments": [payment(one) for one in payments_of(order_id=row.pk)],
        "payment_methods": _methods(row),
        "refunds": [refund(one) for one in refunds],
        "history": [_happened(one) for one in row.history],
    }  # fmt: skip


def _methods(row: ShopOrder) -> list[shapes.PaymentMethodOut]:
    if row.status != ShopOrder.Status.AWAITING_PAYMENT:
        return []
    return payment_methods(get_program().settings)


def _shipment(sent: Mapping[str, str] | None) -> shapes.ShipmentOut | None:
    if sent is None:
        return None
    return shapes.ShipmentOut(
        carrier=sent["carrier"], tracking=sent["tracking"], at=datetime.fromisoformat(sent["at"])
    )


def _happened(entry: Mapping[str, str]) -> shapes.HistoryOut:
    who = entry["actor"].partition(":")[0]
    return shapes.HistoryOut(
        state=entry["state"], at=datetime.fromisoformat(entry["at"]),
        by=_BY.get(who, "staff"), note=entry["note"],
    )  # fmt: skip
