"""A tea shop moves in: members, tiers, growth and opening balances, exactly once."""

from datetime import UTC, date, datetime

import pytest

from kernel.models import OutboxEvent
from points.flows.books_checked import check_books
from points.flows.member_joined import join_member
from points.imports.models import ImportRow
from points.insights.settlement import settlement
from points.ledger.actions import add_funding_source
from points.ledger.models import Lot, Posting, Transaction
from points.ledger.queries import get_balance
from points.members.models import Member, MemberIdentity
from points.program.actions import change_program
from points.tiers.actions import create_tier
from points.tiers.models import MemberTier
from tests.imports.conftest import API, NOW, signed

# As in docs/how-to/import-members.md.
ROWS = [
    {"external_id": "V-1", "name": "李梅", "phone": "138 0000 0001", "joined_at": "2023-05-06",
     "points": "1,200", "expires_at": "2026-12-31", "tags": "茶友，老客"},
    {"external_id": "V-1", "points": 300, "expires_at": "never", "funding_source": "brand-a"},
    {"external_id": "V-2", "name": "Wang Tao", "email": "TAO@example.com", "points": 50},
    {"external_id": "V-3", "growth": 1500, "earned_at": "2026-01-15"},
    {"external_id": "V-4", "points": "many"},
    {"external_id": "V-5", "phone": "13800000001", "points": 10},
    {"external_id": "", "points": 5},
]  # fmt: skip


@pytest.fixture
def payers(importing):
    add_funding_source(code="brand-a", name="Brand A", at=NOW, unit_cost_micros=400_000)


def available(external_id):
    member = Member.objects.get(external_id=external_id)
    return get_balance(member=member.pk, at=NOW).available


def test_what_the_how_to_shows(importing, payers):
    import_id = importing.begin(ROWS, "old-system")
    totals = importing.check(import_id)
    assert (Member.objects.count(), Transaction.objects.count()) == (0, 0)
    assert totals == {
        "rows": 4, "refused": 3, "repeated": 0, "members_new": 3, "members_updated": 0,
        "members_known": 0, "lots": 3, "points": 1_550, "growth": 1_500, "cost_cents": 120,
        "by_funding_source": [
            {"funding_source": "brand-a", "points": 300, "cost_cents": 120},
            {"funding_source": "merchant", "points": 1_250, "cost_cents": 0},
        ],
        "by_expiry_month": [
            {"month": "2026-12", "points": 1_200}, {"month": "2027-03", "points": 50},
            {"month": None, "points": 300},
        ],
    }  # fmt: skip
    assert importing.problems(import_id) == [
        (5, "points", "imports.value_invalid"),
        (6, "phone", "imports.taken_in_row"),
        (7, "external_id", "imports.value_missing"),
    ]

    refused = importing.sign(import_id)
    assert (refused.status, refused.code) == (409, "imports.rows_refused")
    written = importing.commit(import_id, skip_refused=True)

    assert written == {
        "rows": 4, "members_new": 3, "members_changed": 0, "lots": 3, "points": 1_550,
        "growth": 1_500, "matches": True,
    }  # fmt: skip
    mei = Member.objects.get(external_id="V-1")
    assert (mei.name, mei.phone, mei.tags) == ("李梅", "13800000001", ["老客", "茶友"])
    assert mei.joined_at == datetime(2023, 5, 5, 16, tzinfo=UTC)
    assert Member.objects.get(external_id="V-2").email == "tao@example.com"
    assert (available("V-1"), available("V-2")) == (1_500, 50)
    lots = Lot.objects.filter(wallet__unit="points").order_by("id")
    assert [(lot.granted, lot.expires_at, lot.unit_cost_micros) for lot in lots] == [
        (1_200, datetime(2026, 12, 31, 16, tzinfo=UTC), 0),
        (300, None, 400_000),
        (50, datetime(2027, 3, 1, 16, tzinfo=UTC), 0),
    ]
    accounts = Posting.objects.filter(account="opening").values_list("amount", flat=True)
    assert sorted(accounts) == [-1_500, -1_200, -300, -50]
    growth = Lot.objects.get(wallet__unit="growth")
    assert growth.granted_at == datetime(2026, 1, 14, 16, tzinfo=UTC)
    assert check_books() == []


def test_it_is_quiet_and_the_history_says_what_it_was(importing, payers):
    importing.bring(ROWS, "old-system")
    topics = set(OutboxEvent.objects.values_list("topic", flat=True))
    assert {topic for topic in topics if not topic.startswith("audit.")} == set()
    mei = Member.objects.get(external_id="V-1")
    told = importing.http.get(f"{API}/members/{mei.pk}/transactions").json["items"]
    assert [(one["kind"], one["amount"], one["reason"]) for one in told] == [
        ("opening", 300, "Balance brought over"), ("opening", 1_200, "Balance brought over"),
    ]  # fmt: skip
    assert told[0]["occurred_at"].startswith("2026-03-01T04:00")


def test_rows_are_gone_once_they_are_written(importing, payers):
    import_id = importing.begin(ROWS)
    importing.check(import_id)
    importing.commit(import_id, skip_refused=True)
    left = ImportRow.objects.order_by("number").values_list("number", "status")
    assert list(left) == [(5, "refused"), (6, "refused"), (7, "refused")]
    file = importing.http.get(f"{API}/imports/{import_id}/problems.csv").raw.decode()
    assert file.splitlines()[1].startswith("5,points,imports.value_invalid,")
    done = importing.http.post(f"{API}/imports/{import_id}/cancellation")
    assert (done.status, done.json["status"]) == (200, "written")
    assert not ImportRow.objects.exists()


def test_the_same_file_again_gives_nothing_and_a_mended_one_gives_the_rest(importing, payers):
    importing.bring(ROWS, "old-system")
    mended = [*ROWS[:4], {"external_id": "V-4", "points": 70}, *ROWS[5:]]
    import_id = importing.begin(mended, "old-system")
    totals = importing.check(import_id)
    assert (totals["rows"], totals["repeated"], totals["points"]) == (1, 4, 70)
    importing.commit(import_id, skip_refused=True)
    assert (available("V-1"), available("V-4")) == (1_500, 70)
    # From another system the same numbers are other points.
    importing.bring(ROWS[:1], "second-system")
    assert available("V-1") == 2_700
    assert check_books() == []


def test_a_row_that_says_something_else_than_before_is_refused(importing, payers):
    importing.bring(ROWS[:1])
    changed = [{**ROWS[0], "points": 1_300}]
    import_id = importing.begin(changed)
    assert importing.check(import_id)["refused"] == 1
    assert importing.problems(import_id) == [(1, "points", "imports.imported_otherwise")]
    answer = importing.sign(import_id, skip_refused=True)
    assert (answer.status, answer.code) == (409, "imports.nothing_to_import")


def test_known_members_are_updated_and_empty_cells_change_nothing(importing, noon):
    mei = join_member(external_id="V-1", name="Mei", phone="13800000009", tags=("vip",), at=noon)
    join_member(external_id="V-2", name="Tao", at=noon)
    rows = [
        {"external_id": "V-1", "phone": "13800000001", "birthday": "1995年2月3日", "tags": ["tea"]},
        {"external_id": "V-2", "name": "Tao", "points": 5},
        {"external_id": "V-2", "name": "Tao"},
    ]
    import_id = importing.begin(rows)
    totals = importing.check(import_id)
    assert (totals["members_known"], totals["members_updated"], totals["repeated"]) == (2, 1, 1)
    importing.commit(import_id)
    mei.refresh_from_db()
    assert (mei.name, mei.phone, mei.birthday) == ("Mei", "13800000001", date(1995, 2, 3))
    assert mei.tags == ["tea", "vip"]


def test_channels_and_merged_members_lead_to_the_one_who_is_meant(importing, noon):
    from points.flows.members_merged import merge_members

    old = join_member(external_id="old", at=noon)
    kept = join_member(external_id="kept", at=noon)
    merge_members(loser=old.pk, into=kept.pk, at=noon, actor="test")
    rows = [
        {"external_id": "old", "points": 7},
        {"external_id": "8801", "channel": "pos", "points": 9},
    ]
    importing.bring(rows)
    assert available("kept") == 7
    new = Member.objects.get(external_id="8801")
    linked = MemberIdentity.objects.get()
    assert (linked.channel, linked.external_id, linked.member_id) == ("pos", "8801", new.pk)
    importing.bring([{"external_id": "8801", "channel": "pos", "points": 1}], "more")
    assert available("8801") == 10


def test_tiers_by_hand_and_by_growth(importing):
    for code, threshold in (("basic", 0), ("gold", 1_000), ("black", 5_000)):
        create_tier(fields={"code": code, "name_en": code, "threshold": threshold}, at=NOW)
    rows = [
        {"external_id": "a", "tier": "black", "tier_until": "2026-12-31"},
        {"external_id": "b", "growth": 1_200, "earned_at": "2026-02-01"},
        {"external_id": "c", "growth": 1_200, "earned_at": "2024-02-01"},
        {"external_id": "d", "tier": "gold"},
        {"external_id": "e", "tier": "diamond"},
    ]
    import_id = importing.begin(rows)
    importing.check(import_id)
    assert importing.problems(import_id) == [(5, "tier", "tiers.not_found")]
    importing.commit(import_id, skip_refused=True)
    on = {
        Member.objects.get(pk=row.member_id).external_id: (row.tier and row.tier.code, row.manual_until)
        for row in MemberTier.objects.select_related("tier")
    }  # fmt: skip
    assert on["a"] == ("black", datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert on["b"] == ("gold", None)
    assert on.get("c", (None, None))[0] in (None, "basic")
    assert on["d"] == ("gold", datetime(2027, 3, 1, 16, tzinfo=UTC))


def test_statements_balance_and_past_months_stay_closed(importing, payers):
    before = settlement(month="2026-02", at=NOW)
    importing.bring([{**ROWS[1], "earned_at": "2026-02-01"}])
    assert settlement(month="2026-02", at=NOW) == before
    item = next(
        i for i in settlement(month="2026-03", at=NOW).items if i.funding_source == "brand-a"
    )
    assert (item.issued_points, item.outstanding_points, item.cost_cents) == (300, 300, 0)


def test_points_that_live_by_activity_carry_the_rule(importing):
    change_program(changes={"expiry": {"policy": "inactivity", "days": 90}}, at=NOW)
    importing.bring([{"external_id": "a", "points": 5}])
    lot = Lot.objects.get()
    assert lot.idle_rule == "90 0 Asia/Shanghai"
    assert lot.expires_at == datetime(2026, 5, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ({"external_id": "1.38E+10"}, "external_id", "imports.number_shortened"),
        ({"phone": "12"}, "phone", "imports.value_invalid"),
        ({"email": "x"}, "email", "imports.value_invalid"),
        ({"birthday": "3/4/1990"}, "birthday", "imports.value_invalid"),
        ({"birthday": "2030-01-01"}, "birthday", "imports.moment_ahead"),
        ({"joined_at": "2026-03-02"}, "joined_at", "imports.moment_ahead"),
        ({"points": -5}, "points", "imports.value_invalid"),
        ({"points": 1.5}, "points", "imports.value_invalid"),
        ({"points": 10**15}, "points", "imports.value_invalid"),
        ({"points": 5, "expires_at": "2026-02-28"}, "expires_at", "imports.already_expired"),
        ({"points": 5, "earned_at": "2024-01-01"}, "expires_at", "imports.already_expired"),
        ({"points": 5, "funding_source": "x"}, "funding_source", "ledger.funding_source_not_found"),
        ({"custom": {"x": "1"}}, "custom.x", "imports.value_invalid"),
        ({"tier": "x"}, "tier", "tiers.not_found"),
        ({"external_id": "a" * 121}, "external_id", "imports.value_invalid"),
    ],
)
def test_what_is_refused_row_by_row(importing, row, field, code):
    import_id = importing.begin([{"external_id": "a", **row}, {"external_id": "good", "points": 1}])
    totals = importing.check(import_id)
    assert importing.problems(import_id) == [(1, field, code)]
    assert (totals["rows"], totals["refused"]) == (1, 1)


def test_rows_of_one_member_may_not_contradict_each_other(importing):
    rows = [
        {"external_id": "a", "name": "A", "points": 1},
        {"external_id": "a", "name": "B", "points": 2},
        {"external_id": "a", "reference": "x", "points": 3},
        {"external_id": "a", "reference": "x", "points": 4},
    ]
    import_id = importing.begin(rows)
    importing.check(import_id)
    assert importing.problems(import_id) == [
        (2, "name", "imports.contradicts_row"), (4, "reference", "imports.row_repeated"),
    ]  # fmt: skip


def test_totals_nobody_saw_are_refused(importing):
    import_id = importing.begin([{"external_id": "a", "points": 5}])
    body = {"totals": signed(importing.check(import_id))}
    body["totals"]["points"] = 6
    answer = importing.http.post(f"{API}/imports/{import_id}/commit", body)
    assert (answer.status, answer.code) == (409, "imports.totals_differ")
    assert answer.json["facts"]["totals"]["points"] == 5
    assert not Member.objects.exists()


def test_the_steps_have_their_order(importing):
    http, rows = importing.http, {"rows": [{"external_id": "b", "points": 1}]}
    empty = importing.begin([])
    assert http.post(f"{API}/imports/{empty}/checks").code == "imports.nothing_to_import"
    assert http.post(f"{API}/imports/{empty}/rows", rows).json["rows_count"] == 1
    unchecked = {"totals": dict.fromkeys(signed(importing.check(importing.begin(rows["rows"]))), 0)}
    assert http.post(f"{API}/imports/{empty}/commit", unchecked).code == "imports.not_checked"
    importing.check(empty)
    assert http.post(f"{API}/imports/{empty}/rows", rows).code == "imports.not_open"
    importing.commit(empty)
    assert importing.sign(empty).code == "imports.already_written"
    assert http.post(f"{API}/imports/{empty}/checks").code == "imports.already_written"
    assert http.get(f"{API}/imports/x").code == "imports.not_found"


def test_a_check_that_did_not_see_another_import_of_the_name_does_not_count(importing):
    rows = [{"external_id": "a", "points": 5}]
    first, second = importing.begin(rows), importing.begin(rows)
    importing.check(first)
    importing.check(second)
    importing.commit(first)
    assert importing.sign(second).code == "imports.check_outdated"
    assert importing.check(second)["repeated"] == 1
    assert available("a") == 5


def test_rows_that_wait_follow_erasure_and_go_after_a_month(importing, noon):
    from datetime import timedelta

    from points.flows.member_erased import erase_member
    from points.imports.actions import forget_old_rows

    member = join_member(external_id="a", at=noon)
    import_id = importing.begin([{"external_id": "a", "name": "Mei", "points": 5}])
    importing.check(import_id)
    erase_member(member_id=member.pk, forfeit=True, at=NOW, actor="test")
    row = ImportRow.objects.get()
    assert (row.raw, row.plan, row.status) == ({}, None, "refused")
    written = importing.commit(import_id)
    assert (written["points"], written["matches"]) == (0, False)
    assert forget_old_rows(at=NOW + timedelta(days=29)) == 0
    assert forget_old_rows(at=NOW + timedelta(days=31)) == 1
    assert not ImportRow.objects.exists()


def test_points_that_are_over_name_their_last_day(importing):
    """They lived to the end of that day; the moment itself would already name the next."""
    import_id = importing.begin([{"external_id": "a", "points": 5, "expires_at": "2026-02-28"}])
    importing.check(import_id)
    answer = importing.http.get(f"/api/v1/imports/{import_id}/problems")
    assert [one["detail"] for one in answer.json["items"]] == [
        "These points would have expired on 2026-02-28."
    ]
