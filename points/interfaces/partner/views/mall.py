"""The points mall: items and redemptions."""

import uuid
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor, RateLimited
from kernel.shapes import Page
from points.flows import redeemed
from points.interfaces import mall
from points.interfaces.finding import require_id
from points.interfaces.mall_shapes import GiftCodesAdded, split
from points.interfaces.partner import mall_schemas, rendering
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.shop_order_shapes import MoneySeenIn
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id
from points.redemption import actions
from points.redemption.actions import Choice
from points.redemption.errors import (
    ItemContradicts,
    ItemNotFound,
    NoCodesGiven,
    NotAGiftCodeItem,
    NotFulfillable,
    RedemptionNotFound,
    VariantNotFound,
)
from points.redemption.models import MallItem
from points.redemption.offering import add_gift_codes
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
        return mall_schemas.MallItemItems(
            items=mall.items_out(mall_schemas.MallItemOut, page), next=following
        )

    @operation(
        summary="Add a mall item",
        body=mall_schemas.MallItemIn,
        answers={201: mall_schemas.MallItemOut},
        refuses=[*mall.ITEM_REFUSES, VariantNotFound, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: mall_schemas.MallItemIn) -> mall_schemas.MallItemOut:
        fields, variants = split(body)
        fields = _titled(fields)
        item = mall.add_item(fields=fields, variants=variants)
        self.audit("mall_item.added", f"mall_item:{item.pk}", after=mall.facts(item, fields))
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
        refuses=[ItemNotFound, *mall.ITEM_REFUSES, VariantNotFound, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def patch(
        self, request: Request, body: mall_schemas.MallItemChange, item_id: str
    ) -> mall_schemas.MallItemOut:
        item = get_item(item_id=require_id(item_id, ItemNotFound))
        changes, variants = split(body)
        changes = _titled(changes)
        if changes or variants is not None:
            before = mall.facts(item, changes)
            item = mall.change_item(item=item, changes=changes, variants=variants)
            after = mall.facts(item, changes)
            self.audit("mall_item.changed", f"mall_item:{item.pk}", before=before, after=after)
        return _rendered(item)


class GiftCodes(PartnerEndpoint):
    """The pool of an item of gift codes."""

    @operation(
        summary="Put gift codes into an item's pool",
        description="Codes that are in a pool of this shop already are told and left out. The pool"
        " is the item's stock; codes are kept sealed and never told again but to who redeems them.",
        body=mall_schemas.GiftCodesIn,
        answers={201: GiftCodesAdded},
        refuses=[ItemNotFound, NotAGiftCodeItem, NoCodesGiven, ItemContradicts, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: mall_schemas.GiftCodesIn, item_id: str
    ) -> GiftCodesAdded:
        parsed = require_id(item_id, ItemNotFound)
        codes = list(dict.fromkeys(filter(None, map(str.strip, body.codes))))
        done = add_gift_codes(item_id=parsed, codes=codes, at=clock.now(), actor=self.actor)
        self.audit("mall_item.codes_added", f"mall_item:{parsed}", after={"added": done.added})
        stock = get_item(item_id=parsed).stock or 0
        return GiftCodesAdded(added=done.added, duplicates=done.duplicates, stock=stock)


class Redemptions(PartnerEndpoint):
    """Exchanging points."""

    @operation(
        summary="Redeem a mall item",
        body=mall_schemas.RedemptionIn,
        answers={201: mall_schemas.RedemptionOut},
        refuses=[MemberNotFound, *mall.REDEEM_REFUSES, KeyReused],
        idempotency_key="required",
        scope="mall:write",
    )
    def post(self, request: Request, body: mall_schemas.RedemptionIn) -> mall_schemas.RedemptionOut:
        member = get_by_external_id(external_id=body.member_external_id)
        address = msgspec.structs.asdict(body.address) if body.address else None
        choice = Choice(body.variant_id, body.delivery or "", body.payment)
        return rendering.redemption(
            redeemed.redeem(
                member_id=member.pk, item_id=body.mall_item_id, quantity=body.quantity,
                address=address, at=clock.now(), actor=self.actor, choice=choice,
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
        description="Points and cash return to the lots they came from, the unit to the stock; coupons"
        " it gave are voided. Money a provider took goes back through it.",
        body=mall_schemas.CancellationIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[*mall.CANCEL_REFUSES, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: mall_schemas.CancellationIn, redemption_id: str
    ) -> mall_schemas.RedemptionOut:
        cancelled = redeemed.cancel(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=clock.now(),
            actor=self.actor, reason=body.reason,
        )  # fmt: skip
        mall.look_at_payments_soon(cancelled)
        return rendering.redemption(cancelled)


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


class RedemptionPayment(PartnerEndpoint):
    """The money part of a redemption that waits for it."""

    @operation(
        summary="Say that the money part is paid",
        description="For a redemption with `payment: later`: the points held for it are spent.",
        body=mall_schemas.PaymentIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[*mall.PAY_REFUSES, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: mall_schemas.PaymentIn, redemption_id: str
    ) -> mall_schemas.RedemptionOut:
        return rendering.redemption(
            redeemed.mark_paid(
                redemption_id=require_id(redemption_id, RedemptionNotFound), at=clock.now(),
                actor=self.actor,
            )
        )  # fmt: skip


class RedemptionPaymentReturn(PartnerEndpoint):
    """Money that no provider sends back."""

    @operation(
        summary="Say that you have given the money part back",
        description="For a payment that is `owed`: paid to the shop, or one the provider could not"
        " send back. Said before: the same answer.",
        body=MoneySeenIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[*mall.RETURN_REFUSES, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: MoneySeenIn, redemption_id: str, payment_id: str
    ) -> mall_schemas.RedemptionOut:
        return rendering.redemption(
            mall.settle_payment(
                redemption_id=redemption_id, payment_id=payment_id, note=body.note.strip(),
                actor=self.actor, audit=self.audit,
            )
        )  # fmt: skip


class PickupVerifications(PartnerEndpoint):
    """The code a member shows at the counter."""

    @operation(
        summary="Hand over what a code stands for",
        description="Goods to be collected, or a benefit to be used: once. After ten wrong codes in"
        " five minutes a key waits.",
        body=mall_schemas.PickupVerificationIn,
        answers={200: mall_schemas.RedemptionOut},
        refuses=[*mall.COUNTER_REFUSES, RateLimited, KeyReused],
        idempotency_key="optional",
        scope="mall:write",
    )
    def post(
        self, request: Request, body: mall_schemas.PickupVerificationIn
    ) -> mall_schemas.RedemptionOut:
        if body.only_look:
            return rendering.redemption(mall.look_up(code=body.code, who=self.actor)[0])
        return rendering.redemption(mall.hand_over(code=body.code, who=self.actor))


def _titled(fields: dict[str, Any]) -> dict[str, Any]:
    """`title` stands for the title in the caller's language."""
    title = fields.pop("title", "")
    if title:
        language = (get_language() or "en")[:2]
        fields[f"title_{language}"] = fields.get(f"title_{language}") or title
    return fields


def _rendered(item: MallItem) -> mall_schemas.MallItemOut:
    return mall.items_out(mall_schemas.MallItemOut, [item])[0]
