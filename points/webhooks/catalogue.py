"""The events other systems can subscribe to: one line each in `EVENTS`.

An event reaches receivers when its topic is registered here and somebody tells it to the outbox with
a payload that has exactly the fields of its struct. `scripts/generate.py` writes the JSON schema of
each to docs/events. What a struct promises only grows; another meaning is another version.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from points.webhooks.bodies import (
    BudgetUsed,
    CashMoved,
    CashReceived,
    CommissionMoved,
    CouponMoved,
    MallStockLow,
    MemberMerged,
    MemberTold,
    PointsEarned,
    PointsExpiring,
    PointsTaken,
    ProductLowStock,
    ReferralQualified,
    ReferralTold,
    ShopOrderTold,
    ShopRefundTold,
    TestMessage,
    TierChanged,
    WithdrawalTold,
)

ALL = "*"
TEST = "webhook.test"


class EventType(msgspec.Struct, frozen=True):
    """What is promised of one topic."""

    data: type[msgspec.Struct]
    title: str | Promise
    example: dict[str, Any]
    version: int = 1


_ID = "01a20077-438c-767c-86e5-9c0bfbe1af05"
_POINTS = {"transaction_id": "184467", "member_id": _ID, "amount": 110, "reference": "20261031-8"}
_CASH = {**_POINTS, "amount": 888, "reference": ""}
_WITHDRAWAL = {
    "withdrawal_id": "01a20079-0b7e-7a55-8d1c-5f0a8d9c2e11", "member_id": _ID, "amount": 5_000,
}  # fmt: skip
_BUDGET = {
    "owner": "funding:3", "funding_source": "brand", "measure": "points", "limit": 1_000,
    "used": 800,
}  # fmt: skip

_COUPON = {
    "coupon_id": "01a20077-51aa-7c10-8d2e-6a1c5a0f9b21", "code": "7KQ4-M2XW-9PAB",
    "template": "new-year", "member_id": _ID, "reference": None, "discount_cents": 0,
    "valid_until": "2026-11-30T16:00:00+00:00",
}  # fmt: skip
_USED_COUPON = {**_COUPON, "reference": "20261031-8", "discount_cents": 2_000}

_SHOP_ORDER = {
    "order_id": "01a20077-9c11-7b3e-9d55-2f6a1c7e4b10", "number": "261122-7KQ4M2XW",
    "member_id": _ID, "status": "paid", "payable_cents": 10_590, "refunded_cents": 0,
    "currency": "CNY", "reason": None,
}  # fmt: skip
_SHOP_REFUND = {
    **_SHOP_ORDER, "refund_id": "01a20077-a7d2-7c42-8f06-3b7d2e9f5c21", "paid_cents": 3_109,
    "cash_cents": 293, "points": 881,
}  # fmt: skip
_REFERRAL = {
    "referral_id": "01a20079-5c1d-7b0e-9c3a-2f4b6d8e0a13",
    "member_id": "01a20077-9d12-7b51-9c55-0f6b9a1f2c31", "inviter_id": _ID,
}  # fmt: skip
_COMMISSION = {
    "commission_id": "01a2007a-7e3f-7d21-8a4b-6c8d0e2f4a15", "member_id": _ID, "level": 1,
    "order_id": "01a2007a-1b2c-7d3e-8f40-5a6b7c8d9e0f", "amount": 540,
}  # fmt: skip

# Topic → what is promised. The order is the one in which people choose.
EVENTS: Mapping[str, EventType] = {
    "points.earned": EventType(
        PointsEarned, gettext_lazy("Points were earned"), {**_POINTS, "unit": "points"}
    ),
    "points.spent": EventType(PointsTaken, gettext_lazy("Points were spent"), _POINTS),
    "points.clawed_back": EventType(
        PointsTaken, gettext_lazy("Points were taken back after a refund"), _POINTS
    ),
    "points.restored": EventType(
        PointsTaken, gettext_lazy("Points came back after a dispute was won"), _POINTS
    ),
    "points.expiring": EventType(
        PointsExpiring,
        gettext_lazy("Points will expire soon"),
        {
            "member_id": _ID, "unit": "points", "points": 110, "days": 30,
            "expires_at": "2026-11-30T16:00:00+00:00", "expires_date": "2026-11-30",
        },
    ),
    "product.low_stock": EventType(
        ProductLowStock,
        gettext_lazy("A product is running low"),
        {"product_id": _ID, "variant_id": _ID, "sku": "TEA-50", "stock": 5},
    ),
    "tier.changed": EventType(
        TierChanged,
        gettext_lazy("A member's tier changed"),
        {
            "member_id": _ID, "from": "silver", "to": "gold", "kind": "upgrade",
            "why": {"by": "growth", "value": 1_020, "threshold": 1_000},
        },
    ),
    "points.transferred": EventType(
        PointsTaken, gettext_lazy("Points were given to another member"), _POINTS
    ),
    "points.received": EventType(
        PointsTaken, gettext_lazy("Points came from another member"), _POINTS
    ),
    "member.profile_completed": EventType(
        MemberTold, gettext_lazy("A member completed the profile"), {"member_id": _ID}
    ),
    "member.merged": EventType(
        MemberMerged,
        gettext_lazy("Two members were merged"),
        {
            "member_id": _ID, "merged_member_id": "01a20077-9d12-7b51-9c55-0f6b9a1f2c31",
            "merged_external_id": "mei-2",
        },
    ),
    "member.erased": EventType(
        MemberTold, gettext_lazy("A member's data was erased"), {"member_id": _ID}
    ),
    "budget.alert": EventType(BudgetUsed, gettext_lazy("A budget is nearly used up"), _BUDGET),
    "budget.exhausted": EventType(
        BudgetUsed, gettext_lazy("A budget is used up"), {**_BUDGET, "used": 1_000}
    ),
    "shop_order.placed": EventType(
        ShopOrderTold, gettext_lazy("A shop order was placed"),
        {**_SHOP_ORDER, "status": "awaiting_payment"},
    ),
    "shop_order.paid": EventType(
        ShopOrderTold, gettext_lazy("A shop order was paid"), _SHOP_ORDER
    ),
    "shop_order.shipped": EventType(
        ShopOrderTold, gettext_lazy("A shop order was sent"), {**_SHOP_ORDER, "status": "shipped"}
    ),
    "shop_order.completed": EventType(
        ShopOrderTold, gettext_lazy("A shop order was completed"),
        {**_SHOP_ORDER, "status": "completed"},
    ),
    "shop_order.cancelled": EventType(
        ShopOrderTold, gettext_lazy("A shop order was cancelled before it was paid"),
        {**_SHOP_ORDER, "status": "cancelled", "reason": "unpaid"},
    ),
    "shop_refund.requested": EventType(
        ShopRefundTold, gettext_lazy("Somebody asks to give goods of a shop order back"),
        {**_SHOP_REFUND, "paid_cents": 0, "cash_cents": 0, "points": 0},
    ),
    "shop_refund.approved": EventType(
        ShopRefundTold, gettext_lazy("A refund of a shop order was approved"),
        {**_SHOP_REFUND, "refunded_cents": 3_109},
    ),
    "shop_refund.rejected": EventType(
        ShopRefundTold, gettext_lazy("A refund of a shop order was rejected"),
        {**_SHOP_REFUND, "paid_cents": 0, "cash_cents": 0, "points": 0},
    ),
    "coupon.issued": EventType(CouponMoved, gettext_lazy("A coupon was issued"), _COUPON),
    "coupon.used": EventType(CouponMoved, gettext_lazy("A coupon was used"), _USED_COUPON),
    "coupon.returned": EventType(
        CouponMoved, gettext_lazy("A coupon came back after a refund"), _USED_COUPON
    ),
    "coupon.expired": EventType(CouponMoved, gettext_lazy("A coupon expired"), _COUPON),
    "coupon.voided": EventType(CouponMoved, gettext_lazy("A coupon was taken back"), _COUPON),
    "mall_item.low_stock": EventType(
        MallStockLow, gettext_lazy("Little is left of a mall item"),
        {
            "mall_item_id": "01a20079-0b7e-7a55-8d1c-5f0a8d9c2e12", "variant_id": None,
            "title_zh": "青瓷茶杯", "title_en": "Celadon tea cup", "stock": 3, "low_stock_at": 3,
        },
    ),
    "cash.received": EventType(
        CashReceived, gettext_lazy("Cash came into a wallet"), {**_CASH, "unit": "cash"}
    ),
    "cash.spent": EventType(CashMoved, gettext_lazy("Cash was spent"), _CASH),
    "cash.clawed_back": EventType(
        CashMoved, gettext_lazy("Cash was taken back after a refund"), _CASH
    ),
    "cash.restored": EventType(
        CashMoved, gettext_lazy("Cash came back after a dispute was won"), _CASH
    ),
    "withdrawal.requested": EventType(
        WithdrawalTold, gettext_lazy("A member asked for a withdrawal"),
        {**_WITHDRAWAL, "status": "requested", "reference": None},
    ),
    "withdrawal.paid": EventType(
        WithdrawalTold, gettext_lazy("A withdrawal was paid out"),
        {**_WITHDRAWAL, "status": "paid", "reference": "1330000071100999991182020050700019480001"},
    ),
    "withdrawal.failed": EventType(
        WithdrawalTold, gettext_lazy("A withdrawal could not be paid out; the cash came back"),
        {**_WITHDRAWAL, "status": "failed", "reference": None},
    ),
    "withdrawal.rejected": EventType(
        WithdrawalTold, gettext_lazy("A withdrawal was rejected; the cash came back"),
        {**_WITHDRAWAL, "status": "rejected", "reference": None},
    ),
    "referral.joined": EventType(
        ReferralTold, gettext_lazy("A member joined by an invitation"), _REFERRAL
    ),
    "referral.qualified": EventType(
        ReferralQualified, gettext_lazy("An invitation was rewarded"),
        {**_REFERRAL, "inviter_points": 100, "invitee_points": 50},
    ),
    "commission.settled": EventType(
        CommissionMoved, gettext_lazy("Commission was paid into a wallet"), _COMMISSION
    ),
    "commission.taken_back": EventType(
        CommissionMoved, gettext_lazy("Commission was taken back after a refund"), _COMMISSION
    ),
}  # fmt: skip
# Sent by hand to one endpoint; nobody subscribes to it.
TEST_EVENT = EventType(
    TestMessage, gettext_lazy("Test event"), {"message": "Hello from Jifen. All is well."}
)


def find_event(topic: str) -> EventType | None:
    """What is promised of a topic, or None."""
    return TEST_EVENT if topic == TEST else EVENTS.get(topic)


def write_body(*, topic: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """The body that is sent and signed: equal at every try, whatever order the database gives."""
    found = find_event(topic)
    envelope = {
        "type": topic, "version": found.version if found else 1,
        "timestamp": occurred_at, "data": dict(sorted(data.items())),
    }  # fmt: skip
    return msgspec.json.encode(envelope)


def describe_schemas() -> dict[str, dict[str, Any]]:
    """JSON schema of the whole body, by topic."""
    return {topic: _schema(topic, kind) for topic, kind in [*EVENTS.items(), (TEST, TEST_EVENT)]}


def _schema(topic: str, kind: EventType) -> dict[str, Any]:
    (reference,), parts = msgspec.json.schema_components([kind.data], ref_template="{name}")
    data = parts[reference["$ref"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": topic,
        "type": "object",
        "required": ["type", "version", "timestamp", "data"],
        "properties": {
            "type": {"const": topic},
            "version": {"const": kind.version},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
        "examples": [
            {
                "type": topic, "version": kind.version, "timestamp": "2026-10-31T02:00:00Z",
                "data": dict(sorted(kind.example.items())),
            }
        ],
    }  # fmt: skip
