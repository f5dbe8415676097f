"""How much of each budget is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel.db import connection
from points.budget.models import Pot


@dataclass(frozen=True, slots=True)
class Usage:
    """One period of a budget, in the pot's measure: points or millionths of a minor unit."""

    owner: str
    measure: str
    period: str
    starts_on: date
    on_limit: str
    limit: int
    left: int
    alerted_at: datetime | None
    exhausted_at: datetime | None

    @property
    def used(self) -> int:
        return self.limit - self.left


def funding_owner(funding_source_id: int) -> str:
    """The owner's name of a funding source's pot."""
    return f"funding:{funding_source_id}"


def list_pots() -> list[Pot]:
    """All open budgets. One query."""
    return list(Pot.objects.filter(is_open=True).order_by("pk"))


def list_usage(*, owners: Sequence[str], day: date) -> dict[str, Usage]:
    """Usage of these owners' budgets in the period of a local day, in one query.

    A period in which nothing has been granted yet is as full as it begins.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USAGE, {"owners": list(owners), "day": day})
        return {row[0]: Usage(*row) for row in cursor.fetchall()}


_USAGE = """
select p.owner, p.measure, p.period,
       case p.period when 'month' then date_trunc('month', %(day)s::date)::date
                     else date '1970-01-01' end as starts_on,
       p.on_limit, (coalesce(s.limit_amount, p.amount) + i.limit_amount)::bigint,
       (coalesce(s.left_amount, p.amount) + i.amount)::bigint, t.alerted_at, t.exhausted_at
  from budget_pot p
  left join budget_potperiod t on t.pot_id = p.id and t.starts_on =
       case p.period when 'month' then date_trunc('month', %(day)s::date)::date
                     else date '1970-01-01' end
  left join lateral (select sum(limit_amount) as limit_amount, sum(left_amount) as left_amount
                       from budget_potslot where period_id = t.id) s on true
  cross join lateral (select coalesce(sum(amount), 0) as amount,
                             coalesce(sum(limit_amount), 0) as limit_amount
                        from budget_potincome where period_id = t.id) i
 where p.is_open and p.owner = any(%(owners)s)
"""
