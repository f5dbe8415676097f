"""Bodies and answers of the catalogue, alike in the console and the partner API."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec
from django.utils.translation import get_language
from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import LARGEST_AMOUNT, Body, Cents, Items, Page
from points.media.models import Picture
from points.media.queries import address_of
from points.shop.calculations import MOST_VARIANTS, label_of
from points.shop.models import Category, Product, Variant
from points.shop.queries import Listed, Sheet, Sort

CategoryCode = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)")]
ShortText = Annotated[str, Meta(max_length=60)]
Text = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=10_000)]
Position = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Sku = Annotated[str, Meta(min_length=1, max_length=60)]
Count = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Delta = Annotated[int, Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
PictureIds = Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=12)]
ProductStatus = Literal["draft", "on_sale", "paused"]


class CategoryIn(Body):
    code: CategoryCode
    name_zh: ShortText = ""
    name_en: ShortText = ""
    position: Position = 0


class CategoryChange(Body):
    name_zh: ShortText | UnsetType = UNSET
    name_en: ShortText | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class CategoryOut(Struct, kw_only=True):
    code: str
    name: str
    name_zh: str
    name_en: str
    position: int
    on_sale_count: int


class CategoryItems(Struct, kw_only=True):
    items: list[CategoryOut]


class OptionValue(Body):
    zh: ShortText = ""
    en: ShortText = ""

    def __post_init__(self) -> None:
        if not (self.zh.strip() or self.en.strip()):
            raise ValueError("a value needs a name in one language")


class ProductOption(Body, kw_only=True):
    """A way in which variants differ, such as the size."""

    name_zh: ShortText = ""
    name_en: ShortText = ""
    values: Annotated[list[OptionValue], Meta(min_length=1, max_length=50)]


Options = Annotated[list[ProductOption], Meta(max_length=3)]


class VariantIn(Body, kw_only=True):
    """`choice`: for each option the position of the value, counted from 0. `stock` counts for a
    variant that is new; null is as many as wanted."""

    sku: Sku
    choice: Annotated[list[Annotated[int, Meta(ge=0, le=49)]], Meta(max_length=3)] = []
    price_cents: Cents
    compare_at_cents: Cents | None = None
    stock: Count | None = None
    low_stock_at: Count | None = None
    status: Literal["on_sale", "paused"] = "on_sale"

    def __post_init__(self) -> None:
        if self.compare_at_cents is not None and self.compare_at_cents <= self.price_cents:
            raise ValueError("field `compare_at_cents` must be more than the price")
        if self.sku != self.sku.strip():
            raise ValueError("field `sku` may not begin or end with a blank")


Variants = Annotated[list[VariantIn], Meta(min_length=1, max_length=MOST_VARIANTS)]


class ProductIn(Body, kw_only=True):
    """Without options there is exactly one variant."""

    title_zh: Text = ""
    title_en: Text = ""
    description_zh: LongText = ""
    description_en: LongText = ""
    pictures: PictureIds = []
    category: CategoryCode | None = None
    status: ProductStatus = "draft"
    position: Position = 0
    takes_points: bool = True
    has_member_price: bool = True
    options: Options = []
    variants: Variants


class ProductChange(Body):
    title_zh: Text | UnsetType = UNSET
    title_en: Text | UnsetType = UNSET
    description_zh: LongText | UnsetType = UNSET
    description_en: LongText | UnsetType = UNSET
    pictures: PictureIds | UnsetType = UNSET
    category: CategoryCode | None | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    takes_points: bool | UnsetType = UNSET
    has_member_price: bool | UnsetType = UNSET


class VariantsIn(Body, kw_only=True):
    options: Options = []
    variants: Variants


class StockIn(Body, kw_only=True):
    """Either `set`, the number that was counted (null: as many as wanted), or `delta`."""

    set: Count | None | UnsetType = UNSET
    delta: Delta | UnsetType = UNSET
    reason: Annotated[str, Meta(min_length=1, max_length=300)]

    def __post_init__(self) -> None:
        if (self.set is UNSET) == (self.delta is UNSET):
            raise ValueError("name either `set` or `delta`")
        if not self.reason.strip():
            raise ValueError("field `reason` may not be blank")


class VariantOut(Struct, kw_only=True):
    id: uuid.UUID
    sku: str
    status: Literal["on_sale", "paused"]
    choice: list[int]
    label: str
    price_cents: int
    compare_at_cents: int | None
    stock: int | None
    low_stock_at: int | None
    sold_count: int


class PictureRef(Struct, kw_only=True):
    id: str
    url: str


class ProductOut(Struct, kw_only=True):
    id: uuid.UUID
    status: ProductStatus
    title: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    pictures: list[PictureRef]
    category: str | None
    position: int
    takes_points: bool
    has_member_price: bool
    options: list[ProductOption]
    variants: list[VariantOut]
    created_at: datetime


class ProductRow(Struct, kw_only=True):
    """A product in a list; prices and stock are those of all its variants."""

    id: uuid.UUID
    status: ProductStatus
    title: str
    picture: str | None
    category: str | None
    category_name: str
    from_cents: int | None
    to_cents: int | None
    stock: int | None
    is_sold_out: bool
    low_stock_variants: int
    variants_count: int
    sold_count: int
    position: int


class ProductItems(Items):
    items: list[ProductRow]


class ProductQuery(Page):
    search: Annotated[str, Meta(max_length=80)] = ""
    category: CategoryCode | None = None
    status: ProductStatus | None = None
    sort: Sort = "position"
    low_stock: bool | None = None


class SkuQuery(Struct, kw_only=True):
    search: Annotated[str, Meta(max_length=80)] = ""


class SkuChoice(Struct, kw_only=True):
    """An article number, and under which name its product is sold."""

    code: str
    name: str


class SkuItems(Struct, kw_only=True):
    """At most 50, by article number."""

    items: list[SkuChoice]


class PictureOut(Struct, kw_only=True):
    id: uuid.UUID
    url: str
    width: int
    height: int
    file_name: str
    created_at: datetime


class PictureItems(Items):
    items: list[PictureOut]


class StatusesIn(Body):
    product_ids: Annotated[
        list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=100)
    ]
    status: ProductStatus


class StatusesOut(Struct, kw_only=True):
    changed: int


def picture(row: Picture) -> PictureOut:
    """A picture without its bytes."""
    return PictureOut(
        id=row.pk, url=address_of(picture_id=row.pk), width=row.width, height=row.height,
        file_name=row.file_name, created_at=row.created_at,
    )  # fmt: skip


def category(row: Category, on_sale: int) -> CategoryOut:
    """A category, named in the reader's language beside both."""
    return CategoryOut(
        code=row.code, name=row.name(language()), name_zh=row.name_zh, name_en=row.name_en,
        position=row.position, on_sale_count=on_sale,
    )  # fmt: skip


def cover(row: Product) -> str | None:
    """The address of a product's first picture."""
    return address_of(picture_id=row.pictures[0]) if row.pictures else None


def listed(found: Listed) -> ProductRow:
    """A row of the console's list."""
    row = found.product
    return ProductRow(
        id=row.pk, status=cast(ProductStatus, row.status), title=row.title(language()),
        picture=cover(row), category=row.category.code if row.category else None,
        category_name=row.category.name(language()) if row.category else "",
        from_cents=found.from_cents, to_cents=found.to_cents, stock=found.stock,
        is_sold_out=found.is_sold_out, low_stock_variants=found.low_count,
        variants_count=found.variants_count, sold_count=found.sold, position=row.position,
    )  # fmt: skip


def sheet(found: Sheet) -> ProductOut:
    """A product with everything staff may change."""
    row = found.product
    return ProductOut(
        id=row.pk, status=cast(ProductStatus, row.status), title=row.title(language()),
        title_zh=row.title_zh, title_en=row.title_en, description_zh=row.description_zh,
        description_en=row.description_en,
        pictures=[PictureRef(id=one, url=address_of(picture_id=one)) for one in row.pictures],
        category=row.category.code if row.category else None, position=row.position,
        takes_points=row.takes_points,
        has_member_price=row.has_member_price, created_at=row.created_at,
        options=msgspec.convert(row.options, list[ProductOption]),
        variants=[variant(one, row) for one in found.variants],
    )  # fmt: skip


def variant(row: Variant, product: Product) -> VariantOut:
    """One variant, called by its values in the reader's language."""
    return VariantOut(
        id=row.pk, sku=row.sku, status=cast(Literal["on_sale", "paused"], row.status),
        choice=row.choice, label=label_of(product.options, row.choice, language()),
        price_cents=row.price_cents, compare_at_cents=row.compare_at_cents, stock=row.stock,
        low_stock_at=row.low_stock_at, sold_count=row.sold_count,
    )  # fmt: skip


def facts(found: Sheet) -> dict[str, Any]:
    """A product as a note of the audit log has it, without what its variants are."""
    told = msgspec.to_builtins(sheet(found))
    for name in ("id", "title", "options", "variants", "created_at"):
        del told[name]
    return {**told, "pictures": [one["id"] for one in told["pictures"]]}


def variant_facts(found: Sheet) -> dict[str, Any]:
    """Variants as a note of the audit log has them: sku → what is said of it."""
    names = ("status", "price_cents", "compare_at_cents", "low_stock_at")
    told = {row.sku: {name: getattr(row, name) for name in names} for row in found.variants}
    return {"options": found.product.options, "variants": told}


def language() -> str:
    """The language of the request."""
    return get_language() or "en"
