"""A member's shop order: paying, cancelling, receiving, giving back."""

from datetime import UTC, datetime

from django.http import HttpRequest
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, NotSignedIn
from points.flows.shop_moved import cancel_order, receive_order
from points.flows.shop_paid import begin_payment, look_at_payment
from points.flows.shop_refunded import request_refund, withdraw_refund
from points.interfaces import shop_order_shapes as shapes
from points.interfaces import shop_orders
from points.interfaces.finding import require_id
from points.interfaces.storefront import checkout_shapes
from points.interfaces.storefront.base import MemberEndpoint
from points.interfaces.storefront.schemas import Empty
from points.shop.order_errors import (
    NothingToPay,
    PaymentTooLate,
    RefundBeyond,
    RefundNotFound,
    RefundOpen,
    RefundState,
    RefundWindowClosed,
    ShopOrderNotFound,
    ShopOrderState,
)
from points.shop.order_models import Payment
from points.shop.order_queries import get_shop_order, payments_of

_PAYING = [ShopOrderNotFound, ShopOrderState, NotSignedIn, CsrfFailed]
_CHANGING = [*_PAYING, KeyReused]


class ShopOrderView(MemberEndpoint):
    """One shop order: 4 queries."""

    @operation(
        summary="Get a shop order",
        answers={200: shapes.ShopOrderOut},
        refuses=[ShopOrderNotFound, NotSignedIn],
    )
    def get(self, request: Request, order_id: str) -> shapes.ShopOrderOut:
        parsed = require_id(order_id, ShopOrderNotFound)
        return shop_orders.order(get_shop_order(order_id=parsed, member=self.member.pk))


class ShopOrderPayments(MemberEndpoint):
    """Paying what is due."""

    @operation(
        summary="Begin to pay a shop order",
        description="Asked again, the payment that is open. `url` is where to pay, if anywhere.",
        body=checkout_shapes.PayIn,
        answers={201: shapes.ShopPaymentOut},
        refuses=[
            *_PAYING, PaymentTooLate, NothingToPay, *shop_orders.PROVIDER_REFUSES,
        ],
    )  # fmt: skip
    def post(
        self, request: Request, body: checkout_shapes.PayIn, order_id: str
    ) -> shapes.ShopPaymentOut:
        parsed = require_id(order_id, ShopOrderNotFound)
        page = _page_of(request._request, str(parsed))
        payment = begin_payment(
            order_id=parsed, member_id=self.member.pk, provider=body.provider,
            success_url=f"{page}?paid=1", cancel_url=page, at=clock.now(), now=datetime.now(UTC),
            actor=self.actor,
        )  # fmt: skip
        return shop_orders.payment(payment)


class ShopOrderPaymentChecks(MemberEndpoint):
    """The buyer is back from paying."""

    @operation(
        summary="Look at the payments of a shop order",
        description="Asks the provider how open payments stand; the order as it is then.",
        body=Empty,
        answers={200: shapes.ShopOrderOut},
        refuses=_PAYING,
    )
    def post(self, request: Request, body: Empty, order_id: str) -> shapes.ShopOrderOut:
        parsed = require_id(order_id, ShopOrderNotFound)
        order = get_shop_order(order_id=parsed, member=self.member.pk)
        for payment in payments_of(order_id=order.pk):
            if payment.status == Payment.Status.OPEN:
                look_at_payment(payment_id=payment.pk, at=clock.now(), now=datetime.now(UTC))
        return shop_orders.order(get_shop_order(order_id=parsed))


class ShopOrderCancellation(MemberEndpoint):
    """Thinking better of it before paying."""

    @operation(
        summary="Cancel a shop order that is not paid",
        description="Everything that was kept for it is given back. Cancelled before: the same answer.",
        body=Empty,
        answers={200: shapes.ShopOrderOut},
        refuses=_CHANGING,
        idempotency_key="optional",
    )
    def post(self, request: Request, body: Empty, order_id: str) -> shapes.ShopOrderOut:
        order = cancel_order(
            order_id=require_id(order_id, ShopOrderNotFound), member_id=self.member.pk,
            reason="buyer", at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shop_orders.order(order)


class ShopOrderReceipt(MemberEndpoint):
    """The parcel is here."""

    @operation(
        summary="Confirm that a shop order has arrived",
        description="It is completed and earns. Confirmed before: the same answer.",
        body=Empty,
        answers={200: shapes.ShopOrderOut},
        refuses=_CHANGING,
        idempotency_key="optional",
    )
    def post(self, request: Request, body: Empty, order_id: str) -> shapes.ShopOrderOut:
        order = receive_order(
            order_id=require_id(order_id, ShopOrderNotFound), member_id=self.member.pk,
            at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shop_orders.order(order)


class ShopOrderRefundRequests(MemberEndpoint):
    """Asking to give goods back."""

    @operation(
        summary="Ask to give goods of a shop order back",
        body=checkout_shapes.RefundRequestIn,
        answers={201: shapes.ShopOrderOut},
        refuses=[*_CHANGING, RefundBeyond, RefundOpen, RefundWindowClosed],
        idempotency_key="optional",
    )
    def post(
        self, request: Request, body: checkout_shapes.RefundRequestIn, order_id: str
    ) -> shapes.ShopOrderOut:
        parsed = require_id(order_id, ShopOrderNotFound)
        request_refund(
            order_id=parsed, member_id=self.member.pk, pieces=shapes.pieces_of(body.lines),
            reason=body.reason.strip(), at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shop_orders.order(get_shop_order(order_id=parsed))


class RefundRequestWithdrawal(MemberEndpoint):
    """Keeping the goods after all."""

    @operation(
        summary="Withdraw a refund request",
        body=Empty,
        answers={200: shapes.ShopOrderOut},
        refuses=[RefundNotFound, RefundState, KeyReused, NotSignedIn, CsrfFailed],
        idempotency_key="optional",
    )
    def post(self, request: Request, body: Empty, refund_id: str) -> shapes.ShopOrderOut:
        refund = withdraw_refund(
            refund_id=require_id(refund_id, RefundNotFound), member_id=self.member.pk,
            at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shop_orders.order(get_shop_order(order_id=refund.order_id))


def _page_of(request: HttpRequest, order_id: str) -> str:
    """The order's own page in the storefront, on the host the buyer came to."""
    return request.build_absolute_uri(f"/orders/{order_id}")
