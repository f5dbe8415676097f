"""Inviting friends: my code, who came by it, what it brought; and becoming a distributor."""

import uuid

from django.http import HttpResponse
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.endpoint import raw_request, respond
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import CsrfFailed, InvalidCursor, NotSignedIn
from kernel.shapes import Page
from points.flows.distribution import apply_as_distributor
from points.flows.referral_claimed import claim_code
from points.interfaces.storefront import inviting
from points.interfaces.storefront import referral_schemas as schemas
from points.interfaces.storefront.base import MemberEndpoint
from points.interfaces.storefront.device import read_device, set_device
from points.members.calculations import mask_name
from points.members.errors import MemberMerged
from points.members.queries import list_names
from points.program.queries import get_program
from points.referral import queries
from points.referral.errors import (
    AlreadyDistributor,
    AlreadyOrdered,
    AlreadyReferred,
    ApplicationsClosed,
    ClaimTooLate,
    CodeUnknown,
    DeviceUsed,
    DistributionClosed,
    ReferralClosed,
    ReferralLoop,
    SameContact,
    SameDevice,
    SelfReferral,
)


class ReferralView(MemberEndpoint):
    """The page on which members invite. 8 queries; one more draws the code at the first look."""

    @operation(
        summary="Look at my invitations",
        description="My code and link, the terms, who came by it, and my commission.",
        answers={200: schemas.MyReferralOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.MyReferralOut:
        site = raw_request(request).build_absolute_uri("/")
        return inviting.read_referral(member=self.member, site=site, at=clock.now())


class ReferralClaims(MemberEndpoint):
    """Entering a friend's code after joining."""

    @operation(
        summary="Enter a friend's invitation code",
        description="Within the days the programme says and before the first order; the first code"
        " counts for ever.",
        body=schemas.ClaimIn,
        answers={201: schemas.ClaimOut},
        refuses=[
            NotSignedIn, CsrfFailed, ReferralClosed, CodeUnknown, AlreadyReferred, SelfReferral,
            SameContact, SameDevice, DeviceUsed, ReferralLoop, ClaimTooLate, AlreadyOrdered,
            MemberMerged,
        ],
    )  # fmt: skip
    def post(self, request: Request, body: schemas.ClaimIn) -> HttpResponse:
        device = read_device(raw_request(request))
        others = [one for one in device.members if one != self.member.pk]
        row = claim_code(
            member_id=self.member.pk, code=body.code, at=clock.now(), device_hash=device.hash,
            seen_here=others,
        )  # fmt: skip
        assert row.inviter_id is not None
        _, name = list_names(members=[row.inviter_id])[row.inviter_id]
        points = get_program().settings.referral.invitee_points
        told = schemas.ClaimOut(inviter_name=mask_name(name) or None, invitee_points=points)
        response = respond(told, 201)
        set_device(raw_request(request), response, device)
        return response


class Commissions(MemberEndpoint):
    """What orders of friends brought me."""

    @operation(
        summary="List my commissions, newest first",
        query=Page,
        answers={200: schemas.MyCommissionItems},
        refuses=[NotSignedIn, InvalidCursor],
    )
    def get(self, request: Request, query: Page) -> schemas.MyCommissionItems:
        rows = queries.list_commissions(
            limit=query.limit + 1, after=decode_cursor(query.cursor, uuid.UUID),
            member=self.member.pk,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        items = [inviting.my_commission(row) for row in page]
        return schemas.MyCommissionItems(items=items, next=following)


class DistributorApplications(MemberEndpoint):
    """Asking to become a distributor: free of charge, staff decide."""

    @operation(
        summary="Apply to become a distributor",
        body=schemas.ApplicationIn,
        answers={201: schemas.ApplicationOut},
        refuses=[
            NotSignedIn, CsrfFailed, DistributionClosed, ApplicationsClosed, AlreadyDistributor,
            MemberMerged, KeyReused,
        ],
        idempotency_key="optional",
    )  # fmt: skip
    def post(self, request: Request, body: schemas.ApplicationIn) -> schemas.ApplicationOut:
        row = apply_as_distributor(
            member_id=self.member.pk, message=body.message.strip(), at=clock.now()
        )
        return schemas.ApplicationOut(status="applied", applied_at=row.applied_at)
