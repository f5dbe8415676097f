"""Reading the catalogue, carts and addresses."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Coalesce

from points.shop.errors import (
    AddressNotFound,
    CategoryNotFound,
    ProductNotFound,
    VariantNotFound,
)
from points.shop.models import Address, CartLine, Category, Product, Variant

Sort = Literal["position", "price", "price_desc", "newest", "sold"]
# Sort → (what is compared, whether it falls); the newest are the highest ids.
_KEYS = {
    "position": ("position", False), "price": ("from_cents", False),
    "price_desc": ("from_cents", True), "newest": (None, True), "sold": ("sold", True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A product with what its living variants add up to."""

    product: Product
    from_cents: int | None
    to_cents: int | None
    # The highest of the prices struck through.
    compare_at_cents: int | None
    is_sold_out: bool
    # Pieces counted; None when a variant's are not.
    stock: int | None
    low_count: int
    variants_count: int
    sold: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A product with its living variants, in their order."""

    product: Product
    variants: Sequence[Variant]


def list_categories() -> list[tuple[Category, int]]:
    """Categories in their order, each with how many of its products are on sale. One query."""
    on_sale = Count("products", filter=Q(products__status=Product.Status.ON_SALE))
    rows = Category.objects.annotate(n=on_sale).order_by("position", "code")
    return [(row, row.n) for row in rows]


def get_category(*, code: str) -> Category:
    """Raises CategoryNotFound."""
    found = Category.objects.filter(code=code).first()
    if found is None:
        raise CategoryNotFound()
    return found


def list_products(
    *,
    limit: int,
    sort: Sort = "position",
    after: tuple[int, uuid.UUID] | None = None,
    status: str | None = None,
    category: str | None = None,
    search: str = "",
    is_low: bool = False,
) -> list[Listed]:
    """Products of a catalogue page with their categories, in one query.

    `after` is the (sort key, id) of the last one seen, as `sort_key` has it; `search` looks into
    titles and article numbers; `is_low`: those of which a variant is at its threshold or below.
    """
    name, falls = _KEYS[sort]
    rows = _found(_listed(), status=status, category=category, search=search)
    if is_low:
        rows = rows.filter(low__gt=0)
    if sort in ("price", "price_desc"):
        rows = rows.filter(from_cents__isnull=False)
    if after is not None:
        rows = rows.filter(_beyond(name, falls, *after))
    order = [] if name is None else [f"-{name}" if falls else name]
    return [_told(row) for row in rows.order_by(*order, "-pk")[:limit]]


def find_skus(*, search: str, limit: int) -> list[Variant]:
    """Variants that are made, with their products, whose article number or title has this in it, by
    article number. One query."""
    rows = Variant.objects.exclude(status=Variant.Status.RETIRED).select_related("product")
    if search:
        rows = rows.filter(
            Q(sku__icontains=search)
            | Q(product__title_zh__icontains=search)
            | Q(product__title_en__icontains=search)
        )
    return list(rows.order_by("sku")[:limit])


def sort_key(listed: Listed, sort: Sort) -> tuple[int, uuid.UUID]:
    """What a page ends with."""
    name = _KEYS[sort][0]
    values = {"position": listed.product.position, "from_cents": listed.from_cents}
    value = listed.sold if name == "sold" else values.get(name or "", 0)
    return value or 0, listed.product.pk


def get_sheet(*, product_id: uuid.UUID, for_members: bool = False) -> Sheet:
    """A product with its variants: two queries. For members drafts do not exist.

    Raises ProductNotFound.
    """
    rows = Product.objects.select_related("category").filter(pk=product_id)
    if for_members:
        rows = rows.exclude(status=Product.Status.DRAFT)
    found = rows.first()
    if found is None:
        raise ProductNotFound()
    return sheets_of([found])[0]


def sheets_of(products: Sequence[Product]) -> list[Sheet]:
    """Products with their variants: one query for any number."""
    living = Variant.objects.filter(product__in=products).exclude(status=Variant.Status.RETIRED)
    by_product: dict[uuid.UUID, list[Variant]] = {}
    for row in living.order_by("position", "pk"):
        by_product.setdefault(row.product_id, []).append(row)
    return [Sheet(product, by_product.get(product.pk, [])) for product in products]


def get_variants(*, variant_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Variant]:
    """Variants with their products and categories, retired ones too; one query. Who is not there is
    left out."""
    rows = Variant.objects.select_related("product__category")
    return {row.pk: row for row in rows.filter(pk__in=list(variant_ids))}


def get_variant_by_sku(*, sku: str) -> Variant:
    """The living variant of an article number. Raises VariantNotFound."""
    living = Variant.objects.select_related("product").exclude(status=Variant.Status.RETIRED)
    found = living.filter(sku=sku).first()
    if found is None:
        raise VariantNotFound()
    return found


def get_variant(*, variant_id: uuid.UUID) -> Variant:
    """A living variant with its product. Raises VariantNotFound."""
    living = Variant.objects.select_related("product").exclude(status=Variant.Status.RETIRED)
    found = living.filter(pk=variant_id).first()
    if found is None:
        raise VariantNotFound()
    return found


def list_cart(*, member: uuid.UUID) -> list[CartLine]:
    """A member's cart with variants and products, latest first. One query."""
    rows = CartLine.objects.select_related("variant__product__category").filter(member_id=member)
    return list(rows.order_by("-added_at", "-pk"))


def count_cart(*, member: uuid.UUID) -> int:
    """How many pieces are in a cart."""
    found = CartLine.objects.filter(member_id=member).aggregate(n=Sum("quantity"))["n"]
    return int(found or 0)


def list_addresses(*, member: uuid.UUID) -> list[Address]:
    """A member's addresses, the default first, then the newest. One query."""
    return list(Address.objects.filter(member_id=member).order_by("-is_default", "-pk"))


def get_address(*, member: uuid.UUID, address_id: uuid.UUID) -> Address:
    """One of a member's own addresses. Raises AddressNotFound."""
    found = Address.objects.filter(pk=address_id, member_id=member).first()
    if found is None:
        raise AddressNotFound()
    return found


def shows_picture(*, picture_id: uuid.UUID) -> bool:
    """Whether a product has this picture."""
    return Product.objects.filter(pictures__contains=[str(picture_id)]).exists()


_LIVING = ~Q(variants__status=Variant.Status.RETIRED)
_SOLD = Q(variants__status=Variant.Status.ON_SALE)


def _listed() -> QuerySet[Any]:
    """Products with the sums of `Listed`, which their class does not know of."""
    in_stock = Q(variants__stock__isnull=True) | Q(variants__stock__gt=0)
    return Product.objects.select_related("category").annotate(
        from_cents=Min("variants__price_cents", filter=_SOLD),
        to_cents=Max("variants__price_cents", filter=_SOLD),
        compare_cents=Max("variants__compare_at_cents", filter=_SOLD),
        in_stock=BoolOr(
            ExpressionWrapper(in_stock, output_field=BooleanField()), filter=_SOLD, default=False
        ),
        counted=Sum("variants__stock", filter=_LIVING, output_field=BigIntegerField()),
        uncounted=Count("variants", filter=_LIVING & Q(variants__stock__isnull=True)),
        low=Count("variants", filter=_LIVING & Q(variants__stock__lte=F("variants__low_stock_at"))),
        n=Count("variants", filter=_LIVING),
        sold=Coalesce(Sum("variants__sold_count", output_field=BigIntegerField()), 0),
    )


def _found(
    rows: QuerySet[Any], *, status: str | None, category: str | None, search: str
) -> QuerySet[Any]:
    if status is not None:
        rows = rows.filter(status=status)
    if category is not None:
        rows = rows.filter(category__code=category)
    if search:
        numbered = Variant.objects.filter(product=OuterRef("pk"), sku__icontains=search)
        numbered = numbered.exclude(status=Variant.Status.RETIRED)
        rows = rows.filter(
            Q(title_zh__icontains=search) | Q(title_en__icontains=search) | Exists(numbered)
        )
    return rows


def _beyond(name: str | None, falls: bool, value: int, last: uuid.UUID) -> Q:
    if name is None:
        return Q(pk__lt=last)
    way = "lt" if falls else "gt"
    return Q(**{f"{name}__{way}": value}) | Q(**{name: value, "pk__lt": last})


def _told(row: Any) -> Listed:
    return Listed(
        product=row, from_cents=row.from_cents, to_cents=row.to_cents,
        compare_at_cents=row.compare_cents, is_sold_out=not row.in_stock,
        stock=None if row.uncounted else (row.counted or 0), low_count=row.low,
        variants_count=row.n, sold=row.sold,
    )  # fmt: skip
