"""Two people at the console: one asks, the other decides."""

import pytest
from django_tenants.utils import tenant_context

from points.audit.models import AuditEntry
from points.ledger.models import Transaction
from tenants.models import Role
from tests.console.conftest import API, console_client, employ
from tests.support.http import partner_client


@pytest.fixture
def clerk(tea, console):
    """Somebody of support, in a shop where 1,000 points need a second person."""
    console.patch(f"{API}/program", {"adjustments": {"approval_above_points": 1_000}})
    return console_client(tea, employ(tea, Role.SUPPORT, "Clerk"))


def ask(http, mei, points, idem="new", reason="Sorry"):
    body = {"points": points, "reason": reason}
    return http.post(f"{API}/members/{mei.pk}/adjustments", body, idem=idem)


def listed(http, query=""):
    return http.get(f"{API}/adjustments{query}").json["items"]


def test_a_large_correction_goes_from_hand_to_hand(console, clerk, tea, mei, owner):
    asked = ask(clerk, mei, 1_500, idem="one")
    assert (asked.status, asked.json["status"]) == (202, "waiting")
    again = ask(clerk, mei, 1_500, idem="one")
    assert (again.status, again.raw) == (202, asked.raw)
    assert again.headers["Idempotent-Replayed"] == "true"

    (row,) = listed(console, "?status=waiting")
    assert (row["points"], row["worth_cents"], row["available"]) == (1_500, 1_500, 0)
    assert (row["member"]["name"], row["requested_by_name"]) == ("Mei", "Clerk")
    assert row["can_decide"] is True
    assert listed(clerk)[0]["can_decide"] is False
    assert console.get(f"{API}/adjustment-allowance").json["waiting"] == 1
    assert clerk.get(f"{API}/adjustment-allowance").json["waiting"] == 0

    path = f"{API}/adjustments/{row['id']}"
    assert clerk.post(f"{path}/approval", {}).code == "console.permission_missing"
    done = console.post(f"{path}/approval", {"note": "Seen"}, idem="yes")
    assert (done.status, done.json["status"]) == (200, "executed")
    assert (done.json["decided_by_name"], done.json["decision_note"]) == ("Lin Owner", "Seen")
    assert console.post(f"{path}/approval", {"note": "Seen"}, idem="yes").raw == done.raw
    assert console.post(f"{path}/approval", {}).code == "adjustments.already_decided"
    assert console.get(path).json == done.json

    told = console.get(f"{API}/members/{mei.pk}/transactions").json["items"][0]
    assert (told["amount"], told["actor"], told["approved_by"]) == (1_500, "Clerk", "Lin Owner")
    assert told["reason"] == "Correction: Sorry"
    with tenant_context(tea):
        assert Transaction.objects.count() == 1
        log = AuditEntry.objects.filter(action__startswith="adjustment.").order_by("id")
        assert [entry.action for entry in log] == ["adjustment.requested", "adjustment.approved"]
        assert log[1].after["requested_by"] == row["requested_by"]


def test_a_rejection_needs_words_and_moves_nothing(console, clerk, tea, mei):
    row = ask(clerk, mei, -1_500).json
    path = f"{API}/adjustments/{row['id']}/rejection"
    for note in ("", "  "):
        assert console.post(path, {"note": note}).code == "api.invalid_body"
    done = console.post(path, {"note": "Wrong member"})
    assert (done.status, done.json["status"], done.json["transaction_id"]) == (
        200,
        "rejected",
        None,
    )
    assert listed(console, "?status=waiting") == []
    assert len(listed(console, "?status=rejected")) == 1
    with tenant_context(tea):
        assert Transaction.objects.count() == 0


def test_the_owner_needs_a_second_person_too(console, clerk, tea, mei):
    row = ask(console, mei, 2_000).json
    path = f"{API}/adjustments/{row['id']}"
    assert console.post(f"{path}/approval", {}).code == "adjustments.same_person"
    assert console.get(f"{API}/adjustment-allowance").json["waiting"] == 0
    admin = console_client(tea, employ(tea, Role.ADMIN))
    assert admin.post(f"{path}/approval", {}).status == 200


def test_too_few_points_are_said_and_it_waits_on(console, clerk, tea, mei):
    row = ask(clerk, mei, -1_500).json
    answer = console.post(f"{API}/adjustments/{row['id']}/approval", {}, idem="first")
    assert (answer.status, answer.code) == (409, "ledger.insufficient_points")
    assert answer.json["facts"] == {"needed": 1_500, "available": 0}
    (still,) = listed(console, "?status=waiting")
    assert (still["status"], still["available"], still["decided_by"]) == ("waiting", 0, None)
    for i, points in enumerate((1_000, 600)):
        ask(console, mei, points, idem=f"give-{i}")
    assert console.post(f"{API}/adjustments/{row['id']}/approval", {}, idem="next").status == 200


def test_the_daily_limit_is_told_before_and_when_it_is_reached(console, clerk, mei):
    console.patch(f"{API}/program", {"adjustments": {"staff_daily_points": 500}})
    ask(clerk, mei, 200)
    told = clerk.get(f"{API}/adjustment-allowance").json
    assert told == {
        "approval_above_points": 1_000, "daily_points": 500, "used_points": 200,
        "left_points": 300, "waiting": 0,
    }  # fmt: skip
    refused = ask(clerk, mei, 301)
    assert (refused.status, refused.code) == (409, "adjustments.daily_limit_reached")
    assert refused.json["facts"] == {"limit": 500, "used": 200, "left": 300}
    assert "left: 300" in refused.json["detail"]
    assert ask(clerk, mei, 300).status == 201


def test_what_a_key_asks_for_waits_as_well(console, clerk, tea, mei):
    api = partner_client(tea)
    body = {"member_external_id": "mei", "points": 5_000, "reason": "Moved from the old system"}
    asked = api.post("/api/v1/adjustments", body, idem="one")
    assert (asked.status, asked.json["status"]) == (202, "waiting")
    assert api.post("/api/v1/adjustments", body, idem="one").raw == asked.raw
    assert listed(console)[0]["requested_by_name"] == "test"  # the name of the key
    path = f"{API}/adjustments/{asked.json['id']}/approval"
    assert console.post(path, {}).status == 200
    seen = api.get(f"/api/v1/adjustments/{asked.json['id']}").json
    assert (seen["status"], seen["decided_by_name"]) == ("executed", "Lin Owner")
    assert [one["id"] for one in api.get("/api/v1/adjustments?status=executed").json["items"]] == [
        asked.json["id"]
    ]
    assert api.get("/api/v1/adjustments/nothing").code == "adjustments.not_found"


def test_pages_go_on_where_they_ended(console, clerk, mei):
    for i in range(5):
        ask(clerk, mei, 1_001 + i)
    first = console.get(f"{API}/adjustments?limit=3").json
    rest = console.get(f"{API}/adjustments?limit=3&cursor={first['next']}").json
    points = [row["points"] for row in first["items"] + rest["items"]]
    assert points == [1_005, 1_004, 1_003, 1_002, 1_001]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"approval_above_points": -1}, "adjustments.approval_above_points"),
        ({"staff_daily_points": 1.5}, "adjustments.staff_daily_points"),
        ({"request_days": 0}, "adjustments.request_days"),
        ({"request_days": 91}, "adjustments.request_days"),
        ({"roles": []}, "adjustments.roles"),
    ],
)
def test_wrong_limits_are_named(console, change, field):
    answer = console.patch(f"{API}/program", {"adjustments": change})
    assert [error["field"] for error in answer.json["errors"]] == [field], answer
