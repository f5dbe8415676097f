"""Webhooks in the console: who may see and change them, and what is noted of it."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.webhooks.models import WebhookEndpoint
from tests.console.conftest import API
from tests.webhooks.receiver import receiving

PATH = f"{API}/webhook-endpoints"
BODY = {"url": "https://127.0.0.1/hook", "topics": ["points.earned"], "description": "CRM"}


@pytest.fixture
def made(console):
    answer = console.post(PATH, BODY)
    assert answer.status == 201, answer
    return answer.json


def test_the_owner_makes_one_and_the_note_names_who_did_it(console, made, tea, owner):
    assert made["secret"].startswith("whsec_")
    listed = console.get(PATH)
    assert [one["id"] for one in listed.json["items"]] == [made["id"]]
    assert made["secret"] not in listed.raw.decode()
    with tenant_context(tea):
        note = OutboxEvent.objects.get(topic="audit.webhook_endpoint.added")
    assert note.payload["actor_name"] == "Lin Owner"
    assert made["secret"] not in str(note.payload)


def test_every_step_of_a_life(console, made):
    one = f"{PATH}/{made['id']}"
    assert console.get(one).json["description"] == "CRM"
    assert console.patch(one, {"topics": ["*"]}).json["topics"] == ["*"]
    assert console.post(f"{one}/secret-rotations", {}).json["secret"] != made["secret"]
    queued = console.post(f"{one}/test-events", {})
    assert (queued.status, queued.json["topic"]) == (202, "webhook.test")
    assert console.get(f"{one}/deliveries").json["items"] == [queued.json]
    detail = console.get(f"{API}/webhook-deliveries/{queued.json['id']}").json
    assert detail["request_body"].startswith('{"type":"webhook.test"')
    again = console.post(f"{API}/webhook-deliveries/{queued.json['id']}/replays", {})
    assert again.status == 202
    since = {"since": "2026-01-01T00:00:00Z"}
    assert console.post(f"{one}/replays", since).json == {"replayed": 0}
    assert console.call("DELETE", one).status == 204
    assert console.get(one).code == "webhooks.endpoint_not_found"


def test_topics_speak_the_reader_s_language(console):
    english = console.get(f"{API}/webhook-topics").json["items"]
    chinese = console.get(f"{API}/webhook-topics", Accept_Language="zh-CN").json["items"]
    assert english[0]["title"] == "Points were earned"
    assert chinese[0]["title"] == "获得积分"


@pytest.mark.parametrize(
    ("role", "may_see", "may_change"),
    [
        ("owner", True, True), ("admin", True, True), ("analyst", True, False),
        ("marketer", False, False), ("support", False, False),
    ],
)  # fmt: skip
def test_who_may(made, console_as, tea, role, may_see, may_change):
    staff = console_as(role)
    one = f"{PATH}/{made['id']}"
    for path in (PATH, one, f"{one}/deliveries", f"{API}/webhook-topics"):
        assert staff.get(path).status == (200 if may_see else 403), path
    for method, path, body in (
        ("POST", PATH, BODY), ("PATCH", one, {"description": "x"}),
        ("POST", f"{one}/secret-rotations", {}), ("POST", f"{one}/test-events", {}),
        ("POST", f"{one}/replays", {"since": "2026-01-01T00:00:00Z"}), ("DELETE", one, None),
    ):  # fmt: skip
        answer = staff.call(method, path, body)
        if may_change:
            assert answer.status in (200, 201, 202, 204), (path, answer)
        else:
            assert (answer.status, answer.code) == (403, "console.permission_missing")
    if not may_change:
        with tenant_context(tea):
            assert WebhookEndpoint.objects.count() == 1


def test_a_list_of_many_deliveries_takes_as_many_queries_as_of_one(
    console, tea, django_assert_max_num_queries
):
    from tests.webhooks.conftest import subscribe, tell

    with receiving() as receiver, tenant_context(tea):
        made = subscribe(receiver)
        tell(*["mei"] * 60)
    # Session, user, membership, merchant's row, endpoint, page.
    with django_assert_max_num_queries(8):
        answer = console.get(f"{PATH}/{made.pk}/deliveries?limit=50")
    assert len(answer.json["items"]) == 50
    with django_assert_max_num_queries(8):
        assert console.get(PATH).json["items"][0]["health"]["pending"] == 60
