"""Tiers, and setting a member's by hand."""

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.coupons.errors import TemplateNotFound
from points.interfaces import tier_shapes as shapes
from points.interfaces import tiers
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.members.errors import MemberMerged, MemberNotFound
from points.tiers.errors import (
    BenefitsInvalid,
    DateNotAhead,
    NotSetByHand,
    ThresholdTaken,
    TierCodeTaken,
    TierNotFound,
    TooManyTiers,
)


class Tiers(ConsoleEndpoint):
    """The ladder."""

    @operation(
        summary="List tiers, lowest first",
        description="With how many members are on each, and what became of their coupons this month.",
        answers={200: shapes.TierItems},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.TierItems:
        return tiers.tier_items()

    @operation(
        summary="Add a tier",
        description="The first one switches tiers on. One with threshold 0 is everybody's.",
        body=shapes.TierIn,
        answers={201: shapes.TierOut},
        refuses=[
            TierCodeTaken, ThresholdTaken, TooManyTiers, BenefitsInvalid, TemplateNotFound, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="settings:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.TierIn) -> shapes.TierOut:
        return tiers.add_tier(body=body, audit=self.audit)


class TierView(ConsoleEndpoint):
    """One tier."""

    @operation(
        summary="Change a tier",
        description="Only what is named changes. Members follow within a minute: up at once, down"
        " at the end of their period.",
        body=shapes.TierChange,
        answers={200: shapes.TierOut},
        refuses=[
            TierNotFound,
            ThresholdTaken,
            BenefitsInvalid,
            TemplateNotFound,
            KeyReused,
            *CHANGING,
        ],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(self, request: Request, body: shapes.TierChange, code: str) -> shapes.TierOut:
        return tiers.change_tier(code=code, body=body, audit=self.audit)


class MemberTierView(ConsoleEndpoint):
    """Where a member stands."""

    @operation(
        summary="Get a member's tier",
        description="What counts, what is missing, and the latest moves with their reasons. Seven"
        " queries.",
        answers={200: shapes.MemberTierOut},
        refuses=[MemberNotFound, *READING],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> shapes.MemberTierOut:
        return tiers.member_tier(member_id)

    @operation(
        summary="Set a member's tier by hand",
        description="It holds until its date, whatever is earned; only an upgrade above it comes"
        " first.",
        body=shapes.ManualTierIn,
        answers={201: shapes.MemberTierOut},
        refuses=[
            MemberNotFound,
            MemberMerged,
            TierNotFound,
            DateNotAhead,
            KeyReused,
            *CHANGING,
        ],  # fmt: skip,
        idempotency_key="optional",
        scope="members:write",
    )
    def post(
        self, request: Request, body: shapes.ManualTierIn, member_id: str
    ) -> shapes.MemberTierOut:
        return tiers.set_tier(
            member_id=member_id, body=body, actor=self.staff.actor, audit=self.audit
        )  # fmt: skip


class MemberTierRelease(ConsoleEndpoint):
    """The end of a tier set by hand."""

    @operation(
        summary="Release a tier set by hand",
        description="What was earned counts again, at once.",
        body=shapes.TierReleaseIn,
        answers={200: shapes.MemberTierOut},
        refuses=[MemberNotFound, MemberMerged, NotSetByHand, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="members:write",
    )
    def post(
        self, request: Request, body: shapes.TierReleaseIn, member_id: str
    ) -> shapes.MemberTierOut:
        return tiers.release_tier(
            member_id=member_id, body=body, actor=self.staff.actor, audit=self.audit
        )  # fmt: skip
