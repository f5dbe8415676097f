"""Bodies and answers of the shop, the cart and addresses for members."""

import uuid
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import Body, Items, Page
from points.interfaces.storefront.mall_schemas import AddressIn
from points.interfaces.storefront.schemas import ShortText
from points.shop.calculations import MOST_LINES, MOST_PIECES, Availability
from points.shop.queries import Sort

IdText = Annotated[str, Meta(max_length=60)]
Quantity = Annotated[int, Meta(ge=1, le=MOST_PIECES)]


class ShopCategoryOut(Struct, kw_only=True):
    code: str
    name: str


class ShopCategoryItems(Struct, kw_only=True):
    items: list[ShopCategoryOut]


class ShopQuery(Page):
    search: Annotated[str, Meta(max_length=80)] = ""
    category: Annotated[str, Meta(max_length=40)] | None = None
    sort: Sort = "position"


class ProductCardOut(Struct, kw_only=True):
    """A product in the shop. Member prices are null where they are the list price."""

    id: uuid.UUID
    title: str
    picture: str | None
    from_cents: int
    to_cents: int
    member_from_cents: int | None
    compare_at_cents: int | None
    is_sold_out: bool
    sold_count: int


class ProductCardItems(Items):
    items: list[ProductCardOut]


class ShopOptionOut(Struct, kw_only=True):
    name: str
    values: list[str]


class ShopVariantOut(Struct, kw_only=True):
    """`choice`: for each option the position of the value."""

    id: uuid.UUID
    choice: list[int]
    label: str
    price_cents: int
    member_price_cents: int | None
    compare_at_cents: int | None
    state: Availability
    stock_left: Annotated[int | None, Meta(description="Told when 20 or fewer are left")]


class ProductPageOut(Struct, kw_only=True):
    id: uuid.UUID
    title: str
    description: str
    pictures: list[str]
    category: str
    options: list[ShopOptionOut]
    variants: list[ShopVariantOut]
    is_on_sale: bool
    takes_points: bool
    sold_count: int


class CartLineIn(Body):
    variant_id: IdText
    quantity: Quantity


class CartLinesIn(Body):
    lines: Annotated[list[CartLineIn], Meta(max_length=MOST_LINES)]


class QuantityIn(Body):
    quantity: Quantity


class CartLineOut(Struct, kw_only=True):
    """`price_cents` is what one costs now; `left` is told when there are too few."""

    variant_id: uuid.UUID
    product_id: uuid.UUID
    title: str
    label: str
    picture: str | None
    quantity: int
    price_cents: int
    list_price_cents: int
    total_cents: int
    state: Availability
    left: int | None


class CartOut(Struct, kw_only=True):
    """Sums are of the lines that can be bought. `saved_cents` is what the member price saves.

    From `free_shipping_from_cents` on they travel free, which takes `free_shipping_missing_cents`
    more; both null where there is nothing to reach. Coupons come later, at the checkout."""

    lines: list[CartLineOut]
    pieces: int
    list_cents: int
    saved_cents: int
    total_cents: int
    free_shipping_from_cents: int | None
    free_shipping_missing_cents: int | None
    can_check_out: bool


class SavedAddressIn(AddressIn):
    is_default: bool = False


class SavedAddressChange(Body):
    name: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    phone: Annotated[str, Meta(min_length=1, max_length=30)] | UnsetType = UNSET
    region: ShortText | UnsetType = UNSET
    line: Annotated[str, Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    is_default: Literal[True] | UnsetType = UNSET


class SavedAddressOut(Struct, kw_only=True):
    id: uuid.UUID
    name: str
    phone: str
    region: str
    line: str
    is_default: bool


class SavedAddressItems(Struct, kw_only=True):
    items: list[SavedAddressOut]
