"""The coupon centre and my coupons."""

import pytest

from tests.coupons.conftest import give, template


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


@pytest.fixture
def offers(mei):
    template(is_claimable=True, per_member=1, total=4)
    template("hidden")


def test_a_coupon_is_claimed_once(mei_browser, offers):
    (offer,) = mei_browser.get("/coupon-offers").json["items"]
    assert (offer["code"], offer["state"], offer["gone_percent"]) == ("twenty", "open", 0)
    made = mei_browser.post("/coupons", {"template": "twenty"})
    assert (made.status, made.json["state"]) == (201, "issued")
    assert made.json["words"]["validity"] == "Until 2026-03-31"
    again = mei_browser.post("/coupons", {"template": "twenty"})
    assert (again.status, again.code) == (409, "coupons.member_limit_reached")
    (offer,) = mei_browser.get("/coupon-offers").json["items"]
    assert (offer["state"], offer["claimed_by_me"], offer["gone_percent"]) == ("taken", 1, 25)
    assert len(mei_browser.get("/coupons?group=usable").json["items"]) == 1
    assert mei_browser.get("/coupons?group=used").json["items"] == []


def test_what_is_not_offered_cannot_be_claimed(mei_browser, offers):
    for code, status, refused in (
        ("hidden", 409, "coupons.not_claimable"),
        ("nothing", 404, "coupons.template_not_found"),
    ):
        answer = mei_browser.post("/coupons", {"template": code})
        assert (answer.status, answer.code) == (status, refused)
    assert mei_browser.get("/coupons").json["items"] == []


def test_a_visitor_sees_offers(visitor, offers):
    (offer,) = visitor.get("/coupon-offers").json["items"]
    assert (offer["words"]["headline"], offer["claimed_by_me"]) == ("¥20.00", 0)


def test_my_coupons_are_mine_alone(mei_browser, mei, offers, noon):
    from points.members.actions import create_member

    other = create_member(external_id="ann", at=noon)
    give(other, "hidden")
    mine = give(mei, "hidden")
    (shown,) = mei_browser.get("/coupons").json["items"]
    assert shown["code"] == mine.code
