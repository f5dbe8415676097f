"""The member's own page: numbers exact to the point and to the second."""

from datetime import timedelta

import pytest

from points.ledger import actions as ledger
from points.members.models import Member
from points.program.actions import change_program
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def test_a_new_member_has_nothing(mei_browser, mei):
    me = mei_browser.get("/me").json

    assert me == {
        "id": str(mei.pk),
        "external_id": "mei",
        "name": "Mei",
        "phone": "138****0001",
        "email": None,
        "birthday": None,
        "joined_at": "2026-03-01T04:00:00Z",
        "member_code": mei.code,
        "tier": None,
        "points": {"available": 0, "pending": 0, "held": 0, "debt": 0, "lifetime_earned": 0},
        "points_value_cents": 0,
        "next_expiry": None,
        "next_maturity": None,
        "growth": 0,
        "cash_cents": 0,
        "email_consent": False,
        "can_change_birthday": True,
    }


def test_points_by_state_with_the_next_dates(mei_browser, mei, give, noon):
    """120 end in 9 days and 30 more at the same moment; 240 can be used in 5 days."""
    give(mei, 120, at=noon, expires_in=9)
    give(mei, 30, at=noon, expires_in=9)
    give(mei, 500, at=noon, expires_in=100)
    give(mei, 240, at=noon, expires_in=370, matures_in=5)
    give(mei, 60, at=noon, matures_in=8)
    ledger.hold_points(
        member=mei.pk, points=50, reference="basket", expires_in=timedelta(hours=1), at=noon,
        actor="test",
    )  # fmt: skip

    me = mei_browser.get("/me").json

    assert me["points"] == {
        "available": 600, "pending": 300, "held": 50, "debt": 0, "lifetime_earned": 950,
    }  # fmt: skip
    assert me["next_expiry"] == {"points": 100, "expires_at": "2026-03-10T04:00:00Z"}
    assert me["next_maturity"] == {"points": 240, "matures_at": "2026-03-06T04:00:00Z"}
    assert me["points_value_cents"] == 600


@pytest.mark.parametrize(
    ("points", "per_unit", "cents"), [(999, 300, 333), (1000, 300, 333), (1, 300, 0), (7, 5, 140)]
)
def test_the_value_is_rounded_down(mei_browser, mei, give, noon, points, per_unit, cents):
    change_program(changes={"face_value_points_per_unit": per_unit}, at=noon)
    give(mei, points, at=noon)

    assert mei_browser.get("/me").json["points_value_cents"] == cents


def test_a_balance_is_right_to_the_second(mei_browser, mei, give, noon, time_machine_at):
    """100 end at noon in ten days; no job has run."""
    give(mei, 100, at=noon, expires_in=10)
    give(mei, 40, at=noon, matures_in=10)

    time_machine_at.move_to(noon + timedelta(days=10, seconds=-1))
    before = mei_browser.get("/me").json["points"]
    time_machine_at.move_to(noon + timedelta(days=10))
    after = mei_browser.get("/me").json

    assert (before["available"], before["pending"]) == (100, 40)
    assert (after["points"]["available"], after["points"]["pending"]) == (40, 0)
    assert after["next_expiry"] is None and after["next_maturity"] is None


def test_an_imported_member_gets_a_code_for_the_till_and_keeps_it(shop, mei):
    Member.objects.filter(pk=mei.pk).update(code="")
    browser = Browser(shop).enter(mei)

    first, second = browser.get("/me").json, browser.get("/me").json

    assert len(first["member_code"]) == 8 and first["member_code"].isdigit()
    assert first["member_code"] == second["member_code"]


def test_a_name_can_be_taken_back_and_a_birthday_is_entered_once(mei_browser, mei):
    changed = mei_browser.patch("/me", {"name": "  梅 ", "birthday": "1990-02-28"}).json
    assert (changed["name"], changed["birthday"]) == ("梅", "1990-02-28")

    untouched = mei_browser.patch("/me", {}).json
    assert (untouched["name"], untouched["birthday"]) == ("梅", "1990-02-28")

    cleared = mei_browser.patch("/me", {"name": None}).json
    assert (cleared["name"], cleared["birthday"]) == (None, "1990-02-28")
    refused = mei_browser.patch("/me", {"birthday": None})
    assert (refused.status, refused.code) == (409, "members.birthday_fixed")


@pytest.mark.parametrize(
    "body",
    [
        {"birthday": "2026-03-03"},
        {"birthday": "1899-12-31"},
        {"birthday": "1990-02-30"},
        {"name": "x" * 61},
        {"phone": "13900000000"},
        {"name": 5},
    ],
)
def test_what_a_member_may_not_change(mei_browser, mei, body):
    answer = mei_browser.patch("/me", body)

    assert (answer.status, answer.code) == (400, "api.invalid_body")
    mei.refresh_from_db()
    assert (mei.name, mei.birthday, mei.phone) == ("Mei", None, "13800000001")


def test_few_queries(mei_browser, mei, give, noon, django_assert_num_queries):
    give(mei, 100, at=noon, expires_in=10)
    mei_browser.warm_up()
    with django_assert_num_queries(5):
        mei_browser.get("/me")
