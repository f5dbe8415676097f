"""Points at the checkout (积分抵现): how many may be used, and what they are worth."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from kernel.db import connection
from kernel.money import exponent
from points.ledger.queries import get_balance
from points.program.queries import get_program
from points.redemption.calculations import largest_offset


@dataclass(frozen=True, slots=True)
class OffsetQuote:
    """The most that can be used of a member's points on one order."""

    max_points: int
    max_discount_cents: int
    step_points: int
    available: int


def quote_offset(*, member_id: uuid.UUID, amount_cents: int, at: datetime) -> OffsetQuote:
    """What a member may pay with points of an order of this amount. Reserves nothing."""
    offset = get_program().settings.offset
    balance = get_balance(member=member_id, at=at)
    digits = exponent(connection.tenant.currency)
    points, cents = largest_offset(
        offset, amount_cents=amount_cents, available=balance.available, digits=digits
    )
    return OffsetQuote(points, cents, offset.step_points, balance.available)
