"""Coupons for checkouts and systems outside: templates, issue, quote, hold, use, give back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.ids import new_id
from kernel.shapes import Body, Page, Slugish
from points.coupons import actions, queries
from points.coupons.calculations import CouponLine, Refusal, combine, discount_of, written_code
from points.coupons.errors import (
    BelowThreshold,
    CannotCombine,
    CouponExpired,
    CouponLocked,
    CouponNotFound,
    CouponNotYetValid,
    CouponUseConflict,
    CouponUsed,
    CouponVoided,
    IssueConflict,
    MemberLimitReached,
    NothingInScope,
    TemplateCodeTaken,
    TemplateExhausted,
    TemplateIncomplete,
    TemplateNotActive,
    TemplateNotFound,
    TemplateOver,
    TotalBelowIssued,
)
from points.coupons.models import Coupon
from points.interfaces import coupon_shapes as shapes
from points.interfaces import coupons
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import FundingSourceNotFound
from points.members.errors import MemberMerged, MemberNotFound
from points.members.queries import get_by_external_id
from points.program.queries import get_program
from points.segments.errors import SegmentNotFound
from points.tiers.errors import TierNotFound

_SAVING = (TemplateIncomplete, FundingSourceNotFound, SegmentNotFound, TierNotFound)
_HOLDING = (
    CouponNotFound,
    CouponLocked,
    CouponUsed,
    CouponExpired,
    CouponVoided,
    CouponNotYetValid,
)


class CouponListQuery(shapes.CouponQuery, kw_only=True):
    """`member`: a member's external_id."""

    member: Slugish | None = None


class CouponIn(Body, kw_only=True):
    """`source` and `source_id` name the business moment and issue once for ever; left out, each call
    is a moment of its own."""

    template: shapes.Code
    member_external_id: Slugish
    source: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$(?!\n)")] = "api"
    source_id: Slugish | None = None


class CouponLockIn(Body, kw_only=True):
    reference: shapes.Reference
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 1_800
    member_external_id: Slugish | None = None


class CouponUseIn(Body, kw_only=True):
    """One of the three: what it took off, what the goods cost, or the lines, of which the discount is
    worked out here."""

    reference: shapes.Reference
    discount_cents: shapes.Cents | None = None
    amount_cents: shapes.Cents | None = None
    lines: Annotated[list[shapes.CouponLineIn], msgspec.Meta(max_length=500)] | None = None

    def __post_init__(self) -> None:
        given = (self.discount_cents, self.amount_cents, self.lines)
        if sum(one is not None for one in given) != 1:
            raise ValueError("one of `discount_cents`, `amount_cents` and `lines` is needed")


class CouponReferenceIn(Body, kw_only=True):
    reference: shapes.Reference


class CouponVoidIn(Body, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=300)] = ""


class CouponReturnOut(msgspec.Struct, kw_only=True):
    """Whether it can be used again; if not, `why`."""

    is_returned: bool
    why: Literal["returned", "kept_by_terms", "expired", "not_used"]
    coupon: shapes.CouponOut


class CouponQuoteIn(Body, kw_only=True):
    """With `codes` also what these take off together."""

    member_external_id: Slugish
    lines: Annotated[list[shapes.CouponLineIn], msgspec.Meta(min_length=1, max_length=500)]
    codes: Annotated[list[Slugish], msgspec.Meta(max_length=5)] = []


class CouponQuoteOut(msgspec.Struct, kw_only=True):
    """The member's coupons, best first."""

    items: list[shapes.QuotedCouponOut]
    together: shapes.CombinedCouponsOut | None


class CouponTemplates(PartnerEndpoint):
    """Templates."""

    @operation(
        summary="List coupon templates, newest first, with what became of their coupons",
        query=Page,
        answers={200: shapes.CouponTemplateItems},
        refuses=[InvalidCursor],
        scope="coupons:read",
    )
    def get(self, request: Request, query: Page) -> shapes.CouponTemplateItems:
        return coupons.template_items(query)

    @operation(
        summary="Add a coupon template",
        body=shapes.CouponTemplateIn,
        answers={201: shapes.CouponTemplateOut},
        refuses=[TemplateCodeTaken, *_SAVING, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: shapes.CouponTemplateIn) -> shapes.CouponTemplateOut:
        return coupons.add_template(body=body, audit=self.audit)


class CouponTemplateView(PartnerEndpoint):
    """One template."""

    @operation(
        summary="Get a coupon template",
        answers={200: shapes.CouponTemplateOut},
        refuses=[TemplateNotFound],
        scope="coupons:read",
    )
    def get(self, request: Request, template_code: str) -> shapes.CouponTemplateOut:
        return coupons.show_template(template_code)

    @operation(
        summary="Change or stop a coupon template",
        description="Only what is named changes. Coupons that are out keep what they promise; with"
        " status `stopped` no more are issued.",
        body=shapes.CouponTemplateChange,
        answers={200: shapes.CouponTemplateOut},
        refuses=[TemplateNotFound, TotalBelowIssued, *_SAVING, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def patch(
        self, request: Request, body: shapes.CouponTemplateChange, template_code: str
    ) -> shapes.CouponTemplateOut:
        return coupons.change_template(code=template_code, body=body, audit=self.audit)


class Coupons(PartnerEndpoint):
    """Coupons."""

    @operation(
        summary="List coupons, newest first",
        description="States as of now: a lock or a validity that ran out counts as such at once.",
        query=CouponListQuery,
        answers={200: shapes.CouponItems},
        refuses=[MemberNotFound, InvalidCursor],
        scope="coupons:read",
    )
    def get(self, request: Request, query: CouponListQuery) -> shapes.CouponItems:
        member = query.member and get_by_external_id(external_id=query.member).pk
        return coupons.coupon_items(query, member=member or None)

    @operation(
        summary="Issue a coupon to a member",
        description="The same source and source_id again: 200 and the first coupon.",
        body=CouponIn,
        answers={201: shapes.CouponOut, 200: shapes.CouponOut},
        refuses=[
            TemplateNotFound, MemberNotFound, TemplateNotActive, TemplateOver, TemplateExhausted,
            MemberLimitReached, IssueConflict, MemberMerged, KeyReused,
        ],
        idempotency_key="optional",
        scope="coupons:write",
    )  # fmt: skip
    def post(self, request: Request, body: CouponIn) -> Answer:
        member, at = get_by_external_id(external_id=body.member_external_id), clock.now()
        told = actions.CouponIssue(member.pk, body.source, body.source_id or str(new_id()))
        (made,) = actions.issue(template_code=body.template, issues=[told], at=at, actor=self.actor)
        return Answer(_shown(made.coupon, at), 201 if made.is_new else 200)


class CouponView(PartnerEndpoint):
    """One coupon."""

    @operation(
        summary="Get a coupon by its code",
        description="As people type it: small letters, blanks and missing dashes do no harm.",
        answers={200: shapes.CouponOut},
        refuses=[CouponNotFound],
        scope="coupons:read",
    )
    def get(self, request: Request, coupon_code: str) -> shapes.CouponOut:
        return _shown(queries.get_coupon(code=coupon_code), clock.now())


class CouponLock(PartnerEndpoint):
    """A checkout holds a coupon."""

    @operation(
        summary="Hold a coupon for a checkout",
        description="Until it is used, released, or the time is over. Held by the same reference: the"
        " same answer. With `member_external_id` only that member's coupon.",
        body=CouponLockIn,
        answers={200: shapes.CouponOut},
        refuses=[*_HOLDING, MemberNotFound, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponLockIn, coupon_code: str) -> shapes.CouponOut:
        at, number = clock.now(), body.member_external_id
        member = get_by_external_id(external_id=number).pk if number else None
        found = queries.get_coupon(code=coupon_code, member=member)
        until = at + timedelta(seconds=body.expires_in_seconds)
        (row,) = actions.lock(
            codes=[found.code], member=found.member_id, reference=body.reference, until=until,
            at=at, actor=self.actor,
        )  # fmt: skip
        return _shown(row, at)


class CouponUse(PartnerEndpoint):
    """A coupon is used."""

    @operation(
        summary="Use a coupon",
        description="It need not be held before. The same reference and amount again: the same"
        " answer.",
        body=CouponUseIn,
        answers={200: shapes.CouponOut},
        refuses=[*_HOLDING, CouponUseConflict, BelowThreshold, NothingInScope, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponUseIn, coupon_code: str) -> shapes.CouponOut:
        at, found = clock.now(), queries.get_coupon(code=coupon_code)
        (row,) = actions.use(
            codes=[found.code], reference=body.reference, at=at, actor=self.actor,
            discounts={found.code: _taken_off(found, body)},
        )  # fmt: skip
        return _shown(row, at)


class CouponRelease(PartnerEndpoint):
    """A checkout lets a coupon go."""

    @operation(
        summary="Release a coupon that a checkout holds",
        description="One it does not hold (any more) stays as it is.",
        body=CouponReferenceIn,
        answers={200: shapes.CouponOut},
        refuses=[CouponNotFound, CouponUsed, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponReferenceIn, coupon_code: str) -> shapes.CouponOut:
        at = clock.now()
        (row,) = actions.release(
            codes=[coupon_code], reference=body.reference, at=at, actor=self.actor
        )
        return _shown(row, at)


class CouponReturn(PartnerEndpoint):
    """The order a coupon was used for is refunded."""

    @operation(
        summary="Give a used coupon back after a refund",
        description="If its terms say so and its time is not over; else it stays used, and `why` says"
        " why.",
        body=CouponReferenceIn,
        answers={200: CouponReturnOut},
        refuses=[CouponNotFound, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponReferenceIn, coupon_code: str) -> CouponReturnOut:
        at = clock.now()
        (one,) = actions.give_back(
            codes=[coupon_code], reference=body.reference, at=at, actor=self.actor
        )
        return CouponReturnOut(
            is_returned=one.is_returned, why=one.why, coupon=_shown(one.coupon, at)
        )


class CouponVoid(PartnerEndpoint):
    """A coupon is taken back."""

    @operation(
        summary="Void a coupon that is not used",
        description="Its place in the template's total is free again.",
        body=CouponVoidIn,
        answers={200: shapes.CouponOut},
        refuses=[CouponNotFound, CouponUsed, CouponExpired, CouponLocked, KeyReused],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponVoidIn, coupon_code: str) -> shapes.CouponOut:
        return coupons.void_coupon(
            code=coupon_code, reason=body.reason.strip(), actor=self.actor, audit=self.audit
        )


class CouponQuotes(PartnerEndpoint):
    """What a member's coupons take off a basket."""

    @operation(
        summary="See what a member's coupons take off a basket",
        description="Nothing is held. Three queries.",
        body=CouponQuoteIn,
        answers={200: CouponQuoteOut},
        refuses=[MemberNotFound, CouponNotFound, CannotCombine],
        scope="coupons:read",
    )
    def post(self, request: Request, body: CouponQuoteIn) -> CouponQuoteOut:
        member, at = get_by_external_id(external_id=body.member_external_id), clock.now()
        lines = shapes.lines_of(body.lines)
        found = queries.usable(member=member.pk, lines=lines, at=at)
        program = get_program()
        return CouponQuoteOut(
            items=[shapes.quoted(one, at, program) for one in found],
            together=_together(body.codes, found, lines) if body.codes else None,
        )


def _together(
    codes: Sequence[str], found: Sequence[queries.Usable], lines: Sequence[CouponLine]
) -> shapes.CombinedCouponsOut:
    """Raises CouponNotFound for one that is not among the member's usable ones, CannotCombine."""
    mine = {one.coupon.code: one.coupon.terms for one in found}
    wanted = [written_code(code) for code in codes]
    if missing := [code for code in wanted if code not in mine]:
        raise CouponNotFound(coupon=missing[0])
    together = combine({code: mine[code] for code in wanted}, lines)
    if together == "cannot_combine":
        raise CannotCombine()
    return shapes.combined(together)


def _taken_off(row: Coupon, body: CouponUseIn) -> int:
    """What the coupon takes off, said or worked out. Raises BelowThreshold, NothingInScope."""
    if body.discount_cents is not None:
        return body.discount_cents
    whole = [CouponLine(amount_cents=body.amount_cents or 0)]
    found = discount_of(row.terms, shapes.lines_of(body.lines) if body.lines is not None else whole)
    if not isinstance(found, Refusal):
        return found.total_cents
    if found.reason == "below_threshold":
        raise BelowThreshold(coupon=row.code, missing_cents=found.missing_cents)
    raise NothingInScope(coupon=row.code)


def _shown(row: Coupon | None, at: datetime) -> shapes.CouponOut:
    assert row is not None
    return shapes.coupon(row, at, get_program())
