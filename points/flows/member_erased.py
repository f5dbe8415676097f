"""A person is erased; the sums stay (rules.md §13; PIPL §47, GDPR art. 17).

In order, in one transaction: shop orders nobody has paid are given up (`shop`) · redemptions and
withdrawals that wait are cancelled and points forfeited, if that was asked for (`redemption`, `cash`,
`ledger`) · coupons that nobody can use any more are voided (`coupons`) · the record and its other
names become an anonymous shell that nobody can sign in to (`members`) · every row that is the
member's loses what names the person (`member_data`).
"""

import uuid
from datetime import datetime

from django.db import transaction

from kernel import outbox
from points.cash import withdrawals
from points.cash.errors import ErasureMustWait
from points.cash.models import Withdrawal
from points.coupons.actions import void_of_member
from points.flows import member_data
from points.flows.shop_moved import cancel_order
from points.ledger import transfers as ledger
from points.members import identity
from points.members.actions import lock_member
from points.members.errors import ErasureRefused
from points.members.models import Member
from points.members.queries import get_member
from points.redemption.actions import cancel_redemption
from points.redemption.models import Redemption
from points.shop.order_queries import unpaid_orders

# For somebody to hand it over, or for its money part.
_WAITING = (Redemption.Status.PENDING, Redemption.Status.AWAITING_PAYMENT)


@transaction.atomic
def erase_member(*, member_id: uuid.UUID, forfeit: bool, at: datetime, actor: str) -> Member:
    """Remove the person. Erased before: nothing happens again.

    With `forfeit` redemptions and withdrawals that wait are cancelled, holds released, and what the
    member then has goes to breakage; without it ErasureRefused says what is still there. Raises
    ErasureMustWait while money is on its way to the member, MemberNotFound, MemberMerged.
    """
    member = get_member(member_id=member_id)
    if member.erased_at is not None:
        return member
    member_data.lock(member=member.pk)
    for order_id in unpaid_orders(member=member.pk):
        cancel_order(order_id=order_id, reason="buyer", at=at, actor=actor)
    open_redemptions = list(
        Redemption.objects.select_for_update()
        .filter(member_id=member.pk, status__in=_WAITING)
        .order_by("pk")
    )
    if forfeit:
        for row in open_redemptions:
            cancel_redemption(redemption_id=row.pk, at=at, actor=actor)
        withdrawals.cancel_all(member_id=member.pk, at=at, actor=actor)
    _refuse_while_paying(member)
    owned = ledger.forfeit(member=member.pk, only_look=not forfeit, at=at, actor=actor)
    if not forfeit and (owned or open_redemptions):
        raise ErasureRefused(points=owned, open_redemptions=len(open_redemptions))
    void_of_member(member=member.pk, at=at, actor=actor)
    member = lock_member(member_id=member.pk)
    names = list(Member.objects.filter(merged_into=member).values_list("pk", flat=True))
    identity.erase_records(member=member, at=at)
    member_data.erase(members=[member.pk, *names])
    outbox.tell(
        topic="member.erased", subject=str(member.pk), payload={"member_id": str(member.pk)}, at=at
    )
    member.refresh_from_db()
    return member


def _refuse_while_paying(member: Member) -> None:
    """Money on its way needs to know whose it is."""
    states = Withdrawal.Status
    open_ = Withdrawal.objects.filter(
        member_id=member.pk, status__in=[states.REQUESTED, states.APPROVED, states.PAYING]
    )
    if waiting := open_.count():
        raise ErasureMustWait(withdrawals=waiting)
