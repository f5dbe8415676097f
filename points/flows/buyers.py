"""Who bought the orders of a batch."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from points.flows.incoming_order import IncomingOrder
from points.members import actions as members
from points.members import queries as members_queries
from points.members.errors import MemberNotFound
from points.members.queries import BuyerKey


class Buyers:
    """Who bought: members by id, or by their name in the order's channel, added when asked to."""

    def __init__(
        self, batch: Sequence[IncomingOrder], found: dict[BuyerKey, uuid.UUID], *, create: bool
    ) -> None:
        named = {(o.channel, o.member_external_id) for o in batch if o.member_external_id}
        self.missing = sorted(named - found.keys()) if create else []
        self.found = found

    def add_missing(self, at: datetime) -> None:
        """Add those who are named and not there yet, if that was asked for."""
        if not self.missing:
            return
        names = sorted({name for _, name in self.missing})
        new = members.add_missing(external_ids=names, at=at)
        self.found |= {(channel, name): new[name] for channel, name in self.missing if name in new}
        if raced := set(self.missing) - self.found.keys():
            self.found |= members_queries.find_buyers(names=raced)

    def all_ids(self) -> set[uuid.UUID]:
        """Everybody who bought something in the batch."""
        return set(self.found.values())

    def of(self, order: IncomingOrder) -> uuid.UUID:
        """The buyer's id. Raises MemberNotFound."""
        named: BuyerKey = order.channel, order.member_external_id or ""
        found = self.found.get((None, str(order.member_id)) if order.member_id else named)
        if found is None:
            raise MemberNotFound()
        return found
