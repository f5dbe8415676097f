"""A correction is approved once, and a person's day is not overdrawn, however many press at once."""

import pytest

from points.adjustments.actions import reject_adjustment
from points.adjustments.models import Adjustment, StaffDay
from points.flows.points_adjusted import adjust_points, approve_adjustment
from points.ledger.models import Transaction
from points.program.actions import change_program
from tests.races.conftest import AT, balance, kinds


def limits(**fields):
    change_program(changes={"adjustments": fields}, at=AT)


def asked(mei, points, actor="staff:clerk"):
    return adjust_points(member_id=mei.pk, points=points, reason="r", at=AT, actor=actor)


def test_one_of_64_approvals_executes(race, members):
    (mei,) = members(1)
    limits(approval_above_points=0)
    row = asked(mei, 500)

    results = race(
        lambda i: approve_adjustment(adjustment_id=row.pk, at=AT, actor=f"staff:boss-{i}"), 64
    )

    assert kinds(results) == {"Adjustment": 1, "AlreadyDecided": 63}
    assert balance(mei) == (500, 0, 0, 0)
    assert Transaction.objects.filter(kind="adjust").count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_it_is_approved_or_rejected_never_both(race, members, round_):
    (mei,) = members(1)
    limits(approval_above_points=0, staff_daily_points=1_000)
    row = asked(mei, 500)

    def job(i):
        if i % 2:
            return approve_adjustment(adjustment_id=row.pk, at=AT, actor="staff:a")
        return reject_adjustment(
            adjustment_id=row.pk, at=AT, actor="staff:b", actor_name="", note=""
        )

    results = race(job, 64)

    assert kinds(results) == {"Adjustment": 1, "AlreadyDecided": 63}
    status = Adjustment.objects.get().status
    assert balance(mei)[0] == (500 if status == "executed" else 0)
    assert StaffDay.objects.get().points == (500 if status == "executed" else 0)


def test_a_day_of_1000_points_lets_ten_of_64_hundreds_through(race, members):
    crowd = members(64)
    limits(staff_daily_points=1_000)
    results = race(lambda i: asked(crowd[i], 100), 64)
    assert kinds(results) == {"Adjustment": 10, "DailyLimitReached": 54}
    assert sum(balance(member)[0] for member in crowd) == 1_000
    assert StaffDay.objects.get().points == 1_000


def test_waiting_and_executed_ones_share_the_day(race, members):
    """Of 32 × 90 at once and 32 × 110 that wait, what fits into 1,000 goes through, not more."""
    crowd = members(64)
    limits(staff_daily_points=1_000, approval_above_points=100)
    race(lambda i: asked(crowd[i], 110 if i % 2 else 90), 64)
    entered = sum(row.points for row in Adjustment.objects.all())
    assert StaffDay.objects.get().points == entered
    assert 1_000 - 90 < entered <= 1_000


def test_two_approvals_share_what_a_member_has(race, members):
    """Two requests of 80 on 100 points: one is executed, the other waits on."""
    (mei,) = members(1, points=100)
    limits(approval_above_points=0)
    rows = [asked(mei, -80), asked(mei, -80)]
    results = race(
        lambda i: approve_adjustment(adjustment_id=rows[i % 2].pk, at=AT, actor="staff:boss"), 64
    )
    assert kinds(results) == {"Adjustment": 1, "AlreadyDecided": 31, "InsufficientPoints": 32}
    assert balance(mei) == (20, 0, 0, 0)
    assert sorted(row.status for row in Adjustment.objects.all()) == ["executed", "waiting"]
