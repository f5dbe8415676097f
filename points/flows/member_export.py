"""Everything held of a person, for the person (rules.md §13; PIPL §45, GDPR art. 15 and 20)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from points.flows import member_data
from points.members.models import Member
from points.members.queries import get_member

FORMAT = "jifen.member/1"
_RECORD = (
    "id", "external_id", "name", "phone", "email", "birthday", "tags", "code", "locale",
    "joined_at", "custom", "email_consent_at", "profile_completed_at", "orders_count",
    "spent_cents", "last_order_at", "erased_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """The record, numbers the member had before merges, and all rows by part."""

    member: dict[str, Any]
    merged_external_ids: list[str]
    data: dict[str, list[dict[str, Any]]]
    exported_at: datetime


def export_member(*, member_id: uuid.UUID, at: datetime) -> Export:
    """All that is held of a member, rows of members merged into this one included.

    One query for each part. Raises MemberNotFound.
    """
    member = get_member(member_id=member_id)
    merged = list(Member.objects.filter(merged_into=member).order_by("merged_at", "pk"))
    return Export(
        member={name: getattr(member, name) for name in _RECORD},
        merged_external_ids=[one.external_id for one in merged],
        data=member_data.collect(members=[member.pk, *(one.pk for one in merged)]),
        exported_at=at,
    )
