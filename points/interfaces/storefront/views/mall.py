"""The points mall, and what became of redemptions."""

import uuid
from datetime import UTC, datetime

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyInvalid, KeyRequired, KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import CsrfFailed, InvalidCursor, NotSignedIn
from kernel.shapes import Moment, Page
from points.flows import redeemed
from points.flows.shop_paid import begin_redemption_payment, look_at_payment
from points.interfaces import mall, shop_orders
from points.interfaces.finding import require_id
from points.interfaces.shop_order_shapes import ShopPaymentOut
from points.interfaces.storefront import mall_schemas as schemas
from points.interfaces.storefront import reading
from points.interfaces.storefront.base import MemberEndpoint, StorefrontEndpoint
from points.interfaces.storefront.checkout_shapes import PayIn
from points.interfaces.storefront.mall_rendering import mall_item, redemption, redemptions
from points.interfaces.storefront.schemas import Empty
from points.redemption import queries
from points.redemption.actions import Choice
from points.redemption.errors import (
    AskTheShop,
    ItemNotFound,
    NotAwaitingPayment,
    PaymentOver,
    RedemptionNotFound,
)
from points.redemption.handing import reveal_gift_codes
from points.redemption.models import Redemption
from points.shop.order_models import Payment


class MallItems(StorefrontEndpoint):
    """What is on sale. Signed in: 3 queries; a visitor: 1; more for variants and audiences."""

    @operation(
        summary="List mall items on sale",
        description="`affordable=true`: only what the member could have now.",
        query=schemas.MallQuery,
        answers={200: schemas.MallItemItems},
        refuses=[InvalidCursor],
    )
    def get(self, request: Request, query: schemas.MallQuery) -> schemas.MallItemItems:
        at = clock.now()
        available = _available(self, at)
        return reading.read_mall(query=query, member=self.visitor, available=available, at=at)


class MallItemView(StorefrontEndpoint):
    """One item on sale. Signed in: 3 queries; a visitor: 1."""

    @operation(
        summary="Get a mall item",
        answers={200: schemas.MallItemOut},
        refuses=[ItemNotFound],
    )
    def get(self, request: Request, item_id: str) -> schemas.MallItemOut:
        parsed = require_id(item_id, ItemNotFound)
        at = clock.now()
        member = self.visitor
        offer = queries.get_offer(item_id=parsed, at=at, member=member.pk if member else None)
        return mall_item(offer, _available(self, at))


class Redemptions(MemberEndpoint):
    """The member's redemptions. GET: 2 queries; 2 more where a money part is paid later."""

    @operation(
        summary="List redemptions, newest first",
        query=Page,
        answers={200: schemas.RedemptionItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: Page) -> schemas.RedemptionItems:
        before = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
        found = queries.list_redemptions(
            member=self.member.pk, limit=query.limit + 1, before=before
        )
        page, following = cut(found, query.limit, lambda row: (row.created_at, row.pk))
        now = clock.now()
        return schemas.RedemptionItems(items=redemptions(page, now), next=following)

    @operation(
        summary="Redeem a mall item",
        description="Points, stock and the limit per member move together or not at all.",
        body=schemas.RedemptionIn,
        answers={201: schemas.RedemptionOut},
        refuses=[
            *mall.REDEEM_REFUSES, KeyRequired, KeyInvalid, KeyReused, NotSignedIn, CsrfFailed,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: schemas.RedemptionIn) -> schemas.RedemptionOut:
        item_id, now = require_id(body.mall_item_id, ItemNotFound), clock.now()
        address = msgspec.to_builtins(body.address) if body.address else None
        made = redeemed.redeem(
            member_id=self.member.pk, item_id=item_id, quantity=body.quantity, at=now,
            actor=self.actor, address=address,
            choice=Choice(body.variant_id, body.delivery or "", body.payment),
        )  # fmt: skip
        return redemption(made, now)


class RedemptionView(MemberEndpoint):
    """One of the member's redemptions: 2 queries."""

    @operation(
        summary="Get a redemption",
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotSignedIn],
    )
    def get(self, request: Request, redemption_id: str) -> schemas.RedemptionOut:
        return redemption(_own(self, redemption_id), clock.now())


class RedemptionCancellation(MemberEndpoint):
    """Undoing a redemption that nobody has fulfilled yet."""

    @operation(
        summary="Cancel a redemption",
        description="Points and cash return to the lots they came from; coupons it gave are voided."
        " Cancelled before: the same answer.",
        body=Empty,
        answers={200: schemas.RedemptionOut},
        refuses=[*mall.CANCEL_REFUSES, AskTheShop, KeyReused, NotSignedIn, CsrfFailed],
        idempotency_key="optional",
    )
    def post(self, request: Request, body: Empty, redemption_id: str) -> schemas.RedemptionOut:
        own, now = _own(self, redemption_id), clock.now()
        cancelled = redeemed.cancel(redemption_id=own.pk, at=now, actor=self.actor, by_member=True)
        mall.look_at_payments_soon(cancelled)
        return redemption(cancelled, now)


class RedemptionPayments(MemberEndpoint):
    """Paying the money part."""

    @operation(
        summary="Begin to pay the money part of a redemption",
        description="Asked again, the payment that is open. `url` is where to pay, if anywhere.",
        body=PayIn,
        answers={201: ShopPaymentOut},
        refuses=[
            RedemptionNotFound, NotAwaitingPayment, PaymentOver, *shop_orders.PROVIDER_REFUSES, NotSignedIn,
            CsrfFailed,
        ],
    )  # fmt: skip
    def post(self, request: Request, body: PayIn, redemption_id: str) -> ShopPaymentOut:
        parsed = require_id(redemption_id, RedemptionNotFound)
        page = request._request.build_absolute_uri(f"/redemptions/{parsed}")
        payment = begin_redemption_payment(
            redemption_id=parsed, member_id=self.member.pk, provider=body.provider,
            success_url=f"{page}?paid=1", cancel_url=page, at=clock.now(), now=datetime.now(UTC),
            actor=self.actor,
        )  # fmt: skip
        return shop_orders.payment(payment)


class RedemptionPaymentChecks(MemberEndpoint):
    """The member is back from paying."""

    @operation(
        summary="Look at the payments of a redemption",
        description="Asks the provider how open payments stand; the redemption as it is then.",
        body=Empty,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotSignedIn, CsrfFailed],
    )
    def post(self, request: Request, body: Empty, redemption_id: str) -> schemas.RedemptionOut:
        own = _own(self, redemption_id)
        for payment in mall.payments_of([own]).get(own.pk, []):
            if payment.status == Payment.Status.OPEN:
                look_at_payment(payment_id=payment.pk, at=clock.now(), now=datetime.now(UTC))
        return redemption(_own(self, redemption_id), clock.now())


class RedemptionGiftCodes(MemberEndpoint):
    """The gift codes of the member's own redemption: 3 queries."""

    @operation(
        summary="Show the gift codes of a redemption",
        description="Only to the member they belong to. Empty for other kinds.",
        answers={200: schemas.GiftCodesOut},
        refuses=[RedemptionNotFound, NotSignedIn],
    )
    def get(self, request: Request, redemption_id: str) -> schemas.GiftCodesOut:
        own = _own(self, redemption_id)
        return schemas.GiftCodesOut(codes=reveal_gift_codes(redemption=own))


def _available(view: StorefrontEndpoint, at: datetime) -> int | None:
    member = view.visitor
    return reading.get_holdings(member=member.pk, at=at).points.available if member else None


def _own(view: MemberEndpoint, redemption_id: str) -> Redemption:
    """The member's own; somebody else's is not found."""
    parsed = require_id(redemption_id, RedemptionNotFound)
    return queries.get_redemption(redemption_id=parsed, member=view.member.pk)
