"""One worker runs a job, however many are told of it; a kill -9 loses and doubles nothing."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from points.flows import jobs as flow
from points.flows.tasks import run_due_jobs_everywhere
from points.jobs import actions
from points.jobs.actions import Asker
from points.jobs.models import Job
from points.members.actions import add_missing
from points.members.models import Member
from tests.races.conftest import AT, kinds

BY = Asker("staff:1", "Owner")
STEPS = 200


def ask(subject="", kind="test.count"):
    return actions.ask_for_job(kind=kind, input={}, by=BY, at=AT, subject=subject)


def count_up(run):
    """A member each step, in one transaction with the progress."""
    from django.db import transaction

    for i in range(run.state.get("next", 0), STEPS):
        with transaction.atomic():
            add_missing(external_ids=[f"m{i}"], at=AT)
            run.advance(done=i + 1, total=STEPS, state={"next": i + 1})
        time.sleep(0.002)
    return {"members": STEPS}


WORKER = """
import sys, uuid
sys.path.append("platform")
import django
django.setup()
from datetime import UTC, datetime
from points.flows import jobs
from tenants.context import tenant_context
from tenants.models import Merchant
from tests.races.test_jobs import count_up
jobs.RUNNERS["test.count"] = count_up
with tenant_context(Merchant.objects.get(slug=sys.argv[1])):
    jobs.run_job(job_id=uuid.UUID(sys.argv[2]), tell_time=lambda: datetime.now(UTC))
"""


def test_of_64_who_ask_one_gets_the_job(race):
    results = race(lambda i: ask("same"), 64)
    assert kinds(results) == {"AlreadyRunning": 63, "Job": 1}
    named = {str(one.facts["job_id"]) for one in results if not isinstance(one, Job)}
    assert named == {str(Job.objects.get().pk)}


def test_of_64_workers_one_claims_it(race):
    job = ask()
    results = race(lambda i: actions.claim_job(job_id=job.pk, tell_time=lambda: AT), 64)
    assert kinds(results) == {"NoneType": 63, "Run": 1}
    # The one that has it falls silent; of 64 heirs again one.
    later = AT + timedelta(minutes=3)
    results = race(lambda i: actions.claim_job(job_id=job.pk, tell_time=lambda: later), 64)
    assert kinds(results) == {"NoneType": 63, "Run": 1}
    assert Job.objects.get().attempts == 2


def test_cancelled_while_it_runs_it_keeps_what_was_counted(shop, race, monkeypatch):
    monkeypatch.setitem(flow.RUNNERS, "test.count", count_up)
    job = ask()

    def work(i):
        if i == 0:
            return flow.run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))
        while Job.objects.get().done < 20:
            time.sleep(0.005)
        return actions.cancel_job(job_id=job.pk, at=AT)

    results = race(work, 4)
    assert kinds(results) == {"Job": 3, "bool": 1}
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert 20 <= job.done == Member.objects.count() < STEPS


def test_killed_again_and_again_it_ends_in_the_same_state(shop, monkeypatch):
    job = ask()
    reached = []
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", WORKER, shop.slug, str(job.pk)])
        before, give_up = Job.objects.get().done, time.monotonic() + 60
        while Job.objects.get().done < before + 15 and time.monotonic() < give_up:
            time.sleep(0.005)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        now = Job.objects.get()
        assert now.status == "running"
        assert now.done == now.state["next"] == Member.objects.count()
        reached.append(now.done)
        # Two minutes pass.
        Job.objects.update(beat_at=now.beat_at - timedelta(minutes=3))
    assert 15 <= reached[0] < reached[1] < reached[2] < STEPS

    monkeypatch.setitem(flow.RUNNERS, "test.count", count_up)
    assert actions.sweep_jobs(at=datetime.now(UTC)) == [job.pk]
    assert flow.run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))
    job.refresh_from_db()
    assert (job.status, job.done, job.attempts) == ("done", STEPS, 4)
    assert (job.result, Member.objects.count()) == ({"members": STEPS}, STEPS)


def test_the_sweep_tells_workers_of_jobs_that_redis_has_forgotten(shop, monkeypatch):
    job, told = ask(), []
    monkeypatch.setattr(actions, "send_by_name", lambda *sent: told.append(sent))
    run_due_jobs_everywhere()
    connection.set_tenant(shop)
    assert (actions.RUN_JOB, str(job.pk)) in told
