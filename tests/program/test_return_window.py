"""When goods can no longer be returned, and until when points live that waited for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.clock import Calendar
from points.program.calculations import (
    Expiry,
    living_until,
    return_window_end,
    returnable_since,
)

SHANGHAI = Calendar("Asia/Shanghai")
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "days", "completed_at", "closes_at"),
    [
        # 3 March at noon: the days from the 4th to the 10th, to the end of the last.
        (SHANGHAI, 7, utc(2026, 3, 3, 4), utc(2026, 3, 10, 16)),
        (SHANGHAI, 1, utc(2026, 3, 3, 4), utc(2026, 3, 4, 16)),
        # A minute before and after local midnight are two days.
        (SHANGHAI, 7, utc(2026, 3, 3, 15, 59), utc(2026, 3, 10, 16)),
        (SHANGHAI, 7, utc(2026, 3, 3, 16, 1), utc(2026, 3, 11, 16)),
        # Days that begin at 4: 03:30 still belongs to the 3rd.
        (Calendar("Asia/Shanghai", 4), 7, utc(2026, 3, 3, 19, 30), utc(2026, 3, 10, 20)),
        # The clock goes forward on 8 March and back on 1 November: seven local days all the same.
        (Calendar("America/New_York"), 7, utc(2026, 3, 3, 17), utc(2026, 3, 11, 4)),
        (Calendar("America/New_York"), 7, utc(2026, 10, 28, 16), utc(2026, 11, 5, 5)),
    ],
)
def test_the_window_closes_at_the_end_of_a_local_day(calendar, days, completed_at, closes_at):
    assert return_window_end(days, completed_at, calendar) == closes_at


@given(
    zone=some.sampled_from(ZONES),
    day_start=some.integers(0, 23),
    days=some.integers(1, 365),
    completed=some.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    later=some.integers(0, 400 * 24 * 60),
)
def test_both_questions_have_the_same_answer(zone, day_start, days, completed, later):
    """`has this order's window closed` and `since when are orders returnable`, across every clock."""
    calendar = Calendar(zone, day_start)
    completed_at = completed.replace(tzinfo=UTC)
    at = completed_at + timedelta(minutes=later)
    has_closed = return_window_end(days, completed_at, calendar) <= at
    assert has_closed == (completed_at < returnable_since(days, at, calendar))


def test_a_lot_lives_as_earned_but_never_ends_before_it_matures():
    thirty = Expiry(policy="rolling", days=30)
    earned, ends = utc(2026, 3, 1, 4), utc(2026, 3, 31, 16)
    assert living_until(thirty, earned, None, SHANGHAI) == ends
    assert living_until(thirty, earned, earned + timedelta(days=9), SHANGHAI) == ends
    # Matures on 20 April: thirty days from there.
    assert living_until(thirty, earned, utc(2026, 4, 20, 16), SHANGHAI) == utc(2026, 5, 21, 16)
    # Matures at the very moment it would end: nothing could ever be spent.
    assert living_until(thirty, earned, ends, SHANGHAI) == utc(2026, 5, 1, 16)
    assert living_until(Expiry(policy="never"), earned, utc(2036, 1, 1), SHANGHAI) is None
