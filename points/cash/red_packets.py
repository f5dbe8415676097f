"""Split red packets (拼手气红包): made, taken, ended. The law of the cut is in
docs/algorithms/red-packets.md."""

import secrets
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from kernel.db import connection, find_row
from kernel.ids import new_id
from points.cash.actions import cash_grant, payer_of
from points.cash.calculations import equal_shares, shares_between
from points.cash.errors import (
    RedPacketEmpty,
    RedPacketIncomplete,
    RedPacketNotFound,
    RedPacketOver,
    RedPacketTaken,
    RedPacketTooShort,
    RedPacketUneven,
)
from points.cash.models import RedPacket, RedPacketShare
from points.ledger import actions as ledger

Status = RedPacket.Status
MOST_SHARES = 2_000
# What one sweep ends; the next goes on.
BATCH = 500
_TAKE = """
with free as (
  select id from cash_redpacketshare where red_packet_id = %(packet)s and member_id is null
   order by number limit 1 for update skip locked
)
update cash_redpacketshare s set member_id = %(member)s, taken_at = %(at)s
  from free where s.id = free.id returning s.id
"""


@transaction.atomic
def make_red_packet(
    *, fields: dict[str, Any], ends_at: datetime, at: datetime, actor: str, actor_name: str = ""
) -> RedPacket:
    """A new red packet, with all its shares cut before anybody comes. Three statements.

    `fields`: kind, title_zh, title_en, total_cents, shares_count, audience, audience_code,
    funding_source. Raises RedPacketIncomplete, RedPacketUneven, RedPacketTooShort,
    ledger.FundingSourceNotFound.
    """
    packet = RedPacket(
        id=new_id(), ends_at=ends_at, created_at=at, created_by=actor, created_by_name=actor_name,
        **fields,
    )  # fmt: skip
    if not packet.note:
        raise RedPacketIncomplete()
    if packet.total_cents < packet.shares_count:
        raise RedPacketUneven(shares=packet.shares_count)
    if ends_at <= at:
        raise RedPacketTooShort()
    payer_of(code=packet.funding_source)
    packet.save(force_insert=True)
    RedPacketShare.objects.bulk_create(
        [
            RedPacketShare(red_packet=packet, number=number, cents=cents)
            for number, cents in enumerate(_cut(packet), 1)
        ]
    )
    return packet


def _cut(packet: RedPacket) -> list[int]:
    """Shares in the order in which they will be taken, drawn by the operating system's randomness."""
    total, shares = packet.total_cents, packet.shares_count
    if packet.kind == RedPacket.Kind.EQUAL:
        return equal_shares(total, shares)
    return shares_between(total, secrets.SystemRandom().sample(range(1, total), shares - 1))


@transaction.atomic
def take_share(
    *, packet_id: uuid.UUID, member_id: uuid.UUID, at: datetime, actor: str
) -> RedPacketShare:
    """Take the next share into the member's wallet, in the order of the cut; one for each member.

    Raises RedPacketNotFound, RedPacketOver, RedPacketTaken, RedPacketEmpty; nothing has moved then.
    Who is locked out of one share takes the next free one without waiting; the packet's own row is
    only shared, so that takers do not queue up behind each other.
    """
    ledger.open_wallets(members=[member_id], unit="cash")
    ledger.lock_wallets(members=[member_id], unit="cash")
    packet = _shared(packet_id)
    if RedPacketShare.objects.filter(red_packet=packet, member_id=member_id).exists():
        raise RedPacketTaken()
    if packet.status != Status.OPEN or packet.ends_at <= at:
        raise RedPacketOver()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"packet": packet.pk, "member": member_id, "at": at})
        taken = cursor.fetchone()
    if taken is None:
        raise RedPacketEmpty()
    share = RedPacketShare.objects.get(pk=taken[0])
    grant = cash_grant(
        member=member_id, cents=share.cents, key=f"red-packet:{packet.pk}:{share.number}", at=at,
        payer=payer_of(code=packet.funding_source), source_type="red_packet", source_id=packet.pk,
        note=packet.note,
    )  # fmt: skip
    share.transaction_id = ledger.grant(grants=[grant], at=at, actor=actor)[0].transaction_id
    share.save(update_fields=["transaction_id"])
    return share


def _shared(packet_id: uuid.UUID) -> RedPacket:
    """The packet, kept from ending while somebody takes. Raises RedPacketNotFound."""
    rows = RedPacket.objects.raw(
        "select * from cash_redpacket where id = %s for share", [packet_id]
    )
    for row in rows:
        return row
    raise RedPacketNotFound()


@transaction.atomic
def end_red_packet(*, packet_id: uuid.UUID, at: datetime) -> RedPacket:
    """Close it now: what nobody took stays with the payer. Ended before: nothing happens again.

    Raises RedPacketNotFound.
    """
    packet = find_row(RedPacket, "id = %s", [packet_id], lock=True)
    if packet is None:
        raise RedPacketNotFound()
    if packet.status == Status.OPEN:
        _close(packet, min(at, packet.ends_at))
    return packet


def end_due_red_packets(*, at: datetime) -> int:
    """Close those whose time is over, dated when it was; how many. Takers in flight are waited for."""
    due = RedPacket.objects.filter(status=Status.OPEN, ends_at__lte=at).order_by("pk")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    for packet_id in ids:
        end_red_packet(packet_id=packet_id, at=at)
    return len(ids)


def _close(packet: RedPacket, at: datetime) -> None:
    free = packet.shares.filter(member_id__isnull=True).aggregate(sum=Sum("cents"))["sum"]
    packet.status, packet.ended_at, packet.returned_cents = Status.ENDED, at, int(free or 0)
    packet.save(update_fields=["status", "ended_at", "returned_cents"])


def unite_shares(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Shares of two members become one's; where both took one of a red packet, both stay taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update cash_redpacketshare s set member_id = %(survivor)s,"
            " seat = case when exists (select 1 from cash_redpacketshare o"
            " where o.red_packet_id = s.red_packet_id and o.member_id = %(survivor)s)"
            " then s.number else s.seat end where s.member_id = %(loser)s",
            {"loser": loser, "survivor": survivor},
        )
