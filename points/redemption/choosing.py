"""May this member have this item now, and how: looked at before anything moves.

Stock and limits are looked at again, under a lock, when they are taken.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from points.program.queries import get_program
from points.redemption.errors import (
    AddressNeeded,
    DeliveryNotOffered,
    NotOnSale,
    NotYourSegment,
    NotYourTier,
    OutOfStock,
)
from points.redemption.models import MallItem
from points.segments.facts import Around
from points.segments.queries import find_segments, segments_of
from points.tiers.queries import get_standings

Ways, Kind = MallItem.Ways, MallItem.Kind


class Choice(msgspec.Struct, frozen=True):
    """What the member chose of an item. `delivery`: ship, pickup, or nothing where there is one way;
    `payment`: wallet, later or outside, for items that cost money as well; `pay_by` for later."""

    variant_id: uuid.UUID | None = None
    delivery: str = ""
    payment: str = ""
    pay_by: datetime | None = None


class Audience(msgspec.Struct, frozen=True):
    """What of a member decides whom items are for: the code of the tier, and those of the segments
    asked for that the member is in."""

    tier: str | None = None
    segments: frozenset[str] = frozenset()

    def excluded_by(self, item: MallItem) -> str | None:
        """`tier` or `segment`, whichever keeps this item from the member; None when it is for them."""
        if item.tiers and self.tier not in item.tiers:
            return "tier"
        if item.segment and item.segment not in self.segments:
            return "segment"
        return None


def audience_of(*, member: uuid.UUID, items: Sequence[MallItem], at: datetime) -> Audience:
    """What these items need to know of a member: nothing is asked where nothing depends on it.

    One query for tiers, two for segments, for any number of items.
    """
    tier, segments = None, frozenset[str]()
    if any(item.tiers for item in items):
        standing = get_standings(member_ids=[member]).get(member)
        tier = standing.code if standing else None
    if codes := {item.segment for item in items if item.segment}:
        found = list(find_segments(codes=sorted(codes)).values())
        around = Around(at, get_program().calendar)
        segments = segments_of(member=member, segments=found, around=around) if found else segments
    return Audience(tier, segments)


def check_audience(item: MallItem, member: uuid.UUID, at: datetime) -> None:
    """Raises NotYourTier, NotYourSegment. No query for an item that is for everybody."""
    if not (item.tiers or item.segment):
        return
    match audience_of(member=member, items=[item], at=at).excluded_by(item):
        case "tier":
            raise NotYourTier(tiers=item.tiers)
        case "segment":
            raise NotYourSegment()


def check_on_sale(item: MallItem, quantity: int, at: datetime) -> None:
    """Raises NotOnSale, OutOfStock; a first look without a lock."""
    if (
        item.status != MallItem.Status.ON_SALE
        or (item.on_sale_from and at < item.on_sale_from)
        or (item.on_sale_until and at >= item.on_sale_until)
    ):
        raise NotOnSale()
    if item.stock is not None and item.stock < quantity:
        raise OutOfStock(stock=item.stock)


def choose_delivery(item: MallItem, wanted: str, address: dict[str, str] | None) -> str:
    """`ship` or `pickup` for goods, nothing for the rest.

    Not chosen: the one way there is; of both, sent to the address if there is one. Without a word
    and without an address goods may be arranged between shop and member. Raises DeliveryNotOffered,
    AddressNeeded.
    """
    if item.kind != Kind.GOODS:
        return ""
    offered = [Ways.SHIP, Ways.PICKUP] if item.delivery == Ways.BOTH else [Ways(item.delivery)]
    if not wanted:
        return str(offered[0] if address or len(offered) == 1 else Ways.PICKUP)
    if wanted not in offered:
        raise DeliveryNotOffered(offered=[str(way) for way in offered])
    if wanted == Ways.SHIP and not address:
        raise AddressNeeded()
    return wanted
