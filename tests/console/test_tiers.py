"""Tiers in the console: roles, the list of members, setting by hand with a note in the audit."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from tests.console.conftest import API

GOLD = {"code": "gold", "name_zh": "金卡会员", "name_en": "Gold", "threshold": 100}
BY_HAND = {"tier": "gold", "until": "2099-01-01T00:00:00Z", "reason": "A regret"}


@pytest.fixture
def ladder(console):
    for body in ({"code": "member", "name": "Member", "threshold": 0}, GOLD):
        assert console.post(f"{API}/tiers", body).status == 201


def test_staff_build_a_ladder(console, ladder, orders, tea):
    orders("A-1", cents=10_900)
    items = console.get(f"{API}/tiers").json["items"]
    assert [(i["code"], i["members_count"]) for i in items] == [("member", 0), ("gold", 1)]
    changed = console.patch(f"{API}/tiers/gold", {"benefits": {"birthday_points": 50}})
    assert changed.json["benefits"]["birthday_points"] == 50
    settings = console.patch(f"{API}/program", {"tiers": {"downgrade": "to_earned"}}).json["tiers"]
    assert (settings["is_on"], settings["downgrade"]) == (True, "to_earned")
    with tenant_context(tea):
        topics = list(OutboxEvent.objects.filter(topic__startswith="audit.tier").order_by("id"))
    assert [e.topic for e in topics] == [
        "audit.tier.added",
        "audit.tier.added",
        "audit.tier.changed",
    ]


def test_members_show_their_tier(console, ladder, orders):
    orders("A-1", cents=10_900)
    orders("B-1", member="lin", cents=900)
    rows = console.get(f"{API}/members").json["items"]
    assert {row["external_id"]: row["tier"] and row["tier"]["name"] for row in rows} == {
        "mei": "Gold", "lin": "Member",
    }  # fmt: skip
    one = console.get(f"{API}/members/{rows[0]['id']}").json
    assert one["tier"] == rows[0]["tier"]


def test_the_list_of_members_can_be_cut_down_to_a_tier(console, ladder, orders):
    orders("A-1", cents=10_900)
    begun = console.get(f"{API}/members").json["items"]
    for code in {row["tier"]["code"] for row in begun} | {"gold", "member"}:
        found = console.get(f"{API}/members?tier={code}").json
        on_tier = [row["id"] for row in begun if row["tier"]["code"] == code]
        assert ([row["id"] for row in found["items"]], found["total"]) == (on_tier, len(on_tier))
    missing = console.get(f"{API}/members?tier=nobody")
    assert (missing.status, missing.code) == (404, "tiers.not_found")


def test_a_tier_is_set_by_hand_and_noted(console, ladder, mei, tea):
    place = console.post(f"{API}/members/{mei.pk}/tier", BY_HAND)
    assert (place.status, place.json["tier"]["code"]) == (201, "gold")
    assert console.get(f"{API}/members/{mei.pk}/tier").json["reason"] == "A regret"
    done = console.post(f"{API}/members/{mei.pk}/tier/release", {"reason": "Over"})
    assert done.json["tier"]["code"] == "member"
    with tenant_context(tea):
        noted = OutboxEvent.objects.get(topic="audit.member_tier.set").payload
    assert (noted["actor_name"], noted["after"]["tier"]) == ("Lin Owner", "gold")


@pytest.mark.parametrize(
    ("role", "may_build", "may_set"),
    [("admin", True, True), ("support", False, True), ("marketer", False, False)],
)
def test_roles(console, ladder, console_as, mei, role, may_build, may_set):
    staff = console_as(role)
    built = staff.patch(f"{API}/tiers/gold", {"threshold": 200})
    placed = staff.post(f"{API}/members/{mei.pk}/tier", BY_HAND)
    assert (built.status, placed.status) == (200 if may_build else 403, 201 if may_set else 403)
    assert staff.get(f"{API}/members/{mei.pk}/tier").status == 200
