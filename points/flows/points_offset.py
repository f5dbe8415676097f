"""Points at the checkout (积分抵现): how many may be used, and what they are worth."""

import uuid
from collections.abc import Sequence
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


def quote_offset(
    *, member_id: uuid.UUID, amount_cents: int, at: datetime,
    categories: Sequence[tuple[str, int]] | None = None,
) -> OffsetQuote:  # fmt: skip
    """What a member may pay with points of an order of this amount. Reserves nothing.

    `categories`: (category, minor units) of its lines, where some take no points.
    """
    offset = get_program().settings.offset
    balance = get_balance(member=member_id, at=at)
    digits = exponent(connection.tenant.currency)
    eligible = None
    if categories is not None:
        excluded = offset.excluded_categories
        eligible = sum(cents for category, cents in categories if category not in excluded)
    points, cents = largest_offset(
        offset, amount_cents=amount_cents, available=balance.available, digits=digits,
        eligible_cents=eligible,
    )  # fmt: skip
    return OffsetQuote(points, cents, offset.step_points, balance.available)
