"""The points mall in the storefront: what is on sale, and what became of redemptions."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Items, Page
from points.interfaces.mall_shapes import Kind, Period, RedemptionCore, Ways
from points.interfaces.shop_order_shapes import PaymentMethodOut, ShopPaymentOut
from points.interfaces.storefront.schemas import ShortText
from points.redemption.models import MallItem


class MallQuery(Page):
    affordable: bool | None = None
    kind: Annotated[Kind | None, msgspec.Meta(description="Only items of this kind")] = None


class MallVariantOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    name: str
    price_points: int
    price_cents: int
    stock_left: Annotated[int | None, msgspec.Meta(description="Told when 20 or fewer are left")]
    is_sold_out: bool


class ForTiersOut(msgspec.Struct, kw_only=True):
    """For members of these tiers, lowest first; `is_and_above`: from the first one up."""

    names: list[str]
    is_and_above: bool


class MallItemOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    kind: MallItem.Kind
    title: str
    description: str
    image: str
    price_points: int
    price_cents: int
    currency: str
    stock_left: Annotated[int | None, msgspec.Meta(description="Told when 20 or fewer are left")]
    is_sold_out: bool
    per_member_limit: int | None
    per_member_period: Period
    redeemed_by_me: Annotated[int, msgspec.Meta(description="In the limit's period")]
    missing_points: Annotated[int, msgspec.Meta(description="Of its cheapest variant")]
    variants: list[MallVariantOut]
    for_tiers: ForTiersOut | None
    is_for_group: Annotated[bool, msgspec.Meta(description="Only for a group of members")]
    excluded_by: Annotated[
        Literal["tier", "segment"] | None, msgspec.Meta(description="Why it is not for you")
    ]
    delivery: Ways
    pickup_place: str
    pickup_days: int | None
    red_packet_cents: int | None
    benefit: str
    benefit_days: int | None
    on_sale_until: datetime | None


class MallItemItems(Items):
    items: list[MallItemOut]


class AddressIn(Body):
    """Where to send goods."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
    region: ShortText
    line: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RedemptionIn(Body):
    mall_item_id: Annotated[str, msgspec.Meta(max_length=60)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)]
    variant_id: uuid.UUID | None = None
    delivery: Literal["ship", "pickup"] | None = None
    address: AddressIn | None = None
    payment: Annotated[
        Literal["wallet", "later"],
        msgspec.Meta(
            description="How a money part is paid: from your cash wallet, or later by a way the shop"
            " offers, while the points are held"
        ),
    ] = "wallet"


class AddressOut(msgspec.Struct, kw_only=True):
    name: str = ""
    phone: str = ""
    region: str = ""
    line: str = ""


class RedeemedItemOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    title: str
    image: str
    kind: MallItem.Kind


class RedemptionOut(RedemptionCore, kw_only=True):
    mall_item: RedeemedItemOut
    address: AddressOut | None
    pickup_place: str
    can_cancel: bool
    payments: Annotated[
        list[ShopPaymentOut], msgspec.Meta(description="Attempts to pay the money part")
    ]
    payment_methods: Annotated[
        list[PaymentMethodOut], msgspec.Meta(description="How it can be paid now, while it waits")
    ]


class RedemptionItems(Items):
    items: list[RedemptionOut]


class GiftCodesOut(msgspec.Struct, kw_only=True):
    codes: list[str]
