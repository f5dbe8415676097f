"""Segments live: counted, listed, asked of a member; measured scores; what is refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.conditions import ConditionInvalid
from points.flows import segment_removed
from points.flows.segment_removed import remove_segment
from points.flows.time_moved import run_due_jobs
from points.members.actions import change_member
from points.members.models import Member
from points.segments import queries
from points.segments.actions import (
    change_segment,
    create_segment,
    delete_segment,
    hold_segments,
    measure_rfm,
)
from points.segments.errors import SegmentCodeTaken, SegmentInUse, SegmentNotFound
from points.segments.models import RfmScale, Segment
from tests.segments.conftest import condition, unsaved, var

VIP = {"in": ["vip", var("tags")]}
LOYAL = {">=": [var("orders_count"), 2]}


def test_a_segment_is_never_stale(member, buy, around, noon):
    mei = member("mei")
    segment = create_segment(code="loyal", name="Loyal", condition=LOYAL, at=noon)
    assert queries.count(segment=segment, around=around) == 0
    buy("mei", 100)
    buy("mei", 100)
    assert queries.count(segment=segment, around=around) == 1
    found = queries.list_members(segment=segment, around=around, limit=5)
    assert [row.pk for row in found] == [mei.pk]


def test_days_pass_and_members_leave_by_themselves(member, buy, around, noon):
    member("mei")
    buy("mei", 100)
    recent = unsaved({"<=": [{"days_ago": [var("last_order_at")]}, 30]})
    for days, count in ((0, 1), (30, 1), (31, 0)):
        later = type(around)(noon + timedelta(days=days), around.calendar)
        assert queries.count(segment=recent, around=later) == count


def test_members_are_listed_page_by_page(member, around):
    ids = sorted(member(f"m{i}", tags=["vip"] if i % 2 else []).pk for i in range(10))
    vip, pages, after = unsaved(VIP), [], None
    while page := queries.list_members(segment=vip, around=around, limit=2, after=after):
        pages.append([row.pk for row in page])
        after = page[-1].pk
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [
        pk for pk in ids if Member.objects.get(pk=pk).tags
    ]


def test_many_segments_are_asked_of_many_members_in_one_query(member, buy, around):
    mei, tao = member("mei", tags=["vip"]), member("tao")
    buy("tao", 100)
    buy("tao", 100)
    segments = [unsaved(VIP, "vip"), unsaved(LOYAL, "loyal"), unsaved(True, "all")]
    with CaptureQueriesContext(connection) as captured:
        counts = queries.count_all(segments=segments, around=around)
        from kernel.db import ask

        asked = queries.ask_segments_of(
            members=[mei.pk, tao.pk], segments=segments, around=around
        )  # fmt: skip
        (found,) = ask(asked)
    assert counts == {"vip": 1, "loyal": 1, "all": 2}
    assert found == {mei.pk: {"vip", "all"}, tao.pk: {"loyal", "all"}}
    assert len(captured) == 2
    nothing = queries.ask_segments_of(members=[mei.pk], segments=[], around=around)
    assert ask(nothing)[0] == {mei.pk: frozenset()}
    assert ask(queries.ask_segments_of(members=[], segments=segments, around=around))[0] == {}


def test_a_preview_tells_how_many_of_all_and_who_is_first(member, around):
    for i in range(7):
        member(f"m{i}", tags=["vip"])
    member("tao")
    found = queries.preview(condition=condition(VIP), around=around, limit=5)
    assert (found.count, found.total, len(found.members)) == (7, 8, 5)


def test_a_segment_whose_field_is_gone_holds_for_nobody(member, around, noon):
    member("mei")
    row = create_segment(code="x", name="X", condition=True, at=noon)
    Segment.objects.filter(pk=row.pk).update(condition={"==": [var("shoe_size"), 38]})
    row.refresh_from_db()
    assert queries.condition_of(row) is None
    assert queries.count(segment=row, around=around) == 0
    assert queries.list_members(segment=row, around=around, limit=5) == []
    assert queries.membership(segment=row, around=around) == ("false", [])


def test_the_condition_is_kept_in_its_canonical_form_and_counted_in_versions(shop, noon):
    row = create_segment(
        code="big", name="Big", condition={"<=": [5, var("orders_count")]}, at=noon
    )
    assert row.condition == {">=": [var("orders_count"), 5]}
    row = change_segment(code="big", changes={"name": "Bigger"}, at=noon)
    assert (row.name, row.version) == ("Bigger", 1)
    row = change_segment(
        code="big", changes={"condition": {">=": [var("orders_count"), 5]}}, at=noon
    )
    assert row.version == 1
    row = change_segment(code="big", changes={"condition": True}, at=noon + timedelta(hours=1))
    assert (row.version, row.changed_at - row.created_at) == (2, timedelta(hours=1))


def test_what_is_refused_leaves_nothing_behind(shop, noon):
    create_segment(code="vip", name="VIP", condition=VIP, at=noon)
    with pytest.raises(SegmentCodeTaken):
        create_segment(code="vip", name="Other", condition=True, at=noon)
    with pytest.raises(ConditionInvalid):
        create_segment(code="bad", name="Bad", condition={"==": [var("password"), "x"]}, at=noon)
    with pytest.raises(ConditionInvalid):
        change_segment(code="vip", changes={"name": "Y", "condition": {"+": [1, 1]}}, at=noon)
    with pytest.raises(SegmentNotFound):
        change_segment(code="nobody", changes={"name": "Y"}, at=noon)
    with pytest.raises(SegmentNotFound):
        remove_segment(code="nobody")
    assert list(Segment.objects.values_list("code", "name", "version")) == [("vip", "VIP", 1)]


def test_a_segment_in_use_is_not_deleted(shop, noon, monkeypatch):
    create_segment(code="vip", name="VIP", condition=VIP, at=noon)
    users = [lambda code: [f"rule:double-{code}"], lambda _code: []]
    monkeypatch.setattr(segment_removed, "USERS", users)
    with pytest.raises(SegmentInUse) as refused:
        remove_segment(code="vip")
    assert refused.value.facts == {"code": "vip", "used_by": ["rule:double-vip"]}
    assert hold_segments(codes=["vip"])["vip"].name == "VIP"
    monkeypatch.setattr(segment_removed, "USERS", [])
    remove_segment(code="vip")
    with pytest.raises(SegmentNotFound):
        hold_segments(codes=["vip"])
    with pytest.raises(SegmentNotFound):
        delete_segment(code="vip")


# docs/algorithms/rfm.md tells this shop's story with the same numbers.
STORY = [  # orders, cents in all, days since the last
    (1, 1_000, 300), (1, 2_000, 250), (1, 3_000, 200), (1, 4_000, 150), (1, 5_000, 100),
    (2, 6_000, 80), (2, 8_000, 60), (3, 15_000, 30), (5, 20_000, 10), (9, 90_000, 1),
]  # fmt: skip
SCORES = [  # recency, frequency, monetary, class
    (1, 1, 1, "lost"), (1, 1, 1, "lost"), (2, 1, 2, "lost"), (2, 1, 2, "lost"),
    (3, 1, 3, "lost"), (3, 3, 3, "lost"), (4, 3, 4, "big_new"), (4, 4, 4, "champion"),
    (5, 5, 5, "champion"), (5, 5, 5, "champion"),
]  # fmt: skip


def tell_story(noon):
    for i, (orders, cents, days) in enumerate(STORY):
        Member.objects.create(
            external_id=f"m{i}", joined_at=noon, orders_count=orders, spent_cents=cents,
            last_order_at=noon - timedelta(days=days),
        )  # fmt: skip
    Member.objects.create(external_id="idle", joined_at=noon)


def scores(around):
    names = [f"member.rfm_{part}" for part in ("recency", "frequency", "monetary", "class")]
    rows = {row.pk: row.external_id for row in Member.objects.all()}
    found = queries.facts_of(members=list(rows), names=names, around=around)
    told = {rows[pk]: tuple(facts[name] for name in names) for pk, facts in found.items()}
    return told.pop("idle"), [told[f"m{i}"] for i in range(10)]


def test_members_are_scored_by_fifths(shop, around, noon):
    tell_story(noon)
    assert scores(around)[1] == [(None,) * 4] * 10
    assert measure_rfm(at=noon) == 10
    assert scores(around) == ((None, None, None, None), SCORES)
    scale = RfmScale.objects.get()
    assert (scale.frequency, scale.monetary) == ([1, 1, 2, 3], [2_000, 4_000, 6_000, 15_000])


def test_a_score_follows_the_next_order_at_once_and_the_scale_the_next_day(shop, around, noon):
    tell_story(noon)
    jobs = run_due_jobs(at=noon)
    assert jobs["members_scored"] == 10
    first = Member.objects.get(external_id="m0")
    Member.objects.filter(pk=first.pk).update(
        orders_count=10, spent_cents=100_000, last_order_at=noon
    )
    assert scores(around)[1][0] == (5, 5, 5, "champion")
    assert run_due_jobs(at=noon + timedelta(hours=11))["members_scored"] == 0
    assert run_due_jobs(at=noon + timedelta(hours=12))["members_scored"] == 10
    assert RfmScale.objects.get().frequency == [1, 1, 2, 5]


def test_the_first_condition_that_asks_for_scores_has_them_measured(shop, noon):
    tell_story(noon)
    create_segment(code="plain", name="Plain", condition=LOYAL, at=noon)
    assert not RfmScale.objects.exists()
    create_segment(
        code="champions",
        name="Champions",
        condition={"==": [var("rfm_class"), "champion"]},
        at=noon,
    )
    assert RfmScale.objects.get().members_count == 10


def test_a_shop_nobody_ordered_in_has_no_scale(shop, noon, member):
    member("mei")
    assert measure_rfm(at=noon) == 0
    assert not RfmScale.objects.exists()


def test_tags_are_sorted_and_each_is_kept_once(shop, noon, member):
    mei = member("mei")
    change_member(member_id=mei.pk, changes={"tags": ["vip", "a", "vip"]}, at=noon)
    mei.refresh_from_db()
    assert mei.tags == ["a", "vip"]
