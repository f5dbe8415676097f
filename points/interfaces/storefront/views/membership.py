"""The member's own tier."""

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.problems import NotSignedIn
from kernel.db import connection
from points.flows.member_tier import read_membership
from points.interfaces import tier_shapes as shapes
from points.interfaces.storefront.base import MemberEndpoint


class MembershipOut(shapes.MemberTierOut, kw_only=True):
    """The member's place and the whole ladder, lowest first."""

    tiers: list[shapes.TierOut]
    currency: str


class MembershipView(MemberEndpoint):
    """Where I stand. Seven queries."""

    @operation(
        summary="Look at my membership",
        description="My tier, what is missing to the next one and by when, what each tier gives,"
        " and how I came here.",
        answers={200: MembershipOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> MembershipOut:
        found = read_membership(member_id=self.member.pk, at=clock.now())
        mine = shapes.member_tier(
            self.member.pk, found.progress, found.moves, found.ladder, found.program,
            is_for_staff=False,
        )  # fmt: skip
        templates = shapes.templates_of(found.ladder)
        return MembershipOut(
            **msgspec.structs.asdict(mine),
            tiers=[shapes.tier(row, found.ladder, templates) for row in found.ladder],
            currency=connection.tenant.currency,
        )
