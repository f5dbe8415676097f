"""Coupons in the console: templates, who has them, giving them to many, taking one back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Body, Items, Page, Slugish
from points.coupons.errors import (
    CouponExpired,
    CouponLocked,
    CouponNotFound,
    CouponUsed,
    TemplateCodeTaken,
    TemplateIncomplete,
    TemplateNotActive,
    TemplateNotFound,
    TotalBelowIssued,
)
from points.coupons.models import Coupon
from points.coupons.queries import get_template
from points.flows.coupons_issued import KIND, Audience, ask_for_issue, count_audience
from points.interfaces import coupon_shapes as shapes
from points.interfaces import coupons
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.schemas.common import MemberRef
from points.interfaces.coupon_wording import CouponWordsOut
from points.interfaces.finding import find_member
from points.interfaces.job_shapes import JobOut, job_out
from points.jobs.actions import Asker
from points.jobs.errors import AlreadyRunning
from points.jobs.queries import find_latest
from points.ledger.errors import FundingSourceNotFound
from points.members.errors import MemberNotFound
from points.program.queries import get_program
from points.segments.errors import SegmentNotFound
from points.tiers.errors import TierNotFound

_SAVING = (TemplateIncomplete, FundingSourceNotFound, SegmentNotFound, TierNotFound)


class CouponAudienceIn(Body, kw_only=True):
    """`code`: of the segment, or the tag; `external_ids` for members by their numbers."""

    kind: Literal["everybody", "segment", "tag", "members"]
    code: Annotated[str, msgspec.Meta(max_length=120)] = ""
    external_ids: Annotated[list[Slugish], msgspec.Meta(max_length=5_000)] = []

    def __post_init__(self) -> None:
        if self.kind in ("segment", "tag") and not self.code:
            raise ValueError("field `code` is needed")
        if self.kind == "members" and not self.external_ids:
            raise ValueError("field `external_ids` is needed")


class CouponAudienceOut(msgspec.Struct, kw_only=True):
    """How many members it is now."""

    members_count: int


class CouponTemplateViewOut(msgspec.Struct, kw_only=True):
    """A template, and the latest batch that gave it to many."""

    template: shapes.CouponTemplateOut
    batch: JobOut | None


class CouponRow(msgspec.Struct, kw_only=True):
    coupon: shapes.CouponOut
    member: MemberRef


class CouponRows(Items, kw_only=True):
    items: list[CouponRow]


class CouponVoidIn(Body, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class CouponTemplates(ConsoleEndpoint):
    """All templates."""

    @operation(
        summary="List coupon templates, newest first, with what became of their coupons",
        description="Three queries: templates, figures, programme.",
        query=Page,
        answers={200: shapes.CouponTemplateItems},
        refuses=[InvalidCursor, *READING],
        scope="coupons:read",
    )
    def get(self, request: Request, query: Page) -> shapes.CouponTemplateItems:
        return coupons.template_items(query)

    @operation(
        summary="Add a coupon template",
        body=shapes.CouponTemplateIn,
        answers={201: shapes.CouponTemplateOut},
        refuses=[TemplateCodeTaken, *_SAVING, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: shapes.CouponTemplateIn) -> shapes.CouponTemplateOut:
        return coupons.add_template(body=body, audit=self.audit)


class CouponTemplateView(ConsoleEndpoint):
    """One template."""

    @operation(
        summary="Get a coupon template, with its latest batch",
        description="Four queries: template, figures, programme, job.",
        answers={200: CouponTemplateViewOut},
        refuses=[TemplateNotFound, *READING],
        scope="coupons:read",
    )
    def get(self, request: Request, template_code: str) -> CouponTemplateViewOut:
        row = get_template(code=template_code)
        job = find_latest(subject=f"coupon_template:{row.pk}", kinds=[KIND])
        return CouponTemplateViewOut(
            template=coupons.show_template(template_code), batch=job_out(job) if job else None
        )

    @operation(
        summary="Change or stop a coupon template",
        description="Only what is named changes; coupons that are out keep what they promise.",
        body=shapes.CouponTemplateChange,
        answers={200: shapes.CouponTemplateOut},
        refuses=[TemplateNotFound, TotalBelowIssued, *_SAVING, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def patch(
        self, request: Request, body: shapes.CouponTemplateChange, template_code: str
    ) -> shapes.CouponTemplateOut:
        return coupons.change_template(code=template_code, body=body, audit=self.audit)


class CouponTemplatePreviews(ConsoleEndpoint):
    """A template in words, before it is saved."""

    @operation(
        summary="See what a coupon template would promise, in words",
        body=shapes.CouponTemplateTerms,
        answers={200: CouponWordsOut},
        refuses=[*CHANGING],
        scope="coupons:read",
    )
    def post(self, request: Request, body: shapes.CouponTemplateTerms) -> CouponWordsOut:
        return coupons.preview(body)


class TemplateCoupons(ConsoleEndpoint):
    """Who has coupons of a template."""

    @operation(
        summary="List the coupons of a template, newest first",
        description="Four queries: template, coupons, programme, names.",
        query=shapes.CouponQuery,
        answers={200: CouponRows},
        refuses=[TemplateNotFound, InvalidCursor, *READING],
        scope="coupons:read",
    )
    def get(self, request: Request, query: shapes.CouponQuery, template_code: str) -> CouponRows:
        template, at = get_template(code=template_code), clock.now()
        page, following = coupons.coupon_page(query, at, template=template.pk)
        return CouponRows(items=_rows(page, at), next=following)


class CouponAudiences(ConsoleEndpoint):
    """How many members a batch would reach."""

    @operation(
        summary="Count the members a coupon would be given to",
        body=CouponAudienceIn,
        answers={200: CouponAudienceOut},
        refuses=[SegmentNotFound, *CHANGING],
        scope="coupons:read",
    )
    def post(self, request: Request, body: CouponAudienceIn) -> CouponAudienceOut:
        return CouponAudienceOut(
            members_count=count_audience(audience=_audience(body), at=clock.now())
        )


class CouponBatches(ConsoleEndpoint):
    """Giving a coupon to many."""

    @operation(
        summary="Give a coupon to many members",
        description="A job: each gets one, and nobody a second one from the same batch. Who has as"
        " many as one may is left out; it ends when the last one is gone.",
        body=CouponAudienceIn,
        answers={202: JobOut},
        refuses=[
            TemplateNotFound, TemplateNotActive, SegmentNotFound, AlreadyRunning, KeyReused,
            *CHANGING,
        ],
        idempotency_key="optional",
        scope="coupons:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: CouponAudienceIn, template_code: str) -> JobOut:
        job = ask_for_issue(
            template_code=template_code, audience=_audience(body),
            by=Asker(self.staff.actor, self.staff.name), business_at=clock.now(),
            at=datetime.now(UTC),
        )  # fmt: skip
        self.audit(
            "coupon_template.issued",
            f"coupon_template:{template_code}",
            after={"audience": body.kind, "code": body.code, "members": len(body.external_ids)},
        )
        return job_out(job)


class CouponVoid(ConsoleEndpoint):
    """Taking a coupon back."""

    @operation(
        summary="Void a coupon that is not used",
        body=CouponVoidIn,
        answers={200: shapes.CouponOut},
        refuses=[CouponNotFound, CouponUsed, CouponExpired, CouponLocked, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="coupons:write",
    )
    def post(self, request: Request, body: CouponVoidIn, coupon_code: str) -> shapes.CouponOut:
        return coupons.void_coupon(
            code=coupon_code, reason=body.reason.strip(), actor=self.staff.actor, audit=self.audit
        )


class MemberCoupons(ConsoleEndpoint):
    """A member's coupons."""

    @operation(
        summary="List a member's coupons, newest first",
        description="Three queries: member, coupons, programme.",
        query=shapes.CouponQuery,
        answers={200: shapes.CouponItems},
        refuses=[MemberNotFound, InvalidCursor, *READING],
        scope="coupons:read",
    )
    def get(
        self, request: Request, query: shapes.CouponQuery, member_id: str
    ) -> shapes.CouponItems:
        return coupons.coupon_items(query, member=find_member(member_id).pk)


def _audience(body: CouponAudienceIn) -> Audience:
    return Audience(kind=body.kind, code=body.code, external_ids=body.external_ids)


def _rows(page: Sequence[Coupon], at: datetime) -> list[CouponRow]:
    if not page:
        return []
    names, program = name_members(row.member_id for row in page), get_program()
    return [
        CouponRow(
            coupon=shapes.coupon(row, at, program),
            member=names.get(row.member_id) or rendering.unknown_member(row.member_id),
        )
        for row in page
    ]
