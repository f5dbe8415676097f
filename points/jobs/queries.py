"""Reading jobs."""

import uuid
from collections.abc import Iterable

from points.jobs.errors import JobNotFound
from points.jobs.models import UNFINISHED, Job


def get_job(*, job_id: uuid.UUID) -> Job:
    """One job. Raises JobNotFound."""
    found = Job.objects.filter(pk=job_id).first()
    if found is None:
        raise JobNotFound()
    return found


def list_jobs(*, kinds: Iterable[str], limit: int, before: uuid.UUID | None = None) -> list[Job]:
    """Jobs of these kinds, newest first, at most `limit`; `before` is the id of the last one seen."""
    rows = Job.objects.filter(kind__in=list(kinds)).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def find_unfinished(*, kind: str, subject: str = "") -> Job | None:
    """The job of a kind and subject that waits or runs. One query, of an index."""
    return Job.objects.filter(kind=kind, subject=subject, status__in=UNFINISHED).first()


def find_latest(*, subject: str, kinds: Iterable[str]) -> Job | None:
    """The newest job on a subject, whatever became of it."""
    return Job.objects.filter(kind__in=list(kinds), subject=subject).order_by("-id").first()
