"""The points mall: items and their gift codes."""

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidBody, InvalidCursor
from points.interfaces import mall
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists import redemptions as lists
from points.interfaces.console.schemas import mall as schemas
from points.interfaces.finding import require_id
from points.interfaces.mall_shapes import GiftCodesAdded, split
from points.redemption.calculations import read_codes
from points.redemption.errors import (
    ItemContradicts,
    ItemNotFound,
    NoCodesGiven,
    NotAGiftCodeItem,
    VariantNotFound,
)
from points.redemption.models import MallItem
from points.redemption.offering import add_gift_codes, empty_pool
from points.redemption.queries import get_item, pool_of


class MallItems(ConsoleEndpoint):
    """Items of the points mall, drafts included."""

    @operation(
        summary="List mall items, as the mall shows them",
        description="One query, and one for variants. `low=true`: those of which little is left.",
        query=schemas.MallItemQuery,
        answers={200: schemas.MallItemItems},
        refuses=[InvalidCursor, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, query: schemas.MallItemQuery) -> schemas.MallItemItems:
        page, following = lists.list_items(query=query)
        return schemas.MallItemItems(
            items=mall.items_out(schemas.MallItemOut, page), next=following
        )

    @operation(
        summary="Add a mall item",
        body=schemas.MallItemIn,
        answers={201: schemas.MallItemOut},
        refuses=[*mall.ITEM_REFUSES, VariantNotFound, InvalidBody, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: schemas.MallItemIn) -> schemas.MallItemOut:
        fields, variants = split(body)
        item = mall.add_item(fields=fields, variants=variants)
        _check_window(item)
        self.audit("mall_item.added", f"mall_item:{item.pk}", after=_facts(item))
        return _rendered(item)


class MallItemView(ConsoleEndpoint):
    """One item."""

    @operation(
        summary="Get a mall item",
        answers={200: schemas.MallItemOut},
        refuses=[ItemNotFound, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, item_id: str) -> schemas.MallItemOut:
        return _rendered(get_item(item_id=require_id(item_id, ItemNotFound)))

    @operation(
        summary="Change a mall item",
        description="Only what is named changes; what was redeemed keeps its price.",
        body=schemas.MallItemChange,
        answers={200: schemas.MallItemOut},
        refuses=[
            ItemNotFound,
            *mall.ITEM_REFUSES,
            VariantNotFound,
            InvalidBody,
            KeyReused,
            *CHANGING,
        ],  # fmt: skip
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def patch(
        self, request: Request, body: schemas.MallItemChange, item_id: str
    ) -> schemas.MallItemOut:
        item = get_item(item_id=require_id(item_id, ItemNotFound))
        changes, variants = split(body)
        if not changes and variants is None:
            return _rendered(item)
        before = _facts(item)
        item = mall.change_item(item=item, changes=changes, variants=variants)
        _check_window(item)
        self.audit("mall_item.changed", f"mall_item:{item.pk}", before=before, after=_facts(item))
        return _rendered(item)


class GiftCodes(ConsoleEndpoint):
    """The pool of an item of gift codes."""

    @operation(
        summary="Count the gift codes of an item",
        answers={200: schemas.PoolOut},
        refuses=[ItemNotFound, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, item_id: str) -> schemas.PoolOut:
        item = get_item(item_id=require_id(item_id, ItemNotFound))
        free, taken = pool_of(item_id=item.pk)
        return schemas.PoolOut(free=free, taken=taken)

    @operation(
        summary="Put gift codes into an item's pool",
        description="Codes that are in a pool of this shop already are told and left out. They are"
        " kept sealed: nobody but who redeems them sees them again.",
        body=schemas.GiftCodesIn,
        answers={201: GiftCodesAdded},
        refuses=[
            ItemNotFound, NotAGiftCodeItem, NoCodesGiven, ItemContradicts, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="mall:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: schemas.GiftCodesIn, item_id: str) -> GiftCodesAdded:
        parsed = require_id(item_id, ItemNotFound)
        codes = list(read_codes(body.text))
        done = add_gift_codes(item_id=parsed, codes=codes, at=clock.now(), actor=self.staff.actor)
        self.audit("mall_item.codes_added", f"mall_item:{parsed}", after={"added": done.added})
        stock = get_item(item_id=parsed).stock or 0
        return GiftCodesAdded(added=done.added, duplicates=done.duplicates, stock=stock)

    @operation(
        summary="Take the codes nobody has out of an item's pool",
        answers={200: schemas.PoolOut},
        refuses=[ItemNotFound, NotAGiftCodeItem, *CHANGING],
        scope="mall:write",
    )
    @transaction.atomic
    def delete(self, request: Request, item_id: str) -> schemas.PoolOut:
        parsed = require_id(item_id, ItemNotFound)
        removed = empty_pool(item_id=parsed)
        self.audit("mall_item.codes_removed", f"mall_item:{parsed}", after={"removed": removed})
        free, taken = pool_of(item_id=parsed)
        return schemas.PoolOut(free=free, taken=taken)


def _check_window(item: MallItem) -> None:
    """Refuse a sale that ends before it begins; the caller's transaction is rolled back."""
    if item.on_sale_from and item.on_sale_until and item.on_sale_until <= item.on_sale_from:
        raise InvalidBody(field="on_sale_until", reason="must lie after on_sale_from")


def _facts(item: MallItem) -> dict[str, object]:
    """An item's fields, JSON-ready."""
    return mall.facts(item, schemas.MallItemIn.__struct_fields__)


def _rendered(item: MallItem) -> schemas.MallItemOut:
    return mall.items_out(schemas.MallItemOut, [item])[0]
