"""Who pays for points: a funding source and its budget, changed together (rules.md §6, §12)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from points.budget import actions as budget
from points.budget.calculations import BudgetTerms
from points.budget.models import Pot
from points.budget.queries import funding_owner
from points.ledger import actions as ledger
from points.ledger.models import FundingSource
from points.ledger.queries import get_funding_source
from points.program.actions import renew_revision


@transaction.atomic
def put_payer(
    *, code: str, name: str, unit_cost_micros: int, terms: BudgetTerms | None, at: datetime
) -> tuple[FundingSource, bool]:
    """A funding source with its budget, new or (its code is there already) laid over the old one;
    also whether it is new. The merchant's own source is there from the start.

    Raises BudgetContradicts.
    """
    payer, is_new = ledger.add_funding_source(
        code=code, name=name, unit_cost_micros=unit_cost_micros, at=at
    )
    if not is_new:
        payer = change_payer(
            code=code, name=name, unit_cost_micros=unit_cost_micros, terms=terms,
            sets_budget=True, at=at,
        )  # fmt: skip
    elif terms is not None:
        budget.set_budget(owner=funding_owner(payer.pk), terms=terms, at=at)
    renew_revision()
    return payer, is_new


@transaction.atomic
def change_payer(
    *,
    code: str,
    at: datetime,
    name: str | None = None,
    unit_cost_micros: int | None = None,
    terms: BudgetTerms | None = None,
    sets_budget: bool = False,
) -> FundingSource:
    """Change a funding source. A new price counts for points granted from now on; lots keep theirs.

    With `sets_budget`, `terms` None takes the budget away. Raises FundingSourceNotFound,
    BudgetContradicts.
    """
    payer = get_funding_source(code=code)
    if name is not None:
        payer.name = name
    if unit_cost_micros is not None:
        payer.unit_cost_micros = unit_cost_micros
    payer.save(update_fields=["name", "unit_cost_micros"])
    if sets_budget:
        budget.set_budget(owner=funding_owner(payer.pk), terms=terms, at=at)
    renew_revision()
    return payer


def budgets_of(payers: Iterable[FundingSource]) -> dict[int, BudgetTerms]:
    """Funding source id → its budget, for those that have one. One query."""
    owners = {funding_owner(payer.pk): payer.pk for payer in payers}
    pots = Pot.objects.filter(owner__in=list(owners), is_open=True)
    return {owners[pot.owner]: _terms(pot) for pot in pots}


def _terms(pot: Pot) -> BudgetTerms:
    in_points = pot.measure == Pot.Measure.POINTS
    return BudgetTerms(
        points=pot.amount if in_points else None, rate=pot.revenue_rate,
        period="month" if pot.period == Pot.Period.MONTH else "campaign",
        on_limit=pot.on_limit,  # type: ignore[arg-type]
        alert_rate=pot.alert_rate,
    )  # fmt: skip
