"""Reading referrals, distributors and commissions."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from django.db.models import Count, Q, QuerySet, Sum

from kernel.db import connection
from points.members.models import Member
from points.referral.calculations import normalise_code
from points.referral.errors import DistributorNotFound
from points.referral.models import Commission, Distributor, Referral

_LEADS_TO = """
with recursive up(id) as (
  select %s::uuid
  union
  select r.inviter_id from referral_referral r join up on r.member_id = up.id
   where r.status not in ('refused', 'merged')
)
select exists (select 1 from up where id = %s)
"""

# Who gets something of an order: the distributor who brought its buyer, and the one above. Both must
# have been admitted when the order was placed, and the buyer brought by then.
_BENEFICIARIES = """
select o.id, d.member_id, 1 as level
  from orders_order o
  join referral_referral r on r.member_id = o.member_id and r.claimed_at <= o.placed_at
       and r.status not in ('refused', 'merged')
  join referral_distributor d on d.member_id = r.inviter_id and d.status = 'active'
       and d.admitted_at <= o.placed_at
 where o.id = any(%(orders)s::uuid[]) and o.status = 'completed'
union all
select o.id, p.member_id, 2
  from orders_order o
  join referral_referral r on r.member_id = o.member_id and r.claimed_at <= o.placed_at
       and r.status not in ('refused', 'merged')
  join referral_distributor d on d.member_id = r.inviter_id and d.status = 'active'
       and d.admitted_at <= o.placed_at
  join referral_distributor p on p.id = d.parent_id and p.status = 'active'
       and p.admitted_at <= o.placed_at and p.member_id <> o.member_id
 where o.id = any(%(orders)s::uuid[]) and o.status = 'completed'
"""


class Beneficiary(msgspec.Struct, frozen=True):
    """Somebody who earns on an order, and on which level."""

    order_id: uuid.UUID
    member_id: uuid.UUID
    level: int


class CommissionSums(msgspec.Struct, frozen=True):
    """Minor units: waiting for the return window, paid for good (what was taken back is off), taken
    back in all."""

    pending_cents: int
    settled_cents: int
    taken_back_cents: int


class Funnel(msgspec.Struct, frozen=True):
    """Of codes entered in a time: how many were refused, joined, of those ordered, of those
    rewarded, and the points that were given to both sides."""

    refused: int
    joined: int
    ordered: int
    rewarded: int
    points: int


def find_by_code(*, code: str) -> Member | None:
    """Whose invitation code this is, or who took over from that member; None for nobody."""
    normal = normalise_code(code)
    found = Member.objects.filter(referral_code=normal).first() if normal else None
    if found is not None and found.merged_into_id is not None:
        found = Member.objects.filter(pk=found.merged_into_id).first()
    return None if found is None or found.erased_at else found


def standing(rows: "QuerySet[Referral]") -> "QuerySet[Referral]":
    """Without the attempts that were refused."""
    return rows.exclude(status__in=Referral.GONE)


def get_referral_of(*, member_id: uuid.UUID) -> Referral | None:
    """By whom a member came, if by anybody."""
    return standing(Referral.objects.filter(member_id=member_id)).first()


def leads_to(*, member: uuid.UUID, ancestor: uuid.UUID) -> bool:
    """Whether a member came by another, directly or through others, or is the same. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADS_TO, [member, ancestor])
        return bool(cursor.fetchone()[0])


def list_referrals(
    *,
    limit: int,
    after: uuid.UUID | None = None,
    status: str | None = None,
    inviter: uuid.UUID | None = None,
    member: uuid.UUID | None = None,
) -> list[Referral]:
    """Newest first, at most `limit`; `after` is the id of the last row seen. One query."""
    rows = Referral.objects.order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    if status is not None:
        rows = rows.filter(status=status)
    if inviter is not None:
        rows = rows.filter(inviter_id=inviter)
    if member is not None:
        rows = rows.filter(member_id=member)
    return list(rows[:limit])


def count_by_inviter(*, inviter: uuid.UUID) -> tuple[int, int, int]:
    """(joined, rewarded, points the inviter got). One query."""
    sums = standing(Referral.objects.filter(inviter_id=inviter)).aggregate(
        joined=Count("id"), rewarded=Count("id", filter=Q(status=Referral.Status.REWARDED)),
        points=Sum("inviter_points"),
    )  # fmt: skip
    return sums["joined"], sums["rewarded"], sums["points"] or 0


def get_funnel(*, since: datetime, until: datetime) -> Funnel:
    """Of the codes entered from one moment to another, what came of them. One query."""
    of_status, in_time = Referral.Status, Referral.objects.filter(
        claimed_at__gte=since, claimed_at__lt=until
    )  # fmt: skip
    sums = in_time.aggregate(
        refused=Count("id", filter=Q(status=of_status.REFUSED)),
        joined=Count("id", filter=~Q(status__in=Referral.GONE)),
        ordered=Count(
            "id", filter=Q(status__in=[of_status.ORDERED, of_status.REWARDED])
            | Q(status=of_status.ENDED, reason="not_kept"),
        ),
        rewarded=Count("id", filter=Q(status=of_status.REWARDED)),
        inviter=Sum("inviter_points"), invitee=Sum("invitee_points"),
    )  # fmt: skip
    points = (sums["inviter"] or 0) + (sums["invitee"] or 0)
    return Funnel(sums["refused"], sums["joined"], sums["ordered"], sums["rewarded"], points)


def list_rewards(
    *, inviters: Collection[uuid.UUID], since: datetime
) -> list[tuple[uuid.UUID, datetime]]:
    """(inviter, date) of the rewards these inviters got from a moment on. One query."""
    rows = Referral.objects.filter(
        inviter_id__in=inviters, inviter_points__gt=0, decided_at__gte=since
    )
    return list(rows.values_list("inviter_id", "decided_at"))  # type: ignore[arg-type]


def get_distributor(*, distributor_id: uuid.UUID, lock: bool = False) -> Distributor:
    """A distributor by its id. Raises DistributorNotFound."""
    rows = Distributor.objects.select_for_update() if lock else Distributor.objects.all()
    found = rows.filter(pk=distributor_id).first()
    if found is None:
        raise DistributorNotFound()
    return found


def find_distributor(*, member_id: uuid.UUID) -> Distributor | None:
    """A member's standing as a distributor, applications included."""
    return Distributor.objects.filter(member_id=member_id).first()


def list_distributors(
    *, limit: int, after: uuid.UUID | None = None, status: str | None = None
) -> list[Distributor]:
    """Newest first, with their parents. One query."""
    rows = Distributor.objects.select_related("parent").order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    if status is not None:
        rows = rows.filter(status=status)
    return list(rows[:limit])


def find_suggested_parents(*, members: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Member → the distributor of level 1 who brought it, where there is one. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.member_id, d.id from referral_referral r"
            " join referral_distributor d on d.member_id = r.inviter_id and d.status = 'active'"
            "  and d.level = 1"
            " where r.member_id = any(%s::uuid[]) and r.status not in ('refused', 'merged')",
            [list(members)],
        )
        return dict(cursor.fetchall())


def list_commissions(
    *,
    limit: int,
    after: uuid.UUID | None = None,
    status: str | None = None,
    member: uuid.UUID | None = None,
) -> list[Commission]:
    """Newest first. One query."""
    rows = Commission.objects.order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    if status is not None:
        rows = rows.filter(status=status)
    if member is not None:
        rows = rows.filter(member_id=member)
    return list(rows[:limit])


def of_orders(*, order_ids: Iterable[uuid.UUID]) -> list[Commission]:
    """Commissions of these orders, in the order of their members: so are wallets locked. One query."""
    rows = Commission.objects.filter(order_id__in=list(order_ids))
    return list(rows.order_by("member_id", "id"))


def find_beneficiaries(*, order_ids: Sequence[uuid.UUID]) -> list[Beneficiary]:
    """Who earns on these orders now; completed orders only. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_BENEFICIARIES, {"orders": list(order_ids)})
        return [Beneficiary(*row) for row in cursor.fetchall()]


def sum_commissions(
    *, members: Collection[uuid.UUID] | None = None
) -> Mapping[uuid.UUID, CommissionSums]:
    """Member → sums of its commissions; of all who have any without `members`. One query."""
    rows = Commission.objects.all()
    if members is not None:
        rows = rows.filter(member_id__in=members)
    sums = rows.values("member_id").annotate(
        pending=Sum("amount_cents", filter=Q(status=Commission.Status.PENDING)),
        paid=Sum("paid_cents"), taken=Sum("taken_back_cents"),
    )  # fmt: skip
    return {
        one["member_id"]: CommissionSums(
            one["pending"] or 0, one["paid"] - one["taken"], one["taken"]
        )
        for one in sums
    }


def total_commissions() -> CommissionSums:
    """Of all members. One query."""
    sums = Commission.objects.aggregate(
        pending=Sum("amount_cents", filter=Q(status=Commission.Status.PENDING)),
        paid=Sum("paid_cents"), taken=Sum("taken_back_cents"),
    )  # fmt: skip
    taken = sums["taken"] or 0
    return CommissionSums(sums["pending"] or 0, (sums["paid"] or 0) - taken, taken)
