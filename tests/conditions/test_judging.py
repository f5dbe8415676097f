"""Exact verdicts, missing facts, local days; and the database says the same as Python."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.clock import Calendar
from points.conditions import Column, Field, Schema, holds, judge, parse, to_sql
from tests.conditions.sample import AT, CALENDAR, COLUMNS, FIELDS, SCHEMA, rows, trees


def verdict(tree, facts, **around):
    condition = parse(tree=tree, schema=SCHEMA)
    found = judge(condition, facts, **{"at": AT, "calendar": CALENDAR, **around})
    assert found.holds == holds(condition, facts, **{"at": AT, "calendar": CALENDAR, **around})
    return found


def test_each_comparison_says_what_it_wanted_and_found():
    tree = {
        "and": [
            {">=": [{"var": "order.amount_cents"}, 10_000]},
            {"in": ["vip", {"var": "member.tags"}]},
            {"<=": [{"days_ago": [{"var": "member.joined_at"}]}, 30]},
        ]
    }
    facts = {
        "order.amount_cents": 9_999, "member.tags": {"vip", "new"},
        "member.joined_at": datetime(2026, 2, 20, tzinfo=UTC),
    }  # fmt: skip
    found = verdict(tree, facts)
    assert found.holds is False
    assert msgspec.to_builtins(found.leaves) == [
        {"path": "and.0.>=", "field": "order.amount_cents", "operator": ">=", "in_days": False,
         "wanted": 10_000, "found": 9_999, "holds": False},
        {"path": "and.1.in", "field": "member.tags", "operator": "has", "in_days": False,
         "wanted": "vip", "found": ["new", "vip"], "holds": True},
        {"path": "and.2.<=", "field": "member.joined_at", "operator": "<=", "in_days": True,
         "wanted": 30, "found": 9, "holds": True},
    ]  # fmt: skip
    assert verdict(tree, {**facts, "order.amount_cents": 10_000}).holds is True


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_a_missing_fact_makes_any_comparison_false(operator):
    tree = {operator: [{"var": "order.amount_cents"}, 5]}
    for facts in ({}, {"order.amount_cents": None}, {"order.amount_cents": "5"}):
        found = verdict(tree, facts)
        assert (found.holds, found.leaves[0].found) == (False, None)
        assert verdict({"!": tree}, facts).holds is True


@pytest.mark.parametrize(
    ("name", "literal", "fact"),
    [
        ("order.amount_cents", 1, True),
        ("event.score", 1, True),
        ("event.score", 1, float("nan")),
        ("event.score", 1, Decimal("NaN")),
        ("member.has_phone", True, 1),
        ("member.birthday", "2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("member.joined_at", "2026-03-01", datetime(2026, 3, 1)),
        ("member.joined_at", "2026-03-01", date(2026, 3, 1)),
    ],
)
def test_a_fact_of_another_kind_is_a_missing_one(name, literal, fact):
    assert verdict({"==": [{"var": name}, literal]}, {name: fact}).leaves[0].found is None


def test_decimals_are_compared_exactly():
    assert verdict({"==": [{"var": "event.score"}, 0.1]}, {"event.score": Decimal("0.1")}).holds
    assert verdict({"==": [{"var": "event.score"}, 0.1]}, {"event.score": 0.1}).holds


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        # Days begin at 02:00 in Shanghai, which is 18:00 UTC of the day before.
        (datetime(2026, 2, 28, 18, 0, tzinfo=UTC), 0),
        (datetime(2026, 2, 28, 17, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 1, 18, 0, tzinfo=UTC), -1),
        (datetime(2025, 3, 1, 12, 0, tzinfo=UTC), 365),
    ],
)
def test_days_ago_counts_days_of_the_merchant_s_calendar(moment, days):
    tree = {"==": [{"days_ago": [{"var": "member.joined_at"}]}, days]}
    assert verdict(tree, {"member.joined_at": moment}).holds


def test_a_moment_compared_with_a_day_is_that_whole_local_day():
    facts = {"member.joined_at": datetime(2026, 2, 28, 18, 0, tzinfo=UTC)}
    joined = {"var": "member.joined_at"}
    assert verdict({"==": [joined, "2026-03-01"]}, facts).holds
    assert not verdict({">": [joined, "2026-03-01"]}, facts).holds
    assert verdict({"<=": [joined, "2026-03-01"]}, facts).holds
    assert not verdict({"==": [joined, "2026-03-01T00:00:00+08:00"]}, facts).holds


def test_the_first_and_the_last_moment_there_is_are_merely_unknown():
    tree = {"<": [{"days_ago": [{"var": "member.joined_at"}]}, 5]}
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        fact = {"member.joined_at": moment}
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
            verdict(tree, fact, calendar=Calendar(zone))


TYPES = {
    "whole": "bigint", "money": "bigint", "number": "numeric", "text": "text", "choice": "text",
    "boolean": "boolean", "date": "date", "moment": "timestamptz", "texts": "jsonb",
}  # fmt: skip
_COLUMNS = ", ".join(
    f"%s::{TYPES[field.kind]} as {COLUMNS[name].sql}" for name, field in FIELDS.items()
)


def ask_database(tree, facts, *, calendar):
    """The verdict of PostgreSQL on one row."""
    condition = parse(tree=tree, schema=SCHEMA)
    sql, params = to_sql(condition, COLUMNS, at=AT, calendar=calendar)
    row = [
        json.dumps(facts[n]) if n == "member.tags" and facts[n] is not None else facts[n]
        for n in FIELDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce({sql}, false) from (select {_COLUMNS}) as row", [*params, *row]
        )
        return cursor.fetchone()[0]


@settings(
    deadline=None, max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tree=trees,
    facts=rows,
    calendar=st.builds(
        Calendar, st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]), st.integers(0, 5)
    ),
)
def test_the_database_and_python_agree(shop, tree, facts, calendar):
    assert ask_database(tree, facts, calendar=calendar) == verdict(
        tree, facts, calendar=calendar
    ).holds  # fmt: skip


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "America/Havana"])
def test_they_agree_hour_by_hour_where_clocks_change(shop, zone):
    calendar = Calendar(zone, 2)
    for day, month in ((8, 3), (29, 3), (1, 11), (25, 10)):
        for operator in ("==", "<", ">="):
            tree = {operator: [{"var": "member.joined_at"}, f"2026-{month:02}-{day:02}"]}
            for hour in range(24):
                at = datetime(2026, month, day, hour, 30, tzinfo=UTC)
                facts = {**dict.fromkeys(FIELDS), "member.joined_at": at}
                told = ask_database(tree, facts, calendar=calendar)
                assert told == verdict(tree, facts, calendar=calendar).holds


def test_a_column_may_be_an_expression_with_parameters_of_its_own(shop):
    schema = Schema([Field("member.age_days", "whole", "Age")])
    condition = parse(tree={"<=": [2, {"var": "member.age_days"}, 4]}, schema=schema)
    columns = {"member.age_days": Column("(%s::int + 1)", [2])}
    sql, params = to_sql(condition, columns, at=AT, calendar=CALENDAR)
    assert (sql, params) == ("((%s::int + 1) >= %s and (%s::int + 1) <= %s)", [2, 2, 2, 4])
    with connection.cursor() as cursor:
        cursor.execute(f"select {sql}", params)
        assert cursor.fetchone()[0] is True
