"""When lots end: activity that moves their ends, notices before, and extensions by staff.

The last two walk through the wallets in order of their ids, some at a time, each batch a transaction of its
own; a walk that was interrupted goes on after the last batch that was written.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max

from kernel.clock import Calendar
from kernel.db import Ask, ask, connection
from points.ledger.errors import ExtensionNotFound, ExtensionTooEarly
from points.ledger.models import ExpiryNotice, Lot, WalletWalk

NOTICE_BATCH = 2_000
EXTENSION_BATCH = 500
# What an extension does before it answers; the rest is done by the job.
AT_ONCE = 20
KEPT = timedelta(days=60)

_batch = msgspec.json.Decoder(tuple[int, int, int, int] | None)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an extension would move: so many members, lots and points; the soonest end of them."""

    members: int
    lots: int
    points: int
    first_at: datetime | None


def note_activity(*, member: uuid.UUID, at: datetime, unit: str = "points") -> None:
    """The member did something that moves no points: lots that live by activity live on.

    Earning and spending say so by themselves.
    """
    ask(Ask("ledger_note_activity(%s, %s, %s)", [member, unit, at], lambda _: None))


def tell_expiring(
    *, calendar: Calendar, notice_days: Sequence[int], at: datetime, limit: int = NOTICE_BATCH
) -> int:
    """Tell the next members whose points end soon; how many wallets were looked at, 0 when done.

    One walk a local day: each member hears once per local day of expiry and window, with what is
    left at that moment (`points.expiring`). Two at once: the second finds nothing to do.
    """
    if not notice_days:
        return 0
    today = calendar.day_of(at)
    walk = _next_walk(
        key=f"notices:{today}", purpose=WalletWalk.Purpose.NOTICES, at=at,
    )  # fmt: skip
    if walk is None:
        return 0
    body = {
        "days": sorted(set(notice_days)), "zone": calendar.timezone, "today": today,
        "day_start": calendar.day_start_hour, "limit": limit,
    }  # fmt: skip
    return _go_on(walk.pk, "ledger_tell_expiring", body, at)


@transaction.atomic
def begin_extension(
    *,
    until: datetime,
    at: datetime,
    actor: str,
    reason: str,
    member: uuid.UUID | None = None,
    ending_by: datetime | None = None,
) -> WalletWalk:
    """Let open lots live until a later moment, those of a member or of all; none ends sooner.

    `ending_by` keeps those that would end by then. Lots granted afterwards are not meant; what has
    expired stays expired. The first `AT_ONCE` batches are done now, the rest by `go_on_extending`.
    Raises ExtensionTooEarly when `until` has passed.
    """
    if until <= at:
        raise ExtensionTooEarly(until=until.isoformat())
    last_lot = Lot.objects.aggregate(last=Max("pk"))["last"] or 0
    walk = WalletWalk(
        purpose=WalletWalk.Purpose.EXTENSION, actor=actor, started_at=at,
        details=msgspec.to_builtins({
            "until": until, "member": member, "ending_by": ending_by, "last_lot": last_lot,
            "reason": reason,
        }),
    )  # fmt: skip
    walk.key = f"extension:{walk.pk}"
    walk.save(force_insert=True)
    for _ in range(AT_ONCE):
        if not _extend(walk, at):
            break
    walk.refresh_from_db()
    return walk


def go_on_extending(*, at: datetime) -> int:
    """A batch of an extension that is not finished; wallets done, 0 when there is none."""
    walk = WalletWalk.objects.filter(
        purpose=WalletWalk.Purpose.EXTENSION, finished_at__isnull=True
    ).first()
    return _extend(walk, at) if walk else 0


def reach_of_extension(
    *,
    until: datetime,
    at: datetime,
    member: uuid.UUID | None = None,
    ending_by: datetime | None = None,
) -> Reach:
    """What an extension would move now, without moving it. Raises ExtensionTooEarly."""
    if until <= at:
        raise ExtensionTooEarly(until=until.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct l.wallet_id), count(*), coalesce(sum(l.remaining + l.held), 0),"
            " min(l.expires_at) from ledger_lot l join ledger_wallet w on w.id = l.wallet_id"
            " where w.unit = 'points' and (l.remaining > 0 or l.held > 0) and l.expires_at > %s"
            " and l.expires_at < %s and l.expires_at <= %s"
            " and (%s::uuid is null or w.member_id = %s::uuid)",
            [at, until, ending_by or until, member, member],
        )
        members, lots, points, first_at = cursor.fetchone()
    return Reach(members, lots, int(points), first_at)


def get_extension(*, extension_id: uuid.UUID) -> WalletWalk:
    """An extension by its id. Raises ExtensionNotFound."""
    found = WalletWalk.objects.filter(pk=extension_id, purpose=WalletWalk.Purpose.EXTENSION).first()
    if found is None:
        raise ExtensionNotFound()
    return found


def list_extensions(*, limit: int = 20) -> list[WalletWalk]:
    """Extensions, newest first."""
    rows = WalletWalk.objects.filter(purpose=WalletWalk.Purpose.EXTENSION)
    return list(rows.order_by("-id")[:limit])


def forget_old_notices(*, at: datetime) -> int:
    """Notices of days that are over, and the walks that told them; how many notices went."""
    walks = WalletWalk.objects.filter(purpose=WalletWalk.Purpose.NOTICES, started_at__lt=at - KEPT)
    walks.delete()
    gone, _ = ExpiryNotice.objects.filter(expires_date__lt=(at - KEPT).date()).delete()
    return gone


def _next_walk(*, key: str, purpose: WalletWalk.Purpose, at: datetime) -> WalletWalk | None:
    """The walk of that key, begun if it is new; None when it is finished."""
    walk = WalletWalk.objects.filter(key=key).first()
    if walk is None:
        new = WalletWalk(key=key, purpose=purpose, started_at=at)
        WalletWalk.objects.bulk_create([new], ignore_conflicts=True)
        walk = WalletWalk.objects.get(key=key)
    return None if walk.finished_at else walk


def _extend(walk: WalletWalk, at: datetime) -> int:
    details = walk.details
    # Only what the batch cannot read by itself: a walk that went on later still means the same lots.
    body = {name: details[name] for name in ("until", "member", "ending_by", "last_lot")}
    return _go_on(walk.pk, "ledger_extend", {**body, "limit": EXTENSION_BATCH}, at)


@transaction.atomic
def _go_on(walk_id: uuid.UUID, function: str, body: dict[str, Any], at: datetime) -> int:
    """The next batch of a walk, written with how far it came; 0 when somebody else is at it."""
    rows = WalletWalk.objects.select_for_update(skip_locked=True)
    walk = rows.filter(pk=walk_id, finished_at__isnull=True).first()
    if walk is None:
        return 0
    asked = msgspec.json.encode({**body, "after": walk.after_wallet_id}).decode()
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)::text", [asked, at])
        done = _batch.decode(cursor.fetchone()[0] or "null")
    if done is None:
        walk.finished_at = at
        walk.save(update_fields=["finished_at"])
        return 0
    last, wallets, lots, points = done
    walk.after_wallet_id = last
    walk.wallets += wallets
    walk.lots += lots
    walk.points += points
    walk.save(update_fields=["after_wallet_id", "wallets", "lots", "points"])
    return wallets or 1
