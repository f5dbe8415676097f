"""The member's own check-ins: today's tap, the calendar, a missed day."""

from datetime import timedelta

import pytest

from points.members.models import Member


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


@pytest.fixture
def mei(mei, noon):
    """She joined long ago, so that days can be missed."""
    Member.objects.filter(pk=mei.pk).update(joined_at=noon - timedelta(days=99))
    return Member.objects.get(pk=mei.pk)


def test_a_tap_a_day(mei_browser, mei):
    before = mei_browser.get("/check-ins").json
    assert (before["streak"], before["is_checked_in"], before["days"]) == (0, False, [])
    assert [one["points"] for one in before["ahead"]] == [1, 1, 2, 2, 3, 3, 5]

    made = mei_browser.post("/check-ins")
    assert (made.status, made.json["streak"], made.json["points"]) == (201, 1, 1)

    again = mei_browser.post("/check-ins")
    assert (again.status, again.code) == (409, "earning.already_checked_in")
    after = mei_browser.get("/check-ins").json
    assert (after["streak"], after["is_checked_in"]) == (1, True)
    assert [day["date"] for day in after["days"]] == ["2026-03-01"]
    assert mei_browser.get("/me").json["points"]["available"] == 1
    assert mei_browser.get("/transactions").json["items"][0]["reason"] == "Checked in"


def test_a_missed_day_costs_points(mei_browser, mei, give, noon):
    mei_browser.post("/check-ins")
    yesterday = {"date": "2026-02-28"}
    refused = mei_browser.post("/make-ups", yesterday)
    assert (refused.status, refused.code) == (409, "ledger.insufficient_points")
    give(mei, 60, at=noon)
    assert mei_browser.post("/make-ups", yesterday).json["cost_points"] == 50
    assert mei_browser.get("/check-ins").json["streak"] == 2
    last_month = mei_browser.get("/check-ins?month=2026-02").json
    assert [(day["date"], day["is_made_up"]) for day in last_month["days"]] == [
        ("2026-02-28", True)
    ]
    reasons = [line["reason"] for line in mei_browser.get("/transactions").json["items"]]
    assert "Made up for a missed check-in" in reasons


@pytest.mark.parametrize("month", ["2026-13", "x", "9999-12", "2026"])
def test_bad_months(mei_browser, mei, month):
    assert mei_browser.get(f"/check-ins?month={month}").status == 400


def test_few_queries(mei_browser, mei, django_assert_num_queries):
    mei_browser.get("/check-ins")
    with django_assert_num_queries(7):
        mei_browser.get("/check-ins")
