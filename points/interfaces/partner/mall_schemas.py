"""Bodies and answers of the points mall in the partner API (api.md)."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Moment, Points, Slugish, check_moments
from points.interfaces.partner.schemas import Text


class MallItemIn(Body, kw_only=True):
    kind: Literal["goods", "benefit"]
    price_points: Points
    title: Text = ""
    title_zh: Text = ""
    title_en: Text = ""
    description_zh: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    description_en: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    image: Annotated[str, msgspec.Meta(max_length=300)] = ""
    price_cents: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)] = 0
    stock: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)] | None = None
    per_member_limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    on_sale_from: Moment | None = None
    on_sale_until: Moment | None = None
    status: Literal["draft", "on_sale", "paused"] = "on_sale"

    def __post_init__(self) -> None:
        check_moments(self.on_sale_from, self.on_sale_until)


class MallItemChange(Body, kw_only=True, omit_defaults=True):
    price_points: Points | msgspec.UnsetType = msgspec.UNSET
    title: Text | msgspec.UnsetType = msgspec.UNSET
    title_zh: Text | msgspec.UnsetType = msgspec.UNSET
    title_en: Text | msgspec.UnsetType = msgspec.UNSET
    description_zh: Annotated[str, msgspec.Meta(max_length=4000)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    description_en: Annotated[str, msgspec.Meta(max_length=4000)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    image: Annotated[str, msgspec.Meta(max_length=300)] | msgspec.UnsetType = msgspec.UNSET
    price_cents: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    stock: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)] | None | msgspec.UnsetType = (
        msgspec.UNSET
    )
    per_member_limit: (
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None | msgspec.UnsetType
    ) = msgspec.UNSET
    on_sale_from: Moment | None | msgspec.UnsetType = msgspec.UNSET
    on_sale_until: Moment | None | msgspec.UnsetType = msgspec.UNSET
    status: Literal["draft", "on_sale", "paused"] | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        for moment in (self.on_sale_from, self.on_sale_until):
            check_moments(moment if isinstance(moment, datetime) else None)


class MallItemOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    kind: str
    status: str
    title: str
    title_zh: str
    title_en: str
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
    created_at: datetime


class MallItemItems(Items, kw_only=True):
    items: list[MallItemOut]


class AddressIn(Body, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    phone: Annotated[str, msgspec.Meta(min_length=3, max_length=30)]
    region: Annotated[str, msgspec.Meta(max_length=200)] = ""
    line: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RedemptionIn(Body, kw_only=True):
    member_external_id: Slugish
    mall_item_id: uuid.UUID
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    address: AddressIn | None = None


class RedemptionOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    code: str
    status: str
    member_id: uuid.UUID
    mall_item_id: uuid.UUID
    quantity: int
    points: int
    price_cents: int
    currency: str
    address: dict[str, str] | None
    tracking: str
    created_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None


class RedemptionItems(Items, kw_only=True):
    items: list[RedemptionOut]


class CancellationIn(Body, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=300)] = ""


class FulfilmentIn(Body, kw_only=True):
    tracking: Annotated[str, msgspec.Meta(max_length=120)] = ""
