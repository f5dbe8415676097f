"""When points expire: the end of a local day, by each of the five policies."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import Calendar
from points.program.calculations import Expiry, expires_at

SHANGHAI, BERLIN, NEW_YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"


def local(zone, *parts):
    return datetime(*parts, tzinfo=ZoneInfo(zone))


def expiry(at, zone=SHANGHAI, starts_at=0, **policy):
    return expires_at(Expiry(**policy), at, Calendar(zone, starts_at))


@pytest.mark.parametrize(
    ("policy", "granted", "gone"),
    [
        # rolling: the same day N months later, to its end
        ({}, (2026, 3, 1, 12), (2027, 3, 2)),
        ({"months": 1}, (2026, 1, 31, 12), (2026, 3, 1)),  # 31 Jan + 1 month: 28 Feb
        ({"months": 1}, (2028, 1, 31, 12), (2028, 3, 1)),  # a leap year: 29 Feb
        ({"months": 1}, (2026, 3, 31, 12), (2026, 5, 1)),
        ({"months": 12}, (2028, 2, 29, 12), (2029, 3, 1)),
        ({"months": 24}, (2026, 12, 31, 23, 59), (2029, 1, 1)),
        ({"months": 11}, (2026, 1, 15), (2026, 12, 16)),
        ({"days": 1}, (2026, 3, 1, 0, 0), (2026, 3, 3)),
        ({"days": 30}, (2026, 3, 1, 23, 59, 59), (2026, 4, 1)),
        # month_end: the end of the Nth month from now
        ({"policy": "month_end", "months": 1}, (2026, 1, 31, 12), (2026, 3, 1)),
        ({"policy": "month_end", "months": 1}, (2026, 1, 1, 0), (2026, 3, 1)),
        ({"policy": "month_end"}, (2026, 3, 15, 12), (2027, 4, 1)),
        ({"policy": "month_end", "months": 2}, (2026, 12, 5, 12), (2027, 3, 1)),
        # fixed_date: that date of the year after
        ({"policy": "fixed_date", "date": "03-31"}, (2026, 1, 1, 0), (2027, 4, 1)),
        ({"policy": "fixed_date", "date": "03-31"}, (2026, 12, 31, 23), (2027, 4, 1)),
        ({"policy": "fixed_date"}, (2026, 6, 1, 0), (2028, 1, 1)),
        ({"policy": "fixed_date", "date": "02-29"}, (2026, 6, 1, 0), (2027, 3, 1)),
        ({"policy": "fixed_date", "date": "02-29"}, (2027, 6, 1, 0), (2028, 3, 1)),
        # inactivity: N days, moved on by activity
        ({"policy": "inactivity", "days": 90}, (2026, 3, 1, 12), (2026, 5, 31)),
        ({"policy": "inactivity"}, (2026, 3, 1, 12), (2027, 3, 2)),
    ],
)
def test_exact_dates(policy, granted, gone):
    assert expiry(local(SHANGHAI, *granted), **policy) == local(SHANGHAI, *gone)


def test_never():
    assert expiry(local(SHANGHAI, 2026, 3, 1), policy="never") is None


def test_the_local_day_counts_and_not_that_of_greenwich():
    moment = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 on 2 March in Shanghai
    assert expiry(moment, days=1) == local(SHANGHAI, 2026, 3, 4)
    assert expiry(moment, NEW_YORK, days=1) == local(NEW_YORK, 2026, 3, 3)


def test_a_day_that_begins_at_four_ends_at_four():
    assert expiry(local(SHANGHAI, 2026, 3, 1, 3, 59), starts_at=4, days=1) == local(
        SHANGHAI, 2026, 3, 2, 4
    )
    assert expiry(local(SHANGHAI, 2026, 3, 1, 4, 0), starts_at=4, days=1) == local(
        SHANGHAI, 2026, 3, 3, 4
    )


@pytest.mark.parametrize(
    ("zone", "granted", "gone"),
    [
        # the lot's last day has 23 hours, and 25
        (BERLIN, (2026, 3, 28, 12), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
        (BERLIN, (2026, 10, 24, 12), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        (NEW_YORK, (2026, 3, 7, 12), datetime(2026, 3, 9, 4, 0, tzinfo=UTC)),
        (NEW_YORK, (2026, 10, 31, 12), datetime(2026, 11, 2, 5, 0, tzinfo=UTC)),
    ],
)
def test_midnight_is_midnight_across_changes_of_daylight_saving(zone, granted, gone):
    assert expiry(local(zone, *granted), zone, days=1) == gone


policies = st.one_of(
    st.builds(Expiry, months=st.integers(1, 120)),
    st.builds(Expiry, days=st.integers(1, 3650)),
    st.builds(Expiry, policy=st.just("month_end"), months=st.integers(1, 120)),
    st.builds(
        Expiry, policy=st.just("fixed_date"),
        date=st.dates().map(lambda day: f"{day.month:02}-{day.day:02}"),
    ),
    st.builds(Expiry, policy=st.just("inactivity"), days=st.integers(1, 3650)),
)  # fmt: skip


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    policies, st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)),
    st.sampled_from([SHANGHAI, BERLIN, NEW_YORK, "UTC"]), st.integers(0, 23),
)  # fmt: skip
def test_points_live_and_end_where_a_local_day_ends(policy, moment, zone, starts_at):
    moment, calendar = moment.replace(tzinfo=UTC), Calendar(zone, starts_at)
    gone = expires_at(policy, moment, calendar)
    assert gone > moment
    assert gone == calendar.start_of(calendar.day_of(gone))
