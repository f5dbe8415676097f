"""Writes of what the mall offers: items, their variants, and pools of gift codes."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.crypto import salted_hmac

from kernel.db import Ask, ask
from kernel.sealing import seal
from points.redemption.calculations import masked
from points.redemption.errors import (
    ItemContradicts,
    ItemIncomplete,
    ItemNotFound,
    NoCodesGiven,
    NotAGiftCodeItem,
    VariantNotFound,
)
from points.redemption.models import GiftCode, MallItem, MallVariant

SEALED_FOR = "gift code"
MOST_VARIANTS = 50
MOST_CODES = 10_000
_OF_VARIANT = [
    "name_zh", "name_en", "stock", "low_stock_at", "price_points", "price_cents", "position",
    "is_retired",
]  # fmt: skip
Kind = MallItem.Kind


class Added(msgspec.Struct, frozen=True):
    """What an upload of gift codes did: how many came into the pool, and the codes that are in a pool
    of this shop already, as they were given."""

    added: int
    duplicates: list[str]


def create_item(
    *, fields: dict[str, Any], at: datetime, variants: Sequence[Mapping[str, Any]] = ()
) -> MallItem:
    """Add an item to the mall, with its variants. Raises as `create_items`."""
    with transaction.atomic():
        item = create_items(items=[fields], at=at)[0]
        return put_variants(item=item, variants=variants) if variants else item


def create_items(*, items: Sequence[dict[str, Any]], at: datetime) -> list[MallItem]:
    """Add items in one statement, all or none. Raises ItemIncomplete without any title,
    ItemContradicts when a kind on sale lacks what it gives."""
    rows = [MallItem(created_at=at, **fields) for fields in items]
    for row in rows:
        if row.kind == Kind.GIFT_CODE:
            row.stock = 0
        _check(row)
    return MallItem.objects.bulk_create(rows)


@transaction.atomic
def change_item(
    *,
    item_id: uuid.UUID,
    changes: Mapping[str, Any],
    variants: Sequence[Mapping[str, Any]] | None = None,
) -> MallItem:
    """Change an item; redemptions made keep their price. `variants` as `put_variants`.

    Raises ItemNotFound, ItemIncomplete, ItemContradicts, VariantNotFound; nothing has changed then.
    """
    item = MallItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise ItemNotFound()
    kind, stock = item.kind, item.stock
    for field, value in changes.items():
        setattr(item, field, value)
    _check_change(item, kind=kind, stock=stock)
    _check(item)
    if changes:
        item.save(update_fields=list(changes))
    return item if variants is None else put_variants(item=item, variants=variants)


@transaction.atomic
def put_variants(*, item: MallItem, variants: Sequence[Mapping[str, Any]]) -> MallItem:
    """An item's variants in their order, all of them: one with an `id` changes (only what is named),
    one without is new, and one that is left out is retired.

    Raises VariantNotFound, ItemContradicts (a kind without variants, or more than 50).
    """
    if variants and (item.kind not in MallItem.WITH_VARIANTS or len(variants) > MOST_VARIANTS):
        raise ItemContradicts(field="variants")
    known = {row.pk: row for row in MallVariant.objects.select_for_update().filter(item=item)}
    rows = []
    for position, fields in enumerate(variants):
        row = known.get(fields["id"]) if fields.get("id") else MallVariant(item=item)
        if row is None:
            raise VariantNotFound()
        rows.append(_written(row, fields, position))
    MallVariant.objects.bulk_create([row for row in rows if row.pk not in known])
    MallVariant.objects.bulk_update([row for row in rows if row.pk in known], _OF_VARIANT)
    left_out = known.keys() - {row.pk for row in rows}
    MallVariant.objects.filter(pk__in=left_out).update(is_retired=True)
    item.has_variants = bool(variants)
    if variants:
        item.stock = None
    item.save(update_fields=["has_variants", "stock"])
    return item


def add_gift_codes(*, item_id: uuid.UUID, codes: Sequence[str], at: datetime, actor: str) -> Added:
    """Put codes into an item's pool, which is its stock; one that is in any pool already stays there.

    Raises ItemNotFound, NotAGiftCodeItem, NoCodesGiven, ItemContradicts above 10,000 at once. Two
    statements for any number.
    """
    item = MallItem.objects.filter(pk=item_id).first()
    if item is None:
        raise ItemNotFound()
    if item.kind != Kind.GIFT_CODE:
        raise NotAGiftCodeItem()
    if not codes:
        raise NoCodesGiven()
    if len(codes) > MOST_CODES:
        raise ItemContradicts(field="codes")
    added = set(ask(_to_add(item, codes, at, actor))[0])
    doubles = [code for number, code in enumerate(codes, start=1) if number not in added]
    return Added(len(added), doubles)


@transaction.atomic
def empty_pool(*, item_id: uuid.UUID) -> int:
    """Take the codes nobody has out of an item's pool, as when a wrong list was uploaded; how many.

    Raises ItemNotFound, NotAGiftCodeItem. Codes of those who still have to pay stay for them.
    """
    item = MallItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise ItemNotFound()
    if item.kind != Kind.GIFT_CODE:
        raise NotAGiftCodeItem()
    left = item.stock or 0
    newest = GiftCode.objects.filter(item=item, redemption=None).order_by("-pk")[:left]
    GiftCode.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).delete()
    MallItem.objects.filter(pk=item_id).update(stock=0)
    return left


def _to_add(item: MallItem, codes: Sequence[str], at: datetime, actor: str) -> Ask[list[int]]:
    sealed = [seal(code, purpose=SEALED_FOR) for code in codes]
    digests = [salted_hmac(SEALED_FOR, code, algorithm="sha256").hexdigest() for code in codes]
    tails = [masked(code) for code in codes]
    values = [item.pk, sealed, digests, tails, actor, at]
    return Ask("redemption_add_codes(%s, %s, %s, %s, %s, %s)", values, list)


def _written(row: MallVariant, fields: Mapping[str, Any], position: int) -> MallVariant:
    for name, value in fields.items():
        if name != "id":
            setattr(row, name, value)
    if not (row.name_zh or row.name_en):
        raise ItemIncomplete()
    row.position, row.is_retired = position, False
    return row


def _check(item: MallItem) -> None:
    """Refuse an item that says too little, or that contradicts itself."""
    if not (item.title_zh or item.title_en):
        raise ItemIncomplete()
    if item.status == MallItem.Status.ON_SALE:
        if item.kind == Kind.COUPON and not item.coupon_template:
            raise ItemContradicts(field="coupon_template")
        if item.kind == Kind.RED_PACKET and not item.red_packet_cents:
            raise ItemContradicts(field="red_packet_cents")


def _check_change(item: MallItem, *, kind: str, stock: int | None) -> None:
    """What was redeemed stays what it was, and what is counted is not written over."""
    if item.kind != kind and (item.redeemed_count or Kind.GIFT_CODE in (item.kind, kind)):
        raise ItemContradicts(field="kind")
    if item.has_variants and item.kind not in MallItem.WITH_VARIANTS:
        raise ItemContradicts(field="variants")
    is_counted = item.kind == Kind.GIFT_CODE or item.has_variants
    if is_counted and item.stock != stock:
        raise ItemContradicts(field="stock")
