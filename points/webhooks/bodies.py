"""What each event tells: the data of its body. What a struct promises only grows; another meaning is
another version."""

import uuid
from datetime import date, datetime
from typing import Any, Literal

import msgspec


class PointsEarned(msgspec.Struct, kw_only=True):
    """Points came into a wallet; those that are pending count from the day they mature."""

    transaction_id: str
    member_id: uuid.UUID
    unit: Literal["points", "growth", "cash"]
    amount: int
    reference: str | None


class PointsTaken(msgspec.Struct, kw_only=True):
    """Points moved, in the direction the topic says; `amount` is positive."""

    transaction_id: str
    member_id: uuid.UUID
    amount: int
    reference: str | None


class CashMoved(msgspec.Struct, kw_only=True):
    """Cash moved in a member's wallet; `amount` is positive, in minor units of the shop's currency."""

    transaction_id: str
    member_id: uuid.UUID
    amount: int
    reference: str | None


class CashReceived(CashMoved, kw_only=True):
    """Cash came into a member's wallet."""

    unit: Literal["cash"]


class WithdrawalTold(msgspec.Struct, kw_only=True):
    """A member's wish to have cash paid out, and what became of it. `amount` in minor units."""

    withdrawal_id: uuid.UUID
    member_id: uuid.UUID
    amount: int
    status: Literal["requested", "paid", "failed", "rejected"]
    reference: str | None


class PointsExpiring(msgspec.Struct, kw_only=True):
    """Points that end on one local day, told as many days before as the programme says."""

    member_id: uuid.UUID
    unit: Literal["points"]
    points: int
    expires_at: datetime
    expires_date: date
    days: int


class ProductLowStock(msgspec.Struct, kw_only=True):
    """The stock of a variant fell to its threshold or below; told once each time it falls."""

    product_id: uuid.UUID
    variant_id: uuid.UUID
    sku: str
    stock: int


class TierChanged(msgspec.Struct, kw_only=True):
    """A member moved: codes of the tiers, None for none, and the figures behind it."""

    member_id: uuid.UUID
    from_: str | None = msgspec.field(name="from")
    to: str | None
    kind: Literal["upgrade", "downgrade", "kept", "grace", "manual", "manual_ended", "recalculated"]
    why: dict[str, Any]


class MemberTold(msgspec.Struct, kw_only=True):
    """Something happened to a member's record."""

    member_id: uuid.UUID


class MemberMerged(msgspec.Struct, kw_only=True):
    """Two records were one person: the merged one's ids go on leading to the one who stays.
    `merged_external_id` is null when the person was erased before this was sent."""

    member_id: uuid.UUID
    merged_member_id: uuid.UUID
    merged_external_id: str | None


class ReferralTold(msgspec.Struct, kw_only=True):
    """`member_id` came by an invitation of `inviter_id`."""

    referral_id: uuid.UUID
    member_id: uuid.UUID
    inviter_id: uuid.UUID


class ReferralQualified(ReferralTold, kw_only=True):
    """What was ordered first is kept; the points both sides got for it."""

    inviter_points: int
    invitee_points: int


class CommissionMoved(msgspec.Struct, kw_only=True):
    """Commission moved in or out of a distributor's cash wallet; `amount` is positive, in minor units."""

    commission_id: uuid.UUID
    member_id: uuid.UUID
    order_id: uuid.UUID
    level: Literal[1, 2]
    amount: int


class BudgetUsed(msgspec.Struct, kw_only=True):
    """How much of a budget is used: points, or (measure `cost`) millionths of a minor unit."""

    owner: str
    funding_source: str | None
    measure: Literal["points", "cost"]
    limit: int
    used: int


class TestMessage(msgspec.Struct, kw_only=True):
    """Says nothing but that the way is open."""

    __test__ = False  # the name makes pytest look

    message: str


class CouponMoved(msgspec.Struct, kw_only=True):
    """What happened to a coupon, as the topic says; `valid_until` is the first moment after."""

    coupon_id: uuid.UUID
    code: str
    template: str
    member_id: uuid.UUID
    reference: str | None
    discount_cents: int
    valid_until: datetime | None


class ShopOrderTold(msgspec.Struct, kw_only=True):
    """A shop order as it stands after what the topic says; amounts in minor units. `reason` says why
    one was cancelled."""

    order_id: uuid.UUID
    number: str
    member_id: uuid.UUID
    status: str
    payable_cents: int
    refunded_cents: int
    currency: str
    reason: str | None = None


class ShopRefundTold(ShopOrderTold, kw_only=True):
    """A refund of a shop order: the money of it, what of that goes into the cash wallet, and the
    points that return."""

    refund_id: uuid.UUID
    paid_cents: int
    cash_cents: int
    points: int


class MallStockLow(msgspec.Struct, kw_only=True):
    """An item's stock, or that of one of its variants, has just come down to its threshold."""

    mall_item_id: uuid.UUID
    variant_id: uuid.UUID | None
    title_zh: str
    title_en: str
    stock: int
    low_stock_at: int
