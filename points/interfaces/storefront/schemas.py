"""Bodies and answers of the storefront API."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Items, Page
from points.interfaces.lot_shapes import MaturesAt, WaitsForOrder
from points.interfaces.member_shapes import Custom, Kind
from points.interfaces.tier_shapes import TierRef

Address = Annotated[
    str, msgspec.Meta(min_length=1, max_length=254, description="Phone number or e-mail address")
]
PersonName = Annotated[str, msgspec.Meta(max_length=60)]
ShortText = Annotated[str, msgspec.Meta(max_length=200)]
_OLDEST = date(1900, 1, 1)


class Empty(Body):
    """`{}`: all that matters stands in the address."""


class CodeIn(Body):
    address: Address


class CodeOut(msgspec.Struct, kw_only=True):
    expires_in_seconds: int
    resend_in_seconds: int


class SessionIn(Body):
    address: Address
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    name: PersonName | None = None
    referral_code: Annotated[
        str,
        msgspec.Meta(
            max_length=40,
            description="Of whoever invited; counts for new members, and keeps nobody out",
        ),
    ] = ""


class PointsOut(msgspec.Struct, kw_only=True):
    available: int
    pending: int
    held: int
    debt: int
    lifetime_earned: int


class ExpiryOut(msgspec.Struct, kw_only=True):
    points: int
    expires_at: datetime


class MaturityOut(msgspec.Struct, kw_only=True):
    points: int
    matures_at: datetime


class MeOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    external_id: str
    name: str | None
    phone: Annotated[str | None, msgspec.Meta(description="Masked")]
    email: Annotated[str | None, msgspec.Meta(description="Masked")]
    birthday: date | None
    joined_at: datetime
    member_code: Annotated[str, msgspec.Meta(description="Eight figures, shown at the till")]
    tier: TierRef | None
    points: PointsOut
    points_value_cents: int
    next_expiry: ExpiryOut | None
    next_maturity: MaturityOut | None
    growth: int
    cash_cents: int
    email_consent: bool
    can_change_birthday: bool


class ProfileChoiceOut(msgspec.Struct, kw_only=True):
    code: str
    name: str


class ProfileFieldOut(msgspec.Struct, kw_only=True):
    """One of the shop's own fields, with the member's value."""

    code: str
    kind: Kind
    name: str
    choices: list[ProfileChoiceOut]
    is_required: bool
    can_change: bool
    value: str | int | bool | None


class ProfileOut(msgspec.Struct, kw_only=True):
    fields: list[ProfileFieldOut]
    is_complete: bool


class MeChange(Body):
    """What a member may change. Left out: stays as it is; null: removed."""

    name: PersonName | None | msgspec.UnsetType = msgspec.UNSET
    birthday: date | None | msgspec.UnsetType = msgspec.UNSET
    email_consent: bool | msgspec.UnsetType = msgspec.UNSET
    custom: Custom | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        latest = (datetime.now(UTC) + timedelta(days=1)).date()
        if isinstance(self.birthday, date) and not _OLDEST <= self.birthday <= latest:
            raise ValueError("the birthday must lie between 1900 and today")


class TransactionQuery(Page):
    direction: Literal["in", "out"] | None = None


class TransactionOut(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    unit: str
    amount: Annotated[int, msgspec.Meta(description="Effect on what the member owns")]
    occurred_at: datetime
    reason: str
    order_external_id: str | None
    balance_after: int
    is_pending: bool
    matures_at: MaturesAt


class TransactionItems(Items):
    items: list[TransactionOut]


class MonthOut(msgspec.Struct, kw_only=True):
    month: Annotated[str, msgspec.Meta(description="YYYY-MM, in the merchant's time zone")]
    earned: int
    spent: int


class MonthItems(msgspec.Struct, kw_only=True):
    items: list[MonthOut]


class LotOut(msgspec.Struct, kw_only=True):
    granted: int
    remaining: int
    held: int
    matures_at: MaturesAt
    expires_at: datetime | None
    is_pending: bool
    waits_for_order: WaitsForOrder


class LotItems(msgspec.Struct, kw_only=True):
    items: list[LotOut]
