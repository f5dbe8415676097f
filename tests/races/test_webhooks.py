"""Relays and senders at the same moment: each event goes to an endpoint once, and in order."""

import json
from datetime import timedelta

import pytest

from kernel import outbox
from points.flows.webhooks_delivered import deliver_webhooks
from points.ledger import actions as ledger
from points.webhooks import actions
from points.webhooks.calculations import ENDPOINTS_AT_MOST, WIDTH
from points.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.races.conftest import AT, kinds
from tests.webhooks.receiver import Reply, receiving


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def subscribe(receiver):
    return actions.add_endpoint(url=receiver.url, topics=["*"], at=AT)[0]


def test_one_event_relayed_by_8_relays_at_once_is_one_delivery(race, members, receiver):
    subscribe(receiver)
    members(1, points=100)
    race(lambda i: outbox.relay(at=AT), 8)
    assert WebhookDelivery.objects.count() == 1


def test_relays_that_race_with_the_ledger_lose_nothing_and_double_nothing(race, members, receiver):
    """56 spend while 8 relay, over and over; what a member did last comes last."""
    subscribe(receiver)
    everybody = members(8, points=100)
    outbox.relay(at=AT)
    WebhookDelivery.objects.all().delete()

    def job(i):
        if i % 8 == 0:
            return [outbox.relay(at=AT) for _ in range(12)]
        member = everybody[i % 8].pk
        for n in range(3):
            ledger.spend(member=member, points=1, key=f"{i}-{n}", at=AT, actor="t")
        return None

    results = race(job, 64)
    outbox.relay(at=AT)

    assert kinds(results) == {"NoneType": 56, "list": 8}
    assert WebhookDelivery.objects.count() == 168
    for member in everybody[1:]:
        mine = WebhookDelivery.objects.filter(subject=str(member.pk)).order_by("sequence")
        numbers = [int(row.data["transaction_id"]) for row in mine]
        assert numbers == sorted(numbers) and len(numbers) == 24


def test_64_senders_claim_each_delivery_once_and_no_more_than_an_endpoint_bears(
    race, members, receiver
):
    subscribe(receiver)
    members(30, points=5)
    outbox.relay(at=AT)
    results = race(lambda i: [one.id for one in actions.claim_deliveries(at=AT, most=32)], 64)
    claimed = [one for result in results for one in result]
    assert len(claimed) == len(set(claimed)) == WIDTH


def test_senders_at_once_send_each_event_once_and_in_order(race, members, receiver):
    """Each of 6 senders works until nothing is left; a member's events keep their order."""
    subscribe(receiver)
    everybody = members(5, points=100)
    for n in range(4):
        for member in everybody:
            ledger.spend(member=member.pk, points=1, key=f"{n}-{member.pk}", at=AT, actor="t")
    outbox.relay(at=AT)
    receiver.answer(delay=0.01)

    made = race(lambda i: deliver_webhooks(tell_time=lambda: AT, seconds=30), 6)
    deliver_webhooks(tell_time=lambda: AT, seconds=30)

    assert sum(made) <= 25
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(ids) == len(set(ids)) == 25
    assert max(request.at_once for request in receiver.requests) <= WIDTH
    for member in everybody:
        bodies = [json.loads(r.body)["data"] for r in receiver.requests]
        mine = [int(b["transaction_id"]) for b in bodies if b["member_id"] == str(member.pk)]
        assert mine == sorted(mine) and len(mine) == 5
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_a_sender_that_dies_loses_nothing(race, members, receiver):
    """What it had claimed is handed out again after a minute, and then goes on in order."""
    subscribe(receiver)
    members(6, points=5)
    outbox.relay(at=AT)
    dead = actions.claim_deliveries(at=AT, most=32)
    assert len(dead) == WIDTH
    alive = timedelta(seconds=59)
    assert deliver_webhooks(tell_time=lambda: AT + alive, seconds=30) == 0
    assert deliver_webhooks(tell_time=lambda: AT + timedelta(seconds=60), seconds=30) == 6
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 6


def test_a_slow_endpoint_does_not_hold_up_another(race, members):
    with receiving() as slow, receiving() as quick:
        subscribe(slow)
        subscribe(quick)
        slow.answer(delay=0.5)
        members(20, points=5)
        outbox.relay(at=AT)
        arrived = []
        quick.replies = lambda request: arrived.append(len(slow.requests)) or Reply()
        assert deliver_webhooks(tell_time=lambda: AT, seconds=30) == 40
        assert len(arrived) == 20
        assert arrived[-1] <= 2 * WIDTH
        assert max(request.at_once for request in slow.requests) <= WIDTH


def test_a_failing_endpoint_is_knocked_at_one_at_a_time(race, members, receiver):
    made = subscribe(receiver)
    WebhookEndpoint.objects.filter(pk=made.pk).update(failing_since=AT)
    members(6, points=5)
    outbox.relay(at=AT)
    assert len(actions.claim_deliveries(at=AT, most=32)) == 1
    assert actions.claim_deliveries(at=AT, most=32) == []


def test_64_at_once_cannot_add_more_than_twenty_endpoints(race, receiver):
    results = race(lambda i: subscribe(receiver), 64)
    expected = {"TooManyEndpoints": 64 - ENDPOINTS_AT_MOST, "WebhookEndpoint": ENDPOINTS_AT_MOST}
    assert kinds(results) == expected
    assert WebhookEndpoint.objects.count() == ENDPOINTS_AT_MOST


def test_64_replays_of_one_delivery_while_it_is_sent_end_in_one_row(race, members, receiver):
    subscribe(receiver)
    members(1, points=5)
    outbox.relay(at=AT)
    deliver_webhooks(tell_time=lambda: AT, seconds=30)
    (row,) = WebhookDelivery.objects.all()

    def job(i):
        if i % 4:
            return actions.replay_delivery(delivery_id=row.pk, at=AT)
        return deliver_webhooks(tell_time=lambda: AT, seconds=30)

    results = race(job, 64)
    deliver_webhooks(tell_time=lambda: AT, seconds=30)

    assert set(kinds(results)) <= {"WebhookDelivery", "InFlight", "int"}
    row.refresh_from_db()
    assert row.status == "delivered" and row.leased_until is None
    assert len(row.tries) == len(receiver.requests) >= 2


def test_two_rotations_at_once_leave_two_secrets_that_work(race, receiver):
    made = subscribe(receiver)
    results = race(lambda i: actions.rotate_secret(endpoint_id=made.pk, at=AT)[1], 8)
    assert len(set(results)) == 8
    made.refresh_from_db()
    from kernel.sealing import unseal

    kept = {
        unseal(sealed, purpose=actions.PURPOSE)
        for sealed in (made.sealed_secret, made.sealed_previous)
    }
    assert len(kept & set(results)) == 2
