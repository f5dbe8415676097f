"""Bodies and answers of refunds, exchanges and chargebacks."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Cents, Moment, check_moments
from points.flows.incoming_order import MOST_LINES
from points.flows.order_refunded import IncomingRefundLine


class RefundPoints(msgspec.Struct, kw_only=True):
    clawed_back: int
    returned: int
    debt: int
    uncovered: int


class RefundStep(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What moved; `coupon` is the code of one that the order had earned: taken back
    (coupon_voided), or left because it was used or is held by a checkout (coupon_kept)."""

    step: str
    points: int
    coupon: str | None = None


class RefundOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    external_id: str
    order_external_id: str
    refunded_at: datetime
    amount_cents: int
    points: RefundPoints
    steps: list[RefundStep]
    cash_netted_cents: int


class RefundQuoteIn(Body, kw_only=True):
    """A refund that is only asked about."""

    amount_cents: Cents
    lines: Annotated[list[IncomingRefundLine], msgspec.Meta(max_length=MOST_LINES)] | None = None
    shortfall: Literal["debt", "net"] = "debt"


class RefundQuoteOut(msgspec.Struct, kw_only=True):
    """`cash_cents` is what is left to pay out; `available` and `debt` are the member's then."""

    amount_cents: int
    cash_cents: int
    cash_netted_cents: int
    points: RefundPoints
    steps: list[RefundStep]
    available: int
    debt: int


class ExchangedLineOut(msgspec.Struct, kw_only=True):
    external_id: str
    quantity: int
    amount_cents: int


class ReplacementOut(ExchangedLineOut, kw_only=True):
    sku: str
    points: int


class ExchangeOut(msgspec.Struct, kw_only=True):
    """`cash_back_cents` goes to the buyer, `cash_due_cents` comes from him: one of them is 0."""

    id: uuid.UUID
    external_id: str
    order_external_id: str
    exchanged_at: datetime
    returned: list[ExchangedLineOut]
    replacements: list[ReplacementOut]
    cash_back_cents: int
    cash_due_cents: int
    points_moved: int
    points_earned: int
    points: RefundPoints
    steps: list[RefundStep]


class ReversalIn(Body, kw_only=True):
    reversed_at: Moment

    def __post_init__(self) -> None:
        check_moments(self.reversed_at)


class ReversalOut(msgspec.Struct, kw_only=True):
    reversed_at: datetime
    restored_points: int
    spent_again_points: int
    left_with_member_points: int


class ChargebackOut(msgspec.Struct, kw_only=True):
    """Once the dispute is won, `points` are 0 and `reversal` says what was given back."""

    id: uuid.UUID
    external_id: str
    order_external_id: str
    charged_back_at: datetime
    amount_cents: int
    points: RefundPoints
    steps: list[RefundStep]
    reversal: ReversalOut | None
