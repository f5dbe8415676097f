"""Who pays for points, their budgets, and the monthly statement."""

from django.http import HttpResponse
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import CsvFile
from points.budget.errors import BudgetContradicts
from points.insights.errors import MonthInvalid
from points.insights.settlement import Settlement, settlement
from points.interfaces import funding
from points.interfaces import rule_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.settlement import list_settlement_parts
from points.interfaces.console.schemas.settlement import SettlementPartItems, SettlementPartQuery
from points.interfaces.files import settlement_file
from points.ledger.errors import FundingSourceNotFound, FundingSourceTaken


class FundingSources(ConsoleEndpoint):
    """Who pays for points."""

    @operation(
        summary="List funding sources",
        description="With their budgets and what of them is used in the period under way.",
        answers={200: shapes.FundingSourceItems},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.FundingSourceItems:
        return shapes.FundingSourceItems(items=funding.all_funding_sources())

    @operation(
        summary="Add a funding source",
        description="With a price per 1,000 points and, if wanted, a budget: a number of points or"
        " a share of the revenue, for each month or for the whole campaign.",
        body=shapes.FundingSourceIn,
        answers={201: shapes.FundingSourceOut},
        refuses=[FundingSourceTaken, BudgetContradicts, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.FundingSourceIn) -> shapes.FundingSourceOut:
        return funding.put_funding_source(body=body, audit=self.audit, replaces=False)[0]


class FundingSourceView(ConsoleEndpoint):
    """One payer."""

    @operation(
        summary="Change a funding source",
        description="A new price counts for points granted from now on. The budget becomes what the"
        " budget fields say together; without any of them there is none.",
        body=shapes.FundingSourceChange,
        answers={200: shapes.FundingSourceOut},
        refuses=[FundingSourceNotFound, BudgetContradicts, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(
        self, request: Request, body: shapes.FundingSourceChange, source_code: str
    ) -> shapes.FundingSourceOut:
        return funding.change_funding_source(code=source_code, body=body, audit=self.audit)


class SettlementView(ConsoleEndpoint):
    """What each payer owes for a month."""

    @operation(
        summary="Monthly statement per funding source",
        description="Points issued, spent, returned, expired, taken back and outstanding, and what"
        " the spent ones cost. Without `month` the month under way. Two queries.",
        query=shapes.SettlementQuery,
        answers={200: Settlement},
        refuses=[MonthInvalid, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, query: shapes.SettlementQuery) -> Settlement:
        return settlement(month=query.month, at=clock.now())


class SettlementParts(ConsoleEndpoint):
    """What a figure of the statement is made of."""

    @operation(
        summary="List the transactions behind a figure of the statement, newest first",
        description="`points` of all of them add up to the figure. Five queries: programme, payer,"
        " parts, transactions, members.",
        query=SettlementPartQuery,
        answers={200: SettlementPartItems},
        refuses=[MonthInvalid, FundingSourceNotFound, InvalidCursor, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, query: SettlementPartQuery) -> SettlementPartItems:
        items, following = list_settlement_parts(query=query, at=clock.now())
        return SettlementPartItems(items=items, next=following)


class SettlementFile(ConsoleEndpoint):
    """The same as a file."""

    @operation(
        summary="Monthly statement per funding source, as CSV",
        description="`text/csv` in UTF-8, one line for each funding source. No cell can start a"
        " formula.",
        query=shapes.SettlementQuery,
        answers={200: CsvFile},
        refuses=[MonthInvalid, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, query: shapes.SettlementQuery) -> HttpResponse:
        return settlement_file(settlement(month=query.month, at=clock.now()))
