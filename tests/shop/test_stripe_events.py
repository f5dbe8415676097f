"""Messages of Stripe: who signed them, when, and what they are about. Bodies as in its documentation."""

import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from points.shop.payments.errors import WebhookInvalid
from points.shop.payments.stripe_events import verify_event
from tests.webhooks.receiver import receiving

SECRET = "whsec_tests"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAYMENT = uuid.UUID("019400d0-1111-7000-8000-000000000001")


def event(**changes) -> dict:
    body = {
        "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event",
        "api_version": "2026-10-28.endive", "created": 1795348800, "account": "acct_1",
        "data": {"object": {
            "id": "cs_test_a1", "object": "checkout.session", "payment_intent": "pi_1",
            "client_reference_id": str(PAYMENT), "metadata": {"payment_id": str(PAYMENT)},
        }},
        "livemode": False, "pending_webhooks": 1, "type": "checkout.session.completed",
        "request": {"id": None, "idempotency_key": None},
    }  # fmt: skip
    return body | changes


def v1(payload: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    signed = f"{int(at.timestamp())}.".encode() + payload
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def header(payload: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    return f"t={int(at.timestamp())},v1={v1(payload, at, secret)}"


def verify(payload: bytes, signature: str, now: datetime = NOW, secret: str = SECRET):
    return verify_event(payload=payload, signature=signature, secret=secret, now=now)


def test_a_signed_event_says_what_it_is_about():
    payload = json.dumps(event()).encode()
    found = verify(payload, header(payload))
    assert (found.id, found.type) == ("evt_1NG8Du2eZvKYlo2CUI79vXWy", "checkout.session.completed")
    assert (found.account, found.object_id, found.intent_id) == ("acct_1", "cs_test_a1", "pi_1")
    assert found.payment_id == PAYMENT
    assert found.created_at == datetime.fromtimestamp(1795348800, UTC)


@pytest.mark.parametrize(
    ("body", "payment", "intent"),
    [
        ({"id": "pi_1", "object": "payment_intent", "metadata": {"payment_id": str(PAYMENT)}},
         PAYMENT, "pi_1"),
        ({"id": "ch_1", "object": "charge", "payment_intent": {"id": "pi_9"}, "metadata": {}},
         None, "pi_9"),
        ({"id": "cs_1", "object": "checkout.session", "client_reference_id": str(PAYMENT),
          "metadata": None}, PAYMENT, ""),
        ({"id": "du_1", "object": "dispute", "payment_intent": "pi_3",
          "metadata": {"payment_id": "no id of ours"}}, None, "pi_3"),
        ({"id": "acct_1", "object": "account", "metadata": {"merchant": "m"}}, None, ""),
    ],
)  # fmt: skip
def test_the_payment_is_found_where_the_object_names_it(body, payment, intent):
    payload = json.dumps(event(data={"object": body})).encode()
    found = verify(payload, header(payload))
    assert (found.payment_id, found.intent_id, found.object_id) == (payment, intent, body["id"])


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_five_minutes_either_way_are_fine(seconds):
    payload = json.dumps(event()).encode()
    assert verify(payload, header(payload, NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 3_000])
def test_a_message_kept_or_dated_ahead_is_refused(seconds):
    payload = json.dumps(event()).encode()
    with pytest.raises(WebhookInvalid, match="five minutes"):
        verify(payload, header(payload, NOW + timedelta(seconds=seconds)))


def test_one_of_several_signatures_may_be_ours_while_a_secret_is_rolled():
    payload = json.dumps(event()).encode()
    t = int(NOW.timestamp())
    both = f"t={t},v1={v1(payload, secret='whsec_old')},v1={v1(payload)},v0=abc"
    assert verify(payload, both).object_id == "cs_test_a1"


PAYLOAD = json.dumps(event()).encode()
T = int(NOW.timestamp())
FORGED = {
    "nothing": "", "no signature": f"t={T}", "another secret": header(PAYLOAD, secret="whsec_no"),
    "the old scheme alone": f"t={T},v0={v1(PAYLOAD)}", "no moment": f"v1={v1(PAYLOAD)}",
    "two moments": f"t={T},t={T + 1},v1={v1(PAYLOAD)}",
    "a moment that was not signed": f"t={T + 1},v1={v1(PAYLOAD)}",
    "words for a moment": f"t=now,v1={v1(PAYLOAD)}",
    "a moment beyond time": f"t={'9' * 30},v1={v1(PAYLOAD)}",
    "a minus": f"t=-{T},v1={v1(PAYLOAD)}", "other digits": f"t=１７９５,v1={v1(PAYLOAD)}",
    "not ascii": f"t={T},v1=é", "an endless header": f"t={T}," + "v1=0," * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_stripe_did_not_sign_is_refused(name):
    with pytest.raises(WebhookInvalid):
        verify(PAYLOAD, FORGED[name])


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"object": "event"}',
     json.dumps(event(data=None)).encode(), json.dumps(event(object="v2.core.event")).encode(),
     json.dumps(event(created=10**30)).encode(), json.dumps(event(data={"object": []})).encode()],
)  # fmt: skip
def test_signed_nonsense_is_refused_too(payload):
    with pytest.raises(WebhookInvalid):
        verify(payload, header(payload))


def test_another_version_is_refused():
    payload = json.dumps(event(api_version="2024-06-20")).encode()
    with pytest.raises(WebhookInvalid, match="2024-06-20"):
        verify(payload, header(payload))


def test_without_a_secret_nothing_is_believed():
    with pytest.raises(WebhookInvalid, match="no secret"):
        verify(PAYLOAD, header(PAYLOAD, secret=""), secret="")


def test_what_the_stand_in_sends_is_signed_as_stripe_signs(stripe_control):
    with receiving() as receiver:
        stripe_control.stand_in.deliver_to(receiver.url, SECRET)
        account = stripe_control.add_account()
        receiver.wait(1)
    (sent,) = receiver.requests
    found = verify(sent.body, sent.headers["stripe-signature"], now=datetime.now(UTC))
    assert (found.type, found.account, found.object_id) == ("account.updated", account, account)
