"""What a cart costs now, for whoever looks at it: read from the catalogue each time, never kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from points.shop.calculations import Availability, availability, member_price_cents
from points.shop.models import Variant


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many of a variant, with its product loaded. `unit_cents` is what one costs here and now."""

    variant: Variant
    quantity: int
    unit_cents: int
    state: Availability

    @property
    def total_cents(self) -> int:
        """What the line costs."""
        return self.unit_cents * self.quantity

    @property
    def list_cents(self) -> int:
        """What it would cost at list price."""
        return self.variant.price_cents * self.quantity

    @property
    def can_be_bought(self) -> bool:
        """Whether all of it can be had now."""
        return self.state == "available"


@dataclass(frozen=True, slots=True)
class PricedCart:
    """Lines in their order, and sums of those that can be bought."""

    lines: Sequence[PricedLine]

    @property
    def total_cents(self) -> int:
        """What the member pays for the goods."""
        return sum(line.total_cents for line in self.lines if line.can_be_bought)

    @property
    def list_cents(self) -> int:
        """The same goods at list price."""
        return sum(line.list_cents for line in self.lines if line.can_be_bought)

    @property
    def pieces(self) -> int:
        """How many pieces there are, also of what cannot be had."""
        return sum(line.quantity for line in self.lines)


def price_line(variant: Variant, quantity: int, rate: Decimal) -> PricedLine:
    """A line at a tier's `member_price_rate`; 1 for visitors."""
    product = variant.product
    return PricedLine(
        variant=variant, quantity=quantity,
        unit_cents=member_price_cents(variant.price_cents, rate, product.has_member_price),
        state=availability(
            product_status=product.status, variant_status=variant.status, stock=variant.stock,
            quantity=quantity,
        ),
    )  # fmt: skip


def price_cart(lines: Iterable[tuple[Variant, int]], rate: Decimal) -> PricedCart:
    """All lines at a rate."""
    return PricedCart([price_line(variant, quantity, rate) for variant, quantity in lines])
