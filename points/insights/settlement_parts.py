"""What a figure of the monthly statement is made of: the transactions behind it.

The conditions are those of the statement itself (`settlement.FIGURES`), so that the parts of a
figure add up to it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db import connection

from points.insights.settlement import FIGURES, MOVED, month_bounds
from points.ledger.queries import get_funding_source
from points.program.queries import get_program

Figure = Literal[
    "issued_points", "spent_points", "returned_points", "expired_points", "clawed_back_points",
    "taken_points", "debt_points", "transferred_points",
]  # fmt: skip


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One transaction's share of a figure, in points of that funding source."""

    transaction_id: int
    occurred_at: datetime
    points: int


# The moved points of one payer in one month, as the statement counts them, by transaction.
_PARTS = """
{moved}
select transaction_id, occurred_at, sum({sign})::bigint
  from moved
 where source = %(source)s and occurred_at >= %(start)s and ({condition}) {after}
 group by transaction_id, occurred_at
having sum({sign}) <> 0
 order by occurred_at desc, transaction_id desc
 limit %(limit)s
"""


def list_parts(
    *, figure: Figure, funding_source: str, month: str | None, at: datetime, limit: int,
    before: tuple[datetime, int] | None = None,
) -> Sequence[Part]:  # fmt: skip
    """Newest first, after the position `before`. Three queries: programme, payer, parts.

    Raises MonthInvalid, FundingSourceNotFound.
    """
    program = get_program()
    start, end = month_bounds(month, program.calendar, at)
    payer = get_funding_source(code=funding_source)
    condition, sign = FIGURES[figure]
    after = "and (occurred_at, transaction_id) < (%(moment)s, %(last)s)" if before else ""
    moment, last = before or (None, None)
    values: dict[str, Any] = {
        "source": payer.pk, "start": start, "end": end, "limit": limit, "moment": moment,
        "last": last,
    }  # fmt: skip
    sql = _PARTS.format(moved=MOVED, sign=sign, condition=condition, after=after)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Part(*row) for row in cursor.fetchall()]
