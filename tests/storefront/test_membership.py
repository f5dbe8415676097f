"""The member's own page of tiers."""

from points.coupons.templates import stop_template
from points.tiers.actions import change_tier, create_tier, set_by_hand
from tests.coupons.conftest import template
from tests.tiers.conftest import buy as buy_at
from tests.tiers.conftest import day


def ladder():
    for code, zh, threshold in (("member", "会员", 0), ("gold", "金卡会员", 1_000)):
        fields = {"code": code, "name_zh": zh, "name_en": code.title(), "threshold": threshold}
        create_tier(fields=fields, at=day("2026-01-01"))


def test_a_shop_without_tiers_says_so(mei_browser):
    found = mei_browser.get("/membership").json
    assert (found["tier"], found["tiers"], found["history"]) == (None, [], [])


def test_where_i_stand_and_what_is_missing(mei, mei_browser):
    ladder()
    buy_at("A", "2026-03-01", 800, member="mei")
    found = mei_browser.get("/membership").json
    assert found["tier"]["name"] in ("Member", "会员")
    assert [tier["code"] for tier in found["tiers"]] == ["member", "gold"]
    assert (found["currency"], found["next_tier"]["threshold"]) == ("CNY", 1_000)


def test_what_staff_noted_is_not_told(mei, mei_browser):
    ladder()
    set_by_hand(
        member_id=mei.pk, code="gold", until=day("2099-01-01", 0), reason="knows the boss",
        at=day("2026-03-01"), actor="staff:1",
    )  # fmt: skip
    answer = mei_browser.call("GET", "/membership", Accept_Language="zh-hans")
    assert "boss" not in answer.raw.decode()
    assert answer.json["tier"]["name"] == "金卡会员"
    assert answer.json["history"][0]["explanation"] == "由商家赠予，有效期至 2098-12-31。"


def test_me_shows_growth(mei, mei_browser):
    ladder()
    buy_at("A", "2026-03-01", 800, member="mei")
    assert mei_browser.get("/me").json["growth"] == 800


def test_the_months_coupon_is_named_as_long_as_any_are_given_out(mei, mei_browser):
    ladder()
    template("tea-friends", name_zh="茶友券", name_en="Tea friends")
    change_tier(code="gold", changes={"benefits": {"monthly_coupon": "tea-friends"}})
    gold = mei_browser.call("GET", "/membership", Accept_Language="zh-hans").json["next_tier"]
    named = {"code": "tea-friends", "name": "茶友券", "is_active": True}
    assert gold["monthly_coupon"] == named
    stop_template(code="tea-friends", at=day("2026-03-02"))
    tiers = mei_browser.get("/membership").json["tiers"]
    assert [tier["monthly_coupon"] and tier["monthly_coupon"]["is_active"] for tier in tiers] == [
        None, False,
    ]  # fmt: skip
