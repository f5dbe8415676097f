"""Funding sources with their budgets, as both APIs show and change them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from django.db import transaction

from kernel import clock
from points.budget.calculations import MICROS, BudgetTerms
from points.budget.queries import Usage, funding_owner, list_usage
from points.flows.funding import budgets_of, change_payer, put_payer
from points.interfaces import rule_shapes as shapes
from points.interfaces.noting import Audit
from points.ledger.errors import FundingSourceTaken
from points.ledger.models import FundingSource
from points.ledger.queries import get_funding_source
from points.program.queries import get_program


def all_funding_sources() -> list[shapes.FundingSourceOut]:
    """Every funding source, the merchant's own first. Four queries."""
    return funding_sources(list(FundingSource.objects.order_by("id")), day=_today())


@transaction.atomic
def put_funding_source(
    *, body: shapes.FundingSourceIn, audit: Audit, replaces: bool
) -> tuple[shapes.FundingSourceOut, bool]:
    """A funding source, new or (with `replaces`) laid over the one of its code; also whether it is
    new. Raises BudgetContradicts, FundingSourceTaken."""
    there = FundingSource.objects.filter(code=body.code).first()
    before = _noted(there) if there else None
    row, is_new = put_payer(
        code=body.code, name=body.name, terms=body.terms(), at=clock.now(),
        unit_cost_micros=body.unit_cost_cents_per_1000_points * 1000,
    )  # fmt: skip
    if not is_new and not replaces:
        raise FundingSourceTaken(code=body.code)
    action = "funding_source.added" if is_new else "funding_source.changed"
    audit(action, _subject(row), before=before, after=_noted(row))
    return funding_sources([row], day=_today())[0], is_new


@transaction.atomic
def change_funding_source(
    *, code: str, body: shapes.FundingSourceChange, audit: Audit
) -> shapes.FundingSourceOut:
    """Change a funding source; its budget becomes what the budget fields say together.

    Raises FundingSourceNotFound, BudgetContradicts.
    """
    before, cents = _noted(get_funding_source(code=code)), body.unit_cost_cents_per_1000_points
    row = change_payer(
        code=code, name=body.name, terms=body.terms(), sets_budget=True, at=clock.now(),
        unit_cost_micros=cents * 1000 if cents is not None else None,
    )  # fmt: skip
    audit("funding_source.changed", _subject(row), before=before, after=_noted(row))
    return funding_sources([row], day=_today())[0]


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


def _noted(row: FundingSource) -> dict[str, Any]:
    """A funding source as the audit log keeps it."""
    terms = budgets_of([row]).get(row.pk)
    return {
        "code": row.code,
        "name": row.name,
        "unit_cost_cents_per_1000_points": row.unit_cost_micros // 1000,
        "budget": msgspec.to_builtins(terms) if terms else None,
    }


def _subject(row: FundingSource) -> str:
    return f"funding_source:{row.code}"


def _today() -> date:
    return get_program().calendar.day_of(clock.now())
