"""Check-in (rules.md §7): local days, streaks, milestones, make-ups; the tea shop is in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest

from points.checkin.actions import check_in, make_up
from points.checkin.errors import AlreadyCheckedIn, DayNotOpen, NoCardLeft
from points.checkin.models import CheckIn
from points.checkin.queries import get_overview
from points.flows.points_adjusted import adjust_points
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Transaction
from points.ledger.queries import get_balance
from points.ledger.reconciliation import find_inconsistencies
from points.members.actions import create_member
from points.program.actions import change_program

FIRST = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, noon in Shanghai
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


@pytest.fixture
def ann(shop):
    """A member since long before the first day."""
    return create_member(external_id="ann", at=FIRST - 100 * DAY)


@pytest.fixture
def rule(shop):
    """`rule(…)` changes the check-in settings; days give 1 to 7, a make-up costs nothing."""

    def change(**settings):
        defaults = {"base_points": [1, 2, 3, 4, 5, 6, 7], "make_up_points": 0}
        change_program(changes={"checkin": {**defaults, **settings}}, at=FIRST)

    change()
    return change


def days(member, *numbers):
    """Check in on these days (0 is the first); what each gave."""
    return [check_in(member_id=member.pk, at=FIRST + n * DAY, actor="t").points for n in numbers]


def fill(member, number, *, today):
    day = (FIRST + number * DAY).date()
    return make_up(member_id=member.pk, day=day, at=FIRST + today * DAY, actor="t")


def streaks(member):
    rows = CheckIn.objects.filter(member_id=member.pk).order_by("local_date")
    return [row.streak for row in rows]


def available(member, at=FIRST):
    return get_balance(member=member.pk, at=at).available


def look(member, number, month=None):
    return get_overview(member=member, month=month, at=FIRST + number * DAY)


def test_a_streak_gives_more_each_day_and_the_table_starts_over(ann, rule):
    assert days(ann, *range(8)) == [1, 2, 3, 4, 5, 6, 7, 1]
    assert available(ann) == 29
    assert streaks(ann) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_missed_day_begins_anew(ann, rule):
    assert days(ann, 0, 1, 2, 4, 5) == [1, 2, 3, 1, 2]


def test_once_a_day_and_a_refusal_moves_nothing(ann, rule):
    days(ann, 0)
    with pytest.raises(AlreadyCheckedIn) as refused:
        check_in(member_id=ann.pk, at=FIRST + timedelta(hours=11, minutes=59), actor="t")
    assert refused.value.facts == {"date": "2026-03-02"}
    assert (available(ann), Transaction.objects.count(), CheckIn.objects.count()) == (1, 1, 1)


def test_one_minute_to_and_one_past_midnight_are_two_days(ann, rule):
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    for at in (midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)):
        check_in(member_id=ann.pk, at=at, actor="t")
    assert streaks(ann) == [1, 2]


def test_days_begin_at_the_shops_hour(ann, rule):
    change_program(changes={"day_start_hour": 2}, at=FIRST)
    night = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # 01:30 of the third, still the second
    assert check_in(member_id=ann.pk, at=night, actor="t").local_date == date(2026, 3, 2)


def test_milestones_come_on_top_and_once_a_run(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 3, "points": 50}])
    assert days(ann, 0, 1, 2, 3) == [1, 2, 53, 4]
    assert days(ann, 5, 6, 7) == [1, 2, 53]  # a new run reaches it again


def test_days_in_all_count_across_gaps_and_once(ann, rule):
    rule(milestones=[{"kind": "cumulative", "days": 3, "points": 20}])
    assert days(ann, 0, 2, 4, 6, 8, 10) == [1, 1, 21, 1, 1, 1]


def test_a_milestone_may_take_the_days_place(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 2, "points": 50}], milestones_replace_base=True)
    assert days(ann, 0, 1, 2) == [1, 50, 3]


def test_a_milestone_set_later_is_given_at_the_next_check_in(ann, rule):
    days(ann, 0, 1, 2)
    rule(milestones=[{"kind": "continuous", "days": 2, "points": 50}])
    assert days(ann, 3, 4) == [54, 5]


def test_each_part_is_a_lot_with_its_own_key(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 1, "points": 50}])
    days(ann, 0)
    keys = set(Transaction.objects.values_list("source_key", flat=True))
    name = f"checkin:{ann.pk}:2026-03-02"
    assert keys == {name, f"{name}:continuous:1"}


def test_weeks_begin_anew_on_monday(ann, rule):
    rule(cycle="week", milestones=[{"kind": "cumulative", "days": 2, "points": 10}])
    assert days(ann, 5, 6, 7, 8) == [1, 12, 1, 12]


def test_months_begin_anew_on_the_first(ann, rule):
    rule(cycle="month")
    assert days(ann, 28, 29, 30) == [1, 2, 1]  # 30 and 31 March, 1 April


def test_a_day_made_up_for_joins_the_days_around_it(ann, rule):
    days(ann, 0, 1, 3, 4)
    made = fill(ann, 2, today=4)
    assert (made.points, made.streak, made.is_made_up) == (0, 3, True)
    assert streaks(ann) == [1, 2, 3, 4, 5]
    assert days(ann, 5) == [6]


def test_a_longer_run_may_reach_a_milestone(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 5, "points": 50}])
    days(ann, 0, 1, 3, 4)
    assert fill(ann, 2, today=4).points == 50
    assert days(ann, 5) == [6]  # reached in this run already


def test_joining_two_runs_gives_no_milestone_twice(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 2, "points": 50}])
    assert days(ann, 0, 1, 3, 4) == [1, 52, 1, 52]
    assert fill(ann, 2, today=4).points == 0
    assert days(ann, 5) == [6]


def test_a_make_up_costs_points_and_too_few_move_nothing(ann, rule, noon):
    rule(make_up_points=50)
    days(ann, 0, 2)
    with pytest.raises(InsufficientPoints):
        fill(ann, 1, today=2)
    assert (streaks(ann), available(ann)) == ([1, 1], 2)
    adjust_points(member_id=ann.pk, points=60, reason="r", at=FIRST, actor="t")
    fill(ann, 1, today=2)
    assert (streaks(ann), available(ann, FIRST + 2 * DAY)) == ([1, 2, 3], 12)


def test_three_make_ups_a_month(ann, rule):
    for number in (1, 3, 5):
        fill(ann, number, today=10)
    with pytest.raises(NoCardLeft):
        fill(ann, 7, today=10)
    assert fill(ann, 7, today=31).streak == 1  # 2 April: a new month


@pytest.mark.parametrize("number", [-22, 10, 11])
def test_only_a_missed_day_of_the_last_month_is_open(ann, rule, number):
    with pytest.raises(DayNotOpen):
        fill(ann, number, today=10)
    assert CheckIn.objects.count() == 0


def test_no_day_before_joining_and_none_of_an_ended_cycle(rule, shop):
    bob = create_member(external_id="bob", at=FIRST + 5 * DAY)
    with pytest.raises(DayNotOpen):
        fill(bob, 4, today=8)
    rule(cycle="week")
    with pytest.raises(DayNotOpen):
        fill(bob, 6, today=8)  # last Sunday
    assert fill(bob, 7, today=8).streak == 1


def test_a_checked_in_day_needs_no_make_up(ann, rule):
    days(ann, 0, 1)
    with pytest.raises(AlreadyCheckedIn):
        fill(ann, 0, today=1)


def test_a_week_made_up_for_stays_a_week(ann, rule):
    rule(cycle="week")
    days(ann, 5, 7)  # Saturday, Monday
    with pytest.raises(DayNotOpen):
        fill(ann, 6, today=7)
    assert streaks(ann) == [1, 1]


def test_the_overview_shows_the_month_and_the_days_to_come(ann, rule):
    rule(milestones=[{"kind": "continuous", "days": 4, "points": 50}], make_up_points=9)
    days(ann, 0, 1)
    open_today = look(ann, 2)
    assert (open_today.is_checked_in, open_today.streak) == (False, 2)
    assert [one.points for one in open_today.ahead] == [3, 54, 5, 6, 7, 1, 2]
    days(ann, 2)
    done = look(ann, 2)
    assert (done.is_checked_in, done.streak, done.make_ups_left) == (True, 3, 3)
    assert [one.points for one in done.ahead] == [54, 5, 6, 7, 1, 2, 3]
    assert done.ahead[0].date == date(2026, 3, 5)
    assert [row.streak for row in done.days] == [1, 2, 3]
    assert look(ann, 2, date(2026, 2, 9)).days == []


def test_the_overview_foresees_the_end_of_a_week(ann, rule):
    rule(cycle="week")
    days(ann, 4, 5)
    assert [one.points for one in look(ann, 5).ahead] == [3, 1, 2, 3, 4, 5, 6]
    assert look(ann, 7).streak == 0


def test_what_is_foreseen_is_what_is_given(ann, rule):
    rule(
        milestones=[
            {"kind": "continuous", "days": 3, "points": 30},
            {"kind": "cumulative", "days": 5, "points": 100},
        ]
    )
    days(ann, 0)
    foreseen = [one.points for one in look(ann, 0).ahead]
    assert foreseen == days(ann, *range(1, 8)) == [2, 33, 4, 105, 6, 7, 1]


def test_a_check_in_keeps_points_alive_also_on_a_day_that_is_worth_nothing(ann, rule):
    """90 days without activity: points given on 2 March would end on 31 May, and live on."""
    change_program(changes={"expiry": {"policy": "inactivity", "days": 90}}, at=FIRST)
    rule(base_points=[0])
    adjust_points(member_id=ann.pk, points=100, reason="r", at=FIRST, actor="t")
    assert days(ann, 60) == [0]
    assert get_balance(member=ann.pk, at=FIRST + 150 * DAY).available == 100
    assert get_balance(member=ann.pk, at=FIRST + 151 * DAY).available == 0
