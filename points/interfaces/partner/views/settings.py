"""The programme's settings, payers, reports and the test clock."""

from typing import Any

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import NotFound
from kernel.db import connection
from points.flows.time_moved import ClockRunsForward, move_test_clock
from points.insights.queries import points_report
from points.insights.shapes import PointsReport, ReportQuery
from points.interfaces import program
from points.interfaces.partner import schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.program.calculations import ProgramSettings
from points.program.errors import SettingsContradict
from points.program.queries import get_program


class ProgramView(PartnerEndpoint):
    """How the programme works."""

    @operation(
        summary="Get the programme's settings",
        answers={200: ProgramSettings},
        scope="settings:read",
    )
    def get(self, request: Request) -> ProgramSettings:
        return get_program().settings

    @operation(
        summary="Change the programme's settings",
        description="Only what is named changes; unknown keys are refused.",
        body=dict[str, Any],
        answers={200: ProgramSettings},
        refuses=[SettingsContradict, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(self, request: Request, body: dict[str, Any]) -> ProgramSettings:
        return program.change_settings(changes=body, audit=self.audit)


class PointsReportView(PartnerEndpoint):
    """What was issued, spent and lost, and what is outstanding."""

    @operation(
        summary="Report on points",
        query=ReportQuery,
        answers={200: PointsReport},
        scope="settings:read",
    )
    def get(self, request: Request, query: ReportQuery) -> PointsReport:
        return points_report(query=query, at=clock.now())


class TestClockView(PartnerEndpoint):
    """The own clock of a merchant in test mode; a live merchant has none (404)."""

    __test__ = False  # the name makes pytest look

    @operation(
        summary="Read the test clock",
        answers={200: schemas.TestClockOut},
        refuses=[NotFound],
        scope="settings:read",
    )
    def get(self, request: Request) -> schemas.TestClockOut:
        _only_in_test_mode()
        return schemas.TestClockOut(now=clock.now(), jobs={})

    @operation(
        summary="Move the test clock forward",
        description="With `run_jobs` it answers when all that became due has been done.",
        body=schemas.TestClockIn,
        answers={200: schemas.TestClockOut},
        refuses=[NotFound, ClockRunsForward],
        scope="settings:write",
    )
    def post(self, request: Request, body: schemas.TestClockIn) -> schemas.TestClockOut:
        _only_in_test_mode()
        before = clock.now()
        jobs = move_test_clock(to=body.now, at=before, run_jobs=body.run_jobs)
        # The jobs commit as they go, so that the note of them comes after, on its own.
        self.audit(
            "test_clock.moved", "test_clock", before={"now": before.isoformat()},
            after={"now": clock.now().isoformat()},
        )  # fmt: skip
        return schemas.TestClockOut(now=clock.now(), jobs=jobs)


def _only_in_test_mode() -> None:
    if connection.tenant.mode != "test":
        raise NotFound()
