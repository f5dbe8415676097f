"""Every write of the catalogue, stock included."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from kernel import outbox
from kernel.db import Ask, ask
from kernel.ids import parse_id
from points.media.errors import PictureNotFound
from points.media.queries import hold_pictures
from points.shop.calculations import are_complete, has_crossed
from points.shop.errors import (
    CategoryCodeTaken,
    CategoryNotFound,
    NothingToSell,
    OptionsInvalid,
    OutOfStock,
    ProductIncomplete,
    ProductNotFound,
    SkuTaken,
    StockBelowZero,
    StockUncounted,
    VariantNotFound,
)
from points.shop.models import Category, Product, Variant

Fields = Mapping[str, Any]


@transaction.atomic
def create_category(*, fields: Fields) -> Category:
    """Add a category. Raises CategoryCodeTaken."""
    row = Category(**fields)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise CategoryCodeTaken(code=row.code) from None
    return row


@transaction.atomic
def change_category(*, code: str, changes: Fields) -> Category:
    """Change a category's names or place. Raises CategoryNotFound."""
    row = Category.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise CategoryNotFound()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=[*changes])
    return row


@transaction.atomic
def remove_category(*, code: str) -> None:
    """Take a category away; its products stay, without one. Raises CategoryNotFound."""
    row = Category.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise CategoryNotFound()
    row.delete()


@transaction.atomic
def create_product(*, fields: Fields, variants: Sequence[Fields], at: datetime) -> Product:
    """Add a product with its variants; `fields["category"]` is a category's code.

    Raises ProductIncomplete, CategoryNotFound, PictureNotFound, OptionsInvalid, SkuTaken,
    NothingToSell.
    """
    row = Product(created_at=at, **_resolved(fields))
    _check(row)
    row.save(force_insert=True)
    _put_variants(row, variants)
    _check_sellable(row)
    return row


@transaction.atomic
def change_product(*, product_id: uuid.UUID, changes: Fields) -> Product:
    """Change what is named of a product; variants and options by `set_variants`.

    Raises ProductNotFound, ProductIncomplete, CategoryNotFound, PictureNotFound, NothingToSell.
    """
    row = _locked(product_id)
    for name, value in _resolved(changes).items():
        setattr(row, name, value)
    _check(row)
    row.save(update_fields=[*changes])
    _check_sellable(row)
    return row


@transaction.atomic
def set_statuses(*, product_ids: Sequence[uuid.UUID], status: str) -> int:
    """Put products on sale or pause them, all or none; answers how many changed.

    Raises ProductNotFound, NothingToSell.
    """
    rows = list(Product.objects.select_for_update().filter(pk__in=product_ids).order_by("pk"))
    if len(rows) < len(set(product_ids)):
        raise ProductNotFound()
    if status == Product.Status.ON_SALE:
        sold = set(_sellable().filter(product__in=rows).values_list("product_id", flat=True))
        if any(row.pk not in sold for row in rows):
            raise NothingToSell()
    return Product.objects.filter(pk__in=product_ids).exclude(status=status).update(status=status)


@transaction.atomic
def set_variants(
    *, product_id: uuid.UUID, options: Sequence[Fields], variants: Sequence[Fields]
) -> Product:
    """Replace a product's options and variants, which belong together.

    Variants are known by their sku: one that was there keeps its id, its stock and what it sold
    (`stock` counts for new ones only, or a page opened in the morning would undo the day's sales);
    one that is left out is retired. Raises ProductNotFound, OptionsInvalid, SkuTaken,
    NothingToSell.
    """
    row = _locked(product_id)
    row.options = [*options]
    row.save(update_fields=["options"])
    _put_variants(row, variants)
    _check_sellable(row)
    return row


@transaction.atomic
def set_stock(*, variant_id: uuid.UUID, stock: int | None, at: datetime) -> Variant:
    """The stock as it was counted; None: as many as wanted. Raises VariantNotFound."""
    row = _locked_variant(variant_id)
    return _restock(row, stock, at)


@transaction.atomic
def add_stock(*, variant_id: uuid.UUID, delta: int, at: datetime) -> Variant:
    """Pieces came in, or with a minus went away. Raises VariantNotFound, StockUncounted,
    StockBelowZero."""
    row = _locked_variant(variant_id)
    if row.stock is None:
        raise StockUncounted()
    if row.stock + delta < 0:
        raise StockBelowZero(stock=row.stock)
    return _restock(row, row.stock + delta, at)


def take_stock(*, items: Mapping[uuid.UUID, int], at: datetime) -> None:
    """Take pieces of variants for an order: all of them or none, in one call of a stored function.

    Rows are locked in order of their ids; callers do it last, as all buyers meet on them. Tells
    `product.low_stock` for each that fell to its threshold by this. Raises OutOfStock with
    `variant_ids` and what is `left` of each; the caller's transaction can go on then.
    """
    with transaction.atomic(savepoint=False):
        found = ask(_to_take(items))[0]
        for variant_id, product_id, sku, stock in found.get("low", ()):
            _tell_low(variant_id, product_id, sku, stock, at)
    if "short" in found:
        raise OutOfStock(variant_ids=sorted(found["short"]), left=found["short"])


def put_back_stock(*, items: Mapping[uuid.UUID, int]) -> None:
    """Give pieces back that `take_stock` took and nobody bought after all. One call."""
    ask(Ask("shop_put_back_stock(%s)", [_packed(items)], lambda _: None))


def _to_take(items: Mapping[uuid.UUID, int]) -> Ask[dict[str, Any]]:
    return Ask("shop_take_stock(%s)", [_packed(items)], _read)


def _read(text: Any) -> dict[str, Any]:
    found: dict[str, Any] = text if isinstance(text, dict) else msgspec.json.decode(text)
    return found


def _packed(items: Mapping[uuid.UUID, int]) -> str:
    return msgspec.json.encode({str(key): count for key, count in items.items()}).decode()


def _restock(row: Variant, stock: int | None, at: datetime) -> Variant:
    before, row.stock = row.stock, stock
    row.save(update_fields=["stock"])
    if has_crossed(before=before, after=stock, threshold=row.low_stock_at):
        _tell_low(row.pk, row.product_id, row.sku, stock or 0, at)
    return row


def _tell_low(variant_id: Any, product_id: Any, sku: str, stock: int, at: datetime) -> None:
    outbox.tell(
        topic="product.low_stock", subject=str(variant_id), at=at,
        payload={
            "product_id": str(product_id), "variant_id": str(variant_id), "sku": sku,
            "stock": stock,
        },
    )  # fmt: skip


def _locked(product_id: uuid.UUID) -> Product:
    row = Product.objects.select_for_update().filter(pk=product_id).first()
    if row is None:
        raise ProductNotFound()
    return row


def _locked_variant(variant_id: uuid.UUID) -> Variant:
    row = Variant.objects.select_for_update().filter(pk=variant_id).first()
    if row is None or row.status == Variant.Status.RETIRED:
        raise VariantNotFound()
    return row


def _resolved(fields: Fields) -> dict[str, Any]:
    """A category's code as its row, and pictures that are there and stay."""
    found = dict(fields)
    if code := found.get("category"):
        found["category"] = Category.objects.filter(code=code).first()
        if found["category"] is None:
            raise CategoryNotFound()
    elif "category" in found:
        found["category"] = None
    if pictures := found.get("pictures"):
        ids = [parse_id(str(one)) for one in pictures]
        if None in ids:
            raise PictureNotFound()
        hold_pictures(picture_ids=[one for one in ids if one])
        found["pictures"] = [str(one) for one in ids]
    return found


def _check(row: Product) -> None:
    if not (row.title_zh or row.title_en):
        raise ProductIncomplete()


def _sellable() -> Any:
    return Variant.objects.filter(status=Variant.Status.ON_SALE)


def _check_sellable(row: Product) -> None:
    if row.status == Product.Status.ON_SALE and not _sellable().filter(product=row).exists():
        raise NothingToSell()


def _put_variants(row: Product, variants: Sequence[Fields]) -> None:
    """Bring a product's variants to what is named; a fixed number of statements."""
    if not are_complete(row.options, [one.get("choice", ()) for one in variants]):
        raise OptionsInvalid()
    wanted = {one["sku"]: (place, one) for place, one in enumerate(variants)}
    if len(wanted) < len(variants):
        raise SkuTaken(sku=_twice([one["sku"] for one in variants]))
    _refuse_taken(row, wanted)
    # The living ones last, so that they win over retired ones of the same sku.
    ordered = row.variants.select_for_update().order_by("pk")
    known = {one.sku: one for one in sorted(ordered, key=lambda one: one.status != "retired")}
    retired = [one for sku, one in known.items() if sku not in wanted]
    kept = [_laid_over(known[sku], *wanted[sku]) for sku in wanted if sku in known]
    Variant.objects.filter(pk__in=[one.pk for one in retired]).update(status=Variant.Status.RETIRED)
    if kept:
        Variant.objects.bulk_update(kept, list(_OVERLAID))
    Variant.objects.bulk_create(
        Variant(product=row, position=place, **one)
        for sku, (place, one) in wanted.items()
        if sku not in known
    )


# What a list of variants says of one that is there already; its stock has actions of its own.
_OVERLAID = (
    "status", "choice", "price_cents", "compare_at_cents", "low_stock_at", "position",
)  # fmt: skip


def _laid_over(row: Variant, place: int, fields: Fields) -> Variant:
    said = {"status": Variant.Status.ON_SALE, "choice": [], **fields, "position": place}
    for name in _OVERLAID:
        setattr(row, name, said.get(name))
    return row


def _refuse_taken(row: Product, wanted: Mapping[str, Any]) -> None:
    others = Variant.objects.filter(sku__in=wanted).exclude(status=Variant.Status.RETIRED)
    taken = others.exclude(product=row).values_list("sku", flat=True).first()
    if taken is not None:
        raise SkuTaken(sku=taken)


def _twice(skus: Sequence[str]) -> str:
    return next(sku for sku in skus if skus.count(sku) > 1)
