"""Orders, their refunds, the dashboard."""

import uuid
from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from kernel.shapes import Items, Page
from points.insights.shapes import Figures, SeriesRow
from points.interfaces.console.schemas.common import MemberRef, Search
from points.interfaces.offset_shapes import OffsetShare


class OrderRow(Struct, kw_only=True):
    """An order; `paid_cents` is what was paid in money, after coupons and points."""

    id: uuid.UUID
    external_id: str
    channel: str
    member: MemberRef
    status: Literal["paid", "completed", "partly_refunded", "refunded"]
    placed_at: datetime
    completed_at: datetime | None
    currency: str
    paid_cents: int
    refunded_cents: int
    points_earned: int
    points_clawed_back: int
    points_pending: int


class OrderItems(Items):
    items: list[OrderRow]


class OrderQuery(Page):
    """`refunded` is also what was refunded in part; days are the merchant's."""

    q: Search = ""
    status: Literal["paid", "completed", "refunded"] | None = None
    first: date | None = field(default=None, name="from")
    last: date | None = field(default=None, name="to")


class OrderLineOut(Struct, kw_only=True):
    external_id: str
    sku: str
    category: str
    quantity: int
    amount_cents: int
    points: int
    refunded_quantity: int
    refunded_cents: int


class OffsetOut(Struct, kw_only=True):
    points: int
    cents: int
    shares: list[OffsetShare]


class RefundPoints(Struct, kw_only=True):
    clawed_back: int
    returned: int
    debt: int
    uncovered: int


class RefundStep(Struct, kw_only=True):
    step: Literal[
        "moved", "earned", "own_pending", "own_lots", "other_lots", "debt", "uncovered",
        "coupon_voided", "coupon_kept",
    ]  # fmt: skip
    points: int
    coupon: str | None = None


class RefundLineOut(Struct, kw_only=True):
    """A line that came back or went out, by its number within the order."""

    external_id: str
    sku: str
    quantity: int
    amount_cents: int


class ReversalOut(Struct, kw_only=True):
    """A chargeback whose dispute was won."""

    reversed_at: datetime
    restored_points: int
    spent_again_points: int
    left_with_member_points: int


class RefundOut(Struct, kw_only=True):
    """A refund, an exchange or a chargeback; `replacements` are what an exchange sent out."""

    kind: Literal["refund", "exchange", "chargeback"]
    external_id: str
    refunded_at: datetime
    amount_cents: int
    cash_netted_cents: int
    cash_due_cents: int
    points: RefundPoints
    steps: list[RefundStep]
    returned: list[RefundLineOut]
    replacements: list[RefundLineOut]
    reversal: ReversalOut | None


class ExplanationStep(Struct, kw_only=True):
    title: str
    detail: str


class Explanation(Struct, kw_only=True):
    summary: str
    steps: list[ExplanationStep]


class OrderOut(OrderRow, kw_only=True):
    lines: list[OrderLineOut]
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    offset: OffsetOut | None
    refunds: list[RefundOut]
    explanation: Explanation


class DashboardQuery(Struct, kw_only=True):
    """Business days, both included; the last 90 when left out."""

    first: date | None = field(default=None, name="from")
    last: date | None = field(default=None, name="to")


class DashboardOut(Struct, kw_only=True):
    first: date = field(name="from")
    last: date = field(name="to")
    currency: str
    figures: Figures
    series: list[SeriesRow]
    latest_orders: list[OrderRow]
