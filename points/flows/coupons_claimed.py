"""A member takes a coupon out of the storefront's coupon centre.

In order, in one transaction: whether it can be claimed now, and by this member (tier, segment) · the
issue, which alone decides on limits.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from kernel.ids import new_id
from points.coupons.actions import CouponIssue, issue
from points.coupons.errors import NotClaimable, NotForYou
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.queries import count_held, get_template, list_claimable
from points.program.queries import get_program
from points.segments.facts import Around
from points.segments.queries import find_segments, segments_of
from points.tiers.queries import get_standings


class Offer(msgspec.Struct, frozen=True):
    """A template that can be claimed now, and how a member (or a visitor) stands to it."""

    template: CouponTemplate
    claimed: int
    is_for_me: bool

    @property
    def is_gone(self) -> bool:
        """Whether the last one is issued."""
        total = self.template.total
        return total is not None and self.template.issued_count >= total

    @property
    def is_full(self) -> bool:
        """Whether the member has as many as one may have."""
        limit = self.template.per_member
        return limit is not None and self.claimed >= limit


@transaction.atomic
def claim_coupon(*, template_code: str, member: uuid.UUID, at: datetime, actor: str) -> Coupon:
    """Issue a claimable coupon to a member who may have it.

    Raises TemplateNotFound, NotClaimable, NotForYou, TemplateExhausted, MemberLimitReached,
    TemplateOver; nothing is issued then.
    """
    template = get_template(code=template_code)
    if not _is_open(template, at):
        raise NotClaimable()
    if not _may_have([template], member, at)[template.pk]:
        raise NotForYou()
    made = issue(
        template_code=template_code, issues=[CouponIssue(member, "claim", str(new_id()))], at=at,
        actor=actor,
    )[0].coupon  # fmt: skip
    if made is None:
        raise NotClaimable()
    return made


def list_offers(*, member: uuid.UUID | None, at: datetime) -> list[Offer]:
    """The coupon centre at `at`, those first that this member can have. A visitor: one query; a
    member: two, one more each when tiers or segments are asked for."""
    templates = list_claimable(at=at)
    if member is None:
        return [
            Offer(row, 0, is_for_me=not (row.tiers or row.segment)) for row in templates
        ]  # fmt: skip
    held = count_held(member=member, templates=templates)
    mine = _may_have(templates, member, at)
    offers = [Offer(row, held.get(row.pk, 0), mine[row.pk]) for row in templates]
    return sorted(offers, key=lambda one: (not one.is_for_me, one.is_gone, one.is_full))


def _is_open(template: CouponTemplate, at: datetime) -> bool:
    return (
        template.is_claimable
        and template.status == CouponTemplate.Status.ACTIVE
        and (template.claim_from is None or template.claim_from <= at)
        and (template.claim_until is None or at < template.claim_until)
        and (template.valid_until is None or at < template.valid_until)
    )


def _may_have(
    templates: Sequence[CouponTemplate], member: uuid.UUID, at: datetime
) -> Mapping[uuid.UUID, bool]:
    """Template id → whether the member is on one of its tiers and in its segment."""
    tier = None
    if any(row.tiers for row in templates):
        standing = get_standings(member_ids=[member]).get(member)
        tier = standing.code if standing else None
    codes = sorted({row.segment for row in templates if row.segment})
    segments: frozenset[str] = frozenset()
    if codes:
        around = Around(at, get_program().calendar)
        found = find_segments(codes=codes)
        segments = segments_of(member=member, segments=list(found.values()), around=around)
    return {
        row.pk: (not row.tiers or tier in row.tiers)
        and (not row.segment or row.segment in segments)
        for row in templates
    }
