"""Members and opening balances from another system."""

from django.db import transaction
from django.http import StreamingHttpResponse
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import CsvFile
from points.imports.errors import (
    AlreadyWritten,
    BeingWritten,
    CheckOutdated,
    ImportNotFound,
    NameBusy,
    NotChecked,
    NothingToImport,
    NotOpen,
    RowsRefused,
    TooManyRows,
    TotalsDiffer,
)
from points.interfaces import import_shapes as shapes
from points.interfaces import imports
from points.interfaces.job_shapes import JobOut
from points.interfaces.partner.base import PartnerEndpoint
from points.jobs.actions import Asker
from points.jobs.errors import AlreadyRunning


class Imports(PartnerEndpoint):
    """Imports."""

    @operation(
        summary="List imports, newest first",
        query=shapes.ImportQuery,
        answers={200: shapes.ImportItems},
        refuses=[InvalidCursor],
        scope="imports:read",
    )
    def get(self, request: Request, query: shapes.ImportQuery) -> shapes.ImportItems:
        return imports.show_all(query)

    @operation(
        summary="Begin an import",
        description="Up to 10,000 rows come along; more are added until the import is checked."
        " Nothing is written to members or points by this.",
        body=shapes.ImportIn,
        answers={201: shapes.ImportOut},
        refuses=[TooManyRows, KeyReused],
        idempotency_key="optional",
        scope="imports:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.ImportIn) -> shapes.ImportOut:
        return imports.begin(body, Asker(self.actor, self.request.auth.prefix), self.audit)


class ImportView(PartnerEndpoint):
    """One import."""

    @operation(
        summary="Get an import",
        description="With its totals, what was signed off, what was written, and its latest job.",
        answers={200: shapes.ImportOut},
        refuses=[ImportNotFound],
        scope="imports:read",
    )
    def get(self, request: Request, import_id: str) -> shapes.ImportOut:
        return imports.show(import_id)


class ImportRows(PartnerEndpoint):
    """More rows of an import."""

    @operation(
        summary="Add rows to an import",
        description="Up to 10,000 a call, 500,000 in all, in the order of the calls. Send an"
        " Idempotency-Key: the same call again then adds nothing.",
        body=shapes.RowsIn,
        answers={200: shapes.ImportOut},
        refuses=[ImportNotFound, NotOpen, TooManyRows, KeyReused],
        idempotency_key="optional",
        scope="imports:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.RowsIn, import_id: str) -> shapes.ImportOut:
        return imports.add(import_id, body, self.audit)


class ImportChecks(PartnerEndpoint):
    """Dry runs of an import."""

    @operation(
        summary="Check an import",
        description="A dry run, as a job: each row is judged as it would be written, and the totals"
        " are added up. Checked again, the findings are new.",
        answers={202: JobOut},
        refuses=[
            ImportNotFound, NothingToImport, BeingWritten, AlreadyWritten, NameBusy,
            AlreadyRunning, KeyReused,
        ],
        idempotency_key="optional",
        scope="imports:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, import_id: str) -> JobOut:
        return imports.check(import_id, Asker(self.actor, self.request.auth.prefix), self.audit)


class ImportCommit(PartnerEndpoint):
    """Somebody signs the totals off."""

    @operation(
        summary="Sign an import off and write it",
        description="`totals` must be those of the last check. Written by a job, each row once for"
        " ever. An import whose job was cancelled goes on where it stopped.",
        body=shapes.CommitIn,
        answers={202: JobOut},
        refuses=[
            ImportNotFound, NotChecked, TotalsDiffer, RowsRefused, NothingToImport, NameBusy,
            CheckOutdated, AlreadyWritten, AlreadyRunning, KeyReused,
        ],
        idempotency_key="optional",
        scope="imports:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: shapes.CommitIn, import_id: str) -> JobOut:
        return imports.commit(
            import_id, body, Asker(self.actor, self.request.auth.prefix), self.audit
        )


class ImportDiscard(PartnerEndpoint):
    """Nobody wants the rows any more."""

    @operation(
        summary="Discard an import",
        description="Its rows go. What was written stays written; of a written import the refused"
        " rows go.",
        answers={200: shapes.ImportOut},
        refuses=[ImportNotFound, BeingWritten, KeyReused],
        idempotency_key="optional",
        scope="imports:write",
    )
    @transaction.atomic
    def post(self, request: Request, import_id: str) -> shapes.ImportOut:
        return imports.discard(import_id, self.audit)


class ImportProblems(PartnerEndpoint):
    """Rows that cannot be imported."""

    @operation(
        summary="List an import's refused rows",
        query=shapes.ImportQuery,
        answers={200: shapes.ProblemItems},
        refuses=[ImportNotFound, InvalidCursor],
        scope="imports:read",
    )
    def get(
        self, request: Request, query: shapes.ImportQuery, import_id: str
    ) -> shapes.ProblemItems:
        return imports.problems(import_id, query)


class ImportProblemFile(PartnerEndpoint):
    """The same as a file."""

    @operation(
        summary="An import's refused rows, as CSV",
        description="`text/csv` in UTF-8: the row's number, why it is refused, and its cells. No cell"
        " can start a formula.",
        answers={200: CsvFile},
        refuses=[ImportNotFound],
        scope="imports:read",
    )
    def get(self, request: Request, import_id: str) -> StreamingHttpResponse:
        return imports.problem_file(import_id)
