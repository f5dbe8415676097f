"""Bodies and answers of inviting friends, as members see it."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Items
from points.interfaces.referral_shapes import (
    Code,
    CommissionStatus,
    CommissionSumsOut,
    DistributorStatus,
    Link,
)

MaskedName = Annotated[str | None, msgspec.Meta(description="Masked: the first character")]


class ReferralTermsOut(msgspec.Struct, kw_only=True):
    """What a first order that is kept gives to both."""

    is_on: bool
    inviter_points: int
    invitee_points: int
    min_order_cents: int
    order_within_days: int
    return_window_days: int
    claim_within_days: int
    inviter_monthly_rewards: int | None


class GuestOut(msgspec.Struct, kw_only=True):
    """Somebody who came by my code; `points` is what I got for it."""

    id: uuid.UUID
    name: MaskedName
    joined_at: datetime
    status: Literal["joined", "ordered", "rewarded", "ended"]
    reason: str
    points: int


class DistributionOut(msgspec.Struct, kw_only=True):
    """My standing as a distributor: null `status` is none."""

    is_on: bool
    takes_applications: bool
    status: DistributorStatus | None
    level: Literal[1, 2] | None
    level1_rate: Decimal
    level2_rate: Decimal
    sums: CommissionSumsOut


class MyReferralOut(msgspec.Struct, kw_only=True):
    """All of the page on which members invite. `guests` are the latest 50."""

    code: str
    link: Link
    first_name: Annotated[str | None, msgspec.Meta(description="For the poster")]
    terms: ReferralTermsOut
    can_claim: bool
    came_by: MaskedName
    joined: int
    rewarded: int
    points: int
    guests: list[GuestOut]
    distribution: DistributionOut


class ClaimIn(Body, kw_only=True):
    code: Code


class ClaimOut(msgspec.Struct, kw_only=True):
    """`invitee_points` come with the first order that is kept."""

    inviter_name: MaskedName
    invitee_points: int


class ApplicationIn(Body, kw_only=True):
    message: Annotated[str, msgspec.Meta(max_length=300)] = ""


class ApplicationOut(msgspec.Struct, kw_only=True):
    status: DistributorStatus
    applied_at: datetime


class MyCommissionOut(msgspec.Struct, kw_only=True):
    """Who bought is not told. `amount_cents` is what it is worth now, refunds taken off."""

    id: uuid.UUID
    level: Literal[1, 2]
    rate: Decimal
    amount_cents: int
    taken_back_cents: int
    status: CommissionStatus
    earned_at: datetime
    closes_at: datetime


class MyCommissionItems(Items, kw_only=True):
    items: list[MyCommissionOut]
