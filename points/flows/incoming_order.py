"""An order as a channel tells it: its shape, whether it was told before, whether it adds up."""

import hashlib
import uuid
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Cents, Moment, Slugish, check_moments
from points.orders.errors import AmountsContradict, CurrencyMismatch, LineRepeated

# Wholesalers' invoices have more than a thousand.
MOST_LINES = 5_000


class IncomingLine(Body, kw_only=True):
    """One line: `amount_cents` is what the whole line costs, before coupons and points."""

    external_id: Slugish
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    amount_cents: Cents
    sku: Annotated[str, msgspec.Meta(max_length=120)] = ""
    category: Annotated[str, msgspec.Meta(max_length=120)] = ""


class IncomingOrder(Body, kw_only=True):
    """An order as a channel tells it. Its natural key is (`channel`, `external_id`)."""

    external_id: Slugish
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    placed_at: Moment
    status: Literal["paid", "completed"]
    lines: Annotated[list[IncomingLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "api"
    member_external_id: Slugish | None = None
    member_id: uuid.UUID | None = None
    completed_at: Moment | None = None
    shipping_cents: Cents = 0
    tax_cents: Cents = 0
    discount_cents: Cents = 0
    hold_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        check_moments(self.placed_at, self.completed_at)
        if (self.member_external_id is None) == (self.member_id is None):
            raise ValueError("name the member by member_external_id or by member_id")

    @property
    def key(self) -> tuple[str, str]:
        return self.channel, self.external_id


def fingerprint_of(order: IncomingOrder) -> str:
    """Short hash of everything that was said of the order; times count as moments."""
    said = [getattr(order, name) for name in IncomingOrder.__struct_fields__]
    return hashlib.blake2b(msgspec.msgpack.encode(said), digest_size=12).hexdigest()


def check_order(order: IncomingOrder, *, currency: str, offset_cents: int) -> None:
    """Raises CurrencyMismatch, LineRepeated, AmountsContradict."""
    if order.currency != currency:
        raise CurrencyMismatch(expected=currency, given=order.currency)
    names: set[str] = set()
    for line in order.lines:
        if line.external_id in names:
            raise LineRepeated(line=line.external_id)
        names.add(line.external_id)
    total = sum(line.amount_cents for line in order.lines) + order.shipping_cents + order.tax_cents
    if order.discount_cents + offset_cents > total:
        raise AmountsContradict(
            total_cents=total, discount_cents=order.discount_cents, offset_cents=offset_cents
        )
