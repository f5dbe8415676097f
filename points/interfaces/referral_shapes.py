"""Bodies and answers of referrals, distributors and commissions, on every surface."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, cast

import msgspec

from kernel.shapes import Body, Items, Page
from points.referral.models import Commission, Distributor, Referral
from points.referral.queries import CommissionSums

ReferralStatus = Literal["joined", "ordered", "rewarded", "ended", "refused", "merged"]
DistributorStatus = Literal["applied", "active", "rejected", "ended"]
CommissionStatus = Literal["pending", "settled", "void"]
Source = Literal["sign_up", "claim", "partner"]
Code = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=40, description="Blanks, hyphens and case do not matter"),
]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Link = Annotated[
    str, msgspec.Meta(description="Address of the shop that keeps the code for who opens it")
]
Reason = Annotated[
    str,
    msgspec.Meta(
        description="Why it was refused, ended or gave the inviter nothing: own_code, same_contact,"
        " same_device, device_used, loop, claim_too_late, already_ordered, code_unknown, no_order,"
        " not_kept, monthly_limit, inviter_gone, merged; else empty"
    ),
]


class ReferralQuery(Page, kw_only=True):
    status: ReferralStatus | None = None
    inviter_id: uuid.UUID | None = None
    member_id: uuid.UUID | None = None


class ReferralRowOut(msgspec.Struct, kw_only=True):
    """`member_id` came by `inviter_id` (null: nobody's code, or one's own)."""

    id: uuid.UUID
    member_id: uuid.UUID
    inviter_id: uuid.UUID | None
    code: str
    source: Source
    status: ReferralStatus
    reason: Reason
    order_id: uuid.UUID | None
    inviter_points: int
    invitee_points: int
    claimed_at: datetime
    decided_at: datetime | None


class ReferralItems(Items, kw_only=True):
    items: list[ReferralRowOut]


class MemberReferralOut(msgspec.Struct, kw_only=True):
    """A member's own code, by whom it came, and what came of those it invited."""

    member_id: uuid.UUID
    code: str
    link: Link
    came_by: ReferralRowOut | None
    joined: int
    rewarded: int
    inviter_points: int


class DistributorQuery(Page, kw_only=True):
    status: DistributorStatus | None = None


class DistributorOut(msgspec.Struct, kw_only=True):
    """Level 1 stands below nobody, level 2 below one of level 1; there is no other."""

    id: uuid.UUID
    member_id: uuid.UUID
    status: DistributorStatus
    level: Literal[1, 2]
    parent_id: uuid.UUID | None
    message: str
    applied_at: datetime
    admitted_at: datetime | None
    decided_at: datetime | None
    decided_by_name: str | None
    note: str


class DistributorItems(Items, kw_only=True):
    items: list[DistributorOut]


class DistributorIn(Body, kw_only=True):
    """`parent_id` is a distributor of level 1; without it the member stands at the top."""

    member_external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    parent_id: uuid.UUID | None = None
    note: Note = ""


class CommissionQuery(Page, kw_only=True):
    status: CommissionStatus | None = None
    member_id: uuid.UUID | None = None


class CommissionOut(msgspec.Struct, kw_only=True):
    """`amount_cents` is what the goods that are kept are worth; what was paid less what was taken
    back is what the member has of it."""

    id: uuid.UUID
    order_id: uuid.UUID
    member_id: uuid.UUID
    level: Literal[1, 2]
    rate: Decimal
    base_cents: int
    amount_cents: int
    paid_cents: int
    taken_back_cents: int
    status: CommissionStatus
    earned_at: datetime
    closes_at: datetime
    settled_at: datetime | None


class CommissionItems(Items, kw_only=True):
    items: list[CommissionOut]


class CommissionSumsOut(msgspec.Struct, kw_only=True):
    pending_cents: int
    settled_cents: int
    taken_back_cents: int


def referral(row: Referral) -> ReferralRowOut:
    """A referral, or an attempt."""
    return ReferralRowOut(
        id=row.pk, member_id=row.member_id, inviter_id=row.inviter_id, code=row.code,
        source=cast(Source, row.source), status=cast(ReferralStatus, row.status),
        reason=row.reason, order_id=row.order_id, inviter_points=row.inviter_points,
        invitee_points=row.invitee_points, claimed_at=row.claimed_at, decided_at=row.decided_at,
    )  # fmt: skip


def distributor(row: Distributor) -> DistributorOut:
    """A distributor, or who asks to be one."""
    return DistributorOut(
        id=row.pk, member_id=row.member_id, status=cast(DistributorStatus, row.status),
        level=cast(Literal[1, 2], row.level), parent_id=row.parent_id, message=row.message,
        applied_at=row.applied_at, admitted_at=row.admitted_at, decided_at=row.decided_at,
        decided_by_name=row.decided_by_name or None, note=row.note,
    )  # fmt: skip


def commission(row: Commission) -> CommissionOut:
    """What one order gives one distributor."""
    return CommissionOut(
        id=row.pk, order_id=row.order_id, member_id=row.member_id,
        level=cast(Literal[1, 2], row.level), rate=row.rate, base_cents=row.base_cents,
        amount_cents=row.amount_cents, paid_cents=row.paid_cents,
        taken_back_cents=row.taken_back_cents, status=cast(CommissionStatus, row.status),
        earned_at=row.earned_at, closes_at=row.closes_at, settled_at=row.settled_at,
    )  # fmt: skip


def sums(found: CommissionSums | None) -> CommissionSumsOut:
    """Nothing where there is no commission."""
    if found is None:
        return CommissionSumsOut(pending_cents=0, settled_cents=0, taken_back_cents=0)
    return CommissionSumsOut(**msgspec.structs.asdict(found))


def distributor_facts(row: Distributor) -> dict[str, object]:
    """What the audit log says of a distributor, beside who and when."""
    return {
        "status": row.status, "level": row.level, "note": row.note,
        "parent_id": str(row.parent_id) if row.parent_id else None,
    }  # fmt: skip


def link_of(site: str, code: str) -> str:
    """Where a poster or message leads: `https://shop.example/r/K7M2P9Q`."""
    return f"{site.rstrip('/')}/r/{code}"
