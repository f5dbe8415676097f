"""A back-test asked for by somebody, run as a job (rules.md §12)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from points.insights.backtest.proposal import parse_proposal
from points.insights.backtest.running import run, sides_of
from points.insights.backtest.tally import Found
from points.jobs.actions import Run, ask_for_job
from points.jobs.calculations import Asker
from points.jobs.models import Job
from points.program.queries import get_program

KIND = "backtest"


class BacktestInput(msgspec.Struct):
    """What a job of this kind is asked: the proposal as it was given, and until when orders count
    by the merchant's clock."""

    proposal: dict[str, Any]
    until: datetime


def ask_for_backtest(*, given: Mapping[str, Any], until: datetime, by: Asker, at: datetime) -> Job:
    """Check a proposal and put its back-test into the queue; `at` is the real clock.

    Raises ProposalInvalid, ConditionInvalid, AlreadyRunning.
    """
    sides_of(parse_proposal(given, get_program()), at=until)
    asked = BacktestInput(dict(given), until)
    return ask_for_job(kind=KIND, input=msgspec.to_builtins(asked), by=by, at=at)


def run_backtest(job: Run) -> Mapping[str, Any]:
    """The runner of such jobs: it reads, and begins anew when it was killed."""
    asked = msgspec.convert(job.input, BacktestInput)
    proposal = parse_proposal(asked.proposal, get_program())
    found = run(
        proposal, at=asked.until,
        tell=lambda done, total: job.advance(done=done, total=total),
    )  # fmt: skip
    result: dict[str, Any] = msgspec.to_builtins(found)
    return result


def found_by(job: Job) -> Found | None:
    """What a finished job found."""
    return msgspec.convert(job.result, Found) if job.status == Job.Status.DONE else None
