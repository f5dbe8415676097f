"""The coupon centre, and the member's own coupons."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, InvalidCursor, NotSignedIn
from kernel.shapes import Body, Items
from points.coupons.errors import (
    MemberLimitReached,
    NotClaimable,
    NotForYou,
    TemplateExhausted,
    TemplateNotFound,
    TemplateOver,
)
from points.coupons.models import Coupon
from points.flows.coupons_claimed import Offer, claim_coupon, list_offers
from points.interfaces import coupon_shapes as shapes
from points.interfaces import coupons
from points.interfaces.coupon_wording import CouponWordsOut
from points.interfaces.storefront.base import MemberEndpoint, StorefrontEndpoint
from points.members.errors import MemberMerged
from points.program.queries import ActiveProgram, get_program

SOON = timedelta(days=3)
# `taken`: as many as one may have; `not_mine`: for other tiers or groups.
OfferState = Literal["open", "taken", "gone", "not_mine"]


class CouponOfferOut(msgspec.Struct, kw_only=True):
    """A coupon that can be claimed; `gone_percent` of all are issued, null without a total."""

    code: str
    name: str
    kind: shapes.Kind
    words: CouponWordsOut
    state: OfferState
    claimed_by_me: int
    per_member: int | None
    gone_percent: int | None
    claim_until: datetime | None


class CouponOfferItems(msgspec.Struct, kw_only=True):
    items: list[CouponOfferOut]


class CouponClaimIn(Body, kw_only=True):
    template: shapes.Code


class MyCouponOut(msgspec.Struct, kw_only=True):
    """`is_held`: an order that waits for payment has it."""

    id: uuid.UUID
    code: str
    state: shapes.State
    name: str
    kind: shapes.Kind
    words: CouponWordsOut
    is_held: bool
    valid_from: datetime
    valid_until: datetime | None
    ends_soon: bool
    used_at: datetime | None
    discount_cents: int


class MyCouponItems(Items, kw_only=True):
    items: list[MyCouponOut]


class CouponOffers(StorefrontEndpoint):
    """The coupon centre. A visitor: 2 queries; a member: 3 to 6."""

    @operation(
        summary="List coupons that can be claimed now",
        description="Those the member can have come first.",
        answers={200: CouponOfferItems},
    )
    def get(self, request: Request) -> CouponOfferItems:
        member, program = self.visitor, get_program()
        found = list_offers(member=member.pk if member else None, at=clock.now())
        return CouponOfferItems(items=[_offer(one, program) for one in found])


class MyCoupons(MemberEndpoint):
    """The member's coupons. Reading: 2 queries."""

    @operation(
        summary="List my coupons, newest first",
        query=shapes.CouponQuery,
        answers={200: MyCouponItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: shapes.CouponQuery) -> MyCouponItems:
        at, program = clock.now(), get_program()
        page, following = coupons.coupon_page(query, at, member=self.member.pk)
        return MyCouponItems(items=[_mine(row, at, program) for row in page], next=following)

    @operation(
        summary="Claim a coupon",
        body=CouponClaimIn,
        answers={201: MyCouponOut},
        refuses=[
            TemplateNotFound, NotClaimable, NotForYou, TemplateExhausted, TemplateOver,
            MemberLimitReached, MemberMerged, KeyReused, NotSignedIn, CsrfFailed,
        ],
        idempotency_key="optional",
    )  # fmt: skip
    def post(self, request: Request, body: CouponClaimIn) -> MyCouponOut:
        at = clock.now()
        row = claim_coupon(
            template_code=body.template, member=self.member.pk, at=at, actor=self.actor
        )
        return _mine(row, at, get_program())


def _offer(one: Offer, program: ActiveProgram) -> CouponOfferOut:
    row = one.template
    gone = None if row.total is None else row.issued_count * 100 // row.total
    return CouponOfferOut(
        code=row.code, name=row.name(get_language() or "en"),
        kind=row.kind,  # type: ignore[arg-type]
        words=shapes.template_words(row, program), state=_state(one), claimed_by_me=one.claimed,
        per_member=row.per_member, gone_percent=gone,
        claim_until=row.claim_until.astimezone(UTC) if row.claim_until else None,
    )  # fmt: skip


def _state(one: Offer) -> OfferState:
    if not one.is_for_me:
        return "not_mine"
    if one.is_full:
        return "taken"
    return "gone" if one.is_gone else "open"


def _mine(row: Coupon, at: datetime, program: ActiveProgram) -> MyCouponOut:
    terms, state = row.terms, row.state_at(at)
    ends = row.valid_until
    return MyCouponOut(
        id=row.pk, code=row.code,
        state=state,  # type: ignore[arg-type]
        name=row.template.name(get_language() or "en"), kind=terms.kind,
        words=shapes.coupon_words(row, terms, at, program), is_held=state == "locked",
        valid_from=row.valid_from.astimezone(UTC),
        valid_until=ends.astimezone(UTC) if ends else None,
        ends_soon=state == "issued" and ends is not None and ends - at < SOON,
        used_at=row.used_at.astimezone(UTC) if row.used_at else None,
        discount_cents=row.discount_cents,
    )  # fmt: skip
