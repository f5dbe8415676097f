"""Bodies and answers of the partner API (api.md)."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import LARGEST_AMOUNT, Body, Items, Moment, Page, Points, Slugish, check_moments
from points.flows.incoming_order import IncomingOrder
from points.interfaces.lot_shapes import MaturesAt, WaitsForOrder
from points.interfaces.member_shapes import Custom, IdentityOut
from points.interfaces.offset_shapes import OffsetShare

Text = Annotated[str, msgspec.Meta(max_length=200)]
SignedPoints = Annotated[int, msgspec.Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class PointsOut(msgspec.Struct, kw_only=True):
    available: int
    pending: int
    held: int
    debt: int
    lifetime_earned: int


class MemberOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    external_id: str
    name: str | None
    phone: str | None
    email: str | None
    birthday: date | None
    tags: list[str]
    tier: str | None
    joined_at: datetime
    custom: Custom
    email_consent: bool
    identities: list[IdentityOut]
    points: PointsOut
    growth: int
    cash_cents: int


class MemberItems(Items, kw_only=True):
    items: list[MemberOut]


class MemberIn(Body, kw_only=True):
    external_id: Slugish
    phone: Annotated[str, msgspec.Meta(max_length=30)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254)] = ""
    name: Text = ""
    birthday: date | None = None
    joined_at: Moment | None = None
    tags: Annotated[list[Tag], msgspec.Meta(max_length=50)] = []
    custom: Custom = {}
    referral_code: Annotated[
        str,
        msgspec.Meta(
            max_length=40,
            description="Of whoever invited. One that is refused keeps nobody out:"
            " `GET /referrals?member_id=` says why",
        ),
    ] = ""

    def __post_init__(self) -> None:
        check_moments(self.joined_at)


class MemberChange(Body, kw_only=True):
    phone: Annotated[str, msgspec.Meta(max_length=30)] | msgspec.UnsetType = msgspec.UNSET
    email: Annotated[str, msgspec.Meta(max_length=254)] | msgspec.UnsetType = msgspec.UNSET
    name: Text | msgspec.UnsetType = msgspec.UNSET
    birthday: date | None | msgspec.UnsetType = msgspec.UNSET
    tags: Annotated[list[Tag], msgspec.Meta(max_length=50)] | msgspec.UnsetType = msgspec.UNSET
    custom: Custom | msgspec.UnsetType = msgspec.UNSET
    email_consent: bool | msgspec.UnsetType = msgspec.UNSET


class MemberQuery(Page, kw_only=True):
    external_id: str | None = None
    phone: str | None = None
    email: str | None = None
    tag: str | None = None


class MomentQuery(msgspec.Struct, kw_only=True):
    at: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.at)


class BalanceOut(msgspec.Struct, kw_only=True):
    member_id: uuid.UUID
    at: datetime
    available: int
    pending: int | None
    held: int | None
    debt: int | None


class TransactionOut(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    unit: str
    amount: int
    occurred_at: datetime
    posted_at: datetime
    reason: str
    order_external_id: str | None
    balance_after: int


class TransactionItems(Items, kw_only=True):
    items: list[TransactionOut]


class PingOut(msgspec.Struct, kw_only=True):
    merchant: str
    mode: Literal["live", "test"]
    now: datetime
    key_prefix: str
    scopes: list[str]


class LotOut(msgspec.Struct, kw_only=True):
    granted: int
    remaining: int
    held: int
    matures_at: MaturesAt
    expires_at: datetime | None
    is_pending: bool
    waits_for_order: WaitsForOrder
    funding_source: str


class LotItems(msgspec.Struct, kw_only=True):
    items: list[LotOut]


class OrderIn(IncomingOrder, kw_only=True):
    """An order; `create_member` adds an unknown member instead of refusing."""

    create_member: bool = False


class OrderBatchIn(Body, kw_only=True):
    orders: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=1000)]
    create_members: bool = False


class OrderResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str | None
    outcome: Literal["created", "duplicate", "conflict", "refused"]
    points_earned: int
    code: str | None = None
    detail: str | None = None


class OrderResults(msgspec.Struct, kw_only=True):
    results: list[OrderResult]


class OrderPoints(msgspec.Struct, kw_only=True):
    earned: int
    pending: int
    clawed_back: int
    returned: int
    lots: list[LotOut]


class OrderLineOut(msgspec.Struct, kw_only=True):
    external_id: str
    sku: str
    category: str
    quantity: int
    amount_cents: int
    points: int
    refunded_quantity: int
    refunded_cents: int


class OrderOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    external_id: str
    channel: str
    member_id: uuid.UUID
    status: str
    currency: str
    placed_at: datetime
    completed_at: datetime | None
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    offset_points: int
    offset_cents: int
    offset_shares: list[OffsetShare]
    refunded_cents: int
    lines: list[OrderLineOut]
    points: OrderPoints


class ChannelQuery(msgspec.Struct, kw_only=True):
    channel: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class CompletionIn(Body, kw_only=True):
    completed_at: Moment

    def __post_init__(self) -> None:
        check_moments(self.completed_at)


class ExplanationStep(msgspec.Struct, kw_only=True):
    title: str
    detail: str


class ExplanationOut(msgspec.Struct, kw_only=True):
    summary: str
    steps: list[ExplanationStep]
    evaluation: dict[str, Any] | None


class QuoteLineIn(Body, kw_only=True):
    """Goods of one category, at what they cost after coupons."""

    amount_cents: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)]
    category: Annotated[str, msgspec.Meta(max_length=120)] = ""


class QuoteIn(Body, kw_only=True):
    """With `lines`, categories that take no points (`offset.excluded_categories`) are left out of the
    share; they may not exceed `amount_cents`."""

    member_external_id: Slugish
    amount_cents: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT)]
    lines: Annotated[list[QuoteLineIn], msgspec.Meta(min_length=1, max_length=5_000)] | None = None

    def __post_init__(self) -> None:
        if self.lines and sum(line.amount_cents for line in self.lines) > self.amount_cents:
            raise ValueError("field `lines` must not exceed `amount_cents`")


class QuoteOut(msgspec.Struct, kw_only=True):
    max_points: int
    max_discount_cents: int
    step: int
    available: int


class HoldIn(Body, kw_only=True):
    member_external_id: Slugish
    points: Points
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=2_592_000)] = 1800


class HoldOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    member_id: uuid.UUID
    points: int
    reference: str
    status: str
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


class Empty(Body, kw_only=True):
    """A body without fields."""


class AdjustmentIn(Body, kw_only=True):
    member_external_id: Slugish
    points: SignedPoints
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    funding_source: Annotated[str, msgspec.Meta(max_length=40)] | None = None

    def __post_init__(self) -> None:
        if self.points == 0:
            raise ValueError("points may not be 0")


class AdjustmentOut(msgspec.Struct, kw_only=True):
    adjustment_id: uuid.UUID
    transaction_id: str
    points: PointsOut


class TestClockIn(Body, kw_only=True):
    now: Moment
    run_jobs: bool = False

    def __post_init__(self) -> None:
        check_moments(self.now)


class TestClockOut(msgspec.Struct, kw_only=True):
    now: datetime
    jobs: dict[str, int]
