"""The checkout: what it comes to, and placing the order."""

from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyInvalid, KeyRequired, KeyReused
from kernel.api.problems import CsrfFailed, InvalidBody, NotSignedIn
from kernel.ids import parse_id
from points.coupons.calculations import Discount
from points.coupons.errors import (
    BelowThreshold,
    CannotCombine,
    CouponExpired,
    CouponLocked,
    CouponNotFound,
    CouponNotYetValid,
    CouponUsed,
    CouponVoided,
    NothingInScope,
)
from points.coupons.queries import Usable
from points.flows.checkout import (
    Checkout,
    CheckoutAsk,
    Wanted,
    place_order,
    quote_checkout,
    usable_coupons,
)
from points.interfaces import shop_order_shapes, shop_orders
from points.interfaces.storefront import checkout_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint
from points.ledger.errors import InsufficientPoints
from points.media.queries import address_of
from points.shop.calculations import label_of
from points.shop.composition import ComposedLine, Piece
from points.shop.errors import NotForSale, OutOfStock, VariantNotFound
from points.shop.models import Variant, in_language
from points.shop.order_errors import (
    AddressMissing,
    CashBeyond,
    CouponNeedless,
    LineTwice,
    PointsBeyond,
    PriceChanged,
)

_REFUSES = [
    VariantNotFound, NotForSale, LineTwice, CouponNotFound, CouponUsed, CouponExpired, CouponVoided,
    CouponNotYetValid, CannotCombine, BelowThreshold, NothingInScope, CouponNeedless, PointsBeyond,
    CashBeyond, InvalidBody, NotSignedIn, CsrfFailed,
]  # fmt: skip


class CheckoutQuotes(MemberEndpoint):
    """What a checkout would come to. 9 queries, 1 more for each coupon."""

    @operation(
        summary="Quote a checkout",
        description="Reserves nothing. Prices, points and coupons are looked up; the request only"
        " names them.",
        body=shapes.CheckoutIn,
        answers={200: shapes.CheckoutOut},
        refuses=[*_REFUSES, CouponLocked],
    )
    def post(self, request: Request, body: shapes.CheckoutIn) -> shapes.CheckoutOut:
        at = clock.now()
        found = quote_checkout(member_id=self.member.pk, asked=_asked(body), at=at)
        choices = usable_coupons(member_id=self.member.pk, found=found, at=at)
        return _rendered(found, choices)


class ShopOrders(MemberEndpoint):
    """The member's shop orders."""

    @operation(
        summary="List shop orders, newest first",
        description="Three queries.",
        query=shop_order_shapes.ShopOrderQuery,
        answers={200: shop_order_shapes.ShopOrderRows},
        refuses=[NotSignedIn],
    )
    def get(
        self, request: Request, query: shop_order_shapes.ShopOrderQuery
    ) -> shop_order_shapes.ShopOrderRows:
        return shop_orders.page(query=query, member=self.member.pk)

    @operation(
        summary="Place an order",
        description="Stock, coupons, points and cash are kept until `pay_by`, all or nothing. What"
        " needs no payment is paid at once.",
        body=shapes.PlaceOrderIn,
        answers={201: shop_order_shapes.ShopOrderOut},
        refuses=[
            *_REFUSES, PriceChanged, AddressMissing, OutOfStock, CouponLocked, InsufficientPoints,
            KeyRequired, KeyInvalid, KeyReused,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.PlaceOrderIn) -> shop_order_shapes.ShopOrderOut:
        order = place_order(
            member_id=self.member.pk, asked=_asked(body),
            expected_payable_cents=body.expected_payable_cents,
            address={
                name: getattr(body.address, name) for name in ("name", "phone", "region", "line")
            },
            note=body.note.strip(), at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return shop_orders.order(order)


def _asked(body: shapes.CheckoutIn) -> CheckoutAsk:
    lines = []
    for line in body.lines:
        parsed = parse_id(line.variant_id)
        if parsed is None:
            raise VariantNotFound()
        lines.append(Wanted(parsed, line.quantity))
    return CheckoutAsk(
        lines=tuple(lines), coupon_codes=tuple(dict.fromkeys(body.coupon_codes)),
        points=body.points, cash_cents=body.cash_cents,
    )  # fmt: skip


def _rendered(found: Checkout, choices: list[Usable]) -> shapes.CheckoutOut:
    sums, settings = found.composition, found.program.settings
    lines, goal = sums.lines, sums.shipping_goal
    return shapes.CheckoutOut(
        lines=[_line(*row) for row in zip(found.variants, lines, found.pieces, strict=True)],
        currency=found.program.currency,
        list_cents=sum(line.list_cents for line in lines),
        member_discount_cents=sum(line.member_discount_cents for line in lines),
        coupon_cents=sum(line.coupon_cents for line in lines),
        offset_points=sums.offset_points, offset_cents=sums.offset_cents,
        shipping_cents=sums.shipping_cents, shipping_saved_cents=sums.shipping_saved_cents,
        free_shipping_from_cents=goal.from_cents if goal else None,
        free_shipping_missing_cents=goal.missing_cents if goal else None,
        payable_cents=sums.payable_cents, cash_cents=sums.cash_cents, due_cents=sums.due_cents,
        max_points=sums.max_points, max_offset_cents=sums.max_offset_cents,
        step_points=settings.offset.step_points, points_available=found.points_available,
        cash_available_cents=found.cash_available_cents,
        coupons=[_choice(one, found) for one in choices],
        payment_methods=shop_orders.payment_methods(settings),
        hold_minutes=settings.shop.hold_minutes,
    )  # fmt: skip


def _line(variant: Variant, line: ComposedLine, piece: Piece) -> shapes.CheckoutLineOut:
    product = variant.product
    return shapes.CheckoutLineOut(
        variant_id=variant.pk, product_id=product.pk,
        title=_in_language(product.title_zh, product.title_en),
        options=label_of(product.options, variant.choice, _language()),
        picture=address_of(picture_id=product.pictures[0]) if product.pictures else None,
        quantity=piece.quantity, list_cents=line.list_cents,
        member_discount_cents=line.member_discount_cents, coupon_cents=line.coupon_cents,
        offset_cents=line.offset_cents, paid_cents=line.paid_cents,
    )  # fmt: skip


def _choice(one: Usable, found: Checkout) -> shapes.CouponChoiceOut:
    coupon, judged = one.coupon, one.found
    takes = judged if isinstance(judged, Discount) else Discount(0, ())
    return shapes.CouponChoiceOut(
        code=coupon.code, name=coupon.template.name(_language()),
        discount_cents=takes.total_cents, frees_shipping=takes.frees_shipping,
        stacks=coupon.terms.stacks, is_used=coupon.code in found.combined.applied,
        reason="" if isinstance(judged, Discount) else judged.reason,
        missing_cents=0 if isinstance(judged, Discount) else judged.missing_cents,
    )  # fmt: skip


def _in_language(zh: str, en: str) -> str:
    return in_language(_language(), zh, en)


def _language() -> str:
    return get_language() or "zh-hans"
