"""Every write to jobs: asking, claiming, getting on, ending. Moments are of the real clock."""

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from kernel.db import connection
from kernel.errors import DomainError
from points.jobs.calculations import ATTEMPTS_AT_MOST, KEPT, SILENT_FOR, Asker
from points.jobs.errors import (
    AlreadyFinished,
    AlreadyRunning,
    GaveUp,
    JobCancelled,
    JobLost,
    JobNotFound,
)
from points.jobs.models import UNFINISHED, Job
from points.jobs.queries import find_unfinished
from tenants.celery import send_by_name
from tenants.context import tenant_on_commit

__all__ = [
    "Asker",
    "Run",
    "ask_for_job",
    "cancel_job",
    "claim_job",
    "dispatch_job",
    "forget_old_jobs",
    "sweep_jobs",
]

log = logging.getLogger(__name__)
RUN_JOB = "points.flows.tasks.run_job"
Status = Job.Status


def ask_for_job(
    *, kind: str, input: Mapping[str, Any], by: Asker, at: datetime, subject: str = ""
) -> Job:
    """Put a job into the queue; a worker is told when the caller's transaction commits.

    Raises AlreadyRunning while another one of this kind and subject is unfinished.
    """
    job = Job(
        kind=kind, subject=subject, input=dict(input), asked_by_id=by.id, asked_by_name=by.name,
        created_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        other = find_unfinished(kind=kind, subject=subject)
        raise AlreadyRunning(job_id=str(other.pk) if other else None) from None
    tenant_on_commit(lambda: dispatch_job(job_id=job.pk))
    return job


def dispatch_job(*, job_id: uuid.UUID) -> None:
    """Tell a worker of a job in the current schema. Without a broker the next sweep tells."""
    try:
        send_by_name(RUN_JOB, str(job_id))
    except OperationalError:
        log.warning("no broker; job %s waits for the next sweep", job_id)


def cancel_job(*, job_id: uuid.UUID, at: datetime) -> Job:
    """End a job that is not over. Its runner stops at its next `advance`; what it has committed
    stays. Cancelled again it stays cancelled. Raises JobNotFound, AlreadyFinished."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None:
            raise JobNotFound()
        if job.status == Status.CANCELLED:
            return job
        if job.status not in UNFINISHED:
            raise AlreadyFinished(status=job.status)
        job.status, job.finished_at, job.state = Status.CANCELLED, at, {}
        job.save(update_fields=["status", "finished_at", "state"])
    return job


class Run:
    """A job in the hands of the one who runs it.

    `state` is what the last `advance` left: a run that goes on after a kill begins there. Call
    `advance` at least once a minute; after two minutes of silence the job is given to another worker,
    and the first to come back late is refused.
    """

    def __init__(self, job: Job, tell_time: Callable[[], datetime]) -> None:
        self.id, self.kind, self.subject = job.pk, job.kind, job.subject
        self.input: Mapping[str, Any] = job.input
        self.state: dict[str, Any] = job.state
        self.done, self.total, self.attempt = job.done, job.total, job.attempts
        self.asked_by = Asker(job.asked_by_id, job.asked_by_name)
        self.is_over = False
        self._tell_time = tell_time

    def advance(
        self, *, done: int, total: int | None = None, state: Mapping[str, Any] | None = None
    ) -> None:
        """Say how far the work is, and what a run that goes on needs to know. One UPDATE.

        Inside the runner's transaction it commits with it, so that what was done and how far it is
        are one; call it last there, as it locks the job's row. Raises JobCancelled and JobLost, which
        roll that transaction back.
        """
        total = self.total if total is None else total
        state = self.state if state is None else dict(state)
        self._write({"done": done, "total": total, "state": _json(state)})
        self.done, self.total, self.state = done, total, dict(state)

    def finish(self, result: Mapping[str, Any]) -> None:
        """The work is done. In the runner's last transaction it commits with it.

        Raises JobCancelled, JobLost.
        """
        total = max(self.total, self.done)
        self._end(Status.DONE, done=total, total=total, result=_json(result))

    def fail(self, error: DomainError) -> None:
        """The work cannot be done, for a reason people can understand. Raises as `finish`."""
        self._end(Status.FAILED, error_code=error.code, error_facts=_json(error.facts))

    def give_back(self) -> None:
        """It broke off for a reason nobody expected: the sweep hands it out again, five times at
        most. Raises as `finish`."""
        if self.attempt >= ATTEMPTS_AT_MOST:
            self.fail(GaveUp(attempts=self.attempt))
        else:
            self._write({"status": Status.QUEUED})
            self.is_over = True

    def _end(self, status: Status, **values: Any) -> None:
        self._write({**values, "status": status, "state": "{}", "finished_at": self._tell_time()})
        self.is_over = True

    def _write(self, values: Mapping[str, Any]) -> None:
        columns = ", ".join(f"{name} = %s" for name in values)
        with connection.cursor() as cursor:
            cursor.execute(
                f"update jobs_job set {columns}, beat_at = %s"
                " where id = %s and attempts = %s and status = 'running'",
                [*values.values(), self._tell_time(), self.id, self.attempt],
            )
            if cursor.rowcount == 1:
                return
            cursor.execute("select status from jobs_job where id = %s", [self.id])
            row = cursor.fetchone()
        if row is not None and row[0] == Status.CANCELLED:
            raise JobCancelled()
        raise JobLost()


_CLAIM = """
update jobs_job set status = 'running', attempts = attempts + 1, beat_at = %(at)s,
       started_at = coalesce(started_at, %(at)s)
 where id = %(id)s and attempts < %(most)s
   and (status = 'queued' or status = 'running' and beat_at < %(lost)s)
"""


def claim_job(*, job_id: uuid.UUID, tell_time: Callable[[], datetime]) -> Run | None:
    """Take a job that waits, or whose worker has been silent for two minutes; None: not to be had.

    Of many who try at once one gets it: the others find it running.
    """
    at = tell_time()
    values = {"id": job_id, "at": at, "lost": at - SILENT_FOR, "most": ATTEMPTS_AT_MOST}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        if cursor.rowcount == 0:
            return None
        return Run(Job.objects.get(pk=job_id), tell_time)


def sweep_jobs(*, at: datetime) -> list[uuid.UUID]:
    """Jobs a worker should be told of again: those that wait, and those whose worker has died.

    One that broke off five times is given up. One query where there is nothing, of an index.
    """
    is_lost = Q(status=Status.RUNNING, beat_at__lt=at - SILENT_FOR)
    waiting = Job.objects.filter(is_lost | Q(status=Status.QUEUED))
    found = list(waiting.order_by("pk").values_list("pk", "attempts"))
    spent = [pk for pk, attempts in found if attempts >= ATTEMPTS_AT_MOST]
    if spent:
        waiting.filter(pk__in=spent).update(
            status=Status.FAILED, error_code=GaveUp.code, state={}, finished_at=at,
            error_facts={"attempts": ATTEMPTS_AT_MOST},
        )  # fmt: skip
    return [pk for pk, _ in found if pk not in spent]


def forget_old_jobs(*, at: datetime) -> int:
    """Remove jobs that were over 90 days ago; returns how many."""
    return Job.objects.filter(finished_at__lt=at - KEPT).delete()[0]


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
