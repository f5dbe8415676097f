"""The outbox: told in the transaction, delivered after it, at least once, in order, never lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from kernel import outbox
from kernel.models import OutboxEvent

heard: list[str] = []
broken: set[str] = set()


def listen(event):
    """Handler of these tests: keeps the subject, or fails when told to."""
    if event.subject in broken:
        raise ConnectionError("the other side is away")
    heard.append(event.subject)


@pytest.fixture(autouse=True)
def listening(shop, settings):
    settings.OUTBOX_HANDLERS = {"tea.": "tests.kernel.test_outbox.listen"}
    OutboxEvent.objects.all().delete()
    heard.clear()
    broken.clear()


def tell(subject, at, topic="tea.brewed"):
    return outbox.tell(topic=topic, subject=subject, payload={"n": 1}, at=at)


def test_events_are_delivered_once_and_in_order(noon):
    for name in ("a", "b", "c"):
        tell(name, noon)
    assert outbox.relay(at=noon) == 3
    assert outbox.relay(at=noon) == 0
    assert heard == ["a", "b", "c"]
    assert set(OutboxEvent.objects.values_list("delivered_at", flat=True)) == {noon}


def test_what_is_rolled_back_was_never_told(noon):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell("a", noon)
        raise ZeroDivisionError
    assert outbox.relay(at=noon) == 0
    assert heard == []


def test_events_nobody_listens_to_are_settled_at_once(noon):
    tell("a", noon, topic="coffee.brewed")
    assert outbox.relay(at=noon) == 1
    assert heard == []
    assert OutboxEvent.objects.get().delivered_at == noon


def test_a_topic_s_prefix_is_no_pattern(noon, settings):
    """`_` and `%` in a topic stand for themselves."""
    settings.OUTBOX_HANDLERS = {"tea_": "tests.kernel.test_outbox.listen"}
    tell("a", noon, topic="tea_time")
    tell("b", noon, topic="teaXtime")
    assert outbox.relay(at=noon) == 2
    assert heard == ["a"]
    assert OutboxEvent.objects.filter(delivered_at=noon).count() == 2


def test_one_that_fails_is_tried_again_later_each_time_and_keeps_no_other_back(noon):
    broken.add("a")
    tell("a", noon)
    tell("b", noon)
    assert outbox.relay(at=noon) == 1
    assert heard == ["b"]
    waiting = OutboxEvent.objects.get(subject="a")
    assert (waiting.attempts, waiting.next_attempt_at) == (1, noon + timedelta(seconds=60))

    assert outbox.relay(at=noon + timedelta(seconds=59)) == 0
    waiting.refresh_from_db()
    assert waiting.attempts == 1

    broken.clear()
    assert outbox.relay(at=noon + timedelta(seconds=60)) == 1
    assert heard == ["b", "a"]


def test_after_five_tries_an_event_is_parked_and_still_there(noon):
    broken.add("a")
    tell("a", noon)
    at, waits = noon, []
    for _ in range(outbox.TRIES):
        assert outbox.relay(at=at) == 0
        event = OutboxEvent.objects.get()
        waits.append((event.next_attempt_at - at).total_seconds())
        at = event.next_attempt_at
    assert waits == [60, 120, 240, 480, 960]
    assert (event.attempts, event.parked_at is not None, event.delivered_at) == (5, True, None)

    broken.clear()
    assert outbox.relay(at=at + timedelta(days=1)) == 0
    assert heard == []


def test_an_event_whose_relay_died_is_handed_out_again_after_a_minute(noon):
    tell("a", noon)
    outbox._lease(noon)  # a relay took it, and died
    assert outbox.relay(at=noon + timedelta(seconds=59)) == 0
    assert outbox.relay(at=noon + timedelta(seconds=61)) == 1
    assert heard == ["a"]


def test_more_than_a_batch_is_delivered_in_one_go(noon, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 3)
    for i in range(10):
        tell(f"{i}", noon)
    assert outbox.relay(at=noon) == 10
    assert heard == [f"{i}" for i in range(10)]


def test_delivered_events_are_kept_for_a_week(noon):
    tell("a", noon)
    outbox.relay(at=noon)
    outbox.relay(at=noon + timedelta(days=6))
    assert OutboxEvent.objects.count() == 1
    outbox.relay(at=noon + timedelta(days=8))
    assert OutboxEvent.objects.count() == 0


def test_an_event_has_an_id_of_its_own_for_ever(noon):
    event = tell("a", noon)
    outbox.relay(at=noon)
    event.refresh_from_db()
    assert event.event_id.version == 7


def test_the_ledger_tells_in_the_transaction_that_makes_it_true(mei, noon):
    from points.ledger import actions
    from tests.ledger.test_actions import give

    posted = give(mei, 110, "k1", noon)
    actions.spend(member=mei.pk, points=10, key="s", at=noon, actor="test")
    told = list(OutboxEvent.objects.order_by("id").values_list("topic", "subject", "occurred_at"))
    assert told == [("points.earned", str(mei.pk), noon), ("points.spent", str(mei.pk), noon)]
    assert OutboxEvent.objects.first().payload["transaction_id"] == str(posted.transaction_id)
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct event_id) from audit_outbox")
        assert cursor.fetchone() == (2, 2)
