"""Coupons in the console: words before saving, giving to many, who has them, taking one back."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.flows.jobs import run_job
from points.jobs.models import Job
from tenants.models import Role
from tests.console.conftest import API

TWENTY = {
    "code": "twenty", "kind": "amount_off", "amount_cents": 2_000, "threshold_cents": 10_000,
    "name_zh": "满减券", "valid_days": 30, "status": "active", "per_member": 1,
}  # fmt: skip


@pytest.fixture
def template(console, mei):
    answer = console.post(f"{API}/coupon-templates", TWENTY)
    assert answer.status == 201, answer
    return answer.json


def notes(tea, topic):
    with tenant_context(tea):
        return [row.payload for row in OutboxEvent.objects.filter(topic=f"audit.{topic}")]


def test_words_before_anything_is_saved(console):
    body = {**TWENTY, "kind": "percent_off", "amount_cents": None, "rate": "0.15", "cap_cents": 500}
    del body["code"]
    words = console.post(f"{API}/coupon-template-previews", body).json
    assert words["summary"] == "15% off ¥100.00 or more, at most ¥5.00"
    zh = console.post(f"{API}/coupon-template-previews", body, Accept_Language="zh-hans").json
    assert (zh["headline"], zh["summary"]) == ("8.5 折", "满 ¥100.00 打 8.5 折，最多减 ¥5.00")
    assert console.get(f"{API}/coupon-templates").json["items"] == []


def test_a_change_is_noted_with_what_differs(console, tea, template):
    answer = console.patch(f"{API}/coupon-templates/twenty", {"total": 5, "status": "stopped"})
    assert answer.status == 200
    (added,), (changed,) = (
        notes(tea, "coupon_template.added"),
        notes(tea, "coupon_template.changed"),
    )
    assert added["after"]["amount_cents"] == 2_000
    assert changed["after"] == {"total": 5, "status": "stopped"}


def test_a_batch_reaches_everybody_and_one_is_taken_back(console, tea, template, mei):
    everybody = {"kind": "everybody"}
    counted = console.post(f"{API}/coupon-audiences", everybody)
    assert (counted.status, counted.json) == (200, {"members_count": 1})
    job = console.post(f"{API}/coupon-templates/twenty/batches", everybody)
    assert (job.status, job.json["kind"]) == (202, "coupons.issue")
    with tenant_context(tea):
        run_job(job_id=Job.objects.get().pk, tell_time=lambda: datetime.now(UTC))
    shown = console.get(f"{API}/coupon-templates/twenty").json
    assert shown["batch"]["result"]["outcomes"] == {"issued": 1}
    assert shown["template"]["figures"]["issued"] == 1
    (row,) = console.get(f"{API}/coupon-templates/twenty/coupons?group=usable").json["items"]
    assert (row["member"]["name"], row["coupon"]["source"]) == ("Mei", "batch")
    code = row["coupon"]["code"]
    (mine,) = console.get(f"{API}/members/{mei.pk}/coupons").json["items"]
    assert mine == row["coupon"]
    assert console.post(f"{API}/coupons/{code}/void", {}).status == 400
    gone = console.post(f"{API}/coupons/{code}/void", {"reason": "wrong one"})
    assert (gone.status, gone.json["state"]) == (200, "voided")
    (note,) = notes(tea, "coupon.voided")
    assert note["after"]["reason"] == "wrong one"
    (batch,) = notes(tea, "coupon_template.issued")
    assert batch["after"]["audience"] == "everybody"


def test_who_may_only_read_changes_nothing(console_as, template):
    analyst = console_as(Role.ANALYST)
    assert analyst.get(f"{API}/coupon-templates").status == 200
    for method, path, body in (
        ("post", "coupon-templates", TWENTY),
        ("patch", "coupon-templates/twenty", {"total": 5}),
        ("post", "coupon-templates/twenty/batches", {"kind": "everybody"}),
        ("post", "coupons/XXXX/void", {"reason": "x"}),
    ):
        answer = getattr(analyst, method)(f"{API}/{path}", body)
        assert (answer.status, answer.code) == (403, "console.permission_missing")


def test_an_audience_says_whom(console, template):
    for body in ({"kind": "segment"}, {"kind": "members"}, {"kind": "all"}):
        assert console.post(f"{API}/coupon-audiences", body).status == 400
    missing = console.post(f"{API}/coupon-audiences", {"kind": "segment", "code": "x"})
    assert (missing.status, missing.code) == (404, "segments.not_found")
