"""An event reaches every endpoint that wants it: signed, in order, tried again, never lost."""

import json
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from kernel import outbox
from kernel.models import OutboxEvent
from points.webhooks import actions
from points.webhooks.calculations import JITTER_RATE, WAITS, wait_after
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.webhooks.conftest import AT, deliver, rows, subscribe, tell
from tests.webhooks.receiver import Reply

MEI, TAO = "01a20077-438c-767c-86e5-000000000001", "01a20077-438c-767c-86e5-000000000002"


@pytest.fixture
def now(monkeypatch):
    """The independent library asks the clock; it stands at AT."""
    import time_machine

    with time_machine.travel(AT, tick=False):
        yield AT


def verified(request, secret):
    """The body, if the independent library finds the signature good."""
    return Webhook(secret).verify(request.body, request.headers)


def test_an_event_arrives_signed_as_standard_webhooks_has_it(endpoint, receiver, now):
    (event,) = tell(MEI)
    assert deliver() == 1

    (request,) = receiver.requests
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == str(event.event_id)
    assert request.headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert verified(request, endpoint.secret) == {
        "type": "points.spent", "version": 1, "timestamp": "2026-03-01T04:00:00Z",
        "data": {"amount": 0, "member_id": MEI, "reference": None, "transaction_id": "1"},
    }  # fmt: skip
    (row,) = rows()
    assert (row.status, row.attempts, row.response_status, row.response_body) == (
        "delivered", 1, 200, "ok",
    )  # fmt: skip
    endpoint.refresh_from_db()
    assert endpoint.last_delivered_at == AT
    assert endpoint.failing_since is None


def test_another_secret_or_another_body_is_not_verified(endpoint, receiver, now):
    tell(MEI)
    deliver()
    (request,) = receiver.requests
    from points.webhooks.calculations import new_secret

    with pytest.raises(WebhookVerificationError):
        verified(request, new_secret())
    request.body = request.body.replace(b'"amount":0', b'"amount":9')
    with pytest.raises(WebhookVerificationError):
        verified(request, endpoint.secret)


def test_while_a_secret_is_changed_both_sign_for_a_day(endpoint, receiver, now):
    _, new = actions.rotate_secret(endpoint_id=endpoint.pk, at=AT - timedelta(hours=23, minutes=59))
    tell(MEI)
    deliver()
    (request,) = receiver.requests
    assert request.headers["webhook-signature"].count("v1,") == 2
    assert verified(request, endpoint.secret) == verified(request, new)


def test_after_a_day_the_old_secret_signs_no_more(endpoint, receiver, now):
    _, new = actions.rotate_secret(endpoint_id=endpoint.pk, at=AT - timedelta(hours=24))
    tell(MEI)
    deliver()
    (request,) = receiver.requests
    assert request.headers["webhook-signature"].count("v1,") == 1
    verified(request, new)
    with pytest.raises(WebhookVerificationError):
        verified(request, endpoint.secret)


def test_secrets_are_not_readable_in_the_database(endpoint):
    stored = str(WebhookEndpoint.objects.filter(pk=endpoint.pk).values().get())
    assert endpoint.secret not in stored and endpoint.secret.removeprefix("whsec_") not in stored


def test_each_endpoint_gets_the_topics_it_chose_and_no_audit_notes(shop, receiver):
    spent = subscribe(receiver, "points.spent")
    earned = subscribe(receiver, "points.earned", "points.clawed_back")
    everything = subscribe(receiver)
    off = subscribe(receiver)
    actions.change_endpoint(endpoint_id=off.pk, changes={"status": "disabled"})
    tell(MEI)
    tell(MEI, topic="audit.program.changed")
    tell(MEI, topic="nobody.knows")
    copied = WebhookDelivery.objects.values_list("endpoint_id", "topic")
    assert sorted(copied) == sorted([(spent.pk, "points.spent"), (everything.pk, "points.spent")])
    assert not WebhookDelivery.objects.filter(endpoint=earned).exists()
    assert not OutboxEvent.objects.filter(topic="nobody.knows", delivered_at=None).exists()


def test_an_event_somebody_handles_is_copied_too_and_once(endpoint, settings):
    """Its handler fails and is called again: the endpoint hears of it once."""
    settings.OUTBOX_HANDLERS = {"points.": "tests.webhooks.test_delivering.fail"}
    tell(MEI)
    outbox.relay(at=AT + timedelta(minutes=2))
    assert OutboxEvent.objects.get(topic="points.spent").attempts == 2
    assert len(rows()) == 1


def fail(event):
    """Handler of the test above."""
    raise ConnectionError


def test_an_event_told_before_the_endpoint_was_made_is_not_for_it(shop, receiver):
    tell(MEI)
    subscribe(receiver)
    tell(TAO)
    assert [row.subject for row in rows()] == [TAO]


def test_failed_tries_come_again_later_each_time_and_the_tenth_is_the_last(endpoint, receiver):
    receiver.answer(status=503, body=b"closed")
    tell(MEI)
    at, waits = AT, []
    for number in range(1, 10):
        assert deliver(at) == 1
        (row,) = rows()
        assert (row.status, row.attempts, row.error) == ("pending", number, "refused")
        assert row.leased_until is None
        waits.append(row.next_attempt_at - at)
        assert deliver(row.next_attempt_at - timedelta(seconds=1)) == 0
        at = row.next_attempt_at
    for wait, planned in zip(waits, WAITS, strict=True):
        assert abs(wait / planned - 1) <= JITTER_RATE

    assert deliver(at) == 1
    (row,) = rows()
    assert (row.status, row.attempts, row.next_attempt_at) == ("parked", 10, None)
    assert (row.response_status, row.response_body) == (503, "closed")
    assert [one["status"] for one in row.tries] == [503] * 10
    assert deliver(at + timedelta(days=9)) == 0
    assert len({request.body for request in receiver.requests}) == 1


def test_the_waits_are_those_of_the_documents():
    assert sum(WAITS, timedelta()) == timedelta(hours=71, minutes=35, seconds=30)
    assert wait_after(failures=1, chance=0.5) == timedelta(seconds=30)
    assert wait_after(failures=9, chance=0.5) == timedelta(hours=22)
    assert wait_after(failures=10, chance=0.5) is None
    assert wait_after(failures=2, chance=0.0) == timedelta(seconds=270)
    assert wait_after(failures=2, chance=0.5, asked_seconds=900) == timedelta(seconds=900)
    assert wait_after(failures=2, chance=0.5, asked_seconds=1) == timedelta(minutes=5)
    assert wait_after(failures=2, chance=0.5, asked_seconds=10**6) == timedelta(hours=24)


def test_a_receiver_that_asks_for_time_gets_it(endpoint, receiver):
    receiver.answer(status=429, headers={"Retry-After": "3600"})
    tell(MEI)
    deliver()
    assert rows()[0].next_attempt_at == AT + timedelta(hours=1)


def test_of_one_member_the_next_waits_for_the_one_before_and_others_go_on(endpoint, receiver):
    receiver.replies = lambda request: Reply(500 if b'"amount":0' in request.body else 200)
    tell(MEI, MEI, TAO, MEI)
    deliver()
    assert [(row.subject, row.status) for row in rows()] == [
        (MEI, "pending"), (MEI, "pending"), (TAO, "delivered"), (MEI, "pending"),
    ]  # fmt: skip
    assert [row.attempts for row in rows()] == [1, 0, 1, 0]

    receiver.requests.clear()
    receiver.answer()
    deliver(AT + timedelta(minutes=1))
    assert [json.loads(r.body)["data"]["amount"] for r in receiver.requests] == [0, 1, 3]
    assert {row.status for row in rows()} == {"delivered"}


def test_a_parked_one_holds_nobody_back(endpoint, receiver):
    tell(MEI, MEI)
    first = rows()[0]
    first.attempts = 9
    first.save()
    receiver.replies = lambda request: Reply(500 if b'"amount":0' in request.body else 200)
    deliver()
    assert [row.status for row in rows()] == ["parked", "delivered"]


def test_members_are_sent_in_order_when_all_goes_well(endpoint, receiver):
    tell(*[MEI, TAO] * 40)
    assert deliver() == 80
    for member in (MEI, TAO):
        mine = [json.loads(r.body)["data"] for r in receiver.requests if member.encode() in r.body]
        assert [one["amount"] for one in mine] == sorted(one["amount"] for one in mine)


def test_a_redirect_is_a_failure_and_is_not_followed(endpoint, receiver):
    receiver.answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
    tell(MEI)
    deliver()
    (row,) = rows()
    assert (row.status, row.error, row.response_status) == ("pending", "redirect", 302)
    assert len(receiver.requests) == 1


def test_gone_disables_the_endpoint_and_its_owner_is_told(endpoint, receiver):
    receiver.answer(status=410)
    tell(MEI)
    deliver()
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.status_reason) == ("auto_disabled", "gone")
    note = OutboxEvent.objects.get(topic="audit.webhook_endpoint.auto_disabled")
    assert note.payload["after"]["reason"] == "gone"
    tell(MEI)
    assert len(rows()) == 1  # nothing new is meant for it
    assert deliver(AT + timedelta(days=2)) == 0

    actions.change_endpoint(endpoint_id=endpoint.pk, changes={"status": "enabled"})
    receiver.answer()
    assert deliver(AT + timedelta(days=2)) == 1  # what waited goes on
    assert rows()[0].status == "delivered"


@pytest.mark.parametrize(("days", "status"), [(4.9, "enabled"), (5.1, "auto_disabled")])
def test_an_endpoint_that_fails_for_five_days_is_disabled(endpoint, receiver, days, status):
    receiver.answer(status=500)
    tell(MEI, TAO)
    deliver()
    later = AT + timedelta(days=days)
    assert deliver(later) >= 1
    endpoint.refresh_from_db()
    assert endpoint.failing_since == AT
    assert (endpoint.status, endpoint.status_reason) == (
        status, "failing" if status == "auto_disabled" else "",
    )  # fmt: skip


def test_one_success_and_the_endpoint_is_well_again(endpoint, receiver):
    receiver.answer(status=500)
    tell(MEI)
    deliver()
    receiver.answer()
    deliver(AT + timedelta(days=4))
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_a_server_that_is_away_is_a_failure_like_any_other(endpoint, receiver):
    receiver._server.server_close()
    tell(MEI)
    deliver()
    (row,) = rows()
    assert (row.status, row.error, row.response_status) == ("pending", "connection", None)


def test_what_is_kept_of_an_answer_is_short_and_can_be_stored(endpoint, receiver):
    receiver.answer(status=400, body=b"\x00\xff" + b"x" * 100_000)
    tell(MEI)
    deliver()
    (row,) = rows()
    assert len(row.response_body) == 2_048
    assert row.response_body.startswith("\N{REPLACEMENT CHARACTER}" * 2)


def test_deliveries_are_kept_for_thirty_days(endpoint, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 2)
    tell(*[MEI] * 5)
    assert actions.forget_old_deliveries(at=AT + timedelta(days=30)) == 0
    assert actions.forget_old_deliveries(at=AT + timedelta(days=30, seconds=1)) == 5
    assert rows() == []
