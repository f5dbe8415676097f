"""Tiers, and where members stand."""

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.flows.member_tier import read_membership
from points.interfaces import tier_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.views.members import find_member
from points.members.errors import MemberNotFound
from points.members.models import Member
from points.tiers import actions, queries
from points.tiers.errors import (
    BenefitsInvalid,
    DateNotAhead,
    NotSetByHand,
    ThresholdTaken,
    TierCodeTaken,
    TierNotFound,
    TooManyTiers,
)


class Tiers(PartnerEndpoint):
    """The ladder."""

    @operation(
        summary="List tiers, lowest first",
        description="With how many members are on each. How tiers are earned and lost stands in the"
        " programme's settings, under `tiers`.",
        answers={200: shapes.TierItems},
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.TierItems:
        return shapes.tiers(queries.list_tiers())

    @operation(
        summary="Add a tier",
        description="The first one switches tiers on; growth is granted from then on. A tier with"
        " threshold 0 is everybody's.",
        body=shapes.TierIn,
        answers={201: shapes.TierOut},
        refuses=[TierCodeTaken, ThresholdTaken, TooManyTiers, BenefitsInvalid, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.TierIn) -> shapes.TierOut:
        row = actions.create_tier(fields=shapes.fields_of(body), at=clock.now())
        self.audit("tier.added", f"tier:{row.code}", after=shapes.snapshot(row))
        return shapes.tier(row, queries.list_tiers())


class TierView(PartnerEndpoint):
    """One tier."""

    @operation(
        summary="Get a tier",
        answers={200: shapes.TierOut},
        refuses=[TierNotFound],
        scope="settings:read",
    )
    def get(self, request: Request, tier_code: str) -> shapes.TierOut:
        return shapes.tier(queries.get_tier(code=tier_code), queries.list_tiers())

    @operation(
        summary="Change a tier",
        description="Only what is named changes. Members follow within a minute: up at once, down"
        " at the end of their period.",
        body=shapes.TierChange,
        answers={200: shapes.TierOut},
        refuses=[TierNotFound, ThresholdTaken, BenefitsInvalid, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    @transaction.atomic
    def patch(self, request: Request, body: shapes.TierChange, tier_code: str) -> shapes.TierOut:
        before = shapes.snapshot(queries.get_tier(code=tier_code))
        row = actions.change_tier(code=tier_code, changes=shapes.fields_of(body))
        self.audit("tier.changed", f"tier:{tier_code}", before=before, after=shapes.snapshot(row))
        return shapes.tier(row, queries.list_tiers())


class MemberTierView(PartnerEndpoint):
    """Where a member stands."""

    @operation(
        summary="Get a member's tier",
        description="What counts, what is missing to the next tier, until when this one is kept,"
        " and the latest moves with their reasons.",
        answers={200: shapes.MemberTierOut},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> shapes.MemberTierOut:
        return _answer(find_member(member_id))

    @operation(
        summary="Set a member's tier by hand",
        description="It holds until its date, whatever is earned; only an upgrade above it comes"
        " first. Then what was earned counts again.",
        body=shapes.ManualTierIn,
        answers={201: shapes.MemberTierOut},
        refuses=[MemberNotFound, TierNotFound, DateNotAhead, KeyReused],
        idempotency_key="optional",
        scope="members:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: shapes.ManualTierIn, member_id: str
    ) -> shapes.MemberTierOut:
        member = find_member(member_id)
        actions.set_by_hand(
            member_id=member.pk, code=body.tier, until=body.until, reason=body.reason.strip(),
            at=clock.now(), actor=self.actor,
        )  # fmt: skip
        after = {"tier": body.tier, "until": body.until.isoformat(), "reason": body.reason}
        self.audit("member_tier.set", f"member:{member.pk}", after=after)
        return _answer(member)


class MemberTierRelease(PartnerEndpoint):
    """The end of a tier set by hand."""

    @operation(
        summary="Release a tier set by hand",
        description="What was earned counts again, at once.",
        body=shapes.TierReleaseIn,
        answers={200: shapes.MemberTierOut},
        refuses=[MemberNotFound, NotSetByHand, KeyReused],
        idempotency_key="optional",
        scope="members:write",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: shapes.TierReleaseIn, member_id: str
    ) -> shapes.MemberTierOut:
        member = find_member(member_id)
        actions.release(
            member_id=member.pk, reason=body.reason.strip(), at=clock.now(), actor=self.actor
        )
        after = {"reason": body.reason}
        self.audit("member_tier.released", f"member:{member.pk}", after=after)
        return _answer(member)


def _answer(member: Member) -> shapes.MemberTierOut:
    found = read_membership(member_id=member.pk, at=clock.now())
    return shapes.member_tier(
        member.pk, found.progress, found.moves, found.ladder, found.program, is_for_staff=True
    )
