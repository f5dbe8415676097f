"""The members' part of merging two records of one person, and of erasing a person.

Their flows (`flows.members_merged`, `flows.member_erased`) hold the locks of what lies above before
they come here: orders, redemptions, wallets, then members, in this order everywhere.
"""

import uuid
from datetime import datetime

from django.db.models import F

from kernel.db import connection
from points.members.errors import MemberErased, MemberMerged, MemberNotFound
from points.members.models import Member, MemberIdentity, MemberSession, SignInCode

_FILLED = ("name", "birthday", "phone", "email", "locale", "email_consent_at")
_EMPTY = {"name": "", "birthday": None, "phone": "", "email": "", "locale": "", "code": ""}


def lock_both(*, loser: uuid.UUID, survivor: uuid.UUID) -> tuple[Member, Member]:
    """Both records, locked in order of id. Raises MemberNotFound, MemberMerged, MemberErased."""
    rows = Member.objects.select_for_update().filter(pk__in=[loser, survivor]).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise MemberNotFound()
    if any(row.merged_into_id is not None for row in found.values()):
        raise MemberMerged()
    if any(row.erased_at is not None for row in found.values()):
        raise MemberErased()
    return found[loser], found[survivor]


def hold_member(*, member_id: uuid.UUID) -> None:
    """Keep a member from being merged until the caller's transaction ends, as a row that refers to
    it would. Raises MemberNotFound, MemberMerged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select merged_into_id from members_member where id = %s for key share", [member_id]
        )
        found = cursor.fetchone()
    if found is None:
        raise MemberNotFound()
    if found[0] is not None:
        raise MemberMerged()


def unite_records(*, loser: Member, survivor: Member, at: datetime) -> None:
    """The survivor takes what it lacks of the profile, all tags, and the sums of orders; the loser
    keeps its number alone, as another name of the survivor, and its sessions end.

    Both are locked by `lock_both`.
    """
    taken = {field: getattr(loser, field) for field in _FILLED if not getattr(survivor, field)}
    if "email" not in taken:
        taken.pop("email_consent_at", None)  # it was given for that address
    MemberSession.objects.filter(member_id=loser.pk).delete()
    MemberIdentity.objects.filter(member_id=loser.pk).update(member_id=survivor.pk)
    Member.objects.filter(merged_into_id=loser.pk).update(merged_into_id=survivor.pk)
    completed = [one for one in (survivor.profile_completed_at, loser.profile_completed_at) if one]
    orders = [one for one in (survivor.last_order_at, loser.last_order_at) if one]
    Member.objects.filter(pk=loser.pk).update(
        **_EMPTY, tags=[], custom={}, email_consent_at=None, merged_into_id=survivor.pk,
        merged_at=at, orders_count=0, spent_cents=0, last_order_at=None,
    )  # fmt: skip
    Member.objects.filter(pk=survivor.pk).update(
        **taken, tags=sorted({*survivor.tags, *loser.tags}),
        custom={**loser.custom, **survivor.custom},
        joined_at=min(survivor.joined_at, loser.joined_at),
        profile_completed_at=min(completed, default=None),
        orders_count=F("orders_count") + loser.orders_count,
        spent_cents=F("spent_cents") + loser.spent_cents,
        last_order_at=max(orders, default=None),
    )  # fmt: skip


def erase_records(*, member: Member, at: datetime) -> None:
    """Nothing that names the person stays: not on the record, its other names, its identities, its
    sessions and codes. Sums of orders stay. The caller has locked the record."""
    addresses = [address for address in (member.phone, member.email) if address]
    SignInCode.objects.filter(address__in=addresses).delete()
    names = Member.objects.filter(merged_into_id=member.pk)
    for one in [member, *names.select_for_update().order_by("pk")]:
        MemberSession.objects.filter(member_id=one.pk).delete()
        MemberIdentity.objects.filter(member_id=one.pk).delete()
        Member.objects.filter(pk=one.pk).update(
            **_EMPTY, external_id=f"erased-{one.pk}", tags=[], custom={}, email_consent_at=None,
            referral_code="", erased_at=at,
        )  # fmt: skip
