"""Who pays for points, their budgets, and the monthly statement."""

from datetime import date

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from points.budget.errors import BudgetContradicts
from points.flows.funding import change_payer, put_payer
from points.insights.errors import MonthInvalid
from points.insights.settlement import Settlement, settlement
from points.interfaces import rule_shapes as shapes
from points.interfaces.files import settlement_file
from points.interfaces.funding import funding_sources
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import FundingSourceNotFound
from points.ledger.models import FundingSource
from points.program.queries import get_program


class FundingSources(PartnerEndpoint):
    """Who pays for points."""

    @operation(
        summary="List funding sources",
        description="With their budgets and what of them is used in the period under way.",
        answers={200: shapes.FundingSourceItems},
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.FundingSourceItems:
        rows = list(FundingSource.objects.order_by("id"))
        return shapes.FundingSourceItems(items=funding_sources(rows, day=_today()))

    @operation(
        summary="Add a funding source, or set one anew",
        description="With a price per 1,000 points and, if wanted, a budget: a number of points or"
        " a share of the revenue, for each month or for the whole campaign. A code that is there"
        " already: 200, and everything is as it is said now.",
        body=shapes.FundingSourceIn,
        answers={201: shapes.FundingSourceOut, 200: shapes.FundingSourceOut},
        refuses=[BudgetContradicts, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.FundingSourceIn) -> Answer:
        with transaction.atomic():
            row, is_new = put_payer(
                code=body.code, name=body.name, terms=body.terms(), at=clock.now(),
                unit_cost_micros=body.unit_cost_cents_per_1000_points * 1000,
            )  # fmt: skip
            action = "funding_source.added" if is_new else "funding_source.changed"
            self.audit(action, row.code, after=shapes.noted(body))
        return Answer(funding_sources([row], day=_today())[0], 201 if is_new else 200)


class FundingSourceView(PartnerEndpoint):
    """One payer."""

    @operation(
        summary="Change a funding source",
        description="A new price counts for points granted from now on. The budget becomes what the"
        " budget fields say together; without any of them there is none.",
        body=shapes.FundingSourceChange,
        answers={200: shapes.FundingSourceOut},
        refuses=[FundingSourceNotFound, BudgetContradicts, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(
        self, request: Request, body: shapes.FundingSourceChange, source_code: str
    ) -> shapes.FundingSourceOut:
        cents = body.unit_cost_cents_per_1000_points
        with transaction.atomic():
            row = change_payer(
                code=source_code, name=body.name, terms=body.terms(), sets_budget=True, at=clock.now(),
                unit_cost_micros=cents * 1000 if cents is not None else None,
            )  # fmt: skip
            self.audit("funding_source.changed", row.code, after=shapes.noted(body))
        return funding_sources([row], day=_today())[0]


class SettlementView(PartnerEndpoint):
    """What each payer owes for a month."""

    @operation(
        summary="Monthly statement per funding source",
        description="Points issued, spent, returned, expired, taken back and outstanding, and what"
        " the spent ones cost. Without `month` the month under way.",
        query=shapes.SettlementQuery,
        answers={200: Settlement},
        refuses=[MonthInvalid],
        scope="settings:read",
    )
    def get(self, request: Request, query: shapes.SettlementQuery) -> Settlement:
        return settlement(month=query.month, at=clock.now())


class SettlementFile(PartnerEndpoint):
    """The same as a file."""

    @operation(
        summary="Monthly statement per funding source, as CSV",
        query=shapes.SettlementQuery,
        answers={200: None},
        refuses=[MonthInvalid],
        scope="settings:read",
    )
    def get(self, request: Request, query: shapes.SettlementQuery) -> HttpResponse:
        return settlement_file(settlement(month=query.month, at=clock.now()))


def _today() -> date:
    return get_program().calendar.day_of(clock.now())
