"""Jobs as they are shown, alike on every surface; and who may see and cancel which kind."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

import msgspec

from kernel.shapes import Items, Page
from points.flows import backtests, coupons_issued, import_checked, import_written
from points.interfaces.finding import require_id
from points.interfaces.refusals import sentence
from points.jobs.calculations import progress_of
from points.jobs.errors import JobNotFound
from points.jobs.models import Job
from points.jobs.queries import get_job

Status = Literal["queued", "running", "done", "failed", "cancelled"]


class Access(NamedTuple):
    """The permission to see jobs of a kind, and the one to cancel them."""

    read: str
    cancel: str


# A job shows what it works on, so it asks for the same permissions.
ACCESS: dict[str, Access] = {
    backtests.KIND: Access("settings:read", "settings:read"),
    import_checked.KIND: Access("imports:read", "imports:write"),
    import_written.KIND: Access("imports:read", "imports:write"),
    coupons_issued.KIND: Access("coupons:read", "coupons:write"),
}
NOBODY = Access("*", "*")


class JobQuery(Page, kw_only=True):
    kind: str | None = None


class JobErrorOut(msgspec.Struct, kw_only=True):
    """Why a job failed: a code that stays, a sentence in the reader's language, the numbers."""

    code: str
    detail: str
    facts: dict[str, Any]


class JobOut(msgspec.Struct, kw_only=True):
    """`done` of `total` (0: not known yet), as `progress` in whole per cent; 100 means finished.

    `subject` is what it works on, e.g. an import's id. `result` is there when it is done, `error`
    when it failed.
    """

    id: uuid.UUID
    kind: str
    subject: str
    status: Status
    done: int
    total: int
    progress: int
    result: dict[str, Any] | None
    error: JobErrorOut | None
    asked_by_name: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobItems(Items, kw_only=True):
    items: list[JobOut]


def job_out(job: Job) -> JobOut:
    """A job as it stands."""
    is_done = job.status == Job.Status.DONE
    return JobOut(
        id=job.pk, kind=job.kind, subject=job.subject, status=cast(Status, job.status),
        done=job.done, total=job.total,
        progress=progress_of(done=job.done, total=job.total, is_done=is_done),
        result=job.result if is_done else None, error=_error(job),
        asked_by_name=job.asked_by_name, created_at=job.created_at, started_at=job.started_at,
        finished_at=job.finished_at,
    )  # fmt: skip


def find_job(job_id: str, *, check: Callable[[str], None], cancels: bool = False) -> Job:
    """The job of an id in a path, if `check` lets the caller at its kind. Raises JobNotFound and
    what `check` raises."""
    job = get_job(job_id=require_id(job_id, JobNotFound))
    access = ACCESS.get(job.kind, NOBODY)
    check(access.cancel if cancels else access.read)
    return job


def _error(job: Job) -> JobErrorOut | None:
    if not job.error_code:
        return None
    facts = job.error_facts
    return JobErrorOut(code=job.error_code, detail=sentence(job.error_code, facts), facts=facts)
