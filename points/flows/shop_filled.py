"""All of a shop order's price is there: what was set aside for it is spent, and it earns."""

from datetime import datetime

from kernel import outbox
from points.coupons import actions as coupons
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.order_received import take_order
from points.flows.shop_records import CHANNEL, line_name, reference_of, told_of
from points.ledger.actions import capture_hold
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_models import ShopOrder


def become_paid(order: ShopOrder, *, at: datetime, actor: str) -> None:
    """All of an order's price is there: coupons are used, the points and the cash set aside are
    spent, and it earns like any order. The caller holds its lock."""
    if order.coupons:
        coupons.use(
            codes=[one["code"] for one in order.coupons], reference=reference_of(order.number),
            discounts={one["code"]: one["discount_cents"] for one in order.coupons},
            at=at, actor=actor,
        )  # fmt: skip
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    take_order(
        order=IncomingOrder(
            external_id=order.number, channel=CHANNEL, currency=order.currency, placed_at=at,
            status="paid", member_id=order.member_id, shipping_cents=order.shipping_cents,
            hold_id=order.points_hold_id,
            lines=[
                IncomingLine(
                    external_id=line_name(line.position), sku=line.sku, category=line.category,
                    quantity=line.quantity, amount_cents=line.goods_cents,
                )
                for line in lines
            ],
        ),
        create_member=False, at=at, actor=actor, agreed_offset_cents=order.offset_cents,
    )  # fmt: skip
    if order.cash_hold_id is not None:
        spent = capture_hold(
            hold=order.cash_hold_id, at=at, actor=actor, source_type="shop_order",
            source_id=order.pk, reference=order.number,
        )  # fmt: skip
        order.cash_transaction_id = spent.transaction_id
    orders.move_to(
        order=order, status=ShopOrder.Status.PAID, at=at, actor=actor, paid_at=at,
        cash_transaction_id=order.cash_transaction_id,
    )  # fmt: skip
    outbox.tell(
        topic="shop_order.paid", subject=str(order.member_id), payload=told_of(order), at=at
    )
