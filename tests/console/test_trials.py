"""Simulations and back-tests in the console: who may, what comes out, how it gets on."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.flows.jobs import run_job
from points.jobs.models import Job
from tests.console.conftest import API
from tests.insights.test_backtest import DAY, FIXED, take

BONUS = {"name": "Bonus", "trigger": "order.completed", "reward": FIXED}
PROPOSED = {"rules": [{"code": "bonus", "document": BONUS}]}
ORDER = {"lines": [{"amount_cents": 11_000}]}


def work(tea):
    with tenant_context(tea):
        for job in Job.objects.filter(status="queued"):
            assert run_job(job_id=job.pk, tell_time=lambda: datetime.now(UTC))


@pytest.fixture
def orders(tea):
    now = datetime.now(UTC)
    with tenant_context(tea):
        take(now - 3 * DAY, "O-1", "mei", cents=(10_000,))
        take(now - 2 * DAY, "O-2", "tao", cents=(5_000,))
        take(now - 40 * DAY, "O-3", "tao", cents=(5_000,))


def test_a_back_test_is_asked_for_run_and_read(console, tea, orders):
    asked = console.post(f"{API}/backtests", {"days": 30, **PROPOSED})
    assert (asked.status, asked.json["status"], asked.json["comparison"]) == (202, "queued", None)
    again = console.post(f"{API}/backtests", PROPOSED)
    assert (again.status, again.code) == (409, "jobs.already_running")
    work(tea)
    done = console.get(f"{API}/backtests/{asked.json['id']}").json
    assert (done["status"], done["progress"], done["done"]) == ("done", 100, 2)
    found = done["comparison"]
    assert (found["orders"], found["live"]["points"], found["draft"]["points"]) == (2, 150, 210)
    assert [(one["external_id"], one["draft_points"]) for one in found["most_won"]] == [
        ("mei", 130), ("tao", 80),
    ]  # fmt: skip
    listed = console.get(f"{API}/backtests?limit=1").json["items"]
    assert listed == [done]
    as_job = console.get(f"{API}/jobs/{done['id']}").json
    assert (as_job["kind"], as_job["status"]) == ("backtest", "done")
    with tenant_context(tea):
        note = OutboxEvent.objects.get(topic="audit.backtest.asked").payload
    assert note["after"] == {"days": 30}


def test_a_saved_draft_is_tried_as_it_stands(console, tea, orders):
    console.post(f"{API}/earning-rules", {"code": "bonus", **BONUS})
    named = {"rules": [{"code": "bonus", "as_drafted": True}]}
    tried = console.post(f"{API}/simulations", {"order": ORDER, **named}).json
    assert (tried["live"]["points"], tried["draft"]["points"]) == (110, 140)
    assert [one["detail"] for one in tried["draft"]["rules"]] == ["Gave 30 points."]
    assert tried["live"]["rules"] == []
    missing = {"rules": [{"code": "none", "as_drafted": True}]}
    refused = console.post(f"{API}/backtests", missing)
    assert (refused.status, refused.code) == (404, "earning.rule_not_found")


def test_why_a_rule_would_not_give_is_said_in_words(console, tea):
    picky = {**BONUS, "conditions": {">": [{"var": "order.amount_cents"}, 20_000]}}
    body = {"order": ORDER, "rules": [{"code": "bonus", "document": picky}]}
    tried = console.post(f"{API}/simulations", body).json["draft"]
    (result,) = tried["rules"]
    assert (tried["points"], result["outcome"]) == (110, "not_matched")
    assert "200" in result["detail"] and "110" in result["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "api.invalid_body"),
        ({"order": ORDER, "event": {"type": "checkin"}}, "api.invalid_body"),
        ({"event": {"type": "order.paid"}}, "api.invalid_body"),
        ({"order": {"lines": []}}, "api.invalid_body"),
        ({"order": ORDER, "member_external_id": "nobody"}, "members.not_found"),
        ({"order": ORDER, "earning": {"stepp": 1}}, "insights.proposal_invalid"),
        ({"order": ORDER, "tiers": [{"code": "x", "threshold": 1}]}, "insights.proposal_invalid"),
        (
            {
                "order": ORDER,
                "rules": [{"code": "b", "document": {**BONUS, "conditions": {"var": "no.thing"}}}],
            },
            "conditions.invalid",
        ),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_code(console, body, code):
    refused = console.post(f"{API}/simulations", body)
    assert refused.code == code, refused
    assert 400 <= refused.status < 500


def test_marketers_may_try_and_support_may_not(console_as):
    assert console_as("marketer").post(f"{API}/simulations", {"order": ORDER}).status == 200
    assert console_as("support").post(f"{API}/simulations", {"order": ORDER}).status == 403
    assert console_as("analyst").get(f"{API}/backtests").status == 200


def test_a_job_of_another_kind_is_no_back_test(console, tea):
    with tenant_context(tea):
        other = Job.objects.create(kind="import.check", created_at=datetime.now(UTC))
    assert console.get(f"{API}/backtests/{other.pk}").code == "jobs.not_found"
    assert console.get(f"{API}/backtests/nonsense").code == "jobs.not_found"
