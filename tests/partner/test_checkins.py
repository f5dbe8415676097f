"""Check-in over the API: the shop's days, the end of daylight saving, and what is refused."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.partner.calls import API, balance, contents, give, refusal, sent

ZONE = ZoneInfo("America/New_York")
ANN = {"member_external_id": "ann"}


@pytest.fixture
def table(lab):
    """New York, 30 October 2026, one minute to midnight; days give 1 to 7."""
    goto(lab, datetime(2026, 10, 30, 23, 59, tzinfo=ZONE))
    sent(lab.patch(f"{API}/program", {"checkin": {"base_points": [1, 2, 3, 4, 5, 6, 7]}}), 200)
    sent(lab.post(f"{API}/members", {"external_id": "ann", "joined_at": "2026-01-01T00:00:00Z"}))
    return lab


def goto(api, moment):
    sent(api.post(f"{API}/test-clock", {"now": moment.isoformat(), "run_jobs": True}), 200)


def come(api):
    return sent(api.post(f"{API}/check-ins", ANN))


def overview(api, month=""):
    return sent(api.get(f"{API}/check-ins?member_external_id=ann{month}"), 200)


def test_streaks_run_over_midnight_and_the_end_of_daylight_saving(table):
    first = come(table)
    assert (first["date"], first["streak"], first["points"]) == ("2026-10-30", 1, 1)
    goto(table, datetime(2026, 10, 31, 0, 1, tzinfo=ZONE))
    assert come(table)["streak"] == 2
    told = []
    for day in range(1, 7):  # clocks go back on 1 November
        hour, minute = (23, 30) if day == 1 else (0, 30)
        goto(table, datetime(2026, 11, day, hour, minute, tzinfo=ZONE))
        told.append((come(table)["streak"], come_again(table)))
    assert told == [(streak, f"2026-11-0{streak - 2}") for streak in range(3, 9)]
    assert overview(table)["streak"] == 8
    goto(table, datetime(2026, 11, 8, 9, tzinfo=ZONE))
    assert overview(table)["streak"] == 0
    assert come(table)["streak"] == 1


def come_again(api):
    answer = api.post(f"{API}/check-ins", ANN)
    return refusal(answer, 409, "earning.already_checked_in")["date"]


def test_the_answer_and_the_ledger_say_the_same(table):
    sent(
        table.patch(
            f"{API}/program",
            {"checkin": {"milestones": [{"kind": "continuous", "days": 1, "points": 9}]}},
        ),
        200,
    )
    made = come(table)
    assert made == {
        "id": made["id"], "member_id": made["member_id"], "date": "2026-10-30", "streak": 1,
        "points": 10, "base_points": 1, "tier_points": 0,
        "milestones": [{"kind": "continuous", "days": 1, "points": 9}],
        "is_made_up": False, "cost_points": 0,
    }  # fmt: skip
    rows = sent(table.get(f"{API}/members/{made['member_id']}/transactions"), 200)["items"]
    assert sorted((row["amount"], row["reason"]) for row in rows) == [
        (1, "Checked in"), (9, "Checked in: 1 days reached"),
    ]  # fmt: skip


def test_a_missed_day_is_made_up_for_with_points(table):
    come(table)
    goto(table, datetime(2026, 11, 1, 9, tzinfo=ZONE))
    come(table)
    body = {**ANN, "date": "2026-10-31"}
    refusal(table.post(f"{API}/make-ups", body), 409, "ledger.insufficient_points")
    give(table, 50, member="ann")
    made = sent(table.post(f"{API}/make-ups", body))
    assert (made["streak"], made["points"], made["cost_points"]) == (2, 0, 50)
    found = overview(table, "&month=2026-11")
    assert [(day["date"], day["streak"]) for day in found["days"]] == [("2026-11-01", 3)]
    assert (found["make_ups_left"], found["streak"]) == (2, 3)
    refusal(table.post(f"{API}/make-ups", body), 409, "earning.already_checked_in")
    early = refusal(
        table.post(f"{API}/make-ups", {**ANN, "date": "2026-09-01"}), 409, "checkin.day_not_open"
    )
    assert early == {"date": "2026-09-01", "first": "2026-10-01"}


@pytest.mark.parametrize(
    "body", [{}, {"member_external_id": 7}, {**ANN, "date": "2026-02-30"}, {**ANN, "x": 1}]
)
def test_bad_bodies_move_nothing(partner, mei, shop, body):
    before = contents(shop)
    for path in ("check-ins", "make-ups"):
        refusal(partner.post(f"{API}/{path}", body), 400, "api.invalid_body")
    assert contents(shop) == before


def test_unknown_members_and_bad_months(partner, mei):
    who = {"member_external_id": "nobody"}
    refusal(partner.post(f"{API}/check-ins", who), 404, "members.not_found")
    for month in ("2026-13", "9999-12", "x", "2026-1"):
        answer = partner.get(f"{API}/check-ins?member_external_id=mei&month={month}")
        assert answer.status == 400, month
    assert balance(partner, mei) == (0, 0, 0, 0)


def test_the_same_idempotency_key_gives_the_first_answer(partner, mei):
    first, again = (
        partner.post(f"{API}/check-ins", {"member_external_id": "mei"}, idem="k") for _ in range(2)
    )
    assert (first.status, again.status, again.raw) == (201, 201, first.raw)
