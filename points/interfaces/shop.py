"""The catalogue as the console and the partner API read and change it.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
"""

import uuid
from collections.abc import Iterator
from typing import Annotated

import msgspec
from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.money import exponent
from kernel.shapes import LARGEST_AMOUNT, given
from kernel.spreadsheets import stream_csv
from points.interfaces import shop_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.noting import Audit
from points.program.queries import get_program
from points.shop import actions, queries
from points.shop.calculations import label_of
from points.shop.errors import ProductNotFound
from points.shop.models import Category, Variant

# Nobody reads on: a longer list is searched.
MOST_SKUS = 50

SortKey = Annotated[int, msgspec.Meta(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
_BATCH = 500


def categories() -> shapes.CategoryItems:
    """All categories. One query."""
    return shapes.CategoryItems(
        items=[shapes.category(row, count) for row, count in queries.list_categories()]
    )


@transaction.atomic
def add_category(body: shapes.CategoryIn, audit: Audit) -> shapes.CategoryOut:
    """Raises CategoryCodeTaken."""
    row = actions.create_category(fields=msgspec.structs.asdict(body))
    audit("shop_category.added", f"shop_category:{row.code}", after=_category_facts(row))
    return shapes.category(row, 0)


@transaction.atomic
def change_category(code: str, body: shapes.CategoryChange, audit: Audit) -> shapes.CategoryItems:
    """All categories as they are then. Raises CategoryNotFound."""
    before = _category_facts(queries.get_category(code=code))
    row = actions.change_category(code=code, changes=given(body))
    after = _category_facts(row)
    audit("shop_category.changed", f"shop_category:{code}", before=before, after=after)
    return categories()


@transaction.atomic
def remove_category(code: str, audit: Audit) -> None:
    """Raises CategoryNotFound."""
    before = _category_facts(queries.get_category(code=code))
    actions.remove_category(code=code)
    audit("shop_category.removed", f"shop_category:{code}", before=before)


def products(query: shapes.ProductQuery) -> shapes.ProductItems:
    """A page of products in one query. Raises InvalidCursor."""
    found = queries.list_products(
        limit=query.limit + 1, sort=query.sort, status=query.status, category=query.category,
        search=query.search.strip(), is_low=bool(query.low_stock),
        after=decode_cursor(query.cursor, tuple[SortKey, uuid.UUID]),
    )  # fmt: skip
    page, following = cut(found, query.limit, lambda one: queries.sort_key(one, query.sort))
    return shapes.ProductItems(items=[shapes.listed(one) for one in page], next=following)


def sku_choices(query: shapes.SkuQuery) -> shapes.SkuItems:
    """Article numbers to choose from. One query."""
    language = get_language() or "en"
    return shapes.SkuItems(
        items=[
            shapes.SkuChoice(code=row.sku, name=f"{row.product.title(language)} · {row.sku}")
            for row in queries.find_skus(search=query.search.strip(), limit=MOST_SKUS)
        ]
    )


def show(product_id: str) -> shapes.ProductOut:
    """One product. Two queries. Raises ProductNotFound."""
    return shapes.sheet(_sheet(product_id))


@transaction.atomic
def add(body: shapes.ProductIn, audit: Audit) -> shapes.ProductOut:
    """Raises what `create_product` raises."""
    fields = msgspec.to_builtins(body)
    variants = fields.pop("variants")
    row = actions.create_product(fields=fields, variants=variants, at=clock.now())
    made = queries.get_sheet(product_id=row.pk)
    after = {**shapes.facts(made), **shapes.variant_facts(made)}
    audit("product.added", f"product:{row.pk}", after=after)
    return shapes.sheet(made)


@transaction.atomic
def change(product_id: str, body: shapes.ProductChange, audit: Audit) -> shapes.ProductOut:
    """Raises what `change_product` raises."""
    found = _sheet(product_id)
    changes = given(body)
    if not changes:
        return shapes.sheet(found)
    row = actions.change_product(product_id=found.product.pk, changes=changes)
    after = queries.get_sheet(product_id=row.pk)
    audit(
        "product.changed",
        f"product:{row.pk}",
        before=shapes.facts(found),
        after=shapes.facts(after),
    )
    return shapes.sheet(after)


@transaction.atomic
def change_variants(product_id: str, body: shapes.VariantsIn, audit: Audit) -> shapes.ProductOut:
    """Raises what `set_variants` raises."""
    found = _sheet(product_id)
    said = msgspec.to_builtins(body)
    row = actions.set_variants(
        product_id=found.product.pk, options=said["options"], variants=said["variants"]
    )
    after = queries.get_sheet(product_id=row.pk)
    audit(
        "product.variants_changed", f"product:{row.pk}", before=shapes.variant_facts(found),
        after=shapes.variant_facts(after),
    )  # fmt: skip
    return shapes.sheet(after)


@transaction.atomic
def change_statuses(body: shapes.StatusesIn, audit: Audit) -> shapes.StatusesOut:
    """Several products at once, all or none, under one note. Raises ProductNotFound,
    NothingToSell."""
    ids = [require_id(one, ProductNotFound) for one in body.product_ids]
    changed = actions.set_statuses(product_ids=ids, status=body.status)
    if changed:
        after = {"status": body.status, "products": [str(one) for one in ids]}
        audit("product.statuses_changed", "products", after=after)
    return shapes.StatusesOut(changed=changed)


@transaction.atomic
def change_stock(variant: Variant, body: shapes.StockIn, audit: Audit) -> shapes.VariantOut:
    """Count anew, or add and take away. Raises VariantNotFound, StockUncounted, StockBelowZero."""
    if isinstance(body.delta, int):
        row = actions.add_stock(variant_id=variant.pk, delta=body.delta, at=clock.now())
        before = None if row.stock is None else row.stock - body.delta
    else:
        counted = body.set if isinstance(body.set, int) else None
        before = queries.get_variant(variant_id=variant.pk).stock
        row = actions.set_stock(variant_id=variant.pk, stock=counted, at=clock.now())
    audit(
        "product.stock_changed", f"product:{row.product_id}",
        before={"stock": before},
        after={"sku": row.sku, "stock": row.stock, "reason": body.reason.strip()},
    )  # fmt: skip
    return shapes.variant(row, variant.product)


def product_file() -> StreamingHttpResponse:
    """All variants as CSV, in the catalogue's order; two queries for 500 products."""
    # Read within the shop's schema: an answer that streams is read after the request has left it.
    lines = list(stream_csv(_header(), _batches()))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="products.csv"'
    return answer


def _header() -> list[str]:
    return [
        _("Article number"), _("Title (Chinese)"), _("Title (English)"), _("Category"),
        _("Variant"), _("Price"), _("Price before"), _("Stock"), _("Low stock at"), _("Sold"),
        _("Product status"), _("Variant status"),
    ]  # fmt: skip


def _batches() -> Iterator[list[list[object]]]:
    digits = exponent(get_program().currency)
    after = None
    while found := queries.list_products(limit=_BATCH, after=after):
        sheets = queries.sheets_of([one.product for one in found])
        yield [_cells(one, row, digits) for one in sheets for row in one.variants]
        after = queries.sort_key(found[-1], "position")


def _cells(found: queries.Sheet, row: Variant, digits: int) -> list[object]:
    product = found.product
    return [
        row.sku, product.title_zh, product.title_en,
        product.category.name(shapes.language()) if product.category else "",
        label_of(product.options, row.choice, shapes.language()), _amount(row.price_cents, digits),
        _amount(row.compare_at_cents, digits), row.stock, row.low_stock_at, row.sold_count,
        product.status, row.status,
    ]  # fmt: skip


def _amount(cents: int | None, digits: int) -> str | None:
    """Minor units as a plain decimal: 1990 → 19.90."""
    if cents is None or digits == 0:
        return None if cents is None else str(cents)
    return f"{cents // 10**digits}.{cents % 10**digits:0{digits}d}"


def _sheet(product_id: str) -> queries.Sheet:
    return queries.get_sheet(product_id=require_id(product_id, ProductNotFound))


def _category_facts(row: Category) -> dict[str, object]:
    return {"name_zh": row.name_zh, "name_en": row.name_en, "position": row.position}
