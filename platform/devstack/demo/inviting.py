"""Invitations in the demo shops: the member who is shown invites, and two distributors earn."""

from datetime import datetime, timedelta

from django.db import transaction

from points.flows.commission import note_orders, settle_due
from points.flows.referral_claimed import join_by_code
from points.flows.referral_rewarded import reward_due
from points.members.models import Member
from points.members.queries import find_liveliest_member
from points.orders.models import Order
from points.program.actions import change_program
from points.program.queries import get_program
from points.referral import distributors
from points.referral.actions import ensure_code
from points.referral.models import Distributor, Referral

GUESTS = 9
RULES = {
    "referral": {"is_on": True, "inviter_points": 100, "invitee_points": 50},
    "distribution": {"is_on": True, "level1_rate": "0.05", "level2_rate": "0.02"},
}
STORY = timedelta(days=85)


def open_invitations(*, at: datetime) -> None:
    """Turn invitations on, and let the liveliest member have invited some who ordered since.

    The demo's members joined by their first orders; here some of them came by a code, as if they had
    entered it then.
    """
    with transaction.atomic():
        change_program(changes=RULES, at=at)
        star = find_liveliest_member()
        if star is None or Referral.objects.exists():
            return
        others = Member.objects.exclude(pk=star.pk).filter(merged_into__isnull=True)
        guests = list(others.order_by("-orders_count", "external_id")[3 : 3 + GUESTS])
        for guest in guests:
            _let_come_by(star, guest, at - STORY)
        _admit(star, others.order_by("-orders_count", "external_id")[0], at - STORY)
        orders = Order.objects.filter(member_id__in=[guest.pk for guest in guests])
        note_orders(order_ids=list(orders.values_list("pk", flat=True)), program=get_program())
    reward_due(at=at)
    settle_due(at=at)
    with transaction.atomic():
        _ask(others.order_by("external_id")[1], at)


def _let_come_by(star: Member, guest: Member, at: datetime) -> None:
    """As at joining: with no order yet."""
    count, joined = guest.orders_count, guest.joined_at
    Member.objects.filter(pk=guest.pk).update(orders_count=0)
    join_by_code(
        member_id=guest.pk, code=ensure_code(member=star), source="sign_up", at=max(at, joined)
    )
    Member.objects.filter(pk=guest.pk).update(orders_count=count)


def _admit(star: Member, above: Member, at: datetime) -> None:
    top = distributors.admit(member_id=above.pk, parent_id=None, at=at, actor_name="Demo")
    distributors.admit(member_id=star.pk, parent_id=top.pk, at=at, actor_name="Demo")


def _ask(member: Member, at: datetime) -> None:
    """Somebody waits for an answer."""
    if not Distributor.objects.filter(member_id=member.pk).exists():
        distributors.apply(member_id=member.pk, message="", at=at)
