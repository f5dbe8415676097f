"""Every write to referrals and commissions; points and cash are moved by `points.flows`.

Distributors have a module of their own (`distributors`).
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from kernel import outbox
from kernel.db import connection
from kernel.ids import new_id
from points.members.identity import hold_member
from points.members.models import Member
from points.members.queries import get_member
from points.program.calculations import ReferralRule
from points.referral import queries
from points.referral.calculations import is_same_email, is_same_phone, new_code
from points.referral.errors import (
    AlreadyOrdered,
    AlreadyReferred,
    ClaimTooLate,
    CodeUnknown,
    DeviceUsed,
    ReferralLoop,
    SameContact,
    SameDevice,
    SelfReferral,
)
from points.referral.models import Commission, Referral

_LOCK = "select pg_advisory_xact_lock(hashtextextended(current_schema() || ' referrals', 0))"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it was entered, where, and what the browser says of its device: the hash of its
    number, and which members have signed in there."""

    member_id: uuid.UUID
    code: str
    source: str
    device_hash: bytes | None = None
    seen_here: Collection[uuid.UUID] = ()


def ensure_code(*, member: Member) -> str:
    """The member's invitation code, drawn when it is first looked at."""
    while not member.referral_code:
        code = new_code()
        try:
            with transaction.atomic():
                Member.objects.filter(pk=member.pk, referral_code="").update(referral_code=code)
        except IntegrityError:
            continue
        member.refresh_from_db(fields=["referral_code"])
    return member.referral_code


@transaction.atomic
def attribute(*, entry: Entry, rule: ReferralRule, at: datetime) -> Referral:
    """A member came by the owner of this code: once, for ever, and never in a circle.

    One attribution of the shop at a time: each looks at the chain the others write. Raises
    CodeUnknown, AlreadyReferred, MemberMerged, MemberNotFound, and NotAttributed (SelfReferral,
    SameContact, SameDevice, DeviceUsed, ReferralLoop, ClaimTooLate, AlreadyOrdered): nothing is
    written then.
    """
    hold_member(member_id=entry.member_id)
    _lock()
    inviter = queries.find_by_code(code=entry.code)
    if inviter is None:
        raise CodeUnknown()
    member = get_member(member_id=entry.member_id)
    if queries.get_referral_of(member_id=member.pk) is not None:
        raise AlreadyReferred()
    _refuse_one_person(member, inviter, entry)
    _refuse_late(member, entry, rule, at)
    if queries.leads_to(member=inviter.pk, ancestor=member.pk):
        raise ReferralLoop()
    row = Referral.objects.create(
        id=new_id(), member_id=member.pk, inviter_id=inviter.pk, code=inviter.referral_code,
        source=entry.source, status=Referral.Status.JOINED, device_hash=entry.device_hash,
        claimed_at=at,
    )  # fmt: skip
    outbox.tell(
        topic="referral.joined", subject=str(member.pk), at=at,
        payload={
            "referral_id": str(row.pk), "member_id": str(member.pk), "inviter_id": str(inviter.pk),
        },
    )  # fmt: skip
    return row


def _refuse_one_person(member: Member, inviter: Member, entry: Entry) -> None:
    if inviter.pk == member.pk:
        raise SelfReferral()
    if is_same_phone(member.phone, inviter.phone) or is_same_email(member.email, inviter.email):
        raise SameContact()
    if inviter.pk in entry.seen_here:
        raise SameDevice()
    device = entry.device_hash
    if device and queries.standing(Referral.objects.filter(device_hash=device)).exists():
        raise DeviceUsed()


def _refuse_late(member: Member, entry: Entry, rule: ReferralRule, at: datetime) -> None:
    """Whoever joins just now is never late."""
    if member.orders_count:
        raise AlreadyOrdered()
    days = rule.claim_within_days
    if entry.source == Referral.Source.CLAIM and at > member.joined_at + timedelta(days=days):
        raise ClaimTooLate(days=days)


@transaction.atomic
def note_refused(*, entry: Entry, reason: str, at: datetime) -> Referral:
    """Keep an attempt that was refused, for staff to see; one row for each inviter and reason."""
    hold_member(member_id=entry.member_id)
    _lock()
    inviter = queries.find_by_code(code=entry.code)
    row, _ = Referral.objects.get_or_create(
        member_id=entry.member_id, inviter_id=_other(inviter, entry.member_id), reason=reason,
        status=Referral.Status.REFUSED,
        defaults={
            "id": new_id(), "code": entry.code[:20], "source": entry.source,
            "device_hash": entry.device_hash, "claimed_at": at, "decided_at": at,
        },
    )  # fmt: skip
    return row


def _other(inviter: Member | None, member: uuid.UUID) -> uuid.UUID | None:
    """Nobody stands as his own inviter, not even in an attempt."""
    return None if inviter is None or inviter.pk == member else inviter.pk


def mark_ordered(*, at: datetime) -> int:
    """Those who were invited and have ordered since; how many. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update referral_referral r set status = 'ordered' where r.status = 'joined'"
            " and exists (select 1 from orders_order o where o.member_id = r.member_id"
            "  and o.placed_at >= r.claimed_at and o.placed_at <= %s)",
            [at],
        )
        return int(cursor.rowcount)


def close_referrals(*, rows: Sequence[Referral]) -> int:
    """Write down what became of open referrals; how many were still open. One statement."""
    closed = [
        {
            "id": row.pk, "status": row.status, "reason": row.reason, "order_id": row.order_id,
            "inviter_points": row.inviter_points, "invitee_points": row.invitee_points,
            "decided_at": row.decided_at,
        }
        for row in rows
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "update referral_referral r set status = n.status, reason = n.reason,"
            " order_id = n.order_id, inviter_points = n.inviter_points,"
            " invitee_points = n.invitee_points, decided_at = n.decided_at"
            " from jsonb_populate_recordset(null::referral_referral, %s) n"
            " where r.id = n.id and r.status in ('joined', 'ordered')",
            [msgspec.json.encode(closed).decode()],
        )
        return int(cursor.rowcount)


def add_commissions(*, rows: Sequence[Commission]) -> None:
    """New commissions; of an order and level that has one the first stays."""
    Commission.objects.bulk_create(rows, ignore_conflicts=True)


def save_commissions(*, rows: Sequence[Commission]) -> None:
    """What changed on commissions; the caller holds their orders. One statement."""
    fields = ("base_cents", "amount_cents", "paid_cents", "taken_back_cents", "moves", "status",
              "settled_at")  # fmt: skip
    if rows:
        Commission.objects.bulk_update(rows, fields)


def unite_referrals(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Two members are one: whom either invited, and by whom either came.

    Of two referrals the rewarded one stays, else the earlier; the other is `merged`. So is what
    would now be an invitation of oneself, or close a circle. Three to six queries.
    """
    _lock()
    both = [loser, survivor]
    own = Referral.objects.filter(member_id__in=both)
    standing = sorted(
        queries.standing(own),
        key=lambda row: (row.status != Referral.Status.REWARDED, row.claimed_at, row.pk),
    )
    queries.standing(own).update(status=Referral.Status.MERGED, decided_at=None)
    Referral.objects.filter(inviter_id__in=both, member_id__in=both).update(inviter_id=None,
        status=Referral.Status.REFUSED, reason="merged")  # fmt: skip
    Referral.objects.filter(inviter_id=loser).update(inviter_id=survivor)
    Referral.objects.filter(member_id=loser).update(member_id=survivor)
    for row in standing:
        if row.inviter_id in both or row.inviter_id is None:
            continue
        if not queries.leads_to(member=row.inviter_id, ancestor=survivor):
            Referral.objects.filter(pk=row.pk).update(status=row.status, decided_at=row.decided_at)
            break
    Commission.objects.filter(member_id=loser).update(member_id=survivor)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
