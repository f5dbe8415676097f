"""The points mall: items and redemptions."""

import uuid
from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page, given
from points.interfaces.finding import require_id
from points.interfaces.partner import mall_schemas, rendering
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import InsufficientPoints
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id
from points.redemption import actions
from points.redemption.errors import (
    ItemIncomplete,
    ItemNotFound,
    LimitReached,
    NotCancellable,
    NotFulfillable,
    NotOnSale,
    OutOfStock,
    RedemptionNotFound,
)
from points.redemption.models import MallItem
from points.redemption.queries import get_item, get_redemption


class MallItems(PartnerEndpoint):
    """Items of the points mall."""

    @operation(
        summary="List mall items, newest first",
        query=Page,
        answers={200: mall_schemas.MallItemItems},
        refuses=[InvalidCursor],
        scope="mall:read",
    )
    def get(self, request: Request, query: Page) -> mall_schemas.MallItemItems:
        rows = MallItem.objects.order_by("-pk")
        if (after := decode_cursor(query.cursor, uuid.UUID)) is not None:
            rows = rows.filter(pk__lt=after)
        page, following = cut(list(rows[: query.limit + 1]), query.limit, lambda row: row.pk)
        return mall_schemas.MallItemItems(items=[_rendered(row) for row in page], next=following)

    @operation(
        summary="Add a mall item",
        body=mall_schemas.MallItemIn,
        answers={201: mall_schemas.MallItemOut},
        refuses=[ItemIncomplete, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: mall_schemas.MallItemIn) -> mall_schemas.MallItemOut:
        fields = _titled(msgspec.structs.asdict(body))
        item = actions.create_item(fields=fields, at=clock.now())
        self.audit("mall_item.added", f"mall_item:{item.pk}", after=_facts(item, fields))
        return _rendered(item)


class MallItemView(PartnerEndpoint):
    """One item."""

    @operation(
        summary="Get a mall item",
        answers={200: mall_schemas.MallItemOut},
        refuses=[ItemNotFound],
        scope="mall:read",
    )
    def get(self, request: Request, item_id: str) -> mall_schemas.MallItemOut:
        return _rendered(get_item(item_id=require_id(item_id, ItemNotFound)))

    @operation(
        summary="Change a mall item",
        body=mall_schemas.MallItemChange,
        answers={200: mall_schemas.MallItemOut},
        refuses=[ItemNotFound, ItemIncomplete, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def patch(
        self, request: Request, body: mall_schemas.MallItemChange, item_id: str
    ) -> mall_schemas.MallItemOut:
        item = get_item(item_id=require_id(item_id, ItemNotFound))
        changes = _titled(given(body))
        if changes:
            before = _facts(item, changes)
            item = actions.change_item(item_id=item.pk, changes=changes)
            after = _facts(item, changes)
            self.audit("mall_item.changed", f"mall_item:{item.pk}", before=before, after=after)
        return _rendered(item)


class Redemptions(PartnerEndpoint):
    """Exchanging points."""

    @operation(
        summary="Redeem a mall item",
        body=mall_schemas.RedemptionIn,
        answers={201: mall_schemas.RedemptionOut},
        refuses=[
            MemberNotFound, ItemNotFound, NotOnSale, OutOfStock, LimitReached,
            InsufficientPoints, KeyReused,
        ],
        idempotency_key="required",
        scope="mall:write",
    )  # fmt: skip
    def post(self, request: Request, body: mall_schemas.RedemptionIn) -> mall_schemas.RedemptionOut:
        member = get_by_external_id(external_id=body.member_external_id)
        address = msgspec.structs.asdict(body.address) if body.address else None
        return rendering.redemption(
            actions.redeem(
                member_id=member.pk, item_id=body.mall_item_id, quantity=body.quantity,
                address=address, at=clock.now(), actor=self.actor,
            )
        )  # fmt: skip


class RedemptionView(PartnerEndpoint):
    """One redemption."""

    @operation(
        summary="Get a redemption",
        answers={200: mall_schemas.RedemptionOut},
        refuses=[RedemptionNotFound],
        scope="mall:read",
    )
    def get(self, request: Request, redemption_id: str) -> mall_schemas.RedemptionOut:
        parsed = require_id(redemption_id, RedemptionNotFound)
        return rendering.redemption(get_redemption(redemption_id=parsed))


class RedemptionCancellation(PartnerEndpoint):
    """Undoing a redemption."""

    @operation(
        summary="Cancel a redemption",
        description="Points return to the lots they came from, the unit to the stock.",
        body=mall_schemas.CancellationIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotCancellable, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: mall_schemas.CancellationIn, redemption_id: str
    ) -> mall_schemas.RedemptionOut:
        return rendering.redemption(
            actions.cancel_redemption(
                redemption_id=require_id(redemption_id, RedemptionNotFound), at=clock.now(),
                actor=self.actor, reason=body.reason,
            )
        )  # fmt: skip


class RedemptionFulfilment(PartnerEndpoint):
    """Handing a redemption over."""

    @operation(
        summary="Fulfil a redemption",
        body=mall_schemas.FulfilmentIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotFulfillable, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: mall_schemas.FulfilmentIn, redemption_id: str
    ) -> mall_schemas.RedemptionOut:
        return rendering.redemption(
            actions.fulfil_redemption(
                redemption_id=require_id(redemption_id, RedemptionNotFound), at=clock.now(),
                actor=self.actor, tracking=body.tracking,
            )
        )  # fmt: skip


def _titled(fields: dict[str, Any]) -> dict[str, Any]:
    """`title` stands for the title in the caller's language."""
    title = fields.pop("title", "")
    if title:
        language = (get_language() or "en")[:2]
        fields[f"title_{language}"] = fields.get(f"title_{language}") or title
    return fields


def _facts(item: MallItem, names: Iterable[str]) -> dict[str, Any]:
    """These fields of an item, JSON-ready."""
    return {name: msgspec.to_builtins(getattr(item, name)) for name in names}


def _rendered(item: MallItem) -> mall_schemas.MallItemOut:
    return rendering.mall_item(item, get_language() or "en")
