"""Small corrections at once, large ones by two people, and no more a day than a person may.

The tea shop: approval above 1,000 points, 3,000 points a person and day, requests live 7 days. The
numbers are those of docs/concepts/audit.md.
"""

from datetime import timedelta

import pytest

from points.adjustments import queries
from points.adjustments.actions import reject_adjustment
from points.adjustments.errors import (
    AdjustmentNotFound,
    AlreadyDecided,
    DailyLimitReached,
    SamePerson,
)
from points.adjustments.models import Adjustment, StaffDay
from points.flows.books_checked import check_books
from points.flows.points_adjusted import adjust_points, approve_adjustment
from points.ledger.errors import FundingSourceNotFound, InsufficientPoints
from points.ledger.models import Lot, Transaction
from points.ledger.queries import get_balance
from points.ledger.reconciliation import find_inconsistencies
from points.program.actions import change_program
from points.program.queries import get_program

CLERK, BOSS, KEY = "staff:clerk", "staff:boss", "key:jf_0123456"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(shop, noon):
    limits = {"approval_above_points": 1_000, "staff_daily_points": 3_000}
    change_program(changes={"adjustments": limits}, at=noon)


@pytest.fixture
def ask(mei, noon):
    """`ask(1_500)`: the clerk asks for so many points for Mei at noon."""

    def make(points, *, actor=CLERK, at=noon, reason="Sorry", **more):
        return adjust_points(
            member_id=mei.pk, points=points, reason=reason, at=at, actor=actor, **more
        )

    return make


def approve(row, at, actor=BOSS, note=""):
    return approve_adjustment(
        adjustment_id=row.pk, at=at, actor=actor, actor_name="Boss", note=note
    )


def reject(row, at, actor=BOSS, note="No"):
    return reject_adjustment(adjustment_id=row.pk, at=at, actor=actor, actor_name="Boss", note=note)


def available(mei, at):
    return get_balance(member=mei.pk, at=at).available


def used(actor, at):
    day = get_program().calendar.day_of(at)
    return queries.points_of_day(actors=[actor], day=day).get(actor, 0)


def test_up_to_the_limit_it_is_done_at_once_above_it_it_waits(mei, noon, ask):
    assert ask(1_000).status == "executed"
    waits = ask(1_001)
    assert (waits.status, waits.transaction_id) == ("waiting", None)
    assert waits.expires_at == noon + 7 * DAY
    assert available(mei, noon) == 1_000
    # Taking is judged like giving.
    assert ask(-1_000, actor=KEY).status == "executed"
    assert ask(-1_001, actor=KEY).status == "waiting"
    assert available(mei, noon) == 0


def test_without_limits_nothing_waits(mei, noon, ask):
    limits = {"approval_above_points": None, "staff_daily_points": None}
    change_program(changes={"adjustments": limits}, at=noon)
    assert ask(1_000_000).status == "executed"
    change_program(changes={"adjustments": {"approval_above_points": 0}}, at=noon)
    assert ask(1).status == "waiting"


def test_a_second_person_approves_and_it_is_executed_then(mei, noon, ask):
    change_program(changes={"expiry": {"policy": "rolling", "days": 10}}, at=noon)
    row = ask(1_500, actor_name="Clerk")
    later = noon + 2 * DAY

    done = approve(row, later, note="Seen the receipt")

    assert (done.status, done.decided_by, done.decided_at) == ("executed", BOSS, later)
    assert done.decision_note == "Seen the receipt"
    assert available(mei, later) == 1_500
    made = Transaction.objects.get(pk=done.transaction_id)
    assert (made.actor, made.occurred_at, made.source_id) == (CLERK, later, row.pk)
    # The lot lives ten days from the approval, not from the request.
    assert Lot.objects.get().expires_at == get_program().calendar.end_of(
        get_program().calendar.day_of(later + 10 * DAY)
    )
    assert find_inconsistencies() == []


def test_nobody_approves_or_rejects_what_they_asked_for(mei, noon, ask):
    row = ask(1_500)
    for decide in (approve, reject):
        with pytest.raises(SamePerson):
            decide(row, noon, actor=CLERK)
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("waiting", "")
    assert available(mei, noon) == 0
    # What a key asked for is decided by any one person who may.
    assert approve(ask(1_500, actor=KEY), noon).status == "executed"


def test_what_is_decided_stays_decided(mei, noon, ask):
    row = ask(1_500)
    approve(row, noon)
    for decide in (approve, reject):
        with pytest.raises(AlreadyDecided) as refused:
            decide(row, noon, actor="staff:third")
        assert refused.value.facts == {"status": "executed"}
    other = ask(1_500, actor=KEY)
    reject(other, noon)
    with pytest.raises(AlreadyDecided) as refused:
        approve(other, noon)
    assert refused.value.facts == {"status": "rejected"}
    assert available(mei, noon) == 1_500


def test_a_request_nobody_decided_runs_out_after_seven_days(mei, noon, ask):
    row = ask(1_500)
    last = noon + 7 * DAY
    assert row.status_at(last - timedelta(microseconds=1)) == "waiting"
    with pytest.raises(AlreadyDecided) as refused:
        approve(row, last)
    assert refused.value.facts == {"status": "expired"}
    for status, rows in (("waiting", 0), ("expired", 1), ("rejected", 0), (None, 1)):
        assert len(queries.list_adjustments(limit=9, at=last, status=status)) == rows, status
    assert len(queries.list_adjustments(limit=9, at=noon, status="waiting")) == 1
    assert approve(row, last - timedelta(seconds=1)).status == "executed"


def test_too_few_points_at_the_approval_leave_it_waiting(mei, noon, ask):
    ask(900)
    row = ask(-1_200)
    with pytest.raises(InsufficientPoints) as refused:
        approve(row, noon)
    assert refused.value.facts == {"needed": 1_200, "available": 900}
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("waiting", "")
    ask(300, actor=KEY)
    assert approve(row, noon + HOUR).status == "executed"
    assert available(mei, noon) == 0


def test_a_person_moves_no_more_a_day_than_allowed(mei, noon, ask):
    ask(1_000)
    ask(-500)
    ask(1_400)  # waits, and counts
    assert used(CLERK, noon) == 2_900
    with pytest.raises(DailyLimitReached) as refused:
        ask(101)
    assert refused.value.facts == {"limit": 3_000, "used": 2_900, "left": 100}
    assert Transaction.objects.count() == 2 and Adjustment.objects.count() == 3
    assert ask(100).status == "executed"
    assert used(CLERK, noon) == 3_000
    # Others have a day of their own, keys have none, and tomorrow is another day.
    assert ask(100, actor=BOSS).status == "executed"
    assert ask(1_000, actor=KEY).status == "executed" and used(KEY, noon) == 0
    assert ask(1_000, at=noon + 11 * HOUR + timedelta(minutes=59), actor="staff:x")
    midnight = noon + 12 * HOUR  # in Shanghai
    assert ask(1_000, at=midnight).status == "executed"
    assert (used(CLERK, noon), used(CLERK, midnight)) == (3_000, 1_000)


def test_a_rejection_gives_the_day_back_and_an_approval_costs_the_approver_nothing(mei, noon, ask):
    first, second = ask(1_500), ask(-1_500)
    assert used(CLERK, noon) == 3_000
    reject(first, noon + 2 * DAY, note="Too much")
    assert used(CLERK, noon) == 1_500  # of the day it was asked for
    assert StaffDay.objects.count() == 1
    with pytest.raises(InsufficientPoints):
        approve(second, noon)
    assert used(BOSS, noon) == 0


def test_limits_count_what_was_moved_before_they_were_set(mei, noon, ask):
    change_program(changes={"adjustments": {"staff_daily_points": None}}, at=noon)
    for _ in range(4):
        ask(900)
    change_program(changes={"adjustments": {"staff_daily_points": 3_000}}, at=noon)
    with pytest.raises(DailyLimitReached) as refused:
        ask(1)
    assert refused.value.facts == {"limit": 3_000, "used": 3_600, "left": 0}


def test_a_refused_correction_is_nowhere(mei, noon, ask):
    with pytest.raises(InsufficientPoints):
        ask(-10)
    with pytest.raises(FundingSourceNotFound):
        ask(1_500, funding_source="nobody")
    assert Adjustment.objects.count() == StaffDay.objects.count() == 0
    with pytest.raises(AdjustmentNotFound):
        approve_adjustment(adjustment_id=mei.pk, at=noon, actor=BOSS)


def test_an_adjustment_at_once_takes_few_queries(mei, noon, ask, django_assert_max_num_queries):
    """Programme, day, payer, posting, row; savepoints of the test around them."""
    ask(10)
    with django_assert_max_num_queries(9):
        ask(10)


def test_the_books_know_adjustments(mei, noon, ask):
    ask(300)
    ask(-100)
    reject(ask(1_500), noon)
    assert check_books() == []
    StaffDay.objects.update(points=401)
    Adjustment.objects.filter(points=300).update(points=299)
    assert sorted(finding.check for finding in check_books()) == [
        "a person's day counts what the person asked for",
        "an executed adjustment moved its points once",
    ]
