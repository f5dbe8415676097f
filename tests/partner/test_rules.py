"""Earning rules, events and funding sources over the API, with the numbers of rules.md."""

import pytest

from tests.partner.calls import API, AT, order_body, refusal, sent

PING = {
    "code": "ping",
    "name": "Ping",
    "trigger": "custom:ping",
    "reward": {"kind": "fixed", "points": 30},
}


@pytest.fixture
def mei(partner):
    sent(partner.post(f"{API}/members", {"external_id": "mei", "joined_at": AT}))
    return partner


def available(api):
    return sent(api.get(f"{API}/members?external_id=mei"), 200)["items"][0]["points"]["available"]


def publish(api, **fields):
    return sent(api.post(f"{API}/earning-rules", {**PING, "status": "published", **fields}))


def event(name="e-1", **fields):
    return {
        "id": name,
        "type": "custom:ping",
        "member_external_id": "mei",
        "occurred_at": AT,
        **fields,
    }


def test_a_rule_lives_from_draft_to_version_to_rollback_to_stop(partner):
    made = sent(partner.post(f"{API}/earning-rules", PING))
    assert (made["status"], made["version"], made["draft"]["name"]) == ("draft", None, "Ping")
    live = sent(partner.post(f"{API}/earning-rules/ping/publications", {}))
    assert (live["status"], live["version"], live["draft"]) == ("live", 1, None)
    changed = sent(partner.patch(f"{API}/earning-rules/ping", {"name": "Pong"}), 200)
    assert (changed["document"]["name"], changed["draft"]["name"]) == ("Ping", "Pong")
    second = sent(partner.patch(f"{API}/earning-rules/ping", {"status": "published"}), 200)
    assert (second["version"], second["name"]) == (2, "Pong")
    back = sent(partner.post(f"{API}/earning-rules/ping/publications", {"restores": 1}))
    assert (back["version"], back["name"], back["versions"][0]["restores"]) == (3, "Ping", 1)
    planned = {"name": "Later", "status": "draft"}
    sent(partner.patch(f"{API}/earning-rules/ping", planned), 200)
    later = {"effective_from": "2026-04-01T00:00:00+08:00"}
    assert (
        sent(partner.post(f"{API}/earning-rules/ping/publications", later))["status"] == "scheduled"
    )
    stopped = sent(partner.post(f"{API}/earning-rules/ping/suspension", {}), 200)
    assert (stopped["status"], stopped["version"]) == ("stopped", 5)
    assert sent(partner.get(f"{API}/earning-rules"), 200)["items"][0]["status"] == "stopped"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"trigger": "order.shipped"}, 400, "api.invalid_body"),
        ({"reward": {"kind": "rate", "rate": "2"}}, 400, "api.invalid_body"),
        ({"conditions": {"eval": ["1"]}}, 400, "conditions.invalid"),
        ({"conditions": {"==": [{"var": "order.amount_cents"}, 1]}}, 400, "conditions.invalid"),
        ({"funding_source": "nobody"}, 404, "ledger.funding_source_not_found"),
    ],
)
def test_bad_rules_are_refused_and_nothing_is_kept(partner, fields, status, code):
    refusal(partner.post(f"{API}/earning-rules", {**PING, **fields}), status, code)
    assert sent(partner.get(f"{API}/earning-rules"), 200)["items"] == []


def test_what_is_not_there_and_what_is_there_already(partner):
    refusal(partner.get(f"{API}/earning-rules/none"), 404, "earning.rule_not_found")
    publish(partner)
    refusal(partner.post(f"{API}/earning-rules", PING), 409, "earning.rule_code_taken")
    refusal(
        partner.post(f"{API}/earning-rules/ping/publications", {}),
        409,
        "earning.nothing_to_publish",
    )
    refusal(
        partner.patch(f"{API}/earning-rules/ping", {"status": "gone"}), 400, "earning.rule_invalid"
    )


def test_an_event_earns_once_and_says_why(mei):
    publish(mei)
    publish(mei, code="five", conditions={">=": [{"var": "event.properties.stars"}, 5]})
    body = event(properties={"stars": 3})
    first = sent(mei.post(f"{API}/events", body))
    assert first["points_earned"] == 30
    told = {one["code"]: (one["outcome"], one["detail"]) for one in first["evaluation"]}
    assert told["ping"] == ("granted", "Gave 30 points.")
    assert told["five"] == ("not_matched", "Not met: stars is at least 5 (found: 3).")
    assert sent(mei.post(f"{API}/events", body), 200) == first
    refusal(mei.post(f"{API}/events", event()), 409, "earning.event_conflict")
    assert sent(mei.get(f"{API}/events/e-1"), 200) == first
    assert sent(mei.get(f"{API}/events?member_external_id=mei"), 200)["items"] == [first]
    assert available(mei) == 30
    assert sent(mei.get(f"{API}/earning-rules"), 200)["items"][1]["points"] == 30


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"type": "order.paid"}, 400, "earning.event_type_reserved"),
        ({"type": "nonsense"}, 400, "earning.event_type_unknown"),
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
        ({"member_external_id": None}, 400, "api.invalid_body"),
        ({"properties": {"x": "y" * 17_000}}, 400, "api.invalid_body"),
        ({"properties": []}, 400, "api.invalid_body"),
        ({"occurred_at": "1969-01-01T00:00:00Z"}, 400, "api.invalid_body"),
    ],
)
def test_bad_events_are_refused_and_earn_nothing(mei, fields, status, code):
    publish(mei)
    refusal(mei.post(f"{API}/events", event(**fields)), status, code)
    assert available(mei) == 0


def test_a_batch_of_events_is_answered_in_order(mei):
    publish(mei)
    batch = [event("a"), event("a"), event("b", type="order.paid"), {"id": "c"}, event("d")]
    results = sent(mei.post(f"{API}/events/batch", {"events": batch}), 200)["results"]
    assert [(one["id"], one["outcome"], one.get("code")) for one in results] == [
        ("a", "created", None), ("a", "duplicate", None),
        ("b", "refused", "earning.event_type_reserved"), ("c", "refused", "api.invalid_body"),
        ("d", "created", None),
    ]  # fmt: skip
    assert available(mei) == 60


def test_an_order_s_explanation_names_each_rule(mei):
    publish(mei, code="double", name="Double week", trigger="order.completed",
            reward={"kind": "multiplier", "factor": "2"})  # fmt: skip
    big = {">=": [{"var": "order.amount_cents"}, 20_000]}
    publish(mei, code="big", name="Big basket", trigger="order.completed", conditions=big)
    assert sent(mei.post(f"{API}/orders", order_body()))["points"]["earned"] == 220
    told = sent(mei.get(f"{API}/orders/O-1/explanation"), 200)
    assert told["summary"] == "This order earned 220 points."
    steps = {step["title"]: step["detail"] for step in told["steps"]}
    assert steps["Rule “Double week”"] == "Gave 110 points."
    assert steps["Rule “Big basket”"] == (
        "Not met: Amount of the order that counts is at least ¥200.00 (found: ¥110.10)."
    )
    reasons = {row["reason"] for row in mei_transactions(mei)}
    assert reasons == {"Order O-1", "Order O-1: Double week"}


def mei_transactions(api):
    member = sent(api.get(f"{API}/members?external_id=mei"), 200)["items"][0]["id"]
    return sent(api.get(f"{API}/members/{member}/transactions"), 200)["items"]


def test_a_funding_source_has_a_price_and_a_budget_that_shows_what_is_left(mei):
    body = {"code": "brand", "name": "Brand", "unit_cost_cents_per_1000_points": 2_000,
            "budget_points": 100, "on_limit": "stop"}  # fmt: skip
    sent(mei.post(f"{API}/funding-sources", body))
    publish(mei, funding_source="brand")
    for i in range(4):
        sent(mei.post(f"{API}/events", event(f"e-{i}")))
    (_, brand) = sent(mei.get(f"{API}/funding-sources"), 200)["items"]
    assert (brand["budget"]["limit"], brand["budget"]["used"], brand["budget"]["left"]) == (
        100,
        90,
        10,
    )
    changed = {"budget_rate": "0.05", "period": "month"}
    now = sent(mei.patch(f"{API}/funding-sources/brand", changed), 200)
    assert (now["budget"]["measure"], now["budget"]["used"], now["name"]) == ("cost", 0, "Brand")
    assert sent(mei.patch(f"{API}/funding-sources/brand", {}), 200)["budget"] is None
    again = sent(mei.post(f"{API}/funding-sources", {**body, "name": "Brand AG"}), 200)
    assert (again["name"], again["budget"]["limit"]) == ("Brand AG", 100)
    both = {"budget_points": 1, "budget_rate": "0.1"}
    refusal(mei.patch(f"{API}/funding-sources/brand", both), 400, "budget.contradicts")
    refusal(mei.patch(f"{API}/funding-sources/x", {}), 404, "ledger.funding_source_not_found")


def test_two_funders_share_the_cost_of_one_spend(mei):
    for code, cents in (("merchant", 500), ("supplier", 2_000)):
        source = {"code": code, "name": code, "unit_cost_cents_per_1000_points": cents}
        mei.post(f"{API}/funding-sources", source)
        grant = {
            "member_external_id": "mei",
            "points": 1_000,
            "reason": "g",
            "funding_source": code,
        }
        sent(mei.post(f"{API}/adjustments", grant, idem="new"))
    hold = {"member_external_id": "mei", "points": 1_500, "reference": "till"}
    held = sent(mei.post(f"{API}/holds", hold, idem="new"))
    sent(mei.post(f"{API}/holds/{held['id']}/capture", {}, idem="new"), 200)
    statement = sent(mei.get(f"{API}/reports/settlement?month=2026-03"), 200)
    rows = {row["funding_source"]: row for row in statement["items"]}
    assert [(r["issued_points"], r["spent_points"], r["outstanding_points"], r["cost_cents"])
            for r in rows.values()] == [(1_000, 1_000, 0, 500), (1_000, 500, 500, 1_000)]  # fmt: skip
    before = sent(mei.get(f"{API}/reports/settlement?month=2026-02"), 200)["items"]
    assert {row["outstanding_points"] for row in before} == {0}
    for month in ("2026-13", "2026", "x", "1492-01"):
        refusal(mei.get(f"{API}/reports/settlement?month={month}"), 400, "insights.month_invalid")


def test_the_statement_is_a_file_no_spreadsheet_takes_for_a_formula(mei):
    mei.post(f"{API}/funding-sources", {"code": "evil", "name": "=1+1"})
    answer = mei.get(f"{API}/reports/settlement.csv?month=2026-03")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.raw.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("month,currency,funding_source,name,issued_points")
    assert lines[2].startswith("2026-03,CNY,evil,'=1+1,0")


def test_a_lot_that_was_cut_shows_what_it_was_given(mei):
    publish(mei, code="bonus", trigger="order.completed", reward={"kind": "multiplier", "factor": "2"},
            limits={"per_member_points": {"ever": 40}})  # fmt: skip
    made = sent(mei.post(f"{API}/orders", order_body()))
    again = sent(mei.get(f"{API}/orders/O-1"), 200)
    assert made == again
    assert [(lot["granted"], lot["remaining"]) for lot in made["points"]["lots"]] == [
        (110, 110),
        (40, 40),
    ]
