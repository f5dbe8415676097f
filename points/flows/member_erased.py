"""A person is erased; the sums stay (rules.md §13; PIPL §47, GDPR art. 17).

In order, in one transaction: redemptions that wait are cancelled and points forfeited, if that was
asked for (`redemption`, `ledger`) · the record and its other names become an anonymous shell that
nobody can sign in to (`members`) · every row that is the member's loses what names the person
(`member_data`).
"""

import uuid
from datetime import datetime

from django.db import transaction

from kernel import outbox
from points.flows import member_data
from points.ledger import transfers as ledger
from points.members import identity
from points.members.actions import lock_member
from points.members.errors import ErasureRefused
from points.members.models import Member
from points.members.queries import get_member
from points.redemption.actions import cancel_redemption
from points.redemption.models import Redemption


@transaction.atomic
def erase_member(*, member_id: uuid.UUID, forfeit: bool, at: datetime, actor: str) -> Member:
    """Remove the person. Erased before: nothing happens again.

    With `forfeit` redemptions that wait are cancelled, holds released, and what the member then has
    goes to breakage; without it ErasureRefused says what is still there. Raises MemberNotFound,
    MemberMerged.
    """
    member = get_member(member_id=member_id)
    if member.erased_at is not None:
        return member
    member_data.lock(member=member.pk)
    open_redemptions = list(
        Redemption.objects.select_for_update()
        .filter(member_id=member.pk, status=Redemption.Status.PENDING)
        .order_by("pk")
    )
    if forfeit:
        for row in open_redemptions:
            cancel_redemption(redemption_id=row.pk, at=at, actor=actor)
    owned = ledger.forfeit(member=member.pk, only_look=not forfeit, at=at, actor=actor)
    if not forfeit and (owned or open_redemptions):
        raise ErasureRefused(points=owned, open_redemptions=len(open_redemptions))
    member = lock_member(member_id=member.pk)
    names = list(Member.objects.filter(merged_into=member).values_list("pk", flat=True))
    identity.erase_records(member=member, at=at)
    member_data.erase(members=[member.pk, *names])
    outbox.tell(
        topic="member.erased", subject=str(member.pk), payload={"member_id": str(member.pk)}, at=at
    )
    member.refresh_from_db()
    return member
