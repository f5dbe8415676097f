"""Members are told before points end: on time, once, and what is true at that moment."""

from datetime import timedelta

import pytest

from kernel.models import OutboxEvent
from points.ledger import actions, expiring
from points.ledger.models import ExpiryNotice, WalletWalk
from points.ledger.reconciliation import find_inconsistencies
from tests.ledger.test_actions import give
from tests.ledger.test_expiring import DAY, SHANGHAI, extend, spend


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def tell(at, days=(30, 7), calendar=SHANGHAI):
    while expiring.tell_expiring(calendar=calendar, notice_days=days, at=at):
        pass
    events = OutboxEvent.objects.filter(topic="points.expiring").order_by("id")
    return [(e.payload["points"], e.payload["days"], e.payload["expires_date"]) for e in events]


def test_members_are_told_30_and_7_days_before_and_once_each(mei, noon):
    give(mei, 110, "a", noon, expires_at=SHANGHAI.end_of((noon + 60 * DAY).date()))
    assert tell(noon + 29 * DAY) == []
    on_time = [(110, 30, "2026-04-30")]
    assert tell(noon + 30 * DAY) == on_time
    for hours in (1, 12, 36, 22 * 24):
        assert tell(noon + 30 * DAY + timedelta(hours=hours)) == on_time
    assert tell(noon + 53 * DAY) == [*on_time, (110, 7, "2026-04-30")]
    event = OutboxEvent.objects.filter(topic="points.expiring").first()
    assert event.subject == str(mei.pk)
    assert event.payload["expires_at"] == "2026-04-30T16:00:00+00:00"
    assert tell(noon + 60 * DAY) == [*on_time, (110, 7, "2026-04-30")]


def test_lots_of_one_local_day_are_one_notice_with_what_is_left(mei, noon):
    day = (noon + 60 * DAY).date()
    give(mei, 100, "a", noon, expires_at=SHANGHAI.start_of(day) + timedelta(hours=1))
    give(mei, 50, "b", noon, expires_at=SHANGHAI.end_of(day))
    give(mei, 9, "next day", noon, expires_at=SHANGHAI.end_of(day) + timedelta(hours=1))
    spend(mei, 30, "s", noon)
    assert tell(noon + 31 * DAY) == [(120, 29, "2026-04-30"), (9, 30, "2026-05-01")]
    spend(mei, 30, "s2", noon + 40 * DAY)
    assert tell(noon + 53 * DAY)[2:] == [(90, 7, "2026-04-30")]


def test_points_that_were_spent_meanwhile_are_not_spoken_of(mei, noon):
    give(mei, 100, "a", noon, expires_at=noon + 60 * DAY)
    spend(mei, 100, "s", noon + 29 * DAY)
    assert tell(noon + 31 * DAY) == []


def test_a_sweep_that_comes_late_tells_once_what_is_true_then(mei, noon):
    give(mei, 100, "a", noon, expires_at=SHANGHAI.end_of((noon + 60 * DAY).date()))
    assert tell(noon + 56 * DAY) == [(100, 4, "2026-04-30")]
    assert tell(noon + 57 * DAY) == [(100, 4, "2026-04-30")]
    assert ExpiryNotice.objects.count() == 2


def test_points_that_live_shorter_than_a_window_are_not_told_of_when_they_are_earned(mei, noon):
    give(mei, 100, "a", noon, expires_at=SHANGHAI.end_of((noon + 30 * DAY).date()))
    assert tell(noon) == []
    assert tell(noon + DAY) == []
    assert tell(noon + 23 * DAY) == [(100, 7, "2026-03-31")]


def test_a_new_date_is_a_new_notice(mei, noon):
    give(mei, 100, "a", noon, expires_at=SHANGHAI.end_of((noon + 60 * DAY).date()))
    tell(noon + 53 * DAY)
    extend(SHANGHAI.end_of((noon + 90 * DAY).date()), noon + 54 * DAY)
    assert tell(noon + 83 * DAY)[-1] == (100, 7, "2026-05-30")


def test_pending_points_are_told_of_and_held_ones_are_not(mei, noon):
    end = SHANGHAI.end_of((noon + 60 * DAY).date())
    give(mei, 10, "pending", noon, expires_at=end, matures_at=noon + 58 * DAY)
    give(mei, 20, "held", noon, expires_at=end)
    actions.hold_points(
        member=mei.pk, points=20, reference="r", expires_in=90 * DAY, at=noon, actor="t"
    )
    assert tell(noon + 53 * DAY) == [(10, 7, "2026-04-30")]


def test_notices_go_on_where_they_stopped(mei, noon):
    from points.flows.member_joined import join_member

    crowd = [join_member(external_id=f"x{i}", at=noon) for i in range(5)]
    for i, member in enumerate(crowd):
        give(member, 10, f"k{i}", noon, expires_at=noon + 60 * DAY)
    rules = {"calendar": SHANGHAI, "notice_days": [7], "at": noon + 54 * DAY}
    assert expiring.tell_expiring(**rules, limit=2) == 2
    assert WalletWalk.objects.get().wallets == 2
    assert OutboxEvent.objects.filter(topic="points.expiring").count() == 2
    assert len(tell(noon + 54 * DAY, days=[7])) == 5


def test_old_notices_are_forgotten(mei, noon):
    give(mei, 10, "a", noon, expires_at=noon + 60 * DAY)
    tell(noon + 54 * DAY)
    assert expiring.forget_old_notices(at=noon + 100 * DAY) == 0
    assert expiring.forget_old_notices(at=noon + 130 * DAY) == 2
    assert not WalletWalk.objects.exists()


def test_a_shop_that_wants_no_notices_sends_none(mei, noon):
    give(mei, 10, "a", noon, expires_at=noon + 60 * DAY)
    assert tell(noon + 54 * DAY, days=[]) == []
