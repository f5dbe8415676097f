"""A member opens a split red packet: whether it is for them, and the share."""

import uuid
from datetime import datetime

from django.db import transaction

from points.cash.errors import AudienceUnknown, RedPacketNotForYou
from points.cash.models import RedPacket, RedPacketShare
from points.cash.queries import PacketState, get_packet, list_open, states_of
from points.cash.red_packets import take_share
from points.program.queries import get_program
from points.segments.errors import SegmentNotFound
from points.segments.facts import Around
from points.segments.queries import find_segments, get_segment, segments_of
from points.tiers.errors import TierNotFound
from points.tiers.queries import get_standings, get_tier

Audience = RedPacket.Audience
LOOKED_AT, SHOWN = 100, 20


@transaction.atomic
def take_red_packet(
    *, packet_id: uuid.UUID, member_id: uuid.UUID, at: datetime, actor: str
) -> RedPacketShare:
    """Take a share if the red packet is for this member. The audience is judged now, not when the red
    packet was made.

    Raises RedPacketNotFound, RedPacketNotForYou, RedPacketOver, RedPacketTaken, RedPacketEmpty.
    """
    packet = get_packet(packet_id=packet_id).packet
    if not is_for(packet=packet, member_id=member_id, at=at):
        raise RedPacketNotForYou()
    return take_share(packet_id=packet_id, member_id=member_id, at=at, actor=actor)


def is_for(*, packet: RedPacket, member_id: uuid.UUID, at: datetime) -> bool:
    """Whether a member belongs to a red packet's audience at a moment: none to three queries. A segment
    that is gone holds nobody."""
    match packet.audience:
        case Audience.ALL:
            return True
        case Audience.TIER:
            standing = get_standings(member_ids=[member_id]).get(member_id)
            return standing is not None and standing.code == packet.audience_code
        case _:
            segments = list(find_segments(codes=[packet.audience_code]).values())
            around = Around(at, get_program().calendar)
            return bool(segments_of(member=member_id, segments=segments, around=around))


def list_for(*, member_id: uuid.UUID, at: datetime) -> list[PacketState]:
    """Open red packets this member may take a share of, soonest to end first: five queries at most,
    however many there are. Of very many the first are looked at."""
    found = list_open(at=at, limit=LOOKED_AT, member=member_id)
    codes = [one.audience_code for one in found if one.audience == Audience.SEGMENT]
    segments = list(find_segments(codes=codes).values()) if codes else []
    around = Around(at, get_program().calendar)
    among = segments_of(member=member_id, segments=segments, around=around) if segments else ()
    standing = get_standings(member_ids=[member_id]).get(member_id)
    mine = {
        Audience.ALL: {""}, Audience.TIER: {standing.code} if standing else set(),
        Audience.SEGMENT: set(among),
    }  # fmt: skip
    wanted = [one for one in found if one.audience_code in mine[Audience(one.audience)]]
    return states_of(packets=wanted[:SHOWN])


def check_audience(*, audience: str, code: str) -> None:
    """Raises AudienceUnknown when there is no such tier or segment."""
    try:
        if audience == Audience.TIER:
            get_tier(code=code)
        elif audience == Audience.SEGMENT:
            get_segment(code=code)
    except (TierNotFound, SegmentNotFound):
        raise AudienceUnknown(code=code[:60]) from None
