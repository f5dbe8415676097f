"""Referrals, distributors and commissions as staff see them."""

import uuid
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from kernel.shapes import Body, Items, Page
from points.interfaces.console.schemas.common import MemberRef
from points.interfaces.referral_shapes import (
    CommissionOut,
    CommissionStatus,
    CommissionSumsOut,
    DistributorOut,
    DistributorStatus,
    Note,
    ReferralRowOut,
    ReferralStatus,
)

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class ReferralListQuery(Page, kw_only=True):
    status: ReferralStatus | None = None


class ReferralRow(ReferralRowOut, kw_only=True):
    """`reason_words` in the reader's language; empty when there is nothing to say."""

    member: MemberRef
    inviter: MemberRef | None
    reason_words: str


class ReferralRows(Items, kw_only=True):
    items: list[ReferralRow]


class FunnelQuery(Struct, kw_only=True):
    """Business days, both included; the last 90 without them."""

    first: date | None = None
    last: date | None = None


class FunnelOut(Struct, kw_only=True):
    """Of codes entered in the time, what has come of them by now; `points` to both sides."""

    first: date
    last: date
    refused: int
    joined: int
    ordered: int
    rewarded: int
    points: int
    points_cents: Annotated[int, Meta(description="At face value")]


class DistributorListQuery(Page, kw_only=True):
    status: DistributorStatus | None = None


class DistributorRow(DistributorOut, kw_only=True):
    """`suggested_parent_id`: of one that waits, the distributor who brought the member."""

    member: MemberRef
    parent: MemberRef | None
    sums: CommissionSumsOut
    suggested_parent_id: uuid.UUID | None


class DistributorRows(Items, kw_only=True):
    items: list[DistributorRow]


class AdmissionIn(Body, kw_only=True):
    member_id: uuid.UUID
    parent_id: uuid.UUID | None = None
    note: Note = ""


class ParentIn(Body, kw_only=True):
    """Null: at the top."""

    parent_id: uuid.UUID | None


class DecisionIn(Body, kw_only=True):
    note: Words

    def __post_init__(self) -> None:
        if not self.note.strip():
            raise ValueError("note may not be blank")


class CommissionListQuery(Page, kw_only=True):
    status: CommissionStatus | None = None


class CommissionFileQuery(Struct, kw_only=True):
    status: CommissionStatus | None = None


class CommissionRow(CommissionOut, kw_only=True):
    member: MemberRef
    order_external_id: str


class CommissionRows(Items, kw_only=True):
    items: list[CommissionRow]
