"""Segments over the API: saved, counted, listed, tried out, and what is refused."""

import pytest

from kernel.models import OutboxEvent
from points.flows import segment_removed
from tests.partner.calls import API, caller, contents, order_body, refusal, sent

LOYAL = {">=": [{"var": "member.orders_count"}, 2]}
VIP = {"in": ["vip", {"var": "member.tags"}]}


@pytest.fixture
def people(partner):
    """Mei with two orders, tagged; Tao with none."""
    sent(partner.post(f"{API}/members", {"external_id": "mei", "tags": ["vip"]}))
    sent(partner.post(f"{API}/members", {"external_id": "tao"}))
    for name in ("O-1", "O-2"):
        sent(partner.post(f"{API}/orders", order_body(name)))
    return partner


def add(api, code="loyal", condition=LOYAL, **more):
    return api.post(
        f"{API}/segments", {"code": code, "name": code.title(), "condition": condition, **more}
    )


def test_a_segment_s_life(people):
    made = sent(add(people, description="Twice or more"))
    assert made == {
        "code": "loyal", "name": "Loyal", "description": "Twice or more", "condition": LOYAL,
        "summary": "Number of orders is at least 2", "version": 1, "members_count": 1,
        "created_at": "2026-03-01T04:00:00Z", "changed_at": "2026-03-01T04:00:00Z",
    }  # fmt: skip
    sent(add(people, "vip", VIP))
    found = sent(people.get(f"{API}/segments?limit=1"), 200)
    assert [one["code"] for one in found["items"]] == ["loyal"]
    rest = sent(people.get(f"{API}/segments?limit=1&cursor={found['next']}"), 200)
    assert ([one["code"] for one in rest["items"]], rest["next"]) == (["vip"], None)

    listed = sent(people.get(f"{API}/segments/loyal/members"), 200)
    assert [(one["external_id"], one["points"]["available"]) for one in listed["items"]] == [
        ("mei", 220)
    ]
    changed = sent(people.patch(f"{API}/segments/loyal", {"condition": {"!": [VIP]}}), 200)
    assert (changed["version"], changed["members_count"]) == (2, 1)
    assert changed["summary"] == "Tags do not include “vip”"
    assert people.call("DELETE", f"{API}/segments/loyal").status == 204
    refusal(people.get(f"{API}/segments/loyal"), 404, "segments.not_found")
    notes = OutboxEvent.objects.filter(topic__startswith="audit.segment").order_by("id")
    told = [e.payload["action"] for e in notes]
    assert told == ["segment.added", "segment.added", "segment.changed", "segment.deleted"]


def test_a_preview_saves_nothing(people, shop):
    before = contents(shop)
    found = sent(people.post(f"{API}/segment-previews", {"condition": VIP}), 200)
    assert (found["members_count"], found["total"]) == (1, 2)
    assert found["summary"] == "Tags include “vip”"
    assert [one["external_id"] for one in found["members"]] == ["mei"]
    assert contents(shop) == before
    told = people.post(f"{API}/segment-previews", {"condition": VIP}, Accept_Language="zh-CN")
    assert sent(told, 200)["summary"] == "标签包含“vip”"


def test_fields_are_told_with_their_operators(partner):
    told = sent(partner.get(f"{API}/segment-fields"), 200)
    by_name = {field["name"]: field for field in told["fields"]}
    assert by_name["member.tags"]["operators"] == ["has"]
    assert "between" in by_name["member.last_order_at"]["operators_of_days_ago"]
    assert len(by_name["member.birthday_month"]["choices"]) == 12
    groups = [group["code"] for group in told["groups"]]
    assert groups[:2] == ["profile", "orders"]
    assert {field["group"] for field in told["fields"]} == set(groups)


@pytest.mark.parametrize(
    ("condition", "path", "reason"),
    [
        ({"and": [LOYAL, {">=": [{"var": "member.orders_count"}, "two"]}]}, "and.1.>=", "value_does_not_fit"),
        ({"==": [{"var": "member.password"}, "x"]}, "==", "unknown_field"),
        ({"==": [{"var": "member.locale"}, "a\u0000"]}, None, None),
        ({"in": ["\ud800", {"var": "member.tags"}]}, None, None),
        (None, ".", "not_a_condition"),
        ("true", ".", "not_a_condition"),
        ({"==": [{"var": "member.orders_count"}, 10**30]}, "==", "out_of_range"),
    ],
)  # fmt: skip
def test_wrong_conditions_are_refused_with_their_place(people, shop, condition, path, reason):
    before = contents(shop)
    for answer in (
        add(people, condition=condition),
        people.post(f"{API}/segment-previews", {"condition": condition}),
    ):
        assert answer.status == 400, answer
        if path is not None:
            facts = refusal(answer, 400, "conditions.invalid")
            assert (facts["path"], facts["reason"]) == (path, reason)
    assert contents(shop) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "Upper", "name": "x", "condition": True},
        {"code": "", "name": "x", "condition": True},
        {"code": "a b", "name": "x", "condition": True},
        {"code": "x" * 41, "name": "x", "condition": True},
        {"code": "x", "name": "", "condition": True},
        {"code": "x", "name": "x"},
        {"code": "x", "name": "x", "condition": True, "colour": "red"},
        {"code": "x", "name": "x", "condition": True, "description": "x" * 501},
    ],
)
def test_bad_bodies_save_nothing(partner, shop, body):
    before = contents(shop)
    refusal(partner.post(f"{API}/segments", body), 400, "api.invalid_body")
    assert contents(shop) == before


def test_a_code_is_taken_once(people, shop):
    sent(add(people))
    before = contents(shop)
    assert refusal(add(people, condition=VIP), 409, "segments.code_taken") == {"code": "loyal"}
    refusal(people.patch(f"{API}/segments/nobody", {"name": "x"}), 404, "segments.not_found")
    refusal(people.get(f"{API}/segments/nobody/members"), 404, "segments.not_found")
    refusal(people.get(f"{API}/segments?cursor=%25"), 400, "api.invalid_cursor")
    assert contents(shop) == before


def test_what_is_in_use_is_not_deleted(people, shop, monkeypatch):
    sent(add(people))
    monkeypatch.setattr(segment_removed, "USERS", [lambda code: [f"rule:{code}-twice"]])
    before = contents(shop)
    facts = refusal(people.call("DELETE", f"{API}/segments/loyal"), 409, "segments.in_use")
    assert facts["used_by"] == ["rule:loyal-twice"]
    assert contents(shop) == before


def test_scopes_say_who_may(people, shop):
    sent(add(people))
    reader, writer = caller(shop, "members:read"), caller(shop, "segments:write")
    assert reader.get(f"{API}/segments/loyal/members").status == 200
    assert reader.post(f"{API}/segment-previews", {"condition": VIP}).status == 200
    refusal(add(reader, "x"), 403, "channels.scope_missing")
    refusal(reader.call("DELETE", f"{API}/segments/loyal"), 403, "channels.scope_missing")
    refusal(writer.get(f"{API}/segments/loyal/members"), 403, "channels.scope_missing")
    assert writer.call("DELETE", f"{API}/segments/loyal").status == 204


def test_the_same_idempotency_key_gives_the_first_answer(people):
    body = {"code": "vip", "name": "VIP", "condition": VIP}
    first, again = (people.post(f"{API}/segments", body, idem="k") for _ in range(2))
    assert (first.status, again.status, first.raw) == (201, 201, again.raw)
