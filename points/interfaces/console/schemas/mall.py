"""Mall items and redemptions."""

import uuid
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import Body, Items, Page
from points.interfaces.console.schemas.common import MemberRef, Search, Text
from points.interfaces.mall_shapes import (
    ItemChange,
    ItemIn,
    ItemOut,
    ItemStatus,
    Kind,
    RedemptionCore,
    StaffPaymentOut,
    Status,
)


class MallItemIn(ItemIn, kw_only=True):
    kind: Kind
    status: ItemStatus = "draft"


class MallItemChange(ItemChange, kw_only=True, omit_defaults=True):
    kind: Kind | UnsetType = UNSET


class MallItemOut(ItemOut, kw_only=True):
    pass


class MallItemItems(Items):
    items: list[MallItemOut]


class MallItemQuery(Page):
    low: Annotated[bool, Meta(description="Only those of which little is left")] = False


class GiftCodesIn(Body, kw_only=True):
    text: Annotated[
        str,
        Meta(
            min_length=1, max_length=2_000_000,
            description="One code a line, or a CSV file with the codes in its first column",
        ),
    ]  # fmt: skip


class PoolOut(Struct, kw_only=True):
    free: int
    taken: int


class MallItemRef(Struct, kw_only=True):
    id: uuid.UUID
    title: str
    image: str
    kind: Kind


class RedemptionOut(RedemptionCore, kw_only=True):
    mall_item: MallItemRef
    address: dict[str, str] | None
    can_cancel: bool
    member: MemberRef
    payments: list[StaffPaymentOut]


class RedemptionItems(Items):
    items: list[RedemptionOut]


class RedemptionQuery(Page):
    q: Search = ""
    status: Status | None = None


class FulfilmentIn(Body):
    note: Text = ""
    tracking: Annotated[str, Meta(max_length=120)] = ""


class CancellationIn(Body):
    reason: Annotated[str, Meta(max_length=300)] = ""


class PaymentNoteIn(Body, kw_only=True):
    note: Annotated[str, Meta(max_length=300, description="E.g. who took the money")] = ""


class UseIn(Body, kw_only=True):
    """`{}`: all that matters stands in the address."""


class CounterRefusal(Struct, kw_only=True):
    """Why it cannot be handed over now."""

    code: str
    detail: str


class CounterOut(Struct, kw_only=True):
    """What somebody shows at the counter."""

    redemption: RedemptionOut
    refusal: CounterRefusal | None
