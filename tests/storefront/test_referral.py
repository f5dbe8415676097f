"""Inviting friends, as members do it in their browsers."""

import pytest

from points.program.actions import change_program
from points.referral.actions import ensure_code
from points.referral.models import Distributor, Referral
from tests.referral.conftest import DAY, order
from tests.storefront.browser import Browser

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def open_shop(shop, noon):
    change_program(changes={"referral": {"is_on": True}, "distribution": {"is_on": True}}, at=noon)


@pytest.fixture
def sign_up(ask_for_code, visitor):
    """A new member signs up in the visitor's browser, or another."""

    def enter(address, code="", browser=visitor):
        digits = ask_for_code(address)
        return browser.post(
            "/sessions", {"address": address, "code": digits, "referral_code": code}
        )

    return enter


def test_a_code_kept_in_the_browser_comes_along_at_sign_up(open_shop, mei, mei_browser, sign_up):
    mine = mei_browser.get("/referral").json
    assert mine["link"].endswith(f"/r/{mine['code']}") and mine["first_name"] == "Mei"
    assert sign_up("tao@toys.example", mine["code"]).status == 201
    (row,) = Referral.objects.all()
    assert (row.inviter_id, row.source, row.status) == (mei.pk, "sign_up", "joined")
    assert row.device_hash is not None
    seen = mei_browser.get("/referral").json
    assert (seen["joined"], seen["rewarded"], seen["points"]) == (1, 0, 0)
    assert [guest["status"] for guest in seen["guests"]] == ["joined"]
    assert "tao@" not in str(seen)


def test_a_wrong_code_keeps_nobody_out(open_shop, sign_up):
    assert sign_up("tao@toys.example", "NONESUCH").status == 201
    assert Referral.objects.get().reason == "code_unknown"


def test_one_browser_brings_one_new_member(open_shop, mei, visitor, sign_up):
    code = ensure_code(member=mei)
    sign_up("one@toys.example", code)
    assert visitor.call("DELETE", "/sessions").status == 204
    visitor.open("/")
    sign_up("two@toys.example", code)
    assert list(Referral.objects.order_by("id").values_list("status", "reason")) == [
        ("joined", ""), ("refused", "device_used"),
    ]  # fmt: skip


def test_who_signs_out_and_comes_again_as_another_is_known_by_the_browser(
    open_shop, mei, visitor, sign_up, shop
):
    sign_up("first@toys.example")
    code = visitor.get("/referral").json["code"]
    visitor.call("DELETE", "/sessions")
    visitor.open("/")
    sign_up("second@toys.example", code)
    assert Referral.objects.get().reason == "same_device"


def test_entering_a_code_later(open_shop, mei, sign_up, visitor):
    sign_up("tao@toys.example")
    assert visitor.get("/referral").json["can_claim"] is True
    done = visitor.post("/referral/claims", {"code": ensure_code(member=mei).lower()})
    assert (done.status, done.json) == (201, {"inviter_name": "M**", "invitee_points": 50})
    seen = visitor.get("/referral").json
    assert (seen["can_claim"], seen["came_by"]) == (False, "M**")
    again = visitor.post("/referral/claims", {"code": ensure_code(member=mei)})
    assert (again.status, again.code) == (409, "referral.already_referred")
    assert visitor.post("/referral/claims", {"code": "NONESUCH"}).status == 404


def test_a_refusal_is_told_and_noted(open_shop, mei, mei_browser):
    refused = mei_browser.post("/referral/claims", {"code": ensure_code(member=mei)})
    assert (refused.status, refused.code) == (409, "referral.own_code")
    assert Referral.objects.get().status == "refused"


def test_applying_and_what_commission_there_is(open_shop, mei, mei_browser, noon):
    applied = mei_browser.post("/distributor-applications", {"message": "I know people"})
    assert (applied.status, applied.json["status"]) == (201, "applied")
    again = mei_browser.post("/distributor-applications", {})
    assert (again.status, again.code) == (409, "referral.already_distributor")
    assert mei_browser.get("/referral").json["distribution"]["status"] == "applied"
    assert mei_browser.get("/commissions").json == {"items": [], "next": None}


def test_her_commission_without_who_bought(open_shop, mei, mei_browser, noon, sign_up):
    from points.members.models import Member
    from points.referral import distributors

    distributors.admit(member_id=mei.pk, parent_id=None, at=noon - DAY, actor_name="Lin")
    sign_up("tao@toys.example", ensure_code(member=mei))
    order("O-1", Member.objects.get(email="tao@toys.example"), noon)
    (row,) = mei_browser.get("/commissions").json["items"]
    assert (row["amount_cents"], row["status"], row["level"]) == (500, "pending", 1)
    assert not {"order_id", "member_id"} & set(row)
    assert mei_browser.get("/referral").json["distribution"]["sums"]["pending_cents"] == 500


def test_where_all_is_off(shop, mei_browser):
    seen = mei_browser.get("/referral").json
    assert (seen["terms"]["is_on"], seen["can_claim"]) == (False, False)
    assert mei_browser.post("/referral/claims", {"code": "X"}).code == "referral.closed"
    refused = mei_browser.post("/distributor-applications", {})
    assert refused.code == "referral.distribution_closed"
    assert not Distributor.objects.exists()


def test_the_page_in_few_queries(open_shop, mei, shop, noon, django_assert_max_num_queries):
    browser = Browser(shop).enter(mei)
    browser.get("/referral")
    with django_assert_max_num_queries(11):
        browser.get("/referral")
