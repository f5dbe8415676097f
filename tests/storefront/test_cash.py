"""The cash wallet as a member uses it."""

from datetime import timedelta

import pytest

from kernel.ids import new_id
from points.cash.actions import Gift, give
from points.cash.red_packets import make_red_packet
from points.cash.withdrawals import approve_withdrawal, reject_withdrawal
from points.members.actions import create_member
from points.program.actions import change_program
from tests.storefront.browser import Browser
from tests.storefront.conftest import grant_lot

PAYEE = {"payee_name": "王梅", "payee_account": "6222021000112233"}


@pytest.fixture
def browser(mei_browser, mei, noon, today):
    change_program(changes={"cash": {"enabled": True, "member_daily_cents": 2_000}}, at=noon)
    grant_lot(mei, 5_000, at=noon)
    gift = Gift(member=mei.pk, cents=888, source="test", source_id=new_id())
    give(gifts=[gift], at=noon, actor="t")
    return mei_browser


def packet(noon, **fields):
    told = {
        "kind": "equal", "title_zh": "恭喜发财", "title_en": "Good luck", "total_cents": 400,
        "shares_count": 2, "audience": "all", "audience_code": "", "funding_source": "merchant",
        **fields,
    }  # fmt: skip
    return make_red_packet(fields=told, ends_at=noon + timedelta(days=1), at=noon, actor="staff:1")


def look(browser):
    return browser.get("/cash").json


def test_the_wallet_says_what_can_be_done(browser):
    told = look(browser)
    assert (told["cash_cents"], told["max_points"], told["max_cents"], told["left_cents"]) == (
        888, 2_000, 2_000, 2_000,
    )  # fmt: skip
    assert (told["can_withdraw"], told["max_withdrawal_cents"]) == (True, 888)


def test_exchanging_and_the_line_it_leaves(browser):
    made = browser.post("/cash-exchanges", {"points": 1_000}, idem="k").json
    assert (made["amount_cents"], made["available"], made["cash_cents"]) == (1_000, 4_000, 1_888)
    lines = browser.get("/cash/transactions").json["items"]
    assert [(row["amount_cents"], row["balance_after_cents"]) for row in lines] == [
        (1_000, 1_888), (888, 888),
    ]  # fmt: skip
    assert lines[0]["reason"] in ("Exchanged into cash", "积分兑换转入")
    cap = browser.post("/cash-exchanges", {"points": 1_100}, idem="k2")
    assert (cap.code, cap.json["facts"]["left_cents"]) == ("cash.cap_reached", 1_000)


def test_a_withdrawal_is_asked_for_and_taken_back(browser, mei, noon):
    row = browser.post("/withdrawals", {"amount_cents": 500, **PAYEE}, idem="k").json
    assert (row["status"], row["can_cancel"], row["payee_account"]) == (
        "requested", True, "*** 2233",
    )  # fmt: skip
    told = look(browser)
    assert (told["cash_cents"], told["on_its_way_cents"]) == (388, 500)
    assert told["payee_account"] == PAYEE["payee_account"]  # her own, not to be typed again
    cancelled = browser.post(f"/withdrawals/{row['id']}/cancellation", None).json
    assert (cancelled["status"], look(browser)["cash_cents"]) == ("cancelled", 888)
    other = browser.post("/withdrawals", {"amount_cents": 300, **PAYEE}, idem="k3").json
    reject_withdrawal(withdrawal_id=other["id"], at=noon, actor="staff:1", note="Name differs")
    listed = browser.get("/withdrawals").json["items"]
    assert [one["status"] for one in listed] == ["rejected", "cancelled"]
    assert listed[0]["decision_note"] == "Name differs"


def test_nobody_cancels_anothers_withdrawal(browser, shop, noon):
    row = browser.post("/withdrawals", {"amount_cents": 500, **PAYEE}, idem="k").json
    other = Browser(shop).enter(create_member(external_id="x", at=noon))
    assert other.post(f"/withdrawals/{row['id']}/cancellation", None).code == (
        "cash.withdrawal_not_found"
    )
    approve_withdrawal(withdrawal_id=row["id"], at=noon, actor="staff:1")
    late = browser.post(f"/withdrawals/{row['id']}/cancellation", None)
    assert (late.status, late.code) == (409, "cash.withdrawal_not_open")


def test_a_red_packet_is_opened_once_and_takers_are_masked(browser, shop, noon):
    row = packet(noon)
    assert [one["id"] for one in browser.get("/red-packets").json["items"]] == [str(row.pk)]
    mine = browser.post(f"/red-packets/{row.pk}/shares", None).json
    assert (mine["my_cents"], mine["taken_count"], mine["status"]) == (200, 1, "open")
    assert browser.post(f"/red-packets/{row.pk}/shares", None).code == "cash.red_packet_taken"
    assert browser.get("/red-packets").json["items"] == []
    Browser(shop).enter(create_member(external_id="b", name="Bob Stone", at=noon)).post(
        f"/red-packets/{row.pk}/shares", None
    )
    told = browser.get(f"/red-packets/{row.pk}/shares").json["items"]
    assert [(one["is_me"], one["amount_cents"]) for one in told] == [(False, 200), (True, 200)]
    assert "Bob Stone" not in str(told) and not any(one["is_luckiest"] for one in told)
    late = Browser(shop).enter(create_member(external_id="c", at=noon))
    assert late.post(f"/red-packets/{row.pk}/shares", None).code == "cash.red_packet_empty"
    assert late.get(f"/red-packets/{row.pk}").json["status"] == "empty"


def test_who_it_is_not_for_sees_so_and_takes_nothing(browser, noon):
    row = packet(noon, audience="segment", audience_code="nobody")
    assert browser.get("/red-packets").json["items"] == []
    assert browser.get(f"/red-packets/{row.pk}").json["is_for_me"] is False
    refused = browser.post(f"/red-packets/{row.pk}/shares", None)
    assert (refused.status, refused.code) == (403, "cash.red_packet_not_for_you")


def test_the_page_knows_whether_the_shop_has_cash(browser, visitor, noon):
    assert '"cash": true' in visitor.open("/").raw.decode()
    change_program(changes={"cash": {"enabled": False}}, at=noon)
    assert '"cash": false' in visitor.open("/").raw.decode()
