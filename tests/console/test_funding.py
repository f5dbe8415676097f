"""Funding sources and the monthly statement in the console: roles, budgets, the trace, the file."""

from datetime import UTC, datetime

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


FIGURES = (
    "issued_points", "spent_points", "returned_points", "expired_points", "clawed_back_points",
    "taken_points", "debt_points", "transferred_points",
)  # fmt: skip


def parts_of(console, figure, source="merchant", more="") -> list[dict]:
    path = f"{API}/settlement/parts?month=2026-03&funding_source={source}&figure={figure}{more}"
    answer = console.get(path)
    assert answer.status == 200, answer
    return answer.json


def test_each_figure_is_the_sum_of_the_transactions_behind_it(console, orders, mei, tea, brand):
    """109 and 50 earned; 100 50 taken by hand in two parts; the second order refunded: 50 back."""
    from points.flows.order_refunded import IncomingRefund, refund_order
    from points.flows.points_adjusted import adjust_points

    orders("A-1", cents=10_900)
    orders("A-2", cents=5_000)
    at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    with tenant_context(tea):
        for points in (-30, -20):
            adjust_points(member_id=mei.pk, points=points, reason="Test", at=at, actor="test")
        refund = IncomingRefund(external_id="R", refunded_at=at, amount_cents=5_000)
        refund_order(external_id="A-2", refund=refund, at=at, actor="test")
    statement = console.get(f"{API}/settlement?month=2026-03").json["items"]
    for item in statement:
        for figure in FIGURES:
            parts = parts_of(console, figure, item["funding_source"])["items"]
            assert sum(one["points"] for one in parts) == item[figure], (item, figure)
    issued = parts_of(console, "issued_points")["items"]
    assert sorted(one["points"] for one in issued) == [50, 109]
    assert {one["order_id"] is not None for one in issued} == {True}
    assert {one["member"]["id"] for one in issued} == {str(mei.pk)}
    assert [one["points"] for one in parts_of(console, "clawed_back_points")["items"]] == [50]
    taken = parts_of(console, "taken_points")
    assert [one["reason"] for one in taken["items"]] == ["Correction: Test"] * 2


def test_the_parts_of_a_figure_come_in_pages(console, orders):
    for number in range(3):
        orders(f"A-{number}", cents=1_000)
    first = parts_of(console, "issued_points", more="&limit=2")
    second = parts_of(console, "issued_points", more=f"&limit=2&cursor={first['next']}")
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("funding_source=nobody&figure=issued_points", 404, "ledger.funding_source_not_found"),
        ("funding_source=merchant&figure=cost_cents", 400, "api.invalid_body"),
        ("funding_source=merchant", 400, "api.invalid_body"),
        ("funding_source=merchant&figure=issued_points&month=March", 400, "insights.month_invalid"),
        ("funding_source=merchant&figure=issued_points&cursor=x", 400, "api.invalid_cursor"),
    ],
)
def test_parts_of_what_is_no_figure_are_refused(console, query, status, code):
    answer = console.get(f"{API}/settlement/parts?{query}")
    assert (answer.status, answer.code) == (status, code)


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
