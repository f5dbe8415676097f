"""Identities, own fields, merging, export and erasure over the API."""

import pytest

from kernel.models import OutboxEvent
from points.flows.member_joined import join_member
from tests.partner.calls import API, balance, contents, give, order_body, refusal, sent

TASTE = {
    "code": "taste", "kind": "choice", "name_zh": "口味", "name_en": "Taste", "edited_by": "member",
    "choices": [{"code": "green", "name_zh": "绿茶", "name_en": "Green"}, {"code": "black"}],
}  # fmt: skip


@pytest.fixture
def ann(shop, noon):
    return join_member(external_id="ann", name="Ann", phone="13900000002", at=noon)


def member(api, row):
    return sent(api.get(f"{API}/members/{row.pk}"), 200)


def audits():
    return list(
        OutboxEvent.objects.filter(topic__startswith="audit.member")
        .order_by("id")
        .values_list("topic", flat=True)
    )


def test_own_fields_from_definition_to_value(partner, mei):
    made = sent(partner.post(f"{API}/member-fields", TASTE))
    assert (made["name"], made["is_required"], made["is_retired"]) == ("Taste", False, False)
    path = f"{API}/members/{mei.pk}"
    sent(partner.patch(path, {"custom": {"taste": "green"}}), 200)
    assert member(partner, mei)["custom"] == {"taste": "green"}
    facts = refusal(
        partner.patch(path, {"custom": {"taste": "white"}}), 400, "members.custom_invalid"
    )
    assert facts == {"field": "taste", "expected": "choice"}
    changed = sent(partner.patch(f"{API}/member-fields/taste", {"is_required": True}), 200)
    assert (changed["is_required"], changed["choices"]) == (True, made["choices"])
    sent(partner.patch(f"{API}/member-fields/taste", {"is_retired": True}), 200)
    assert sent(partner.get(f"{API}/member-fields"), 200)["items"][0]["is_retired"] is True
    new = {"external_id": "lin", "custom": {"taste": "green"}}
    refusal(partner.post(f"{API}/members", new), 400, "members.custom_invalid")
    assert audits() == [
        "audit.member_field.added", "audit.member.changed", *["audit.member_field.changed"] * 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**TASTE, "code": "Taste"}, "api.invalid_body"),
        ({**TASTE, "kind": "colour"}, "api.invalid_body"),
        ({**TASTE, "choices": []}, "members.field_contradicts"),
        ({**TASTE, "name_zh": "", "name_en": " "}, "members.field_contradicts"),
        ({**TASTE, "more": 1}, "api.invalid_body"),
    ],
)
def test_bad_definitions(partner, shop, body, code):
    before = contents(shop)
    refusal(partner.post(f"{API}/member-fields", body), 400, code)
    assert contents(shop) == before
    refusal(partner.patch(f"{API}/member-fields/none", {}), 404, "members.field_not_found")


def test_identities_are_listed_linked_and_taken_off(partner, mei, ann):
    path = f"{API}/members/{mei.pk}/identities"
    body = {"channel": "pos", "external_id": "7"}
    made = sent(partner.post(path, body))
    assert sent(partner.post(path, body), 200) == made
    assert member(partner, mei)["identities"] == [made]
    assert sent(partner.get(f"{API}/members"), 200)["items"][0]["identities"] == [made]
    told = order_body("O-1", channel="pos", member_external_id="7")
    assert sent(partner.post(f"{API}/orders", told))["member_id"] == str(mei.pk)
    hers = f"{API}/members/{ann.pk}/identities"
    refusal(partner.post(hers, body), 409, "members.identity_taken")
    refusal(partner.post(path, {**body, "channel": "api"}), 400, "members.identity_of_api")
    refusal(partner.call("DELETE", f"{hers}/{made['id']}"), 404, "members.identity_not_found")
    sent(partner.call("DELETE", f"{path}/{made['id']}"), 204)
    assert member(partner, mei)["identities"] == []
    told = order_body("O-2", channel="pos", member_external_id="7")
    refusal(partner.post(f"{API}/orders", told), 404, "members.not_found")


def test_a_merge_and_every_way_to_the_survivor(partner, mei, ann):
    give(partner, 100)
    give(partner, 30, member="ann")
    path = f"{API}/members/{ann.pk}/merge"
    done = sent(partner.post(path, {"into": str(mei.pk)}), 200)
    assert (done["id"], done["points"]["available"]) == (str(mei.pk), 130)
    assert sent(partner.post(path, {"into": str(mei.pk)}), 200) == done
    for way in (f"members/{ann.pk}", "members?external_id=ann"):
        answer = sent(partner.get(f"{API}/{way}"), 200)
        found = answer.get("items", [answer])
        assert [one["id"] for one in found] == [str(mei.pk)]
    points = sent(partner.get(f"{API}/members/{ann.pk}/points"), 200)
    assert (points["member_id"], points["available"]) == (str(mei.pk), 130)
    rows = sent(partner.get(f"{API}/members/{ann.pk}/transactions"), 200)["items"]
    assert [(row["amount"], row["reason"]) for row in rows][:2] == [
        (30, "Two memberships became one: brought over"),
        (-30, "Two memberships became one: carried over from here"),
    ]
    give(partner, 1, member="ann")
    assert balance(partner, mei) == (131, 0, 0, 0)
    assert len(sent(partner.get(f"{API}/members"), 200)["items"]) == 1
    refusal(
        partner.post(f"{API}/members", {"external_id": "ann"}), 409, "members.external_id_taken"
    )
    assert audits() == ["audit.member.merged"]


def test_merges_that_are_refused(partner, mei, ann, shop):
    before = contents(shop)
    path = f"{API}/members/{mei.pk}/merge"
    refusal(partner.post(path, {"into": str(mei.pk)}), 409, "members.merge_into_itself")
    nobody = "01a20077-438c-767c-86e5-9c0bfbe1af05"
    refusal(partner.post(path, {"into": nobody}), 404, "members.not_found")
    refusal(partner.post(f"{API}/members/x/merge", {"into": nobody}), 404, "members.not_found")
    refusal(partner.post(path, {"into": "x"}), 400, "api.invalid_body")
    assert contents(shop) == before


def test_export_and_erasure(partner, mei):
    give(partner, 100)
    found = sent(partner.get(f"{API}/members/{mei.pk}/export"), 200)
    assert (found["format"], found["member"]["phone"]) == ("jifen.member/1", "13800000001")
    assert [row["note"] for row in found["data"]["transactions"]] == ["Welcome"]
    path = f"{API}/members/{mei.pk}/erasure"
    facts = refusal(partner.post(path, {}), 409, "members.erasure_refused")
    assert facts == {"points": 100, "open_redemptions": 0}
    done = sent(partner.post(path, {"forfeit": True}), 200)
    assert sent(partner.post(path, {}), 200) == done
    shell = member(partner, mei)
    assert (shell["name"], shell["phone"], shell["points"]["available"]) == (None, None, 0)
    refusal(partner.patch(f"{API}/members/{mei.pk}", {"name": "X"}), 409, "members.erased")
    rows = sent(partner.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert rows[0]["reason"] == "Forfeited when the member's data was erased"
    assert audits() == ["audit.member.erased"]
