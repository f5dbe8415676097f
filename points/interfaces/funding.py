"""Funding sources with their budgets, as both APIs show them."""

from collections.abc import Sequence
from datetime import date

from points.budget.calculations import MICROS, BudgetTerms
from points.budget.queries import Usage, funding_owner, list_usage
from points.flows.funding import budgets_of
from points.interfaces import rule_shapes as shapes
from points.ledger.models import FundingSource


def funding_sources(payers: Sequence[FundingSource], *, day: date) -> list[shapes.FundingSourceOut]:
    """Funding sources and how much of their budgets is used on a local day. Two queries."""
    budgets = budgets_of(payers)
    usage = list_usage(owners=[funding_owner(pk) for pk in budgets], day=day)
    return [
        shapes.FundingSourceOut(
            code=row.code, name=row.name,
            unit_cost_cents_per_1000_points=row.unit_cost_micros // 1000,
            budget=_budget(budgets[row.pk], usage[funding_owner(row.pk)])
            if row.pk in budgets else None,
        )
        for row in payers
    ]  # fmt: skip


def _budget(terms: BudgetTerms, usage: Usage) -> shapes.BudgetOut:
    unit = MICROS if usage.measure == "cost" else 1
    return shapes.BudgetOut(
        budget_points=terms.points, budget_rate=terms.rate, period=terms.period,
        on_limit=terms.on_limit, alert_rate=terms.alert_rate,
        measure=usage.measure,  # type: ignore[arg-type]
        limit=usage.limit // unit, used=-(-usage.used // unit), left=usage.left // unit,
    )  # fmt: skip
