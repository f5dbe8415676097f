"""Jobs at the console: who sees which, how far they are, stopping them."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from kernel.ids import new_id
from points.audit.models import AuditEntry
from points.interfaces import job_shapes
from points.jobs import actions
from points.jobs.actions import Asker
from tests.console.conftest import API
from tests.support.http import partner_client

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    access = job_shapes.Access("members:read", "members:write")
    monkeypatch.setitem(job_shapes.ACCESS, "test.a", access)
    monkeypatch.setitem(
        job_shapes.ACCESS, "test.b", job_shapes.Access("audit:read", "settings:write")
    )


@pytest.fixture
def made(tea):
    """`made("test.a")`: a job in the queue; in the tea shop."""

    def make(kind, subject=""):
        with tenant_context(tea):
            return actions.ask_for_job(
                kind=kind, input={"secret": 1}, by=Asker("staff:1", "Lin"), at=AT, subject=subject
            )

    return make


def claim(tea, job):
    with tenant_context(tea):
        return actions.claim_job(job_id=job.pk, tell_time=lambda: AT)


def test_a_job_tells_how_far_it_is(console, tea, made):
    job = made("test.a", "shelf")
    waiting = console.get(f"{API}/jobs/{job.pk}").json
    assert waiting == {
        "id": str(job.pk), "kind": "test.a", "subject": "shelf", "status": "queued", "done": 0,
        "total": 0, "progress": 0, "result": None, "error": None, "asked_by_name": "Lin",
        "created_at": "2026-03-01T04:00:00Z", "started_at": None, "finished_at": None,
    }  # fmt: skip
    run = claim(tea, job)
    with tenant_context(tea):
        run.advance(done=1, total=3)
    assert console.get(f"{API}/jobs/{job.pk}").json["progress"] == 33
    with tenant_context(tea):
        run.finish({"rows": 3})
    done = console.get(f"{API}/jobs/{job.pk}").json
    assert (done["progress"], done["result"]) == (100, {"rows": 3})


def test_why_it_failed_is_told_in_the_readers_language(console, tea, made):
    job = made("test.a")
    run = claim(tea, job)
    with tenant_context(tea):
        from points.jobs.errors import GaveUp

        run.fail(GaveUp(attempts=5))
    english = console.get(f"{API}/jobs/{job.pk}").json["error"]
    chinese = console.get(f"{API}/jobs/{job.pk}", Accept_Language="zh-hans").json["error"]
    assert (english["code"], english["facts"]) == ("jobs.gave_up", {"attempts": 5})
    assert "5 times" in english["detail"]
    assert "5 次" in chinese["detail"]


def test_a_role_sees_and_cancels_what_it_may(console, console_as, made):
    a, b = made("test.a"), made("test.b")
    listed = console.get(f"{API}/jobs").json
    assert [one["id"] for one in listed["items"]] == [str(b.pk), str(a.pk)]
    only = console.get(f"{API}/jobs?kind=test.a&limit=1").json
    assert ([one["id"] for one in only["items"]], only["next"]) == ([str(a.pk)], None)
    first = console.get(f"{API}/jobs?limit=1").json
    rest = console.get(f"{API}/jobs?limit=1&cursor={first['next']}").json
    assert [one["id"] for one in rest["items"]] == [str(a.pk)]

    analyst = console_as("analyst")
    assert [one["id"] for one in analyst.get(f"{API}/jobs").json["items"]] == [str(a.pk)]
    hidden = analyst.get(f"{API}/jobs/{b.pk}")
    stopped = analyst.post(f"{API}/jobs/{a.pk}/cancellation", {})
    for answer in (hidden, stopped):
        assert (answer.status, answer.code) == (403, "console.permission_missing")
    assert console.get(f"{API}/jobs/{a.pk}").json["status"] == "queued"


def test_cancelling_is_noted_once(console, tea, made):
    job = made("test.a")
    for _ in range(2):
        answer = console.post(f"{API}/jobs/{job.pk}/cancellation", {})
        assert (answer.status, answer.json["status"]) == (200, "cancelled")
    with tenant_context(tea):
        notes = AuditEntry.objects.filter(action="job.cancelled", subject=f"job:{job.pk}")
        assert [note.after for note in notes] == [{"kind": "test.a"}]


def test_what_is_done_cannot_be_cancelled(console, tea, made):
    job = made("test.a")
    run = claim(tea, job)
    with tenant_context(tea):
        run.finish({})
    answer = console.post(f"{API}/jobs/{job.pk}/cancellation", {})
    assert (answer.status, answer.code) == (409, "jobs.already_finished")


@pytest.mark.parametrize("name", ["x", "01a20077-438c-767c-86e5-9c0bfbe1af05"])
def test_a_job_that_is_not_there(console, name):
    for answer in (
        console.get(f"{API}/jobs/{name}"),
        console.post(f"{API}/jobs/{name}/cancellation", {}),
    ):
        assert (answer.status, answer.code) == (404, "jobs.not_found")


def test_a_partner_reads_jobs_of_what_its_key_may_read(tea, made):
    a, b = made("test.a"), made("test.b")
    key = partner_client(tea, "members:read")
    assert key.get(f"/api/v1/jobs/{a.pk}").json["status"] == "queued"
    refused = key.get(f"/api/v1/jobs/{b.pk}")
    assert (refused.status, refused.code) == (403, "channels.scope_missing")
    assert key.get(f"/api/v1/jobs/{new_id()}").code == "jobs.not_found"
