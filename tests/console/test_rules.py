"""Earning rules in the console: roles, drafts and versions, words, what a rule gave, the trace."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from tests.console.conftest import API

FRIDAY = {
    "code": "friday",
    "name": "Double Friday",
    "trigger": "order.completed",
    "reward": {"kind": "multiplier", "factor": "2"},
}
WEEKDAY = {"==": [{"var": "clock.weekday"}, 5]}


def add(staff, **fields):
    return staff.post(f"{API}/earning-rules", {**FRIDAY, **fields})


def notes_of(tea):
    with tenant_context(tea):
        rows = OutboxEvent.objects.filter(topic__startswith="audit.earning_rule").order_by("id")
        return [row.payload for row in rows]


@pytest.fixture
def friday(console):
    answer = add(console, status="published")
    assert answer.status == 201, answer
    return answer.json


def test_a_draft_is_published_changed_discarded_and_brought_back(console, tea):
    made = add(console).json
    assert (made["status"], made["version"], made["draft"]["name"]) == (
        "draft", None, "Double Friday",
    )  # fmt: skip
    live = console.post(f"{API}/earning-rules/friday/publications", {}).json
    assert (live["status"], live["draft"]) == ("live", None)
    assert live["versions"][0]["published_by_name"] == "Lin Owner"
    changed = console.patch(
        f"{API}/earning-rules/friday",
        {"reward": {"kind": "multiplier", "factor": "3"}, "conditions": WEEKDAY},
    ).json
    assert (changed["document"]["reward"]["factor"], changed["draft"]["reward"]["factor"]) == (
        "2", "3",
    )  # fmt: skip
    assert changed["condition_words"] == "Day of the week (Monday is 1) is 5"
    assert console.call("DELETE", f"{API}/earning-rules/friday/draft").status == 204
    assert console.get(f"{API}/earning-rules/friday").json["draft"] is None
    stopped = console.post(f"{API}/earning-rules/friday/suspension", {}).json
    assert (stopped["status"], stopped["versions"][0]["document"]) == ("stopped", None)
    back = console.post(f"{API}/earning-rules/friday/publications", {"restores": 1}).json
    assert (back["status"], back["version"], back["versions"][0]["restores"]) == ("live", 3, 1)


def test_a_rule_that_was_never_published_goes_with_its_draft(console):
    add(console)
    assert console.call("DELETE", f"{API}/earning-rules/friday/draft").status == 204
    assert console.get(f"{API}/earning-rules").json["items"] == []
    again = console.call("DELETE", f"{API}/earning-rules/friday/draft")
    assert (again.status, again.code) == (404, "earning.rule_not_found")


def test_there_is_nothing_to_discard_in_a_rule_without_a_draft(console, friday):
    answer = console.call("DELETE", f"{API}/earning-rules/friday/draft")
    assert (answer.status, answer.code) == (409, "earning.nothing_to_publish")
    assert console.get(f"{API}/earning-rules/friday").json["status"] == "live"


def test_every_change_leaves_a_note_with_what_differs(console, tea, friday):
    console.patch(f"{API}/earning-rules/friday", {"name": "Triple", "priority": 5})
    console.patch(f"{API}/earning-rules/friday", {"name": "Triple"})
    console.post(f"{API}/earning-rules/friday/publications", {})
    console.patch(f"{API}/earning-rules/friday", {"name": "Four"})
    console.call("DELETE", f"{API}/earning-rules/friday/draft")
    console.post(f"{API}/earning-rules/friday/suspension", {})
    notes = notes_of(tea)
    assert [note["action"] for note in notes] == [
        "earning_rule.draft", "earning_rule.published", "earning_rule.draft",
        "earning_rule.published", "earning_rule.draft", "earning_rule.draft_discarded",
        "earning_rule.stopped",
    ]  # fmt: skip
    assert (notes[2]["before"], notes[2]["after"]) == (
        {"name": "Double Friday", "priority": 0}, {"name": "Triple", "priority": 5},
    )  # fmt: skip
    assert (notes[3]["before"]["version"], notes[3]["after"]["version"]) == (1, 2)
    assert (notes[3]["before"]["name"], notes[3]["after"]["name"]) == ("Double Friday", "Triple")
    assert (notes[6]["before"], notes[6]["after"]) == ({"version": 2}, {"version": 3})


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"trigger": "order.shipped"}, 400, "api.invalid_body"),
        ({"reward": {"kind": "rate", "rate": "2"}}, 400, "api.invalid_body"),
        ({"reward": {"kind": "fixed"}}, 400, "api.invalid_body"),
        ({"conditions": {"eval": ["1"]}}, 400, "conditions.invalid"),
        ({"conditions": {"==": [{"var": "checkin.streak"}, 1]}}, 400, "conditions.invalid"),
        ({"funding_source": "nobody"}, 404, "ledger.funding_source_not_found"),
        ({"segments": ["nobody"]}, 404, "segments.not_found"),
        ({"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}, 400,
         "api.invalid_body"),
    ],
)  # fmt: skip
def test_bad_rules_are_refused_and_nothing_is_kept(console, tea, fields, status, code):
    answer = add(console, **fields, status="published")
    assert (answer.status, answer.code) == (status, code)
    assert console.get(f"{API}/earning-rules").json["items"] == []
    assert notes_of(tea) == []


def test_a_bad_change_names_its_field_and_changes_nothing(console, friday):
    answer = console.patch(f"{API}/earning-rules/friday", {"priority": 5000})
    assert (answer.status, answer.code) == (400, "earning.rule_invalid")
    assert answer.json["facts"]["field"] == "priority"
    assert console.get(f"{API}/earning-rules/friday").json["draft"] is None
    taken = add(console)
    assert (taken.status, taken.code) == (409, "earning.rule_code_taken")


def test_fields_come_under_headings_and_tiers_by_name(console):
    console.post(f"{API}/tiers", {"code": "gold", "name_en": "Gold", "threshold": 100})
    found = console.get(f"{API}/earning-rule-fields?trigger=order.completed").json
    assert [group["label"] for group in found["whole"]["groups"]] == ["Order", "Member", "Time"]
    tier = next(one for one in found["whole"]["fields"] if one["name"] == "member.tier")
    assert (tier["kind"], tier["choices"]) == ("choice", [{"value": "gold", "label": "Gold"}])
    assert [one["name"] for one in found["lines"]["fields"]][:2] == ["line.sku", "line.category"]
    checkin = console.get(f"{API}/earning-rule-fields?trigger=checkin").json
    assert checkin["whole"]["groups"][0] == {"code": "checkin", "label": "Check-in"}
    wrong = console.get(f"{API}/earning-rule-fields?trigger=order.shipped")
    assert (wrong.status, wrong.code) == (400, "earning.event_type_unknown")


def test_what_a_rule_gave_is_counted_and_listed_page_by_page(console, orders):
    add(
        console, status="published", reward={"kind": "fixed", "points": 30},
        limits={"per_member_points": {"ever": 70}}, starts_at="2026-01-01T00:00:00+08:00",
    )  # fmt: skip
    for number in ("A-1", "A-2", "A-3"):
        orders(number)
    row = console.get(f"{API}/earning-rules").json["items"][0]
    assert (row["awards"], row["points"], row["members"]) == (3, 70, 1)
    first = console.get(f"{API}/earning-rules/friday/awards?limit=2").json
    rest = console.get(f"{API}/earning-rules/friday/awards?limit=2&cursor={first['next']}").json
    given = [*first["items"], *rest["items"]]
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert {one["member"]["external_id"] for one in given} == {"mei"}
    assert sorted(one["granted_points"] for one in given) == [10, 30, 30]
    cut = next(one for one in given if one["granted_points"] == 10)
    assert (cut["reason"], cut["detail"]) == (
        "member_points", "The member has had as much as the rule allows.",
    )  # fmt: skip
    assert cut["source_type"] == "order"
    assert console.get(f"{API}/orders/{cut['source_id']}").status == 200


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("admin", 200, 201), ("marketer", 200, 403), ("support", 403, 403), ("analyst", 200, 403)],
)
def test_who_may(console_as, friday, role, reads, writes):
    staff = console_as(role)
    paths = ("", "/friday", "/friday/awards")
    assert {staff.get(f"{API}/earning-rules{path}").status for path in paths} == {reads}
    assert staff.get(f"{API}/earning-rule-fields?trigger=checkin").status == reads
    assert add(staff, code="other").status == writes
    for status in (
        staff.patch(f"{API}/earning-rules/friday", {"name": "X"}).status,
        staff.post(f"{API}/earning-rules/friday/publications", {}).status,
        staff.call("DELETE", f"{API}/earning-rules/friday/draft").status,
        staff.post(f"{API}/earning-rules/friday/suspension", {}).status,
    ):
        assert (status == 403) == (writes == 403)
