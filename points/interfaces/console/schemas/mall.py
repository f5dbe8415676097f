"""Mall items and redemptions."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Moment, Page, Points, check_moments
from points.interfaces.console.schemas.common import MemberRef, Search, Text

LongText = Annotated[str, Meta(max_length=4000)]
Whole = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Kind = Literal["goods", "coupon", "red_packet", "benefit", "gift_code"]
ItemStatus = Literal["draft", "on_sale", "paused"]


class MallItemIn(Body):
    kind: Kind
    price_points: Points
    title_zh: Text = ""
    title_en: Text = ""
    description_zh: LongText = ""
    description_en: LongText = ""
    image: Annotated[str, Meta(max_length=300)] = ""
    price_cents: Whole = 0
    stock: Whole | None = None
    per_member_limit: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    on_sale_from: Moment | None = None
    on_sale_until: Moment | None = None
    status: ItemStatus = "draft"

    def __post_init__(self) -> None:
        check_moments(self.on_sale_from, self.on_sale_until)


class MallItemChange(Body):
    kind: Kind | UnsetType = UNSET
    price_points: Points | UnsetType = UNSET
    title_zh: Text | UnsetType = UNSET
    title_en: Text | UnsetType = UNSET
    description_zh: LongText | UnsetType = UNSET
    description_en: LongText | UnsetType = UNSET
    image: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    price_cents: Whole | UnsetType = UNSET
    stock: Whole | None | UnsetType = UNSET
    per_member_limit: Annotated[int, Meta(ge=1, le=1_000_000)] | None | UnsetType = UNSET
    on_sale_from: Moment | None | UnsetType = UNSET
    on_sale_until: Moment | None | UnsetType = UNSET
    status: ItemStatus | UnsetType = UNSET

    def __post_init__(self) -> None:
        for moment in (self.on_sale_from, self.on_sale_until):
            check_moments(moment if isinstance(moment, datetime) else None)


class MallItemOut(Struct, kw_only=True):
    id: uuid.UUID
    kind: Kind
    title_zh: str
    title_en: str
    title: str
    description_zh: str
    description_en: str
    image: str
    price_points: int
    price_cents: int
    stock: int | None
    redeemed_count: int
    per_member_limit: int | None
    on_sale_from: datetime | None
    on_sale_until: datetime | None
    status: ItemStatus
    created_at: datetime


class MallItemItems(Items):
    items: list[MallItemOut]


class MallItemRef(Struct, kw_only=True):
    id: uuid.UUID
    title: str
    image: str
    kind: Kind


class RedemptionOut(Struct, kw_only=True):
    id: uuid.UUID
    code: str
    status: Literal["pending", "fulfilled", "cancelled"]
    mall_item: MallItemRef
    quantity: int
    points: int
    price_cents: int
    currency: str
    address: dict[str, str] | None
    created_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    can_cancel: bool
    member: MemberRef


class RedemptionItems(Items):
    items: list[RedemptionOut]


class RedemptionQuery(Page):
    q: Search = ""
    status: Literal["pending", "fulfilled", "cancelled"] | None = None


class FulfilmentIn(Body):
    note: Text = ""
    tracking: Annotated[str, Meta(max_length=120)] = ""


class CancellationIn(Body):
    reason: Annotated[str, Meta(max_length=300)] = ""
