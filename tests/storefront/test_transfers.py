"""A member gives points to a friend: who it is, how many, done; and nobody's number is found out."""

from datetime import timedelta

import pytest
from django.core import signing

from points.flows.member_joined import join_member
from points.program.actions import change_program
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


@pytest.fixture
def ann(shop, noon):
    return join_member(external_id="ann", name="Ann", phone="13900000002", at=noon)


@pytest.fixture
def is_open(shop, noon):
    change_program(
        changes={"transfers": {"enabled": True, "min_points": 10, "max_points_per_day": 80}},
        at=noon,
    )


def look_up(browser, text="139 0000 0002"):
    return browser.post("/transfer-receivers", {"phone_or_code": text})


def pass_on(browser, token, points=50, key="k"):
    body = {"receiver_token": token, "points": points}
    return browser.post("/transfers", body, idem=key)


def test_from_the_look_up_to_both_ledgers(mei_browser, mei, ann, is_open, give, shop, noon):
    give(mei, 100, at=noon)
    assert mei_browser.get("/transfers").json == {
        "is_open": True, "available": 100, "min_points": 10, "max_points": 80, "left_today": 80,
        "left_this_month": None,
    }  # fmt: skip
    found = look_up(mei_browser)
    assert (found.status, found.json["name"]) == (201, "A**")

    made = pass_on(mei_browser, found.json["token"])

    assert (made.status, made.json["points"], made.json["available"]) == (201, 50, 50)
    assert mei_browser.get("/transfers").json["max_points"] == 30
    mine = mei_browser.get("/transactions").json["items"][0]
    hers = Browser(shop).enter(ann).get("/transactions").json["items"][0]
    assert (mine["amount"], mine["reason"]) == (-50, "Given to another member")
    assert (hers["amount"], hers["reason"]) == (50, "Received from another member")


def test_by_the_code_shown_at_the_till(mei_browser, ann, is_open):
    assert look_up(mei_browser, ann.code).json["name"] == "A**"


@pytest.mark.parametrize("text", ["13900000009", "ann", "' or 1=1", "0", " "])
def test_nobody_is_found(mei_browser, ann, is_open, text):
    answer = look_up(mei_browser, text)
    assert (answer.status, answer.code) == (404, "members.not_found")


def test_not_to_oneself(mei_browser, mei, is_open):
    assert look_up(mei_browser, "13800000001").code == "ledger.transfer_to_oneself"


def test_numbers_cannot_be_tried_out(mei_browser, ann, is_open):
    for n in range(10):
        assert look_up(mei_browser, f"1390000001{n}").code == "members.not_found"
    refused = look_up(mei_browser)
    assert (refused.status, refused.code) == (429, "api.rate_limited")
    assert int(refused.headers["Retry-After"]) > 0


def test_a_token_is_the_senders_own_and_runs_out(
    mei_browser, mei, ann, is_open, give, shop, noon, time_machine_at
):
    give(mei, 100, at=noon)
    token = look_up(mei_browser).json["token"]
    thief = join_member(external_id="eve", at=noon)
    give(thief, 100, at=noon)
    stolen = pass_on(Browser(shop).enter(thief), token)
    forged = pass_on(mei_browser, signing.dumps([mei.pk.hex, ann.pk.hex]), key="f")
    time_machine_at.move_to(noon + timedelta(seconds=601))
    late = pass_on(mei_browser, token, key="l")
    for answer in (stolen, forged, late, pass_on(mei_browser, "x", key="x")):
        assert (answer.status, answer.code) == (409, "ledger.receiver_unknown")
    assert mei_browser.get("/me").json["points"]["available"] == 100


def test_closed_shops_look_nobody_up(mei_browser, ann, give, mei, noon):
    give(mei, 100, at=noon)
    assert look_up(mei_browser).code == "ledger.transfers_closed"
    terms = mei_browser.get("/transfers").json
    assert (terms["is_open"], terms["max_points"]) == (False, 0)
    assert '"transfers": false' in mei_browser.open("/").raw.decode()


def test_the_same_press_twice_gives_once(mei_browser, mei, ann, is_open, give, noon):
    give(mei, 100, at=noon)
    token = look_up(mei_browser).json["token"]
    first, again = (pass_on(mei_browser, token) for _ in range(2))
    assert first.raw == again.raw
    assert mei_browser.get("/me").json["points"]["available"] == 50
