"""Trying rules before they are published."""

from django.db import transaction
from rest_framework.request import Request

from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page
from points.interfaces import trial_shapes as shapes
from points.interfaces import trials
from points.interfaces.partner.base import PartnerEndpoint
from points.jobs.calculations import Asker
from points.jobs.errors import JobNotFound


class Simulations(PartnerEndpoint):
    """One order or event, tried."""

    @operation(
        summary="Simulate an order or an event",
        description="What it would earn now, by the rules in force and with what is proposed."
        " Nothing is written; limits and budgets count as they stand.",
        body=shapes.SimulationIn,
        answers={200: shapes.SimulationOut},
        refuses=[*trials.TRIED],
        scope="settings:read",
    )
    def post(self, request: Request, body: shapes.SimulationIn) -> shapes.SimulationOut:
        return trials.simulate(body)


class Backtests(PartnerEndpoint):
    """Past orders, replayed."""

    @operation(
        summary="List back-tests, newest first",
        description="One query, and one for each that is done.",
        query=Page,
        answers={200: shapes.BacktestItems},
        refuses=[InvalidCursor],
        scope="settings:read",
    )
    def get(self, request: Request, query: Page) -> shapes.BacktestItems:
        return trials.backtest_items(query)

    @operation(
        summary="Back-test a proposal on past orders",
        description="Replays the last days' real orders under the rules in force and with what is"
        " proposed, as a job: ask for it until it is done. Writes nothing but its findings.",
        body=shapes.BacktestIn,
        answers={202: shapes.BacktestOut},
        refuses=[*trials.ASKED, KeyReused],
        idempotency_key="optional",
        scope="settings:read",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.BacktestIn) -> Answer:
        made = trials.ask(body, by=Asker(self.actor, self.request.auth.prefix))
        self.audit("backtest.asked", f"job:{made.id}", after={"days": body.days})
        return Answer(made, 202)


class BacktestView(PartnerEndpoint):
    """One back-test."""

    @operation(
        summary="Get a back-test",
        description="Two queries: its job, and the names of members who would win and lose.",
        answers={200: shapes.BacktestOut},
        refuses=[JobNotFound],
        scope="settings:read",
    )
    def get(self, request: Request, backtest_id: str) -> shapes.BacktestOut:
        return trials.backtest(trials.find(backtest_id))
