"""Long work under way."""

import uuid
from datetime import UTC, datetime

from django.db import transaction
from rest_framework.request import Request

from kernel.api import operation
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from points.interfaces import job_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.jobs.actions import cancel_job
from points.jobs.errors import AlreadyFinished, JobNotFound
from points.jobs.queries import list_jobs


class Jobs(ConsoleEndpoint):
    """Jobs, of the kinds the reader may see."""

    @operation(
        summary="List jobs, newest first",
        description="Only kinds whose work the role may see. One query.",
        query=shapes.JobQuery,
        answers={200: shapes.JobItems},
        refuses=[InvalidCursor, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, query: shapes.JobQuery) -> shapes.JobItems:
        kinds = [
            kind
            for kind, access in shapes.ACCESS.items()
            if self.staff.may(access.read) and query.kind in (None, kind)
        ]
        rows = list_jobs(
            kinds=kinds, limit=query.limit + 1, before=decode_cursor(query.cursor, uuid.UUID)
        )
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return shapes.JobItems(items=[shapes.job_out(row) for row in page], next=following)


class JobView(ConsoleEndpoint):
    """One job."""

    @operation(
        summary="Get a job",
        description="Ask every second or two while it is queued or running. One query.",
        answers={200: shapes.JobOut},
        refuses=[JobNotFound, *READING],
        scope="reports:read",
    )
    def get(self, request: Request, job_id: str) -> shapes.JobOut:
        return shapes.job_out(shapes.find_job(job_id, check=self.check_scope))


class JobCancellation(ConsoleEndpoint):
    """Somebody wants a job to stop."""

    @operation(
        summary="Cancel a job",
        description="It stops within its current step; what it has done up to then stays done."
        " Cancelled again it stays cancelled.",
        answers={200: shapes.JobOut},
        refuses=[JobNotFound, AlreadyFinished, *CHANGING],
        scope="reports:read",
    )
    @transaction.atomic
    def post(self, request: Request, job_id: str) -> shapes.JobOut:
        found = shapes.find_job(job_id, check=self.check_scope, cancels=True)
        job = cancel_job(job_id=found.pk, at=datetime.now(UTC))
        if found.status != job.status:
            self.audit("job.cancelled", f"job:{job.pk}", after={"kind": job.kind})
        return shapes.job_out(job)
