"""Webhooks over the partner API: made, watched, tried and replayed by the merchant's developers."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from kernel.models import IdempotencyRecord, OutboxEvent
from points.flows.webhooks_delivered import deliver_webhooks
from points.webhooks.calculations import ENDPOINTS_AT_MOST
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.partner.calls import API, caller, contents, refusal, sent
from tests.webhooks.conftest import rows, tell
from tests.webhooks.receiver import receiving

PATH = f"{API}/webhook-endpoints"
NOBODY = "01a20077-438c-767c-86e5-9c0bfbe1af05"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def made(partner, receiver):
    """An endpoint, as it was answered."""
    body = {"url": receiver.url, "topics": ["points.spent"], "description": " CRM "}
    return sent(partner.post(PATH, body))


def deliver(noon, **later):
    return deliver_webhooks(tell_time=lambda: noon + timedelta(**later), seconds=30)


def audited():
    topics = OutboxEvent.objects.filter(topic__startswith="audit.webhook").order_by("id")
    return list(topics.values_list("topic", flat=True))


def test_an_endpoint_is_made_and_its_secret_told_once(partner, made, receiver, shop):
    secret = made.pop("secret")
    assert secret.startswith("whsec_") and len(secret) == 50
    assert made == {
        "id": made["id"], "url": receiver.url, "description": "CRM", "topics": ["points.spent"],
        "status": "enabled", "status_reason": None, "created_at": "2026-03-01T04:00:00Z",
        "last_delivered_at": None, "failing_since": None, "previous_secret_until": None,
        "health": {"pending": 0, "recent_delivered": 0, "recent_parked": 0},
    }  # fmt: skip
    assert sent(partner.get(f"{PATH}/{made['id']}"), 200) == made
    listed = partner.get(PATH)
    assert sent(listed, 200) == {"items": [made], "next": None}
    assert secret not in listed.raw.decode()
    notes = OutboxEvent.objects.filter(topic="audit.webhook_endpoint.added")
    assert notes.get().payload["after"]["url"] == receiver.url
    assert secret not in str(notes.get().payload)
    assert not IdempotencyRecord.objects.filter(answer__contains=b"whsec_").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "ftp://127.0.0.1/"}, "webhooks.url_not_allowed"),
        ({"url": "https://10.0.0.1/"}, "webhooks.url_not_allowed"),
        ({"url": "https://169.254.169.254/latest/"}, "webhooks.url_not_allowed"),
        ({"url": "https://a:b@127.0.0.1/"}, "webhooks.url_not_allowed"),
        ({"url": "no url"}, "webhooks.url_not_allowed"),
        ({"url": ""}, "api.invalid_body"),
        ({"url": None}, "api.invalid_body"),
        ({"url": "https://x.example/" + "a" * 2_000}, "api.invalid_body"),
        ({"topics": []}, "api.invalid_body"),
        ({"topics": ["points.*"]}, "webhooks.topic_unknown"),
        ({"topics": ["audit.program.changed"]}, "webhooks.topic_unknown"),
        ({"topics": ["webhook.test"]}, "webhooks.topic_unknown"),
        ({"status": "auto_disabled"}, "api.invalid_body"),
        ({"secret": "whsec_mine"}, "api.invalid_body"),
        ({"description": "x" * 201}, "api.invalid_body"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(shop, partner, made, change, code):
    before = contents(shop)
    refusal(partner.patch(f"{PATH}/{made['id']}", change), 400, code)
    refusal(partner.post(PATH, {"url": "https://127.0.0.1/", **change}), 400, code)
    assert contents(shop) == before


def test_a_refused_address_names_the_field_and_the_rule(partner):
    facts = refusal(
        partner.post(PATH, {"url": "https://10.0.0.1/"}), 400, "webhooks.url_not_allowed"
    )
    assert (facts["field"], facts["rule"]) == ("url", "address")
    chinese = partner.post(PATH, {"url": "https://10.0.0.1/"}, Accept_Language="zh")
    assert "公网" in chinese.json["detail"]


def test_a_shop_has_at_most_twenty_endpoints(partner, made):
    for _ in range(ENDPOINTS_AT_MOST - 1):
        sent(partner.post(PATH, {"url": "https://127.0.0.1/"}))
    refused = partner.post(PATH, {"url": "https://127.0.0.1/"})
    assert refusal(refused, 409, "webhooks.too_many_endpoints") == {"limit": 20}
    first = sent(partner.get(f"{PATH}?limit=15"), 200)
    second = sent(partner.get(f"{PATH}?limit=15&cursor={first['next']}"), 200)
    ids = [one["id"] for one in (*first["items"], *second["items"])]
    assert len(set(ids)) == 20 and ids == sorted(ids, reverse=True)


def test_an_endpoint_is_changed_disabled_and_deleted(partner, made, shop, noon):
    one = f"{PATH}/{made['id']}"
    changed = sent(partner.patch(one, {"topics": ["*", "points.earned"]}), 200)
    assert changed["topics"] == ["*"]
    assert sent(partner.patch(one, {"status": "disabled"}), 200)["status"] == "disabled"
    assert sent(partner.patch(one, {}), 200)["status"] == "disabled"
    tell("mei", at=noon)
    assert rows() == []
    for path in ("test-events", "replays"):
        body = {"since": noon.isoformat()} if path == "replays" else {}
        refusal(partner.post(f"{one}/{path}", body), 409, "webhooks.endpoint_disabled")
    assert partner.call("DELETE", one).status == 204
    refusal(partner.get(one), 404, "webhooks.endpoint_not_found")
    refusal(partner.call("DELETE", one), 404, "webhooks.endpoint_not_found")
    assert audited() == [
        "audit.webhook_endpoint.added", "audit.webhook_endpoint.changed",
        "audit.webhook_endpoint.changed", "audit.webhook_endpoint.deleted",
    ]  # fmt: skip


def test_a_rotated_secret_is_new_and_the_old_one_has_a_day(partner, made):
    rotated = sent(partner.post(f"{PATH}/{made['id']}/secret-rotations", {}))
    assert rotated["secret"].startswith("whsec_") and rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] == "2026-03-02T04:00:00Z"
    shown = sent(partner.get(f"{PATH}/{made['id']}"), 200)
    assert shown["previous_secret_until"] == "2026-03-02T04:00:00Z"


def test_a_test_event_goes_out_and_stands_in_the_log(partner, made, receiver, noon):
    queued = sent(partner.post(f"{PATH}/{made['id']}/test-events", {}), 202)
    assert (queued["topic"], queued["status"], queued["subject"]) == ("webhook.test", "pending", "")
    deliver(noon)
    (request,) = receiver.requests
    assert json.loads(request.body)["type"] == "webhook.test"
    found = sent(partner.get(f"{API}/webhook-deliveries/{queued['id']}"), 200)
    assert (found["status"], found["response_status"], found["response_body"]) == (
        "delivered", 200, "ok",
    )  # fmt: skip
    assert found["request_body"].encode() == request.body
    assert found["url"] == receiver.url
    assert [one["status"] for one in found["tries"]] == [200]
    health = sent(partner.get(f"{PATH}/{made['id']}"), 200)["health"]
    assert health == {"pending": 0, "recent_delivered": 1, "recent_parked": 0}


def test_the_log_is_filtered_and_read_page_by_page(partner, made, receiver, noon):
    receiver.replies = lambda request: receiver_reply(request)
    tell("mei", "tao", "lin", at=noon)
    deliver(noon)
    log = f"{PATH}/{made['id']}/deliveries"
    assert len(sent(partner.get(f"{log}?status=delivered"), 200)["items"]) == 2
    (waiting,) = sent(partner.get(f"{log}?status=pending"), 200)["items"]
    assert (waiting["error"], waiting["attempts"], waiting["subject"]) == ("refused", 1, "mei")
    assert sent(partner.get(f"{log}?topic=points.earned"), 200)["items"] == []
    first = sent(partner.get(f"{log}?limit=2"), 200)
    rest = sent(partner.get(f"{log}?limit=2&cursor={first['next']}"), 200)
    ids = [int(one["id"]) for one in (*first["items"], *rest["items"])]
    assert len(ids) == 3 and ids == sorted(ids, reverse=True)
    for bad in ("status=lost", "cursor=x", "limit=101", "colour=red", "cursor=IjEi"):
        assert partner.get(f"{log}?{bad}").status == 400


def receiver_reply(request):
    """Refuses the first event."""
    from tests.webhooks.receiver import Reply

    return Reply(500 if b'"amount":0' in request.body else 200)


def test_one_delivery_is_replayed_under_its_old_id(partner, made, receiver, noon):
    tell("mei", at=noon)
    deliver(noon)
    (row,) = rows()
    again = sent(partner.post(f"{API}/webhook-deliveries/{row.pk}/replays", {}), 202)
    assert (again["status"], again["attempts"]) == ("pending", 0)
    deliver(noon)
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    row.refresh_from_db()
    assert (row.status, len(row.tries)) == ("delivered", 2)


def test_all_that_was_parked_since_a_moment_is_replayed(partner, made, receiver, noon):
    for day in range(3):
        tell("mei", at=noon + timedelta(days=day))
    WebhookDelivery.objects.update(
        status="parked", next_attempt_at=None, finished_at=noon, attempts=10
    )
    since = (noon + timedelta(days=1)).isoformat()
    path = f"{PATH}/{made['id']}/replays"
    assert sent(partner.post(path, {"since": since}), 202) == {"replayed": 2}
    assert sent(partner.post(path, {"since": since}), 202) == {"replayed": 0}
    assert [row.status for row in rows()] == ["parked", "pending", "pending"]
    assert deliver(noon) == 2
    assert [row.status for row in rows()] == ["parked", "delivered", "delivered"]


def test_a_delivery_in_the_air_is_not_replayed(partner, made, noon):
    tell("mei", at=noon)
    WebhookDelivery.objects.update(leased_until=noon + timedelta(seconds=60))
    (row,) = rows()
    path = f"{API}/webhook-deliveries/{row.pk}/replays"
    refusal(partner.post(path, {}), 409, "webhooks.in_flight")


@pytest.mark.parametrize("name", ["0", "-1", "99999999999999999999", "x", "1e3", "१", NOBODY])
def test_a_delivery_that_is_none_is_not_found(partner, name):
    path = f"{API}/webhook-deliveries/{name}"
    refusal(partner.get(path), 404, "webhooks.delivery_not_found")
    refusal(partner.post(f"{path}/replays", {}), 404, "webhooks.delivery_not_found")


def test_topics_are_those_of_the_catalogue(partner):
    items = sent(partner.get(f"{API}/webhook-topics"), 200)["items"]
    assert items[0] == {
        "code": "points.earned", "title": "Points were earned", "version": 1,
        "example": {
            "transaction_id": "184467", "member_id": NOBODY, "amount": 110,
            "reference": "20261031-8", "unit": "points",
        },
    }  # fmt: skip


def test_two_shops_never_see_each_other_s_events(tea, toys, receiver, noon):
    """Both listen at the same address; each is sent its own, under its own secret."""
    for merchant in (tea, toys):
        sent(caller(merchant).post(PATH, {"url": receiver.url}))
        with tenant_context(merchant):
            tell(f"member of {merchant.slug}", at=noon)
    for merchant in (tea, toys):
        with tenant_context(merchant):
            assert deliver_webhooks(tell_time=lambda: noon, seconds=30) == 1
            assert [row.subject for row in rows()] == [f"member of {merchant.slug}"]
            assert WebhookEndpoint.objects.count() == 1
    told = [json.loads(request.body)["data"]["member_id"] for request in receiver.requests]
    assert told == ["member of tea", "member of toys"]


def test_test_mode_does_not_hold_webhooks_back(lab, receiver):
    """A merchant whose clock stands in another year is sent to in real time."""
    sent(lab.post(f"{API}/test-clock", {"now": "2027-01-01T00:00:00Z"}), 200)
    made = sent(lab.post(PATH, {"url": receiver.url}))
    assert made["created_at"] == datetime(2026, 3, 1, 4, tzinfo=UTC).isoformat()[:-6] + "Z"
