"""Shapes of the points mall that the console and the partner API share, and a few of the storefront."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Moment, Points, check_moments, given
from points.interfaces.shop_order_shapes import ShopPaymentOut

Kind = Literal["goods", "coupon", "red_packet", "benefit", "gift_code"]
ItemStatus = Literal["draft", "on_sale", "paused"]
Status = Literal["awaiting_payment", "pending", "fulfilled", "cancelled"]
Period = Annotated[
    Literal["ever", "month", "day"],
    Meta(description="When the limit per member begins anew, by the shop's days"),
]
Ways = Annotated[Literal["ship", "pickup", "both"], Meta(description="How goods come to members")]
Title = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=4000)]
Whole = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Limit = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=0, le=3650, description="Days after that of redeeming")]
Code = Annotated[str, Meta(max_length=60)]
TierCodes = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=40)]],
    Meta(max_length=20, description="Codes of the tiers it is for; none: for every tier"),
]
SegmentCode = Annotated[str, Meta(max_length=60, description="Only members of this segment")]
LowStock = Annotated[
    int, Meta(ge=0, le=LARGEST_AMOUNT, description="Tell `mall_item.low_stock` at so many left")
]
Payment = Annotated[
    Literal["wallet", "later", "outside"],
    Meta(
        description="How the money part is paid: from the member's cash wallet; later, while the"
        " points are held; or outside, to you"
    ),
]
GiftCodes = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=10_000)
]


class ItemVariantIn(Body, kw_only=True):
    """A variant. With an `id` one that there is, of which only what is named changes."""

    id: uuid.UUID | None = None
    name_zh: Title | UnsetType = UNSET
    name_en: Title | UnsetType = UNSET
    stock: Whole | None | UnsetType = UNSET
    low_stock_at: LowStock | None | UnsetType = UNSET
    price_points: Points | None | UnsetType = UNSET
    price_cents: Whole | None | UnsetType = UNSET


Variants = Annotated[
    list[ItemVariantIn], Meta(max_length=50, description="All of them, in order; left out: retired")
]


class ItemVariantOut(Struct, kw_only=True):
    id: uuid.UUID
    name: str
    name_zh: str
    name_en: str
    stock: int | None
    low_stock_at: int | None
    redeemed_count: int
    price_points: Annotated[int | None, Meta(description="null: the item's")]
    price_cents: Annotated[int | None, Meta(description="null: the item's")]


class ItemIn(Body, kw_only=True):
    """What an item is made of, but its kind."""

    price_points: Points
    title_zh: Title = ""
    title_en: Title = ""
    description_zh: LongText = ""
    description_en: LongText = ""
    image: Annotated[str, Meta(max_length=300)] = ""
    price_cents: Whole = 0
    stock: Whole | None = None
    low_stock_at: LowStock | None = None
    per_member_limit: Limit | None = None
    per_member_period: Period = "ever"
    tiers: TierCodes = []
    segment: SegmentCode = ""
    delivery: Ways = "ship"
    pickup_place_zh: Title = ""
    pickup_place_en: Title = ""
    pickup_days: Days | None = None
    coupon_template: Code = ""
    red_packet_cents: Points | None = None
    funding_source: Annotated[str, Meta(min_length=1, max_length=60)] = "merchant"
    benefit_zh: Title = ""
    benefit_en: Title = ""
    benefit_days: Days | None = None
    variants: Variants = []
    on_sale_from: Moment | None = None
    on_sale_until: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.on_sale_from, self.on_sale_until)


class ItemChange(Body, kw_only=True, omit_defaults=True):
    """What of an item changes: only what is named."""

    price_points: Points | UnsetType = UNSET
    title_zh: Title | UnsetType = UNSET
    title_en: Title | UnsetType = UNSET
    description_zh: LongText | UnsetType = UNSET
    description_en: LongText | UnsetType = UNSET
    image: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    price_cents: Whole | UnsetType = UNSET
    stock: Whole | None | UnsetType = UNSET
    low_stock_at: LowStock | None | UnsetType = UNSET
    per_member_limit: Limit | None | UnsetType = UNSET
    per_member_period: Period | UnsetType = UNSET
    tiers: TierCodes | UnsetType = UNSET
    segment: SegmentCode | UnsetType = UNSET
    delivery: Ways | UnsetType = UNSET
    pickup_place_zh: Title | UnsetType = UNSET
    pickup_place_en: Title | UnsetType = UNSET
    pickup_days: Days | None | UnsetType = UNSET
    coupon_template: Code | UnsetType = UNSET
    red_packet_cents: Points | None | UnsetType = UNSET
    funding_source: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    benefit_zh: Title | UnsetType = UNSET
    benefit_en: Title | UnsetType = UNSET
    benefit_days: Days | None | UnsetType = UNSET
    variants: Variants | UnsetType = UNSET
    on_sale_from: Moment | None | UnsetType = UNSET
    on_sale_until: Moment | None | UnsetType = UNSET
    status: ItemStatus | UnsetType = UNSET

    def __post_init__(self) -> None:
        for moment in (self.on_sale_from, self.on_sale_until):
            check_moments(moment if isinstance(moment, datetime) else None)


class ItemOut(Struct, kw_only=True):
    id: uuid.UUID
    kind: Kind
    status: ItemStatus
    title: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    image: str
    price_points: int
    price_cents: int
    stock: Annotated[
        int | None, Meta(description="null: as many as wanted, or counted by its variants")
    ]
    low_stock_at: int | None
    redeemed_count: int
    per_member_limit: int | None
    per_member_period: Period
    tiers: list[str]
    segment: str
    delivery: Ways
    pickup_place_zh: str
    pickup_place_en: str
    pickup_days: int | None
    coupon_template: str
    red_packet_cents: int | None
    funding_source: str
    benefit_zh: str
    benefit_en: str
    benefit_days: int | None
    variants: list[ItemVariantOut]
    on_sale_from: datetime | None
    on_sale_until: datetime | None
    created_at: datetime


class DeliveredOut(Struct, kw_only=True):
    """What a redemption gave by itself."""

    coupons: Annotated[list[str], Meta(description="Codes of coupons")]
    cash_cents: Annotated[int, Meta(description="Into the cash wallet")]
    gift_codes: Annotated[int, Meta(description="How many gift codes")]
    benefit: Annotated[str, Meta(description="What is promised, in the caller's language")]


class RedemptionCore(Struct, kw_only=True):
    """What is said of a redemption everywhere."""

    id: uuid.UUID
    code: str
    status: Status
    variant: Annotated[str, Meta(description="Its name; empty without variants")]
    quantity: int
    points: int
    price_cents: int
    currency: str
    payment: Literal["", "wallet", "later", "outside"]
    pay_by: Annotated[
        datetime | None, Meta(description="Until when the money part can be paid, if it waits")
    ]
    paid_at: datetime | None
    delivery: Literal["", "ship", "pickup"]
    tracking: str
    delivered: DeliveredOut
    valid_until: Annotated[
        datetime | None, Meta(description="Until when it can be collected, or used (exclusive)")
    ]
    used_at: Annotated[datetime | None, Meta(description="When a benefit was used")]
    created_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None


class StaffPaymentOut(ShopPaymentOut, kw_only=True):
    """A payment as the shop sees it: `note` says why money went back, or who gave it back."""

    note: str
    refunded_outside_cents: Annotated[
        int, Meta(description="Refunded in the provider's own pages, not here")
    ]
    disputed_cents: int


class GiftCodesAdded(Struct, kw_only=True):
    added: int
    duplicates: Annotated[list[str], Meta(description="In a pool of this shop already; left out")]
    stock: Annotated[int, Meta(description="What is in the pool now")]


class PickupIn(Body, kw_only=True):
    code: Annotated[str, Meta(min_length=1, max_length=60, description="As shown by the member")]


def split(body: Struct) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """The fields of an item that were sent, and its variants if they were."""
    fields = given(body)
    variants = fields.pop("variants", None)
    return fields, None if variants is None else [given(one) for one in variants]
