"""Members, their ledger and lots."""

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Page
from points.interfaces.console.schemas.common import PointsOut, Search, Text
from points.interfaces.lot_shapes import MaturesAt
from points.interfaces.member_shapes import Custom, IdentityOut
from points.interfaces.tier_shapes import TierRef

Tag = Annotated[str, Meta(min_length=1, max_length=60)]


class MemberRow(Struct, kw_only=True):
    """A member in a list; phone and e-mail are masked for roles without `members:write`."""

    id: uuid.UUID
    external_id: str
    name: str | None
    phone: str | None
    email: str | None
    joined_at: datetime
    tier: TierRef | None
    points: PointsOut
    orders_count: int
    spent_cents: int
    last_order_at: datetime | None


class NextExpiry(Struct, kw_only=True):
    points: int
    expires_at: datetime


class MemberOut(MemberRow, kw_only=True):
    birthday: date | None
    tags: list[str]
    cash_cents: int
    growth: int
    next_expiry: NextExpiry | None
    custom: Custom
    email_consent: bool
    identities: list[IdentityOut]
    erased_at: datetime | None


class ProfileChange(Body):
    """Only what is sent changes; of `custom` only the fields named, and null removes one."""

    name: Text | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=30)] | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    birthday: date | None | UnsetType = UNSET
    tags: Annotated[list[Tag], Meta(max_length=50)] | UnsetType = UNSET
    custom: Custom | UnsetType = UNSET


class MemberItems(Items):
    """A page of members; `total` counts all that match."""

    items: list[MemberRow]
    total: int


class MemberQuery(Page):
    q: Search = ""
    segment: Annotated[str, Meta(max_length=40)] | None = None
    tier: Annotated[str, Meta(max_length=40)] | None = None
    sort: Literal["-joined_at", "-available", "-lifetime_earned", "name"] = "-joined_at"


class MemberIn(Body):
    external_id: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    name: Text = ""
    phone: Annotated[str, Meta(max_length=30)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""

    def __post_init__(self) -> None:
        if not (self.external_id or self.name.strip() or self.phone or self.email):
            raise ValueError("give a number, a name, a phone number or an e-mail address")


class TagItems(Struct, kw_only=True):
    """Tags that members bear, in the order of their letters."""

    items: list[str]


class SegmentPreview(Struct, kw_only=True):
    """How many members a condition holds for, of `total`; the first five of them."""

    members_count: int
    total: int
    summary: str
    members: list[MemberRow]


class TransactionOut(Struct, kw_only=True):
    id: str
    kind: str
    unit: str
    amount: int
    occurred_at: datetime
    reason: str
    order_external_id: str | None
    balance_after: int
    is_pending: bool
    matures_at: MaturesAt
    actor: str | None
    approved_by: str | None
    note: str | None


class TransactionItems(Items):
    items: list[TransactionOut]


class TransactionQuery(Page):
    direction: Literal["in", "out"] | None = None


class FundingSourceRef(Struct, kw_only=True):
    code: str
    name: str


class LotOut(Struct, kw_only=True):
    granted: int
    remaining: int
    held: int
    matures_at: MaturesAt
    expires_at: datetime | None
    is_pending: bool
    funding_source: FundingSourceRef
    order_external_id: str | None


class LotItems(Items):
    items: list[LotOut]


class AdjustmentIn(Body):
    points: Annotated[int, Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]

    def __post_init__(self) -> None:
        if self.points == 0:
            raise ValueError("points may not be 0")
        if not self.reason.strip():
            raise ValueError("reason may not be blank")


class AdjustmentOut(Struct, kw_only=True):
    transaction: TransactionOut
    points: PointsOut
