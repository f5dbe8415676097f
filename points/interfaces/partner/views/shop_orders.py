"""Shop orders and their refunds."""

import uuid

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from points.interfaces import shop_order_desk as desk
from points.interfaces import shop_order_shapes as shapes
from points.interfaces import shop_orders
from points.interfaces.finding import require_id
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.shop_order_shapes import CompleteIn
from points.members.errors import MemberNotFound
from points.shop.order_errors import (
    PaymentNotFound,
    PaymentState,
    RefundBeyond,
    RefundNotFound,
    RefundOpen,
    RefundState,
    ShopOrderNotFound,
    ShopOrderState,
)


class ShopOrders(PartnerEndpoint):
    """All shop orders."""

    @operation(
        summary="List shop orders, newest first",
        description="Three queries.",
        query=shapes.ShopOrderQuery,
        answers={200: shapes.ShopOrderRows},
        refuses=[MemberNotFound, InvalidCursor],
        scope="shop_orders:read",
    )
    def get(self, request: Request, query: shapes.ShopOrderQuery) -> shapes.ShopOrderRows:
        return shop_orders.page(query=query, member=_member(query))


class ShopOrderView(PartnerEndpoint):
    """One shop order."""

    @operation(
        summary="Get a shop order, with who bore what",
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound],
        scope="shop_orders:read",
    )
    def get(self, request: Request, order_id: str) -> shapes.StaffShopOrderOut:
        return desk.show(order_id)


class ShopOrderCancellation(PartnerEndpoint):
    """Giving up an order nobody has paid."""

    @operation(
        summary="Cancel a shop order that is not paid",
        description="Everything that was kept for it is given back. What is paid is refunded instead.",
        body=shapes.GiveUpIn,
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, ShopOrderState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.GiveUpIn, order_id: str
    ) -> shapes.StaffShopOrderOut:
        return desk.cancel(order_id, body, actor=self.actor, audit=self.audit)


class ShopOrderShipment(PartnerEndpoint):
    """The parcel."""

    @operation(
        summary="Say that a shop order was sent",
        description="Told again, it corrects carrier and number.",
        body=shapes.ShipmentIn,
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, ShopOrderState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.ShipmentIn, order_id: str
    ) -> shapes.StaffShopOrderOut:
        return desk.ship(order_id, body, actor=self.actor, audit=self.audit)


class ShopOrderCompletion(PartnerEndpoint):
    """The goods are with their buyer."""

    @operation(
        summary="Complete a shop order",
        description="It earns now. Completed before: the same answer.",
        body=CompleteIn,
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, ShopOrderState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(self, request: Request, body: CompleteIn, order_id: str) -> shapes.StaffShopOrderOut:
        return desk.complete(order_id, actor=self.actor, audit=self.audit)


class ShopOrderPaymentConfirmation(PartnerEndpoint):
    """Money taken at the counter or seen on the bank account."""

    @operation(
        summary="Confirm that a shop order was paid offline",
        description="Confirmed before: the same answer.",
        body=shapes.MoneySeenIn,
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, ShopOrderState, PaymentNotFound, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.MoneySeenIn, order_id: str, payment_id: str
    ) -> shapes.StaffShopOrderOut:
        return desk.confirm_payment(order_id, payment_id, body, actor=self.actor, audit=self.audit)


class ShopOrderPaymentReturn(PartnerEndpoint):
    """Money that no provider sends back."""

    @operation(
        summary="Say that surplus money of a shop order was given back by hand",
        description="For a payment that is `owed`: its provider could not send it back. Said before:"
        " the same answer.",
        body=shapes.MoneySeenIn,
        answers={200: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, PaymentNotFound, PaymentState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.MoneySeenIn, order_id: str, payment_id: str
    ) -> shapes.StaffShopOrderOut:
        return desk.settle_payment(order_id, payment_id, body, actor=self.actor, audit=self.audit)


class ShopOrderRefunds(PartnerEndpoint):
    """Giving back without being asked."""

    @operation(
        summary="Refund pieces of a shop order",
        description="Stock, coupons, points, cash and what the goods earned move at once;"
        " money follows through the provider it came from.",
        body=shapes.GiveBackIn,
        answers={201: shapes.StaffShopOrderOut},
        refuses=[ShopOrderNotFound, ShopOrderState, RefundBeyond, RefundOpen, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.GiveBackIn, order_id: str
    ) -> shapes.StaffShopOrderOut:
        return desk.give_back(order_id, body, actor=self.actor, audit=self.audit)


class ShopRefunds(PartnerEndpoint):
    """Refunds of all shop orders."""

    @operation(
        summary="List refunds and requests for them, newest first",
        description="One query.",
        query=shapes.ShopRefundQuery,
        answers={200: shapes.ShopRefundItems},
        refuses=[InvalidCursor],
        scope="shop_orders:read",
    )
    def get(self, request: Request, query: shapes.ShopRefundQuery) -> shapes.ShopRefundItems:
        return shop_orders.refund_page(query=query)


class ShopRefundApproval(PartnerEndpoint):
    """Saying yes."""

    @operation(
        summary="Approve a refund request",
        description="To what was asked for, or to the lines named.",
        body=shapes.RefundApprovalIn,
        answers={200: shapes.ShopRefundOut},
        refuses=[RefundNotFound, RefundState, ShopOrderState, RefundBeyond, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.RefundApprovalIn, refund_id: str
    ) -> shapes.ShopRefundOut:
        return desk.approve(refund_id, body, actor=self.actor, audit=self.audit)


class ShopRefundRejection(PartnerEndpoint):
    """Saying no."""

    @operation(
        summary="Reject a refund request",
        description="The buyer reads the note.",
        body=shapes.RefundRejectionIn,
        answers={200: shapes.ShopRefundOut},
        refuses=[RefundNotFound, RefundState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.RefundRejectionIn, refund_id: str
    ) -> shapes.ShopRefundOut:
        return desk.reject(refund_id, body, actor=self.actor, audit=self.audit)


class ShopRefundConfirmation(PartnerEndpoint):
    """Money paid back by hand."""

    @operation(
        summary="Confirm that the money of a refund was paid",
        description="For what was paid offline, and where the provider refused.",
        body=shapes.MoneySeenIn,
        answers={200: shapes.ShopRefundOut},
        refuses=[RefundNotFound, RefundState, KeyReused],
        idempotency_key="optional",
        scope="shop_orders:write",
    )
    def post(
        self, request: Request, body: shapes.MoneySeenIn, refund_id: str
    ) -> shapes.ShopRefundOut:
        return desk.confirm_refund(refund_id, body, actor=self.actor, audit=self.audit)


def _member(query: shapes.ShopOrderQuery) -> uuid.UUID | None:
    return require_id(query.member_id, MemberNotFound) if query.member_id else None
