"""A member joins: the record, then the wallet at zero, so that there is a row to lock."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from points.flows.occasions import happen, joined
from points.ledger import actions as ledger
from points.members import actions as members
from points.members.models import Member


@transaction.atomic
def join_member(
    *,
    external_id: str,
    at: datetime,
    phone: str = "",
    email: str = "",
    name: str = "",
    birthday: date | None = None,
    tags: tuple[str, ...] = (),
    joined_at: datetime | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Member:
    """Add a member with an empty wallet. Raises what `members.create_member` raises."""
    member = members.create_member(
        external_id=external_id, at=at, phone=phone, email=email, name=name, birthday=birthday,
        tags=tags, joined_at=joined_at, custom=custom,
    )  # fmt: skip
    ledger.open_wallets(members=[member.pk])
    happen(
        trigger="member.registered", occurrences=[joined(member.pk, member.joined_at)],
        at=at, actor="member",
    )  # fmt: skip
    return member
