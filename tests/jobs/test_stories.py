"""A job from its asking to its end, whichever end that is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kernel.errors import DomainError
from points.flows.jobs import run_job
from points.jobs import actions, queries
from points.jobs.calculations import progress_of
from points.jobs.errors import (
    AlreadyFinished,
    AlreadyRunning,
    JobCancelled,
    JobLost,
    JobNotFound,
)
from points.jobs.models import Job
from points.members.actions import add_missing
from points.members.models import Member
from tests.jobs.conftest import AT


class TooHot(DomainError):
    code = "jobs.test_too_hot"
    message = "Too hot: %(degrees)s."


def read(job):
    return queries.get_job(job_id=job.pk)


def test_a_job_waits_runs_and_tells_its_result(kind, asked, watch):
    seen = []

    def runner(run):
        for i in range(1, 5):
            watch.on(seconds=10)
            run.advance(done=i, total=4, state={"i": i})
            seen.append((read(job).done, read(job).status, read(job).beat_at))
        return {"rows": run.input["rows"] * 2}

    kind(runner)
    job = asked(rows=21)
    assert (job.status, job.asked_by_name, job.created_at) == ("queued", "Lin Owner", AT)
    assert run_job(job_id=job.pk, tell_time=watch)

    done = read(job)
    assert [one[:2] for one in seen] == [(i, "running") for i in (1, 2, 3, 4)]
    assert seen[-1][2] == AT + timedelta(seconds=40)
    assert (done.status, done.done, done.total, done.result) == ("done", 4, 4, {"rows": 42})
    assert (done.state, done.attempts, done.started_at) == ({}, 1, AT)
    assert done.finished_at == AT + timedelta(seconds=40)
    assert not run_job(job_id=job.pk, tell_time=watch)


def test_of_a_subject_one_job_at_a_time(kind, asked, watch):
    kind(lambda run: {})
    first = asked("shop")
    with pytest.raises(AlreadyRunning) as refused:
        asked("shop")
    assert refused.value.facts == {"job_id": str(first.pk)}
    asked("other")
    run_job(job_id=first.pk, tell_time=watch)
    assert asked("shop").pk != first.pk


def test_a_refusal_ends_it_with_a_code_and_facts(kind, asked, watch):
    def runner(run):
        with transaction.atomic():
            add_missing(external_ids=["m1"], at=AT)
            raise TooHot(degrees=40)

    kind(runner)
    job = asked()
    run_job(job_id=job.pk, tell_time=watch)
    failed = read(job)
    assert (failed.status, failed.error_code) == ("failed", "jobs.test_too_hot")
    assert (failed.error_facts, failed.attempts) == ({"degrees": 40}, 1)
    assert not Member.objects.exists()


def test_a_fault_is_tried_again_and_given_up_after_five(kind, asked, watch, caplog):
    def runner(run):
        run.advance(done=run.done + 1, state={"begun": run.attempt})
        raise ValueError("a bug")

    kind(runner)
    job = asked()
    for attempt in range(1, 5):
        assert run_job(job_id=job.pk, tell_time=watch)
        assert (read(job).status, read(job).attempts) == ("queued", attempt)
        assert read(job).state == {"begun": attempt}
        assert actions.sweep_jobs(at=watch.on(seconds=30)) == [job.pk]
    run_job(job_id=job.pk, tell_time=watch)
    failed = read(job)
    assert (failed.status, failed.error_code) == ("failed", "jobs.gave_up")
    assert (failed.error_facts, failed.done) == ({"attempts": 5}, 5)
    assert caplog.text.count("broke off") == 5
    assert actions.sweep_jobs(at=watch.on(minutes=5)) == []


def test_a_worker_that_falls_silent_loses_the_job_and_may_write_no_more(kind, asked, watch):
    job = asked()
    late = actions.claim_job(job_id=job.pk, tell_time=watch)
    late.advance(done=3, total=9, state={"at": 3})
    watch.on(seconds=119)
    assert actions.sweep_jobs(at=watch()) == []
    assert actions.claim_job(job_id=job.pk, tell_time=watch) is None
    watch.on(seconds=2)
    assert actions.sweep_jobs(at=watch()) == [job.pk]
    heir = actions.claim_job(job_id=job.pk, tell_time=watch)
    assert (heir.attempt, heir.done, heir.state) == (2, 3, {"at": 3})

    def write_late():
        with transaction.atomic():
            add_missing(external_ids=["late"], at=AT)
            late.advance(done=4)

    for write in (write_late, lambda: late.finish({"by": "late"}), late.give_back):
        with pytest.raises(JobLost):
            write()
    assert not Member.objects.exists()
    heir.finish({"by": "heir"})
    assert read(job).result == {"by": "heir"}
    with pytest.raises(JobLost):
        heir.advance(done=9)


def test_a_job_whose_workers_always_die_is_given_up(asked, watch):
    job = asked()
    for _ in range(5):
        assert actions.claim_job(job_id=job.pk, tell_time=watch) is not None
        watch.on(minutes=3)
    assert actions.claim_job(job_id=job.pk, tell_time=watch) is None
    assert actions.sweep_jobs(at=watch()) == []
    assert (read(job).status, read(job).error_code) == ("failed", "jobs.gave_up")


def test_what_is_cancelled_stops_within_its_step_and_keeps_what_is_done(kind, asked, watch):
    def runner(run):
        for i in range(10):
            with transaction.atomic():
                add_missing(external_ids=[f"m{i}"], at=AT)
                if i == 3:
                    actions.cancel_job(job_id=run.id, at=watch())
                run.advance(done=i + 1, total=10)
        return {}

    kind(runner)
    job = asked()
    assert run_job(job_id=job.pk, tell_time=watch)
    # In this test the cancelling is part of the step, and is rolled back with it.
    assert (read(job).done, Member.objects.count()) == (3, 3)


def test_cancelling_from_outside(asked, watch):
    job = asked()
    run = actions.claim_job(job_id=job.pk, tell_time=watch)
    run.advance(done=1, total=2, state={"x": 1})
    for _ in range(2):
        assert actions.cancel_job(job_id=job.pk, at=watch()).status == "cancelled"
    for write in (lambda: run.advance(done=2), lambda: run.finish({}), run.give_back):
        with pytest.raises(JobCancelled):
            write()
    assert (read(job).status, read(job).done, read(job).state) == ("cancelled", 1, {})
    assert actions.claim_job(job_id=job.pk, tell_time=watch) is None
    other = asked()
    actions.claim_job(job_id=other.pk, tell_time=watch).finish({})
    with pytest.raises(AlreadyFinished):
        actions.cancel_job(job_id=other.pk, at=watch())
    with pytest.raises(JobNotFound):
        actions.cancel_job(job_id=Job().pk, at=watch())


def test_a_kind_nobody_knows_waits_for_a_newer_worker(asked, watch, caplog):
    job = asked()
    run_job(job_id=job.pk, tell_time=watch)
    assert (read(job).status, read(job).attempts) == ("queued", 1)


def test_old_jobs_are_forgotten(kind, asked, watch):
    kind(lambda run: {})
    job, waiting = asked("a"), asked("b")
    run_job(job_id=job.pk, tell_time=watch)
    assert actions.forget_old_jobs(at=AT + timedelta(days=90)) == 0
    assert actions.forget_old_jobs(at=AT + timedelta(days=91)) == 1
    assert list(Job.objects.all()) == [waiting]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "running"}, {"status": "done"}, {"status": "failed", "finished_at": AT},
        {"done": -1}, {"status": "odd"}, {"finished_at": AT},
    ],
)  # fmt: skip
def test_the_database_refuses_jobs_that_cannot_be(asked, wrong):
    job = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)


@pytest.mark.parametrize(
    ("done", "total", "is_done", "percent"),
    [(0, 0, False, 0), (7, 0, False, 0), (1, 3, False, 33), (3, 3, False, 99), (0, 0, True, 100)],
)
def test_a_hundred_per_cent_means_finished(done, total, is_done, percent):
    assert progress_of(done=done, total=total, is_done=is_done) == percent
