"""Jobs meet their runners: which kinds there are, and what becomes of a run however it ends."""

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel.errors import DomainError
from points.flows import backtests, coupons_issued, import_checked, import_written
from points.jobs.actions import Run, claim_job
from points.jobs.errors import JobCancelled, JobLost

log = logging.getLogger(__name__)
# Works until it is done and returns the job's result, or has called `run.finish` itself. It may be
# killed at any moment and is then begun anew with the `state` of its last `advance`. A DomainError
# ends the job for good; anything else is a fault of ours, and tried again.
Runner = Callable[[Run], Mapping[str, Any]]
RUNNERS: dict[str, Runner] = {
    backtests.KIND: backtests.run_backtest,
    import_checked.KIND: import_checked.check_import,
    import_written.KIND: import_written.write_import,
    coupons_issued.KIND: coupons_issued.run_issue,
}


def run_job(*, job_id: uuid.UUID, tell_time: Callable[[], datetime]) -> bool:
    """Run a job to its end, unless somebody else does; whether it was ours.

    `tell_time` is the real clock.
    """
    run = claim_job(job_id=job_id, tell_time=tell_time)
    if run is None:
        return False
    try:
        _work(run)
    except (JobCancelled, JobLost) as stopped:
        log.info("job %s (%s) stopped: %s", job_id, run.kind, type(stopped).__name__)
    return True


def _work(run: Run) -> None:
    try:
        result = RUNNERS[run.kind](run)
        if not run.is_over:
            run.finish(result)
    except DomainError as refusal:
        run.fail(refusal)
    except (JobCancelled, JobLost):
        raise
    except Exception:
        log.exception("job %s (%s) broke off", run.id, run.kind)
        run.give_back()
