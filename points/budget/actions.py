"""Every write to budgets. Grants take from pots through the stored functions of `sql/`."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from kernel import outbox
from kernel.db import Ask, connection
from kernel.money import exponent
from points.budget.calculations import BudgetTerms, expected_cost_micros
from points.budget.errors import BudgetContradicts
from points.budget.models import Pot
from points.program.queries import ActiveProgram


@transaction.atomic
def set_budget(*, owner: str, terms: BudgetTerms | None, at: datetime) -> None:
    """Give an owner a budget, change it, or (None) take it away.

    A changed number of points counts from the period under way: what is left of it moves by the
    difference. Raises BudgetContradicts.
    """
    pot = Pot.objects.select_for_update().filter(owner=owner).first()
    if terms is None:
        if pot is not None:
            pot.is_open = False
            pot.updated_at = at
            pot.save(update_fields=["is_open", "updated_at"])
        return
    if (terms.points is None) == (terms.rate is None):
        raise BudgetContradicts()
    fields = {
        "measure": "points" if terms.is_in_points else "cost",
        "amount": terms.points or 0,
        "revenue_rate": terms.rate,
        "period": terms.period,
        "on_limit": terms.on_limit,
        "alert_rate": terms.alert_rate,
        "is_open": True,
        "updated_at": at,
    }
    if pot is None:
        Pot.objects.create(owner=owner, **fields)
        return
    if (pot.measure, pot.period) != (fields["measure"], fields["period"]):
        _forget_periods(pot)
    for name, value in fields.items():
        setattr(pot, name, value)
    pot.save()
    _move_limits(pot)


def ask_to_count_revenue(*, cents: int, day: date) -> Ask[None]:
    """Revenue came in (negative: went back) on a local day; budgets that are a share of it move."""
    return Ask("budget_revenue(%s, %s)", [cents, day], lambda _: None)


def ask_to_lock(*, pots: Sequence[int], days: Sequence[date]) -> Ask[None]:
    """Lock all slots of these budgets in the periods of these local days, in order, for whoever
    takes from them more than once in one transaction."""
    periods = (
        "array(select budget_period(pot, day) from unnest(%s::bigint[]) as pot,"
        " unnest(%s::date[]) as day)"
    )
    return Ask(f"budget_lock({periods})", [list(pots), list(days)], lambda _: None)


def ask_to_return(*, transaction_id: int, program: ActiveProgram, at: datetime) -> Ask[None]:
    """What a clawback took comes back to the budgets it was granted from, in the period of `at`."""
    settings = program.settings
    face = expected_cost_micros(
        unit_cost_micros=0, points_per_unit=settings.face_value_points_per_unit,
        digits=exponent(program.currency),
    )  # fmt: skip
    values = [transaction_id, program.calendar.day_of(at), face]
    return Ask("budget_return(%s, %s, %s)", values, lambda _: None)


def watch_budgets(*, at: datetime, day: date) -> int:
    """Tell once per period that a budget nears its limit, and once that it is used up.

    Gathers what came in on the way. Returns how many were told of (`budget.alert`,
    `budget.exhausted` in the outbox).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_GATHER)
        cursor.execute(_NEAR, {"day": day})
        found = cursor.fetchall()
        for period, owner, source, measure, limit, left in found:
            is_out = left <= 0
            _mark(period, is_out, at)
            outbox.tell(
                topic="budget.exhausted" if is_out else "budget.alert",
                subject=owner,
                payload={
                    "owner": owner, "funding_source": source, "measure": measure,
                    "limit": limit, "used": limit - left,
                },
                at=at,
            )  # fmt: skip
    return len(found)


_GATHER = """
select budget_spread(period_id, budget_gather(period_id))
  from (select distinct period_id from budget_potincome order by period_id) as fresh
"""
_NEAR = """
select t.id, p.owner, f.code, p.measure, s.limit_amount::bigint, s.left_amount::bigint
  from budget_potperiod t join budget_pot p on p.id = t.pot_id and p.is_open
  left join ledger_fundingsource f on p.owner = 'funding:' || f.id
  join lateral (select sum(limit_amount) as limit_amount, sum(left_amount) as left_amount
                  from budget_potslot where period_id = t.id) s on s.limit_amount > 0
 where t.exhausted_at is null
   and t.starts_on in (date '1970-01-01', date_trunc('month', %(day)s::date)::date)
   and s.limit_amount - s.left_amount >= s.limit_amount * p.alert_rate
   and (s.left_amount <= 0 or t.alerted_at is null)
 order by t.id for update of t
"""


def _mark(period: int, is_out: bool, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update budget_potperiod set alerted_at = coalesce(alerted_at, %s),"
            " exhausted_at = case when %s then %s else exhausted_at end where id = %s",
            [at, is_out, at, period],
        )


def _forget_periods(pot: Pot) -> None:
    """Points are not money and months not for ever: such a change starts the count anew."""
    with connection.cursor() as cursor:
        for table in ("budget_potslot", "budget_potincome"):
            cursor.execute(
                f"delete from {table} where period_id in"
                " (select id from budget_potperiod where pot_id = %s)",
                [pot.pk],
            )
        cursor.execute("delete from budget_potperiod where pot_id = %s", [pot.pk])


def _move_limits(pot: Pot) -> None:
    """Periods that have begun get the new fixed amount; what is left moves by the difference."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with was as (select id, fixed_amount from budget_potperiod where pot_id = %s"
            "  and fixed_amount <> %s order by starts_on desc limit 1 for update),"
            " now as (update budget_potperiod t set fixed_amount = %s from was where t.id = was.id)"
            " select id, %s - fixed_amount from was",
            [pot.pk, pot.amount, pot.amount, pot.amount],
        )
        for period, difference in cursor.fetchall():
            cursor.execute("select budget_bring(%s, %s, %s)", [period, difference, difference])
            cursor.execute("select budget_spread(%s, budget_gather(%s))", [period, period])
