"""Tiers over the API: the ladder, a member's place with its reasons, and what is refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.models import OutboxEvent
from points.flows.member_joined import join_member
from points.flows.monthly_coupons import give_monthly_coupons
from points.program.queries import get_program
from tests.partner.calls import API, contents, order_body, refusal, sent

GOLD = {"code": "gold", "name_zh": "金卡会员", "name_en": "Gold", "threshold": 1_000}


@pytest.fixture
def ladder(partner):
    for body in (
        {"code": "member", "name": "Member", "threshold": 0},
        {"code": "silver", "name": "Silver", "threshold": 100, "color": "#7b8794"},
        {**GOLD, "benefits": {"earn_multiplier": "1.25", "birthday_points": 5}},
    ):
        sent(partner.post(f"{API}/tiers", body))


def test_the_first_tier_switches_tiers_on(partner):
    assert sent(partner.get(f"{API}/program"), 200)["tiers"]["is_on"] is False
    made = sent(partner.post(f"{API}/tiers", GOLD))
    assert made == {
        "code": "gold", "level": 1, "name": "Gold", "name_zh": "金卡会员", "name_en": "Gold",
        "threshold": 1_000, "color": "",
        "benefits": {
            "earn_multiplier": "1",
            "birthday_points": 0, "checkin_bonus_points": 0, "member_price_rate": "1",
            "free_shipping": False, "monthly_coupon": "",
        },
        "monthly_coupon": None,
    }  # fmt: skip
    assert sent(partner.get(f"{API}/program"), 200)["tiers"] == {
        "is_on": True, "qualify_by": "growth", "window": "rolling_12_months",
        "growth_step_cents": 100, "growth_per_step": 1, "grace_days": 30,
        "downgrade": "one_level",
    }  # fmt: skip
    audited = OutboxEvent.objects.get(topic="audit.tier.added")
    assert audited.payload["after"]["threshold"] == 1_000


def test_the_ladder_is_sorted_and_counted(partner, ladder, mei):
    sent(partner.post(f"{API}/orders", order_body("O-1", 15_000)))
    items = sent(partner.get(f"{API}/tiers"), 200)["items"]
    assert [(i["code"], i["level"], i["members_count"]) for i in items] == [
        ("member", 1, 0), ("silver", 2, 1), ("gold", 3, 0),
    ]  # fmt: skip
    changed = sent(partner.patch(f"{API}/tiers/gold", {"threshold": 50}), 200)
    assert (changed["level"], changed["benefits"]["earn_multiplier"]) == (2, "1.25")
    assert sent(partner.get(f"{API}/tiers/silver"), 200)["level"] == 3


def test_a_member_sees_a_tier_growth_and_the_way_on(partner, ladder, mei):
    assert sent(partner.get(f"{API}/members/{mei.pk}"), 200)["tier"] == "member"
    sent(partner.post(f"{API}/orders", order_body("O-1", 15_000)))
    shown = sent(partner.get(f"{API}/members/{mei.pk}"), 200)
    assert (shown["tier"], shown["growth"]) == ("silver", 150)
    place = sent(partner.get(f"{API}/members/{mei.pk}/tier"), 200)
    assert (place["tier"]["code"], place["value"], place["missing"]) == ("silver", 150, 850)
    assert place["next_tier"]["code"] == "gold"
    assert place["progress_rate"] == "0.0555"
    assert place["keeps_until"] == "2027-03-01T16:00:00Z"  # midnight in Shanghai
    (move,) = place["history"]
    assert (move["kind"], move["from_tier"], move["to_tier"]) == ("upgrade", "member", "silver")
    assert move["explanation"] == "Reached 150 growth; Silver begins at 100 growth."


def test_lists_of_members_take_as_many_queries_for_ten_as_for_one(partner, ladder, mei):
    for n in range(9):
        sent(partner.post(f"{API}/members", {"external_id": f"m{n}"}))

    def queries(limit):
        with CaptureQueriesContext(connection) as seen:
            found = sent(partner.get(f"{API}/members?limit={limit}"), 200)["items"]
        assert {row["tier"] for row in found} == {"member"}
        return len(seen)

    assert queries(1) == queries(10)


def test_growth_is_in_no_list_of_points(partner, ladder, mei):
    sent(partner.post(f"{API}/orders", order_body("O-1", 15_000)))
    order = sent(partner.get(f"{API}/orders/O-1"), 200)
    assert [lot["granted"] for lot in order["points"]["lots"]] == [150]
    rows = sent(partner.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert [row["amount"] for row in rows] == [150]
    lots = sent(partner.get(f"{API}/members/{mei.pk}/lots"), 200)["items"]
    assert len(lots) == 1
    report = sent(partner.get(f"{API}/reports/points?from=2026-03-01&to=2026-03-01"), 200)
    assert (report["issued_points"], report["outstanding_points"]) == (150, 150)


def test_set_by_hand_and_released(partner, ladder, mei):
    body = {"tier": "gold", "until": "2099-01-01T00:00:00+08:00", "reason": "A regret"}
    place = sent(partner.post(f"{API}/members/{mei.pk}/tier", body))
    assert (place["tier"]["code"], place["earned_tier"]) == ("gold", "member")
    assert (place["manual_until"], place["reason"]) == ("2098-12-31T16:00:00Z", "A regret")
    assert place["history"][0]["explanation"] == "Set by hand until 2098-12-31: A regret"
    assert sent(partner.get(f"{API}/members/{mei.pk}"), 200)["tier"] == "gold"
    path = f"{API}/members/{mei.pk}/tier/release"
    assert sent(partner.post(path, {"reason": "Over"}), 200)["tier"]["code"] == "member"
    refusal(partner.post(path, {"reason": "Over"}), 409, "tiers.not_set_by_hand")
    audited = OutboxEvent.objects.filter(topic__startswith="audit.member_tier").order_by("id")
    assert [e.topic for e in audited] == ["audit.member_tier.set", "audit.member_tier.released"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("tiers", {**GOLD, "threshold": 7}, 409, "tiers.code_taken"),
        ("tiers", {**GOLD, "code": "x"}, 409, "tiers.threshold_taken"),
        ("tiers", {**GOLD, "code": "X!"}, 400, "api.invalid_body"),
        ("tiers", {**GOLD, "threshold": -1}, 400, "api.invalid_body"),
        ("tiers", {**GOLD, "threshold": 2**63}, 400, "api.invalid_body"),
        ("tiers", {**GOLD, "benefits": {"coupons": 1}}, 400, "api.invalid_body"),
        (
            "tiers",
            {"code": "y", "threshold": 9, "benefits": {"earn_multiplier": "NaN"}},
            400,
            "tiers.benefits_invalid",
        ),
        ("tiers", {**GOLD, "color": "red"}, 400, "api.invalid_body"),
        ("members/{mei}/tier", {"tier": "gold", "reason": "x"}, 400, "api.invalid_body"),
        (
            "members/{mei}/tier",
            {"tier": "gold", "until": "2020-01-01T00:00:00Z", "reason": "x"},
            409,
            "tiers.date_not_ahead",
        ),
        (
            "members/{mei}/tier",
            {"tier": "diamond", "until": "2099-01-01T00:00:00Z", "reason": "x"},
            404,
            "tiers.not_found",
        ),
        (
            "members/{mei}/tier",
            {"tier": "gold", "until": "2099-01-01T00:00:00Z", "reason": " "},
            400,
            "api.invalid_body",
        ),
        ("members/nobody/tier/release", {"reason": "x"}, 404, "members.not_found"),
    ],
)
def test_what_is_refused_changes_nothing(partner, ladder, mei, shop, path, body, status, code):
    before = contents(shop)
    refusal(partner.post(f"{API}/{path.format(mei=mei.pk)}", body), status, code)
    assert contents(shop) == before


def test_settings_of_tiers_are_checked(partner, ladder):
    for changes in ({"window": "month"}, {"grace_days": -1}, {"growth_step_cents": 0}, {"x": 1}):
        answer = partner.patch(f"{API}/program", {"tiers": changes})
        refusal(answer, 400, "program.settings_contradict")
    told = sent(partner.patch(f"{API}/program", {"tiers": {"grace_days": 0}}), 200)["tiers"]
    assert (told["grace_days"], told["is_on"]) == (0, True)
    refusal(partner.patch(f"{API}/tiers/x", {"threshold": 5}), 404, "tiers.not_found")
    refusal(partner.get(f"{API}/tiers/x"), 404, "tiers.not_found")


def test_a_year_in_a_minute(lab):
    """On the test clock: gold in March, grace a year later, silver after it."""
    start = "2026-12-01T00:00:00+00:00"
    sent(lab.post(f"{API}/test-clock", {"now": start, "run_jobs": True}), 200)
    for code, threshold in (("silver", 100), ("gold", 1_000)):
        sent(lab.post(f"{API}/tiers", {"code": code, "threshold": threshold}))
    member = sent(lab.post(f"{API}/members", {"external_id": "mei"}))["id"]
    assert sent(lab.get(f"{API}/members/{member}"), 200)["tier"] is None
    told = order_body("O-1", 100_000, placed_at=start, completed_at=start, currency="USD")
    sent(lab.post(f"{API}/orders", told))
    tiers = []
    for moment in ("2027-12-01", "2027-12-03", "2028-01-02", "2028-01-09"):
        body = {"now": f"{moment}T00:00:00+00:00", "run_jobs": True}
        assert "tiers_reassessed" in sent(lab.post(f"{API}/test-clock", body), 200)["jobs"]
        tiers.append(sent(lab.get(f"{API}/members/{member}"), 200)["tier"])
    assert tiers == ["gold", "gold", "silver", "silver"]
    place = sent(lab.get(f"{API}/members/{member}/tier"), 200)
    assert [move["kind"] for move in place["history"]] == ["downgrade", "grace", "upgrade"]


def test_a_tier_gives_a_coupon_every_month_and_says_what_became_of_it(partner, ladder, mei, noon):
    coupon = {
        "code": "tea-friends", "kind": "free_shipping", "name_zh": "茶友券", "name_en": "Tea friends",
        "status": "active",
    }  # fmt: skip
    sent(partner.post(f"{API}/coupon-templates", coupon))
    given = {"benefits": {"monthly_coupon": "tea-friends"}}
    for refused in ("nobody", "Tea"):
        missing = partner.patch(f"{API}/tiers/member", {"benefits": {"monthly_coupon": refused}})
        assert (missing.status, missing.code) == (404, "coupons.template_not_found")
    assert (
        partner.patch(f"{API}/tiers/member", {"benefits": {"monthly_coupon": None}}).status == 400
    )
    shown = sent(partner.patch(f"{API}/tiers/member", given), 200)
    assert (shown["benefits"]["monthly_coupon"], shown["benefits"]["free_shipping"]) == (
        "tea-friends", False,
    )  # fmt: skip
    named = {"code": "tea-friends", "name": "Tea friends", "is_active": True}
    assert shown["monthly_coupon"] == named
    first, silver, _ = sent(partner.get(f"{API}/tiers"), 200)["items"]
    assert (first["monthly_coupon"], first["coupons_this_month"]) == (named, None)
    assert (silver["monthly_coupon"], silver["coupons_this_month"]) == (None, None)
    at = clock.now()
    assert give_monthly_coupons(at=at) == 1
    join_member(external_id="late", at=at)
    sent(partner.patch(f"{API}/coupon-templates/tea-friends", {"status": "stopped"}), 200)
    assert give_monthly_coupons(at=at) == 0
    first = sent(partner.get(f"{API}/tiers"), 200)["items"][0]
    assert first["coupons_this_month"] == {
        "month": f"{get_program().calendar.day_of(at):%Y-%m}", "issued_count": 1,
        "missed_count": 1, "missed_reason": "inactive",
    }  # fmt: skip
    assert first["monthly_coupon"]["is_active"] is False
    place = sent(partner.get(f"{API}/members/{mei.pk}/tier"), 200)
    assert place["tier"]["monthly_coupon"]["name"] == "Tea friends"
    sent(partner.patch(f"{API}/tiers/member", {"benefits": {"monthly_coupon": ""}}), 200)
    assert sent(partner.get(f"{API}/tiers/member"), 200)["monthly_coupon"] is None
    noted = OutboxEvent.objects.filter(topic="audit.tier.changed").order_by("id")
    sides = [(e.payload["before"]["benefits"], e.payload["after"]["benefits"]) for e in noted]
    assert [(a["monthly_coupon"], b["monthly_coupon"]) for a, b in sides] == [
        ("", "tea-friends"), ("tea-friends", ""),
    ]  # fmt: skip
