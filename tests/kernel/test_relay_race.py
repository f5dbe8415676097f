"""Several relays at once hand each event to one of them."""

from datetime import UTC, datetime

from kernel import outbox
from kernel.models import OutboxEvent
from tests.support.races import together

heard: list[str] = []


def listen(event):
    """Handler of this test."""
    heard.append(event.subject)


def test_relays_at_the_same_moment_deliver_each_event_once(fresh_shop, settings):
    settings.OUTBOX_HANDLERS = {"tea.": "tests.kernel.test_relay_race.listen"}
    heard.clear()
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for i in range(60):
        outbox.tell(topic="tea.brewed", subject=f"{i}", payload={}, at=at)

    delivered = together(8, lambda _: outbox.relay(at=at), merchant=fresh_shop)

    assert sum(delivered) == 60
    assert sorted(heard, key=int) == [f"{i}" for i in range(60)]
    assert not OutboxEvent.objects.filter(delivered_at__isnull=True).exists()
