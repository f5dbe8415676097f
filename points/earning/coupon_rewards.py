"""Rules that give a coupon in the place of points: what issuing one takes, put on their awards.

The template is read here and judged under its lock by `coupons_issue`, which `earning_grant` calls
within the award (ADR 0082). Awards that give points cost nothing more.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kernel.ids import new_id
from points.coupons.calculations import new_coupon_code
from points.coupons.issuing import IssueBody, issue_bodies
from points.earning.awards import Award
from points.ledger.actions import Grant

# The key under which a coupon was issued: by itself with the award, or when it was claimed. What was
# claimed stays with the member when the order is refunded (ADR 0045).
AWARDED, CLAIMED = "award", "task"


def with_coupons(items: Sequence[Grant], *, at: datetime, actor: str) -> Sequence[Grant]:
    """These items, with what it takes to issue the coupons among them. Two queries if there are
    any, else none."""
    codes = {one.template for one in items if isinstance(one, Award) and one.template}
    if not codes:
        return items
    bodies = issue_bodies(codes=codes, at=at, actor=actor)
    return [
        msgspec.structs.replace(one, coupon=_coupon(bodies[one.template], one, at))
        if isinstance(one, Award) and one.template else one
        for one in items
    ]  # fmt: skip


def claimed_coupon(
    *, template: str, award_id: uuid.UUID, member: uuid.UUID, at: datetime, actor: str
) -> Mapping[str, Any]:
    """What it takes to issue the coupon of an award that is claimed. Two queries."""
    body = issue_bodies(codes=[template], at=at, actor=actor)[template]
    return _with_row(body, member, CLAIMED, award_id, at)


def _coupon(body: IssueBody, award: Award, at: datetime) -> Mapping[str, Any]:
    assert award.award_id is not None
    return _with_row(body, award.member, AWARDED, award.award_id, at)


def _with_row(
    body: IssueBody, member: uuid.UUID, source: str, award_id: uuid.UUID, at: datetime
) -> Mapping[str, Any]:
    """As `earning_issue` takes it: {"why"} when it is refused already, else what to issue."""
    if isinstance(body, str):
        return {"why": body}
    row = {
        "id": new_id(), "code": new_coupon_code(), "member": member, "source": source,
        "source_id": str(award_id),
    }  # fmt: skip
    return {**body, "at": at, "rows": [row]}
