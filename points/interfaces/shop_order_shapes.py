"""Shop orders as the APIs show them, and what both staff and other systems send."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernel.shapes import Body, Cents, Items, Page
from points.shop.order_models import Payment, ShopOrder, ShopRefund

MOST_LINES = 100
Note = Annotated[str, Meta(max_length=500)]
Position = Annotated[int, Meta(ge=1, le=MOST_LINES)]
Pieces = Annotated[int, Meta(ge=1, le=999)]
Number = Annotated[str, Meta(max_length=30)]
Means = Literal["offline", "stripe"]


class CompleteIn(Body):
    """`{}`: it is complete from now on."""


class RefundLineIn(Body):
    """So many pieces of one line of the order."""

    position: Position
    quantity: Pieces


RefundLines = Annotated[list[RefundLineIn], Meta(min_length=1, max_length=MOST_LINES)]


def pieces_of(lines: list[RefundLineIn]) -> dict[int, int]:
    """Position → quantity; the same position twice counts together."""
    pieces: dict[int, int] = {}
    for line in lines:
        pieces[line.position] = pieces.get(line.position, 0) + line.quantity
    return pieces


class ShopLineOut(Struct, kw_only=True):
    """A line as it was sold, in minor units: list price − member price − coupons − points is what
    money pays (`paid_cents`)."""

    position: int
    product_id: uuid.UUID
    variant_id: uuid.UUID
    sku: str
    title: str
    options: str
    picture: str | None
    quantity: int
    list_cents: int
    member_discount_cents: int
    coupon_cents: int
    offset_points: int
    offset_cents: int
    paid_cents: int
    refunded_quantity: int


class UsedCouponOut(Struct, kw_only=True):
    code: str
    discount_cents: int


class HistoryOut(Struct, kw_only=True):
    """What happened to an order; `by`: `member`, `staff`, `api`, a payment provider, or nobody when
    time did it."""

    state: str
    at: datetime
    by: Literal["member", "staff", "api", "payment", "time"]
    note: str


class ShipmentOut(Struct, kw_only=True):
    carrier: str
    tracking: str
    at: datetime


class ShopAddressOut(Struct, kw_only=True):
    name: str = ""
    phone: str = ""
    region: str = ""
    line: str = ""


class ShopPaymentOut(Struct, kw_only=True):
    """An attempt to pay; `url` is where the buyer pays while it is open."""

    id: uuid.UUID
    provider: str
    status: Payment.Status
    amount_cents: int
    url: str | None
    created_at: datetime
    paid_at: datetime | None


class PaymentMethodOut(Struct, kw_only=True):
    """A way to pay; `text` is what the shop says on it."""

    code: Means
    text: str


class RefundedLineOut(Struct, kw_only=True):
    position: int
    quantity: int
    paid_cents: int = 0
    points: int = 0


class ShopRefundOut(Struct, kw_only=True):
    """Goods that shall come back. `paid_cents` is all the money of it, `cash_cents` what of that
    goes into the cash wallet."""

    id: uuid.UUID
    order_id: uuid.UUID
    number: str
    status: ShopRefund.Status
    lines: list[RefundedLineOut]
    reason: str
    note: str
    shipping_cents: int
    paid_cents: int
    cash_cents: int
    points: int
    coupons_returned: list[str]
    requested_at: datetime
    decided_at: datetime | None
    done_at: datetime | None


class ShopOrderRow(Struct, kw_only=True):
    """A shop order in a list. `payable_cents` is what money pays, shipping included; `due_cents` what
    of that comes through a payment."""

    id: uuid.UUID
    number: str
    member_id: uuid.UUID
    status: ShopOrder.Status
    currency: str
    lines: list[ShopLineOut]
    list_cents: int
    member_discount_cents: int
    coupon_cents: int
    offset_points: int
    offset_cents: int
    shipping_cents: int
    payable_cents: int
    cash_cents: int
    due_cents: int
    refunded_cents: int
    has_open_refund: bool
    created_at: datetime
    pay_by: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    cancel_reason: str


class ShopOrderRows(Items):
    items: list[ShopOrderRow]


class BorneOut(Struct, kw_only=True):
    """What one payer bears of an order's price, and what of that came back: by the points it had
    given and by its coupons."""

    funding_source: str
    offset_points: int
    offset_cents: int
    returned_points: int
    returned_offset_cents: int
    coupon_cents: int
    returned_coupon_cents: int


class ShopOrderOut(ShopOrderRow, kw_only=True):
    """One order with all there is to it. `payment_methods`: how it can be paid, while it waits."""

    coupons: list[UsedCouponOut]
    address: ShopAddressOut | None
    note: str
    shipment: ShipmentOut | None
    completes_at: datetime | None
    payments: list[ShopPaymentOut]
    payment_methods: list[PaymentMethodOut]
    refunds: list[ShopRefundOut]
    history: list[HistoryOut]


class StaffShopOrderOut(ShopOrderOut, kw_only=True):
    """The same with who bore what: for the shop's own people and systems."""

    settlement: list[BorneOut]


class ShopOrderQuery(Page):
    """`number`: the beginning of an order's number."""

    status: ShopOrder.Status | None = None
    number: Number = ""
    member_id: Annotated[str, Meta(max_length=60)] | None = None


class ShipmentIn(Body):
    carrier: Annotated[str, Meta(max_length=60)] = ""
    tracking: Annotated[str, Meta(max_length=120)] = ""


class GiveUpIn(Body):
    reason: Note = ""


class GiveBackIn(Body):
    """`shipping_cents` left out: all of it when everything comes back before it was sent, else none.
    `is_restocked`: the pieces can be sold again."""

    lines: RefundLines
    reason: Note = ""
    shipping_cents: Cents | None = None
    is_restocked: bool = True


class RefundApprovalIn(Body):
    """Yes, to other lines than were asked for if any are named."""

    lines: RefundLines | None = None
    shipping_cents: Cents | None = None
    is_restocked: bool = True
    note: Note = ""


class RefundRejectionIn(Body):
    note: Annotated[str, Meta(min_length=1, max_length=500)]


class MoneySeenIn(Body):
    """A word on how the money came or went, e.g. the number of a bank transfer."""

    note: Note = ""


class ShopRefundQuery(Page):
    status: ShopRefund.Status | None = None


class ShopRefundItems(Items):
    items: list[ShopRefundOut]
