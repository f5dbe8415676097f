"""Bodies and answers of the checkout and of a member's shop orders."""

import uuid
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernel.shapes import Body, Cents
from points.interfaces.shop_order_shapes import (
    MOST_LINES,
    Means,
    Note,
    PaymentMethodOut,
    RefundLines,
)
from points.interfaces.storefront.mall_schemas import AddressIn
from points.interfaces.storefront.shop_shapes import CartLineIn

Code = Annotated[str, Meta(min_length=1, max_length=40)]
WholePoints = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class CheckoutIn(Body, kw_only=True):
    """What to buy and what to use for it; prices are the shop's. `most` uses all that may be."""

    lines: Annotated[list[CartLineIn], Meta(min_length=1, max_length=MOST_LINES)]
    coupon_codes: Annotated[list[Code], Meta(max_length=5)] = []
    points: WholePoints | Literal["most"] = 0
    cash_cents: Cents | Literal["most"] = 0


class PlaceOrderIn(CheckoutIn, kw_only=True):
    """`expected_payable_cents`: the sum the buyer has seen; another one is refused."""

    expected_payable_cents: Cents
    address: AddressIn
    note: Note = ""


class CheckoutLineOut(Struct, kw_only=True):
    variant_id: uuid.UUID
    product_id: uuid.UUID
    title: str
    options: str
    picture: str | None
    quantity: int
    list_cents: int
    member_discount_cents: int
    coupon_cents: int
    offset_cents: int
    paid_cents: int


class CouponChoiceOut(Struct, kw_only=True):
    """A coupon the member holds, with what it alone takes off here, or why it does not.

    `stacks`: it may be used together with others that do.
    """

    code: str
    name: str
    discount_cents: int
    frees_shipping: bool
    stacks: bool
    is_used: bool
    reason: Literal[
        "", "below_threshold", "nothing_in_scope", "nothing_left", "locked", "not_yet_valid"
    ]
    missing_cents: int


class CheckoutOut(Struct, kw_only=True):
    """What it comes to, step by step: list − member price − coupons − points + shipping = payable;
    payable − cash wallet = due.

    From `free_shipping_from_cents` of goods on, after member price and coupons and before points,
    they travel free, which takes `free_shipping_missing_cents` more; both null where there is
    nothing to reach."""

    lines: list[CheckoutLineOut]
    currency: str
    list_cents: int
    member_discount_cents: int
    coupon_cents: int
    offset_points: int
    offset_cents: int
    shipping_cents: int
    shipping_saved_cents: int
    free_shipping_from_cents: int | None
    free_shipping_missing_cents: int | None
    payable_cents: int
    cash_cents: int
    due_cents: int
    max_points: int
    max_offset_cents: int
    step_points: int
    points_available: int
    cash_available_cents: int
    coupons: list[CouponChoiceOut]
    payment_methods: list[PaymentMethodOut]
    hold_minutes: int


class PayIn(Body):
    provider: Means


class RefundRequestIn(Body):
    lines: RefundLines
    reason: Note = ""
