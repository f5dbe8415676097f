"""The points mall, and what became of redemptions."""

import uuid
from datetime import datetime

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyInvalid, KeyRequired, KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import CsrfFailed, InvalidCursor, NotSignedIn
from kernel.shapes import Moment, Page
from points.interfaces.finding import require_id
from points.interfaces.storefront import reading, rendering, schemas
from points.interfaces.storefront.base import MemberEndpoint, StorefrontEndpoint
from points.ledger.errors import InsufficientPoints
from points.redemption import actions, queries
from points.redemption.errors import (
    ItemNotFound,
    LimitReached,
    NotCancellable,
    NotOnSale,
    OutOfStock,
    RedemptionNotFound,
)
from points.redemption.models import Redemption


class MallItems(StorefrontEndpoint):
    """What is on sale. Signed in: 3 queries; a visitor: 1."""

    @operation(
        summary="List mall items on sale",
        description="`affordable=true`: only what the member could have now.",
        query=schemas.MallQuery,
        answers={200: schemas.MallItemItems},
        refuses=[InvalidCursor],
    )
    def get(self, request: Request, query: schemas.MallQuery) -> schemas.MallItemItems:
        at = clock.now()
        available = _available(self, at)
        return reading.read_mall(query=query, member=self.visitor, available=available, at=at)


class MallItemView(StorefrontEndpoint):
    """One item on sale. Signed in: 3 queries; a visitor: 1."""

    @operation(
        summary="Get a mall item",
        answers={200: schemas.MallItemOut},
        refuses=[ItemNotFound],
    )
    def get(self, request: Request, item_id: str) -> schemas.MallItemOut:
        parsed = require_id(item_id, ItemNotFound)
        at = clock.now()
        member = self.visitor
        offer = queries.get_offer(item_id=parsed, at=at, member=member.pk if member else None)
        return rendering.mall_item(offer, _available(self, at))


class Redemptions(MemberEndpoint):
    """The member's redemptions. GET: 2 queries."""

    @operation(
        summary="List redemptions, newest first",
        query=Page,
        answers={200: schemas.RedemptionItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: Page) -> schemas.RedemptionItems:
        before = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
        found = queries.list_redemptions(
            member=self.member.pk, limit=query.limit + 1, before=before
        )
        page, following = cut(found, query.limit, lambda row: (row.created_at, row.pk))
        items = [rendering.redemption(row) for row in page]
        return schemas.RedemptionItems(items=items, next=following)

    @operation(
        summary="Redeem a mall item",
        description="Points, stock and the limit per member move together or not at all.",
        body=schemas.RedemptionIn,
        answers={201: schemas.RedemptionOut},
        refuses=[
            ItemNotFound, NotOnSale, OutOfStock, LimitReached, InsufficientPoints,
            KeyRequired, KeyInvalid, KeyReused, NotSignedIn, CsrfFailed,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: schemas.RedemptionIn) -> schemas.RedemptionOut:
        item_id = require_id(body.mall_item_id, ItemNotFound)
        address = msgspec.to_builtins(body.address) if body.address else None
        made = actions.redeem(
            member_id=self.member.pk, item_id=item_id, quantity=body.quantity, at=clock.now(),
            actor=self.actor, address=address,
        )  # fmt: skip
        return rendering.redemption(made)


class RedemptionView(MemberEndpoint):
    """One of the member's redemptions: 2 queries."""

    @operation(
        summary="Get a redemption",
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotSignedIn],
    )
    def get(self, request: Request, redemption_id: str) -> schemas.RedemptionOut:
        return rendering.redemption(_own(self, redemption_id))


class RedemptionCancellation(MemberEndpoint):
    """Undoing a redemption that nobody has fulfilled yet."""

    @operation(
        summary="Cancel a redemption",
        description="Points return to the lots they came from. Cancelled before: the same answer.",
        body=schemas.Empty,
        answers={200: schemas.RedemptionOut},
        refuses=[RedemptionNotFound, NotCancellable, KeyReused, NotSignedIn, CsrfFailed],
        idempotency_key="optional",
    )
    def post(
        self, request: Request, body: schemas.Empty, redemption_id: str
    ) -> schemas.RedemptionOut:
        own = _own(self, redemption_id)
        cancelled = actions.cancel_redemption(
            redemption_id=own.pk, at=clock.now(), actor=self.actor
        )
        cancelled.item = own.item
        return rendering.redemption(cancelled)


def _available(view: StorefrontEndpoint, at: datetime) -> int | None:
    member = view.visitor
    return reading.get_holdings(member=member.pk, at=at).points.available if member else None


def _own(view: MemberEndpoint, redemption_id: str) -> Redemption:
    """The member's own; somebody else's is not found."""
    parsed = require_id(redemption_id, RedemptionNotFound)
    return queries.get_redemption(redemption_id=parsed, member=view.member.pk)
