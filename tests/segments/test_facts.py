"""Every fact of a member, by hand; and the database picks the members Python picks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.conditions import OPERATORS, judge
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.queries import default_funding_source, get_balance
from points.segments import queries
from points.segments.actions import measure_rfm
from points.segments.facts import Around, list_facts, schema
from tests.segments.conftest import CALENDAR, condition, unsaved, var

DAY = timedelta(days=1)


def facts_of(row, around):
    names = [field.name for field in schema()]
    return queries.facts_of(members=[row.pk], names=names, around=around)[row.pk]


def test_every_fact_of_a_member_who_bought(member, buy, around, noon):
    mei = member(
        "mei", joined=100, birthday=date(1990, 3, 8), tags=["vip", "tea"], phone="13800000001"
    )
    buy("mei", 10_000, days=80)
    buy("mei", 2_501, days=29)
    measure_rfm(at=noon)
    assert facts_of(mei, around) == {
        "member.joined_at": noon - 100 * DAY, "member.tags": ["tea", "vip"],
        "member.has_phone": True, "member.has_email": False, "member.birthday_month": "3",
        "member.days_to_birthday": 7, "member.age": 35, "member.locale": None,
        "member.orders_count": 2, "member.spent_cents": 12_501,
        "member.average_order_cents": 6_250, "member.last_order_at": noon - 29 * DAY,
        "member.orders_in_30_days": 1, "member.spent_in_30_days_cents": 2_501,
        "member.orders_in_90_days": 2, "member.spent_in_90_days_cents": 12_501,
        "member.orders_in_365_days": 2, "member.spent_in_365_days_cents": 12_501,
        "member.points_available": 125, "member.points_earned": 125,
        "member.rfm_recency": 1, "member.rfm_frequency": 1, "member.rfm_monetary": 1,
        "member.rfm_class": "lost",
    }  # fmt: skip


def test_a_newcomer_has_no_more_than_joined(member, around):
    tao = member("tao")
    facts = facts_of(tao, around)
    assert facts.pop("member.joined_at") == around.at
    assert {name: value for name, value in facts.items() if value not in (None, 0, False, [])} == {}
    nothing = {"average_order_cents", "last_order_at", "age", "rfm_recency", "rfm_class"}
    assert all(facts[f"member.{name}"] is None for name in nothing)


@pytest.mark.parametrize(
    ("today", "birthday", "days"),
    [
        (date(2026, 3, 1), date(1990, 3, 1), 0),
        (date(2026, 3, 1), date(1990, 2, 28), 364),
        (date(2026, 12, 31), date(1990, 1, 1), 1),
        (date(2026, 2, 28), date(2000, 2, 29), 0),
        (date(2026, 3, 1), date(2000, 2, 29), 364),
        (date(2028, 2, 28), date(2000, 2, 29), 1),
    ],
)
def test_days_until_the_birthday(member, today, birthday, days):
    mei = member("mei", birthday=birthday)
    at = CALENDAR.start_of(today) + timedelta(hours=23)
    assert facts_of(mei, Around(at, CALENDAR))["member.days_to_birthday"] == days


def test_a_window_of_30_days_is_today_and_29_days_before_it(member, buy, around):
    mei = member("mei", joined=60)
    start = CALENDAR.start_of(around.today - 29 * DAY)
    buy("mei", 100, days=(around.at - start) / DAY)
    buy("mei", 100, days=(around.at - start + timedelta(seconds=1)) / DAY)
    facts = facts_of(mei, around)
    assert (facts["member.orders_in_30_days"], facts["member.orders_in_90_days"]) == (1, 2)


def give(mei, points, key, at, **more):
    payer = default_funding_source()
    ledger.grant(
        grants=[
            ledger.Grant(
                member=mei.pk, amount=points, key=key, occurred_at=at, funding_source_id=payer.id,
                account=f"issuance:{payer.code}", **more,
            )
        ], at=at, actor="t",
    )  # fmt: skip


days = st.integers(0, 40)
lots = st.lists(
    st.tuples(st.integers(1, 100), st.none() | days, st.none() | days), min_size=1, max_size=5
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    granted=lots,
    held=st.none() | st.integers(1, 60),
    spent=st.integers(0, 60),
    debt=st.booleans(),
    later=days,
)
# A hold comes back into a lot that is over; two lots mature at once, of which one ends.
@example(granted=[(1, None, 0), (30, 1, None)], held=1, spent=0, debt=True, later=5)
@example(granted=[(30, 1, None), (1, 1, 1)], held=None, spent=0, debt=True, later=2)
def test_points_available_are_right_before_anything_due_is_booked(
    shop, noon, granted, held, spent, debt, later
):
    """Lots that mature and expire, holds that run out, a debt: what the ledger books afterwards is
    what the segment saw before."""
    from django.db import transaction

    with transaction.atomic():
        mei = make_lots(noon, granted, held, spent, debt)
        at = noon + later * DAY + timedelta(seconds=1)
        seen = facts_of(mei, Around(at, CALENDAR))["member.points_available"]
        assert seen == get_balance(member=mei.pk, at=at).available
        transaction.set_rollback(True)


def make_lots(noon, granted, held, spent, debt):
    from points.members.actions import create_member

    mei = create_member(external_id="mei", at=noon)
    ledger.open_wallets(members=[mei.pk])
    give(mei, 10, "first", noon, source_id=mei.pk)
    for i, (points, matures, expires) in enumerate(granted):
        matures_at = noon + matures * DAY if matures is not None else None
        expires_at = noon + (expires + 1) * DAY if expires is not None else None
        give(mei, points, f"lot:{i}", noon, matures_at=matures_at, expires_at=expires_at)
    available = get_balance(member=mei.pk, at=noon).available
    if held and held <= available:
        ledger.hold_points(
            member=mei.pk, points=held, reference="r", at=noon, expires_in=5 * DAY, actor="t",
        )  # fmt: skip
        available -= held
    if 0 < spent <= available:
        ledger.spend(member=mei.pk, points=spent, key="s", at=noon, actor="t")
    if debt:
        clawing.claw_back(
            member=mei.pk, points=available + 30, origin_id=mei.pk, key="c", at=noon, actor="t",
            from_other_lots=True, debt=True, debt_limit=None,
        )  # fmt: skip
    return mei


LITERALS = {
    "whole": st.integers(0, 6), "money": st.sampled_from([0, 2_501, 6_250, 12_501]),
    "boolean": st.booleans(), "texts": st.sampled_from(["vip", "tea", "x"]),
    "moment": st.dates(date(2025, 11, 1), date(2026, 3, 2)).map(date.isoformat),
}  # fmt: skip


@st.composite
def trees(draw):
    field = draw(st.sampled_from([fact.field for fact in list_facts()]))
    choices = st.sampled_from([one.value for one in field.choices] or [""])
    values = choices if field.kind == "choice" else LITERALS[field.kind]
    name = {"var": field.name}
    operator = draw(st.sampled_from([one for one in OPERATORS[field.kind] if len(one) <= 3]))
    if operator == "in":
        return {"in": [name, draw(st.lists(values, min_size=1, max_size=3))]}
    if field.kind == "texts":
        return {"in": [draw(values), name]}
    return {operator: [name, draw(values)]}


def test_the_database_picks_the_members_that_python_picks(member, buy, around, noon):
    rows = [
        member("mei", joined=100, birthday=date(1990, 3, 4), tags=["vip"], phone="13800000001"),
        member("tao", joined=1, tags=["tea", "x"], email="tao@example.com"),
        member("lin", joined=20),
    ]
    buy("mei", 10_000, days=80)
    buy("mei", 2_501, days=3)
    buy("lin", 6_250, days=12)
    measure_rfm(at=noon)
    names = [field.name for field in schema()]
    facts = queries.facts_of(members=[row.pk for row in rows], names=names, around=around)

    @settings(deadline=None, max_examples=300)
    @given(
        trees()
        | st.builds(lambda a, b: {"or": [a, {"!": [b]}]}, trees(), trees())
        | st.builds(lambda a, b: {"and": [a, b]}, trees(), trees())
    )
    def check(tree):
        asked = condition(tree)
        wanted = [
            row.external_id for row in rows
            if judge(asked, facts[row.pk], at=around.at, calendar=around.calendar).holds
        ]  # fmt: skip
        found = queries.list_members(segment=unsaved(tree), around=around, limit=10)
        assert sorted(one.external_id for one in found) == sorted(wanted)
        for row in rows:
            of_member = queries.segments_of(
                member=row.pk, segments=[unsaved(tree)], around=around
            )  # fmt: skip
            assert (of_member == {"x"}) == (row.external_id in wanted)

    check()


def test_fields_have_labels_in_both_languages_and_known_groups():
    from django.utils.translation import override

    from points.segments.facts import GROUPS

    for fact in list_facts():
        assert fact.field.group in GROUPS
        with override("en"):
            english = str(fact.field.label)
        with override("zh-hans"):
            assert str(fact.field.label) != english


def test_a_moment_is_compared_by_the_shop_s_days(member, around):
    member("mei")
    at = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    assert queries.count(segment=unsaved({"==": [var("joined_at"), "2026-03-01"]}), around=around)
    earlier = Around(at - timedelta(seconds=1), CALENDAR)
    tree = {"==": [{"days_ago": [var("joined_at")]}, -1]}
    assert queries.count(segment=unsaved(tree), around=earlier) == 1
