"""Every write to distributors: applying, admitting, ending. No fee, no reward for a head."""

import uuid
from datetime import datetime

from django.db import transaction

from kernel.ids import new_id
from points.members.identity import hold_member
from points.referral import queries
from points.referral.errors import (
    AlreadyDistributor,
    DistributorDecided,
    ParentNotActive,
    TooManyLevels,
)
from points.referral.models import Distributor

STATUS = Distributor.Status
_OPEN = (STATUS.APPLIED, STATUS.ACTIVE)


@transaction.atomic
def apply(*, member_id: uuid.UUID, message: str, at: datetime) -> Distributor:
    """A member asks to become a distributor; after a no or an end it may ask again.

    Raises AlreadyDistributor, MemberMerged, MemberNotFound.
    """
    hold_member(member_id=member_id)
    row, is_new = _of_member(member_id, at)
    if not is_new and row.status in _OPEN:
        raise AlreadyDistributor(status=row.status)
    row.status, row.message, row.applied_at = STATUS.APPLIED, message, at
    row.decided_at, row.decided_by_name, row.note = None, "", ""
    row.save()
    return row


@transaction.atomic
def admit(
    *, member_id: uuid.UUID, parent_id: uuid.UUID | None, at: datetime, actor_name: str,
    note: str = "",
) -> Distributor:  # fmt: skip
    """Staff take a member in, asked for or not, below a parent or at the top.

    Raises AlreadyDistributor (active), DistributorNotFound (the parent), ParentNotActive,
    TooManyLevels, MemberMerged, MemberNotFound.
    """
    hold_member(member_id=member_id)
    row, _ = _of_member(member_id, at)
    if row.status == STATUS.ACTIVE:
        raise AlreadyDistributor(status=row.status)
    _place(row, parent_id)
    row.status, row.admitted_at = STATUS.ACTIVE, at
    _decide(row, at, actor_name, note)
    return row


@transaction.atomic
def move(
    *, distributor_id: uuid.UUID, parent_id: uuid.UUID | None, at: datetime, actor_name: str
) -> Distributor:
    """Put an active distributor below another parent, or at the top; commission of orders that are
    completed already stays whose it was.

    Raises DistributorNotFound, DistributorDecided, ParentNotActive, TooManyLevels.
    """
    row = queries.get_distributor(distributor_id=distributor_id, lock=True)
    if row.status != STATUS.ACTIVE:
        raise DistributorDecided(status=row.status)
    _place(row, parent_id)
    _decide(row, at, actor_name, row.note)
    return row


@transaction.atomic
def reject(*, distributor_id: uuid.UUID, at: datetime, actor_name: str, note: str) -> Distributor:
    """Staff say no to an application. Raises DistributorNotFound, DistributorDecided."""
    row = queries.get_distributor(distributor_id=distributor_id, lock=True)
    if row.status != STATUS.APPLIED:
        raise DistributorDecided(status=row.status)
    row.status = STATUS.REJECTED
    _decide(row, at, actor_name, note)
    return row


@transaction.atomic
def end(*, distributor_id: uuid.UUID, at: datetime, actor_name: str, note: str) -> Distributor:
    """Orders placed from now on earn nothing more; what is pending is settled in its time.

    Raises DistributorNotFound, DistributorDecided.
    """
    row = queries.get_distributor(distributor_id=distributor_id, lock=True)
    if row.status != STATUS.ACTIVE:
        raise DistributorDecided(status=row.status)
    row.status = STATUS.ENDED
    _decide(row, at, actor_name, note)
    return row


def unite_distributors(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Of two members who are one the active standing stays, the survivor's if both are; whoever stood
    below the other stands below it now, or at the top where that would make a third level."""
    rows = {row.member_id: row for row in Distributor.objects.select_for_update().filter(
        member_id__in=[loser, survivor]).order_by("pk")}  # fmt: skip
    lost, kept = rows.get(loser), rows.get(survivor)
    if lost is None:
        return
    if kept is None:
        Distributor.objects.filter(pk=lost.pk).update(member_id=survivor)
        return
    if lost.status == STATUS.ACTIVE and kept.status != STATUS.ACTIVE:
        lost, kept = kept, lost
    above = {"parent": None, "parent_level": None, "level": 1}
    team = Distributor.objects.filter(parent=lost)
    below = {"parent": kept} if kept.level == 1 else above
    Distributor.objects.filter(pk=kept.pk, parent=lost).update(**above)
    team.exclude(pk=kept.pk).update(**below)
    Distributor.objects.filter(pk=lost.pk).delete()
    Distributor.objects.filter(pk=kept.pk).update(member_id=survivor)


def _of_member(member_id: uuid.UUID, at: datetime) -> tuple[Distributor, bool]:
    """The member's row, locked; made when there is none."""
    return Distributor.objects.select_for_update().get_or_create(
        member_id=member_id,
        defaults={"id": new_id(), "status": STATUS.APPLIED, "applied_at": at},
    )


def _place(row: Distributor, parent_id: uuid.UUID | None) -> None:
    if parent_id is None:
        row.parent, row.parent_level, row.level = None, None, 1
        return
    # Its level may not change until this is written: the key of (id, level) would be gone.
    parent = queries.get_distributor(distributor_id=parent_id, lock=True)
    if parent.status != STATUS.ACTIVE:
        raise ParentNotActive()
    if parent.pk == row.pk or parent.level != 1 or Distributor.objects.filter(parent=row).exists():
        raise TooManyLevels()
    row.parent, row.parent_level, row.level = parent, 1, 2


def _decide(row: Distributor, at: datetime, actor_name: str, note: str) -> None:
    row.decided_at, row.decided_by_name, row.note = at, actor_name, note
    row.save()
