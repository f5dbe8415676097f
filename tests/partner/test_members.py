"""Members over the partner API."""

import pytest
from django_tenants.utils import tenant_context

from tests.partner.calls import API, AT, balance, contents, give, order_body, refusal, sent

NEW = {
    "external_id": "lin", "phone": "+86 138-0000 0009", "email": "Lin@Example.com", "name": "Lin",
    "birthday": "1995-02-03", "joined_at": "2025-12-31T23:30:00+08:00", "tags": ["tea", "vip", "tea"],
}  # fmt: skip


def test_a_member_joins_with_nothing(partner):
    made = sent(partner.post(f"{API}/members", NEW))
    assert made == {
        "id": made["id"], "external_id": "lin", "name": "Lin", "phone": "+8613800000009",
        "email": "lin@example.com", "birthday": "1995-02-03", "tags": ["tea", "vip"], "tier": None,
        "joined_at": made["joined_at"], "growth": 0, "cash_cents": 0,
        "points": {"available": 0, "pending": 0, "held": 0, "debt": 0, "lifetime_earned": 0},
        "custom": {}, "email_consent": False, "identities": [],
    }  # fmt: skip
    read = sent(partner.get(f"{API}/members/{made['id']}"), 200)
    assert read["joined_at"] == "2025-12-31T15:30:00Z"
    assert {**read, "joined_at": ""} == {**made, "joined_at": ""}


def test_only_an_external_id_is_needed(partner):
    made = sent(partner.post(f"{API}/members", {"external_id": "lin"}))
    assert (made["name"], made["phone"], made["email"], made["birthday"]) == (None,) * 4
    assert made["joined_at"] == "2026-03-01T04:00:00Z"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"external_id": "mei"}, 409, "members.external_id_taken"),
        ({"external_id": "x", "phone": "138 0000 0001"}, 409, "members.phone_taken"),
        ({"external_id": "x", "phone": "call me"}, 400, "members.address_invalid"),
        ({"external_id": "x", "email": "nobody"}, 400, "members.address_invalid"),
        ({"external_id": ""}, 400, "api.invalid_body"),
        ({"external_id": "x" * 121}, 400, "api.invalid_body"),
        ({}, 400, "api.invalid_body"),
        ({"external_id": "x", "birthday": "1995-02-30"}, 400, "api.invalid_body"),
        ({"external_id": "x", "joined_at": "2025-12-31T23:30:00"}, 400, "api.invalid_body"),
        ({"external_id": "x", "joined_at": "1850-01-01T00:00:00Z"}, 400, "api.invalid_body"),
        ({"external_id": "x", "tags": [""]}, 400, "api.invalid_body"),
        ({"external_id": "x", "points": 5}, 400, "api.invalid_body"),
    ],
)
def test_members_that_cannot_join(partner, mei, shop, body, status, code):
    before = contents(shop)
    refusal(partner.post(f"{API}/members", body), status, code)
    assert contents(shop) == before


def test_a_taken_external_id_says_whose_it_is(partner, mei):
    facts = refusal(
        partner.post(f"{API}/members", {"external_id": "mei"}), 409, "members.external_id_taken"
    )
    assert facts == {"member_id": str(mei.pk)}


def test_changing_a_member_changes_what_is_named(partner, mei):
    changed = sent(
        partner.patch(f"{API}/members/{mei.pk}", {"name": "Mei Lin", "tags": ["b", "a"]}), 200
    )
    assert (changed["name"], changed["tags"], changed["phone"]) == (
        "Mei Lin",
        ["a", "b"],
        "13800000001",
    )
    cleared = sent(partner.patch(f"{API}/members/{mei.pk}", {"phone": "", "birthday": None}), 200)
    assert (cleared["name"], cleared["phone"]) == ("Mei Lin", None)
    assert sent(partner.patch(f"{API}/members/{mei.pk}", {}), 200) == cleared


def test_a_change_that_would_take_another_s_address_is_refused(partner, mei, shop):
    lin = sent(partner.post(f"{API}/members", NEW))
    before = contents(shop)
    for change, code in (
        ({"phone": "13800000001"}, "members.phone_taken"),
        ({"name": "X", "phone": "13800000001"}, "members.phone_taken"),
    ):
        refusal(partner.patch(f"{API}/members/{lin['id']}", change), 409, code)
    refusal(
        partner.patch(f"{API}/members/{lin['id']}", {"external_id": "x"}), 400, "api.invalid_body"
    )
    assert contents(shop) == before


def test_members_are_found_by_what_is_known_of_them(partner, mei):
    lin = sent(partner.post(f"{API}/members", NEW))

    def found(query):
        return [m["external_id"] for m in sent(partner.get(f"{API}/members?{query}"), 200)["items"]]

    assert found("external_id=mei") == found("phone=13800000001") == ["mei"]
    assert found("tag=vip") == found("email=LIN@example.com") == [lin["external_id"]]
    assert found("external_id=me") == found("tag=vi") == found("tag=vip&phone=13800000001") == []
    assert found("") == ["mei", "lin"]


@pytest.mark.parametrize("member", ["mei", "0", "01a20077-438c-767c-86e5-9c0bfbe1af05", "%F0"])
@pytest.mark.parametrize("tail", ["", "/transactions", "/lots", "/points"])
def test_an_unknown_member_is_404(partner, mei, member, tail):
    refusal(partner.get(f"{API}/members/{member}{tail}"), 404, "members.not_found")


def test_transactions_tell_what_moved_newest_first(partner, mei, it_is_noon):
    sent(partner.post(f"{API}/orders", order_body()))
    it_is_noon.shift(60)
    give(partner, -30, reason="Counted wrong")
    it_is_noon.shift(60)

    rows = sent(partner.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert [(r["kind"], r["amount"], r["balance_after"]) for r in rows] == [
        ("adjust", -30, 80), ("earn", 110, 110),
    ]  # fmt: skip
    adjust, earn = rows
    assert (earn["unit"], earn["order_external_id"]) == ("points", "O-1")
    assert "O-1" in earn["reason"] and "Counted wrong" in adjust["reason"]
    assert adjust["order_external_id"] is None
    assert (earn["occurred_at"], earn["posted_at"]) == ("2026-03-01T04:00:00Z",) * 2
    assert adjust["posted_at"] == "2026-03-01T04:01:00Z"


def test_lots_are_listed_in_the_order_in_which_they_are_spent(partner, mei):
    sent(partner.patch(f"{API}/program", {"expiry": {"policy": "rolling", "days": 10}}), 200)
    give(partner, 50)
    sent(partner.patch(f"{API}/program", {"expiry": {"policy": "never"}}), 200)
    give(partner, 70)
    sent(partner.patch(f"{API}/program", {"expiry": {"policy": "rolling", "days": 5},
                                          "earning": {"pending_days": 2}}), 200)  # fmt: skip
    sent(partner.post(f"{API}/orders", order_body()))
    give(partner, -20)

    lots = sent(partner.get(f"{API}/members/{mei.pk}/lots"), 200)["items"]
    assert [(x["granted"], x["remaining"], x["expires_at"], x["is_pending"]) for x in lots] == [
        (110, 110, "2026-03-06T16:00:00Z", True),
        (50, 30, "2026-03-11T16:00:00Z", False),
        (70, 70, None, False),
    ]
    assert lots[0]["matures_at"] == "2026-03-03T04:00:00Z"
    assert {x["funding_source"] for x in lots} == {"merchant"}
    assert balance(partner, mei) == (100, 110, 0, 0)


def test_points_of_an_order_that_is_not_completed_have_no_date(partner, mei):
    rules = {"grant_on": "payment", "pending": "return_window"}
    sent(partner.patch(f"{API}/program", {"earning": rules}), 200)
    body = order_body(status="paid", completed_at=None)
    (first,) = sent(partner.post(f"{API}/orders", body))["points"]["lots"]
    (lot,) = sent(partner.get(f"{API}/members/{mei.pk}/lots"), 200)["items"]
    assert first == lot
    assert (lot["matures_at"], lot["is_pending"], lot["waits_for_order"]) == (None, True, "O-1")
    when = {"completed_at": "2026-03-01T18:00:00+08:00"}
    sent(partner.post(f"{API}/orders/O-1/completion", when), 200)
    (lot,) = sent(partner.get(f"{API}/members/{mei.pk}/lots"), 200)["items"]
    assert (lot["matures_at"], lot["waits_for_order"]) == ("2026-03-08T16:00:00Z", None)


def test_the_balance_now_and_as_of_a_moment(partner, mei, it_is_noon):
    give(partner, 100)
    it_is_noon.shift(86_400)
    give(partner, -40)
    it_is_noon.shift(86_400)

    def at(moment):
        return sent(partner.get(f"{API}/members/{mei.pk}/points?at={moment}"), 200)["available"]

    now = sent(partner.get(f"{API}/members/{mei.pk}/points"), 200)
    assert now == {
        "member_id": str(mei.pk), "at": "2026-03-03T04:00:00Z", "available": 60, "pending": 0,
        "held": 0, "debt": 0,
    }  # fmt: skip
    assert at("2026-03-01T03:59:59Z") == 0
    assert at("2026-03-01T04:00:00Z") == at("2026-03-02T11:59:59%2B08:00") == 100
    assert at("2026-03-02T12:00:00%2B08:00") == 60
    for wrong in ("2026-03-01", "2026-03-01T04:00:00", "now", "", "1e400", "9999-99-99T00:00:00Z",
                  "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00"):  # fmt: skip
        answer = partner.get(f"{API}/members/{mei.pk}/points?at={wrong}")
        refusal(answer, 400, "api.invalid_body")


def test_members_of_a_shop_are_its_own(partner, mei, tao, toys):
    ids = [m["id"] for m in sent(partner.get(f"{API}/members"), 200)["items"]]
    assert ids == [str(mei.pk)]
    refusal(partner.get(f"{API}/members/{tao.pk}"), 404, "members.not_found")
    with tenant_context(toys):
        tao.refresh_from_db()


def test_an_order_may_name_its_member_by_id(partner, mei):
    body = order_body(member_id=str(mei.pk))
    del body["member_external_id"]
    assert sent(partner.post(f"{API}/orders", body))["member_id"] == str(mei.pk)
    both = order_body("O-2", member_id=str(mei.pk), placed_at=AT)
    refusal(partner.post(f"{API}/orders", both), 400, "api.invalid_body")
