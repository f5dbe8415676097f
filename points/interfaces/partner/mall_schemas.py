"""Bodies and answers of the points mall in the partner API (api.md)."""

import uuid
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Items, Slugish
from points.interfaces.mall_shapes import (
    GiftCodes,
    ItemChange,
    ItemIn,
    ItemOut,
    ItemStatus,
    Kind,
    Payment,
    PickupIn,
    RedemptionCore,
    StaffPaymentOut,
    Title,
)


class MallItemIn(ItemIn, kw_only=True):
    kind: Kind
    title: Title = ""
    status: ItemStatus = "on_sale"


class MallItemChange(ItemChange, kw_only=True, omit_defaults=True):
    title: Title | msgspec.UnsetType = msgspec.UNSET


class MallItemOut(ItemOut, kw_only=True):
    pass


class MallItemItems(Items, kw_only=True):
    items: list[MallItemOut]


class GiftCodesIn(Body, kw_only=True):
    codes: GiftCodes


class AddressIn(Body, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    phone: Annotated[str, msgspec.Meta(min_length=3, max_length=30)]
    region: Annotated[str, msgspec.Meta(max_length=200)] = ""
    line: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RedemptionIn(Body, kw_only=True):
    member_external_id: Slugish
    mall_item_id: uuid.UUID
    variant_id: uuid.UUID | None = None
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    delivery: Literal["ship", "pickup"] | None = None
    address: AddressIn | None = None
    payment: Payment = "outside"


class RedemptionOut(RedemptionCore, kw_only=True):
    member_id: uuid.UUID
    mall_item_id: uuid.UUID
    variant_id: uuid.UUID | None
    address: dict[str, str] | None
    payments: list[StaffPaymentOut]


class RedemptionItems(Items, kw_only=True):
    items: list[RedemptionOut]


class CancellationIn(Body, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=300)] = ""


class FulfilmentIn(Body, kw_only=True):
    tracking: Annotated[str, msgspec.Meta(max_length=120)] = ""


class PaymentIn(Body, kw_only=True):
    """`{}`: what was to be paid is paid."""


class PickupVerificationIn(PickupIn, kw_only=True):
    only_look: Annotated[
        bool, msgspec.Meta(description="Show what it is, and hand nothing over")
    ] = False
