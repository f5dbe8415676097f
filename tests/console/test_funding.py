"""Funding sources and the monthly statement in the console: roles, budgets, the trace, the file."""

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from tests.console.conftest import API

BRAND = {
    "code": "brand",
    "name": "Brand",
    "unit_cost_cents_per_1000_points": 800,
    "budget_points": 1_000,
    "period": "month",
    "on_limit": "stop",
}


def notes_of(tea):
    with tenant_context(tea):
        rows = OutboxEvent.objects.filter(topic__startswith="audit.funding_source").order_by("id")
        return [row.payload for row in rows]


@pytest.fixture
def brand(console):
    answer = console.post(f"{API}/funding-sources", BRAND)
    assert answer.status == 201, answer
    return answer.json


def test_a_payer_is_added_and_listed_after_the_merchant(console, brand):
    assert brand["budget"] == {
        "budget_points": 1_000, "budget_rate": None, "period": "month", "on_limit": "stop",
        "alert_rate": "0.800", "measure": "points", "limit": 1_000, "used": 0, "left": 1_000,
    }  # fmt: skip
    codes = [one["code"] for one in console.get(f"{API}/funding-sources").json["items"]]
    assert codes == ["merchant", "brand"]


def test_a_code_that_is_there_is_not_written_over(console, tea, brand):
    answer = console.post(f"{API}/funding-sources", {**BRAND, "name": "Other", "budget_points": 5})
    assert (answer.status, answer.code) == (409, "ledger.funding_source_taken")
    kept = console.get(f"{API}/funding-sources").json["items"][1]
    assert (kept["name"], kept["budget"]["limit"]) == ("Brand", 1_000)
    assert len(notes_of(tea)) == 1


def test_a_change_is_noted_with_both_sides_and_may_take_the_budget_away(console, tea, brand):
    changed = console.patch(
        f"{API}/funding-sources/brand", {"unit_cost_cents_per_1000_points": 900}
    ).json
    assert (changed["unit_cost_cents_per_1000_points"], changed["budget"]) == (900, None)
    added, edited = notes_of(tea)
    assert (added["before"], added["after"]["budget"]["points"]) == (None, 1_000)
    assert edited["before"]["unit_cost_cents_per_1000_points"] == 800
    assert edited["after"] == {"unit_cost_cents_per_1000_points": 900, "budget": None}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"budget_rate": "0.05"}, "budget.contradicts"),
        ({"budget_points": -1}, "api.invalid_body"),
        ({"budget_points": None, "budget_rate": "1.5"}, "api.invalid_body"),
        ({"alert_rate": "2"}, "api.invalid_body"),
        ({"code": "Two Words"}, "api.invalid_body"),
        ({"name": ""}, "api.invalid_body"),
        ({"period": "year"}, "api.invalid_body"),
        ({"unit_cost_cents_per_1000_points": -1}, "api.invalid_body"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_kept(console, tea, fields, code):
    answer = console.post(f"{API}/funding-sources", {**BRAND, **fields})
    assert (answer.status, answer.code) == (400, code)
    assert len(console.get(f"{API}/funding-sources").json["items"]) == 1
    assert notes_of(tea) == []


def test_what_is_not_there_cannot_be_changed(console):
    answer = console.patch(f"{API}/funding-sources/nobody", {"name": "X"})
    assert (answer.status, answer.code) == (404, "ledger.funding_source_not_found")


def test_the_statement_shows_what_a_payer_gave_and_the_file_says_the_same(console, orders, brand):
    rule = {
        "code": "brand-gift", "name": "Gift", "trigger": "order.completed", "status": "published",
        "reward": {"kind": "fixed", "points": 30}, "funding_source": "brand",
        "starts_at": "2026-01-01T00:00:00+08:00",
    }  # fmt: skip
    assert console.post(f"{API}/earning-rules", rule).status == 201
    orders("A-1", cents=10_900)
    found = console.get(f"{API}/settlement?month=2026-03").json
    issued = {one["funding_source"]: one["issued_points"] for one in found["items"]}
    assert (found["currency"], issued) == ("CNY", {"merchant": 109, "brand": 30})
    answer = console.get(f"{API}/settlement/file?month=2026-03")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.raw.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("month,currency,funding_source,name,issued_points")
    assert lines[2].startswith("2026-03,CNY,brand,Brand,30,")


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "March", "1969-12"])
def test_a_month_that_is_none_is_refused(console, month):
    for path in ("settlement", "settlement/file"):
        answer = console.get(f"{API}/{path}?month={month}")
        assert (answer.status, answer.code) == (400, "insights.month_invalid")


@pytest.mark.parametrize(
    ("role", "reads", "writes", "reports"),
    [
        ("admin", 200, 201, 200), ("marketer", 200, 403, 200), ("support", 403, 403, 200),
        ("analyst", 200, 403, 200),
    ],
)  # fmt: skip
def test_who_may(console_as, tea, role, reads, writes, reports):
    staff = console_as(role)
    assert staff.get(f"{API}/funding-sources").status == reads
    assert staff.post(f"{API}/funding-sources", BRAND).status == writes
    assert (staff.patch(f"{API}/funding-sources/brand", {}).status == 403) == (writes == 403)
    assert staff.get(f"{API}/settlement").status == reports
    assert staff.get(f"{API}/settlement/file").status == reports
