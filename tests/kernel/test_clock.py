"""Local days: over changes of daylight saving both ways, and with days that begin at night."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import clock
from kernel.clock import Calendar
from kernel.models import TestClock
from tenants.context import tenant_context

SHANGHAI, BERLIN, NEW_YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "starts_at", "moment", "day"),
    [
        (SHANGHAI, 0, utc(2026, 3, 1, 15, 59), date(2026, 3, 1)),
        (SHANGHAI, 0, utc(2026, 3, 1, 16, 0), date(2026, 3, 2)),
        # 01:30 belongs to yesterday when days begin at 02:00
        (SHANGHAI, 2, utc(2026, 3, 1, 17, 30), date(2026, 3, 1)),
        (SHANGHAI, 2, utc(2026, 3, 1, 18, 0), date(2026, 3, 2)),
        (NEW_YORK, 0, utc(2026, 1, 1, 4, 59), date(2025, 12, 31)),
        (NEW_YORK, 0, utc(2026, 1, 1, 5, 0), date(2026, 1, 1)),
        (NEW_YORK, 0, utc(2026, 7, 1, 4, 0), date(2026, 7, 1)),
        ("Pacific/Kiritimati", 0, utc(2026, 3, 1, 10, 0), date(2026, 3, 2)),
    ],
)
def test_the_day_a_moment_belongs_to(zone, starts_at, moment, day):
    assert Calendar(zone, starts_at).day_of(moment) == day


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # there midnight itself is skipped
        (SHANGHAI, date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),  # a day that never was
    ],
)
def test_a_day_has_as_many_hours_as_the_clock_on_the_wall(zone, day, hours):
    calendar = Calendar(zone)
    assert calendar.end_of(day) - calendar.start_of(day) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("starts_at", "start"),
    [
        (0, utc(2026, 3, 28, 23, 0)),
        (1, utc(2026, 3, 29, 0, 0)),
        (2, utc(2026, 3, 29, 1, 0)),  # 02:00 does not exist: the day begins when 03:00 strikes
        (3, utc(2026, 3, 29, 1, 0)),
        (4, utc(2026, 3, 29, 2, 0)),
    ],
)
def test_the_start_of_a_day_in_the_hour_that_is_skipped(starts_at, start):
    assert Calendar(BERLIN, starts_at).start_of(date(2026, 3, 29)) == start


def test_an_hour_that_comes_twice_belongs_to_one_day_when_days_begin_in_it():
    calendar = Calendar(BERLIN, 2)
    start = calendar.start_of(date(2026, 10, 25))
    assert start == utc(2026, 10, 25, 0, 0)  # the first 02:00
    days = [calendar.day_of(start + timedelta(minutes=m)) for m in (-1, 0, 59, 60, 119)]
    assert days == [date(2026, 10, 24), *[date(2026, 10, 25)] * 4]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from([
        SHANGHAI, BERLIN, NEW_YORK, "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe",
        "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Asia/Tehran", "UTC",
    ]),
    st.integers(0, 23),
)  # fmt: skip
def test_every_moment_lies_within_its_day(moment, zone, starts_at):
    calendar = Calendar(zone, starts_at)
    moment = moment.replace(tzinfo=UTC)
    day = calendar.day_of(moment)
    assert calendar.start_of(day) <= moment < calendar.end_of(day)


def test_now_is_real_for_live_merchants(shop):
    with time_machine.travel(utc(2026, 5, 5, 12), tick=False):
        TestClock.objects.create(now=utc(2031, 1, 1))  # a live merchant does not look
        assert clock.now() == utc(2026, 5, 5, 12)


def test_now_is_the_own_clock_of_a_merchant_in_test_mode(tea):
    from copy import copy

    twin = copy(tea)
    twin.mode = "test"
    with tenant_context(twin):
        with time_machine.travel(utc(2026, 5, 5, 12), tick=False):
            assert clock.now() == utc(2026, 5, 5, 12)  # not moved yet
        TestClock.objects.create(now=utc(2031, 1, 1))
        assert clock.now() == utc(2031, 1, 1)
    connection.set_schema_to_public()
    assert clock.now() != utc(2031, 1, 1)
