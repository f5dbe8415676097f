"""The points mall: items, and redemptions to be handed over."""

import uuid

import msgspec
from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidBody, InvalidCursor
from kernel.shapes import Page, given
from points.interfaces.console import rendering
from points.interfaces.console.authentication import Staff
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists import redemptions as lists
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.schemas import mall as schemas
from points.interfaces.finding import require_id
from points.redemption import actions
from points.redemption.errors import (
    ItemIncomplete,
    ItemNotFound,
    NotCancellable,
    NotFulfillable,
    RedemptionNotFound,
)
from points.redemption.models import MallItem, Redemption
from points.redemption.queries import get_item


class MallItems(ConsoleEndpoint):
    """Items of the points mall, drafts included."""

    @operation(
        summary="List mall items, as the mall shows them",
        description="One query.",
        query=Page,
        answers={200: schemas.MallItemItems},
        refuses=[InvalidCursor, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, query: Page) -> schemas.MallItemItems:
        page, following = lists.list_items(query=query)
        return schemas.MallItemItems(
            items=[rendering.mall_item(row) for row in page], next=following
        )

    @operation(
        summary="Add a mall item",
        body=schemas.MallItemIn,
        answers={201: schemas.MallItemOut},
        refuses=[ItemIncomplete, InvalidBody, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: schemas.MallItemIn) -> schemas.MallItemOut:
        item = actions.create_item(fields=msgspec.structs.asdict(body), at=clock.now())
        _check_window(item)
        self.audit("mall_item.added", f"mall_item:{item.pk}", after=_facts(item))
        return rendering.mall_item(item)


class MallItemView(ConsoleEndpoint):
    """One item."""

    @operation(
        summary="Get a mall item",
        answers={200: schemas.MallItemOut},
        refuses=[ItemNotFound, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, item_id: str) -> schemas.MallItemOut:
        return rendering.mall_item(get_item(item_id=require_id(item_id, ItemNotFound)))

    @operation(
        summary="Change a mall item",
        description="Only what is named changes; what was redeemed keeps its price.",
        body=schemas.MallItemChange,
        answers={200: schemas.MallItemOut},
        refuses=[ItemNotFound, ItemIncomplete, InvalidBody, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def patch(
        self, request: Request, body: schemas.MallItemChange, item_id: str
    ) -> schemas.MallItemOut:
        item = get_item(item_id=require_id(item_id, ItemNotFound))
        changes = given(body)
        if not changes:
            return rendering.mall_item(item)
        before = _facts(item)
        item = actions.change_item(item_id=item.pk, changes=changes)
        _check_window(item)
        self.audit("mall_item.changed", f"mall_item:{item.pk}", before=before, after=_facts(item))
        return rendering.mall_item(item)


class Redemptions(ConsoleEndpoint):
    """What members redeemed."""

    @operation(
        summary="List redemptions, newest first",
        description="Two queries: redemptions with items, names.",
        query=schemas.RedemptionQuery,
        answers={200: schemas.RedemptionItems},
        refuses=[InvalidCursor, *READING],
        scope="mall:read",
    )
    def get(self, request: Request, query: schemas.RedemptionQuery) -> schemas.RedemptionItems:
        return answer_redemptions(query, self.staff)


class RedemptionFulfilment(ConsoleEndpoint):
    """Handing a redemption over."""

    @operation(
        summary="Fulfil a redemption",
        description="Fulfilled before: the same answer again.",
        body=schemas.FulfilmentIn,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotFulfillable, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.FulfilmentIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        now = clock.now()
        row = actions.fulfil_redemption(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=now,
            actor=self.staff.actor, tracking=body.tracking.strip(),
        )  # fmt: skip
        if row.fulfilled_at == now:
            self.audit(
                "redemption.fulfilled",
                f"redemption:{row.pk}",
                after={"code": row.code, "tracking": row.tracking, "note": body.note.strip()},
            )
        return _rendered(row, self.staff)


class RedemptionCancellation(ConsoleEndpoint):
    """Undoing a redemption."""

    @operation(
        summary="Cancel a redemption",
        description="Points return to the lots they came from, the unit to the stock.",
        body=schemas.CancellationIn,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotCancellable, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="mall:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.CancellationIn, redemption_id: str
    ) -> schemas.RedemptionOut:
        now = clock.now()
        row = actions.cancel_redemption(
            redemption_id=require_id(redemption_id, RedemptionNotFound), at=now,
            actor=self.staff.actor, reason=body.reason.strip(),
        )  # fmt: skip
        if row.cancelled_at == now:
            self.audit(
                "redemption.cancelled",
                f"redemption:{row.pk}",
                after={"code": row.code, "reason": row.cancel_reason},
            )
        return _rendered(row, self.staff)


def answer_redemptions(
    query: schemas.RedemptionQuery, staff: Staff, *, member: uuid.UUID | None = None
) -> schemas.RedemptionItems:
    """A page of redemptions, of one member or of all."""
    page, following = lists.list_redemptions(
        query=query, sees_contacts=staff.may("members:write"), member=member
    )
    names = name_members(row.member_id for row in page) if page else {}
    return schemas.RedemptionItems(
        items=[
            rendering.redemption(
                row,
                names.get(row.member_id) or rendering.unknown_member(row.member_id),
                sees_contacts=_sees_addresses(staff),
            )
            for row in page
        ],
        next=following,
    )


def _rendered(row: Redemption, staff: Staff) -> schemas.RedemptionOut:
    who = name_members([row.member_id]).get(row.member_id)
    return rendering.redemption(
        row, who or rendering.unknown_member(row.member_id), sees_contacts=_sees_addresses(staff)
    )


def _sees_addresses(staff: Staff) -> bool:
    """Who sends parcels needs the phone number on them."""
    return staff.may("members:write") or staff.may("mall:write")


def _check_window(item: MallItem) -> None:
    """Refuse a sale that ends before it begins; the caller's transaction is rolled back."""
    if item.on_sale_from and item.on_sale_until and item.on_sale_until <= item.on_sale_from:
        raise InvalidBody(field="on_sale_until", reason="must lie after on_sale_from")


def _facts(item: MallItem) -> dict[str, object]:
    """An item's fields, JSON-ready."""
    names = schemas.MallItemIn.__struct_fields__
    return {name: msgspec.to_builtins(getattr(item, name)) for name in names}
