"""Who bought the orders of a batch."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from points.flows.incoming_order import IncomingOrder
from points.members import actions as members
from points.members import queries as members_queries
from points.members.errors import MemberNotFound


class Buyers:
    """Who bought: members by id or by external id, added when asked to."""

    def __init__(
        self, batch: Sequence[IncomingOrder], found: dict[str, uuid.UUID], *, create: bool
    ) -> None:
        names = {o.member_external_id for o in batch if o.member_external_id} if create else set()
        self.missing = sorted(names - found.keys())
        self.by_name = found
        self.ids = set(found.values())

    def add_missing(self, at: datetime) -> None:
        """Add those who are named and not there yet, if that was asked for."""
        if not self.missing:
            return
        self.by_name |= members.add_missing(external_ids=self.missing, at=at)
        if raced := set(self.missing) - self.by_name.keys():
            self.by_name |= members_queries.find_ids(external_ids=raced)

    def all_ids(self) -> set[uuid.UUID]:
        """Everybody who bought something in the batch."""
        return self.ids | set(self.by_name.values())

    def of(self, order: IncomingOrder) -> uuid.UUID:
        """The buyer's id. Raises MemberNotFound."""
        if order.member_id is not None and order.member_id in self.ids:
            return order.member_id
        found = self.by_name.get(order.member_external_id or "")
        if found is None:
            raise MemberNotFound()
        return found
