"""Long work under way."""

from rest_framework.request import Request

from kernel.api import operation
from points.interfaces import job_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.jobs.errors import JobNotFound


class JobView(PartnerEndpoint):
    """One job."""

    @operation(
        summary="Get a job",
        description="Work that takes longer than a call answers with a job. Ask every second or two"
        " while it is `queued` or `running`. The key needs the scope that reads what the job works"
        " on.",
        answers={200: shapes.JobOut},
        refuses=[JobNotFound],
        scope="points:read",
    )
    def get(self, request: Request, job_id: str) -> shapes.JobOut:
        return shapes.job_out(shapes.find_job(job_id, check=self.check_scope))
