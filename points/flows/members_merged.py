"""Two records turn out to be one person: wallets and history are united (rules.md §13).

In order, in one transaction: the loser's orders and redemptions are locked, as whoever refunds or
cancels holds those before a wallet · the wallets are poured (`ledger`) · the records are united
(`members`) · every other row that names the loser names the survivor (`member_data`) · what both have
done together may lead to a higher tier (`tiers`).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kernel import outbox
from kernel.ids import new_id
from points.flows import growth, member_data
from points.ledger import transfers as ledger
from points.members import identity
from points.members.errors import MemberErased, MemberNotFound, MergedElsewhere, MergeIntoItself
from points.members.models import Member
from points.members.queries import get_member


@dataclass(frozen=True, slots=True)
class Merged:
    """Who stands for both now, and whether this call did it."""

    member: Member
    is_new: bool


@transaction.atomic
def merge_members(*, loser: uuid.UUID, into: uuid.UUID, at: datetime, actor: str) -> Merged:
    """Unite a member with another, for ever: the loser's number goes on leading to the survivor.

    Merged so before: nothing happens again. Raises MemberNotFound, MergeIntoItself,
    MergedElsewhere, MemberErased, and MemberMerged when one of them is being merged just now.
    """
    survivor = get_member(member_id=into)
    record = Member.objects.filter(pk=loser).first()
    if record is None:
        raise MemberNotFound()
    if record.pk == survivor.pk:
        raise MergeIntoItself()
    if record.merged_into_id == survivor.pk:
        return Merged(survivor, is_new=False)
    if record.merged_into_id is not None:
        raise MergedElsewhere(member_id=str(record.merged_into_id))
    if record.erased_at or survivor.erased_at:
        raise MemberErased()
    member_data.lock(member=record.pk)
    ledger.merge_wallets(
        loser=record.pk, survivor=survivor.pk, merge_id=new_id(), at=at, actor=actor
    )
    record, survivor = identity.lock_both(loser=record.pk, survivor=survivor.pk)
    identity.unite_records(loser=record, survivor=survivor, at=at)
    member_data.move(loser=record.pk, survivor=survivor.pk)
    growth.unite_tiers(loser=record.pk, survivor=survivor.pk, at=at, actor=actor)
    outbox.tell(
        topic="member.merged",
        subject=str(survivor.pk),
        payload={
            "member_id": str(survivor.pk), "merged_member_id": str(record.pk),
            "merged_external_id": record.external_id,
        },
        at=at,
    )  # fmt: skip
    survivor.refresh_from_db()
    return Merged(survivor, is_new=True)
