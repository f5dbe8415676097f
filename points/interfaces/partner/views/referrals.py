"""Who came by whom, distributors, and their commission."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.endpoint import raw_request
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from points.interfaces import referral_shapes as shapes
from points.interfaces.finding import find_member
from points.interfaces.partner.base import PartnerEndpoint
from points.members.errors import MemberErased, MemberMerged, MemberNotFound
from points.members.queries import get_by_external_id
from points.referral import distributors, queries
from points.referral.actions import ensure_code
from points.referral.errors import (
    AlreadyDistributor,
    DistributorNotFound,
    ParentNotActive,
    TooManyLevels,
)


class MemberReferral(PartnerEndpoint):
    """A member's own invitations."""

    @operation(
        summary="Get a member's invitation code, and what came of it",
        description="The code is drawn at the first look and stays for ever.",
        answers={200: shapes.MemberReferralOut},
        refuses=[MemberNotFound, MemberErased],
        scope="referral:read",
    )
    def get(self, request: Request, member_id: str) -> shapes.MemberReferralOut:
        member = find_member(member_id)
        if member.erased_at is not None:
            raise MemberErased()
        code = ensure_code(member=member)
        own = queries.get_referral_of(member_id=member.pk)
        joined, rewarded, points = queries.count_by_inviter(inviter=member.pk)
        site = raw_request(request).build_absolute_uri("/")
        return shapes.MemberReferralOut(
            member_id=member.pk, code=code, link=shapes.link_of(site, code), joined=joined,
            came_by=shapes.referral(own) if own else None, rewarded=rewarded, inviter_points=points,
        )  # fmt: skip


class Referrals(PartnerEndpoint):
    """All referrals, the attempts that were refused among them."""

    @operation(
        summary="List referrals, newest first",
        query=shapes.ReferralQuery,
        answers={200: shapes.ReferralItems},
        refuses=[InvalidCursor],
        scope="referral:read",
    )
    def get(self, request: Request, query: shapes.ReferralQuery) -> shapes.ReferralItems:
        rows = queries.list_referrals(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status, inviter=query.inviter_id, member=query.member_id,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return shapes.ReferralItems(items=[shapes.referral(row) for row in page], next=following)


class Commissions(PartnerEndpoint):
    """What orders give to distributors."""

    @operation(
        summary="List commissions, newest first",
        query=shapes.CommissionQuery,
        answers={200: shapes.CommissionItems},
        refuses=[InvalidCursor],
        scope="referral:read",
    )
    def get(self, request: Request, query: shapes.CommissionQuery) -> shapes.CommissionItems:
        rows = queries.list_commissions(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status, member=query.member_id,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        items = [shapes.commission(row) for row in page]
        return shapes.CommissionItems(items=items, next=following)


class Distributors(PartnerEndpoint):
    """Members who earn commission, or ask to."""

    @operation(
        summary="List distributors, newest first",
        query=shapes.DistributorQuery,
        answers={200: shapes.DistributorItems},
        refuses=[InvalidCursor],
        scope="referral:read",
    )
    def get(self, request: Request, query: shapes.DistributorQuery) -> shapes.DistributorItems:
        rows = queries.list_distributors(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            status=query.status,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        items = [shapes.distributor(row) for row in page]
        return shapes.DistributorItems(items=items, next=following)

    @operation(
        summary="Admit a distributor",
        description="Whether the member applied or not. Two levels are all there are: `parent_id`"
        " must be on the first.",
        body=shapes.DistributorIn,
        answers={201: shapes.DistributorOut},
        refuses=[
            MemberNotFound, MemberMerged, AlreadyDistributor, DistributorNotFound, ParentNotActive,
            TooManyLevels, KeyReused,
        ],
        idempotency_key="optional",
        scope="referral:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: shapes.DistributorIn) -> shapes.DistributorOut:
        member = get_by_external_id(external_id=body.member_external_id)
        row = distributors.admit(
            member_id=member.pk, parent_id=body.parent_id, at=clock.now(),
            actor_name=self.request.auth.prefix, note=body.note,
        )  # fmt: skip
        self.audit(
            "distributor.admitted", f"member:{row.member_id}", after=shapes.distributor_facts(row)
        )
        return shapes.distributor(row)
