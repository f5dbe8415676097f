"""Everything staff change or do leaves a line: who, what, before and after, and no personal data."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from kernel import outbox
from points.audit.models import AuditEntry
from points.flows.audited import record
from points.members.models import Member
from tenants.models import AuditEvent, Role
from tests.console.conftest import API, PASSWORD, console_client, employ
from tests.support.http import Http, host_of

LOG = f"{API}/audit-entries"


def noted(tea, action: str) -> list[AuditEntry]:
    with tenant_context(tea):
        return list(AuditEntry.objects.filter(action=action).order_by("id"))


def latest(tea) -> AuditEntry:
    with tenant_context(tea):
        return AuditEntry.objects.latest("id")


def test_a_setting_is_noted_with_what_differs(console, tea, owner):
    body = {"earning": {"step_cents": 10_000, "rounding": "floor"}, "day_start_hour": 0}
    console.patch(f"{API}/program", body, X_Request_Id="request-0001")

    entry = latest(tea)
    assert (entry.action, entry.subject) == ("program.changed", "program")
    assert (entry.actor, entry.actor_name) == (f"staff:{owner.pk}", "Lin Owner")
    assert (entry.actor_role, entry.surface) == ("owner", "console")
    assert (entry.before, entry.after) == (
        {"earning": {"step_cents": 100}}, {"earning": {"step_cents": 10_000}},
    )  # fmt: skip
    assert entry.request_id == "request-0001"
    # The same again changes nothing and says nothing.
    console.patch(f"{API}/program", body)
    assert len(noted(tea, "program.changed")) == 1


def test_the_copy_for_the_platform_has_the_same_id(console, tea):
    console.patch(f"{API}/program", {"day_start_hour": 4})
    entry = latest(tea)
    with tenant_context(tea):
        outbox.relay(at=datetime.now(UTC))
    copy = AuditEvent.objects.get(pk=entry.pk)
    assert (copy.merchant_id, copy.action, copy.after) == (
        tea.pk, "program.changed", {"day_start_hour": 4},
    )  # fmt: skip


def test_the_brand_is_noted_in_both_places_under_one_id(console, tea):
    console.patch(f"{API}/brand", {"logo": "🍵", "name": "Tea Shop"})
    entry = latest(tea)
    assert (entry.action, entry.before, entry.after) == (
        "brand.changed",
        {"logo": ""},
        {"logo": "🍵"},
    )
    assert AuditEvent.objects.get(pk=entry.pk).after == {"logo": "🍵"}
    console.patch(f"{API}/brand", {"logo": None})


def test_every_kind_of_work_leaves_its_line(console, tea, mei):
    mug = {"kind": "goods", "title_en": "Mug", "price_points": 5, "status": "on_sale"}
    item = console.post(f"{API}/mall-items", mug)
    path = f"{API}/mall-items/{item.json['id']}"
    console.patch(path, {"price_points": 7, "title_en": "Mug"})
    console.post(f"{API}/members", {"name": "Ann", "phone": "13800000777"})
    console.post(f"{API}/members/{mei.pk}/adjustments", {"points": 20, "reason": "Sorry"}, idem="a")
    with tenant_context(tea):
        from points.redemption.actions import redeem

        rows = [
            redeem(member_id=mei.pk, item_id=item.json["id"], quantity=1, at=datetime.now(UTC), actor="t")
            for _ in range(2)
        ]  # fmt: skip
    console.post(f"{API}/redemptions/{rows[0].pk}/fulfilment", {"note": "Till"})
    console.post(f"{API}/redemptions/{rows[1].pk}/cancellation", {"reason": "Broken"})
    key = console.post(f"{API}/api-keys", {"name": "Till", "scopes": ["members:read"]}).json
    for _ in range(2):
        console.post(f"{API}/api-keys/{key['id']}/revocation", {})
    console.call("DELETE", f"{API}/sessions")

    with tenant_context(tea):
        rows = list(AuditEntry.objects.order_by("id"))
    assert [row.action for row in rows] == [
        "staff.signed_in", "mall_item.added", "mall_item.changed", "member.added",
        "points.adjusted", "redemption.fulfilled", "redemption.cancelled", "api_key.made",
        "api_key.revoked", "staff.signed_out",
    ]  # fmt: skip
    assert (rows[2].before, rows[2].after) == ({"price_points": 5}, {"price_points": 7})
    assert rows[4].after["points"] == 20
    assert "key" not in rows[7].after
    everything = " ".join(f"{row.before} {row.after} {row.subject}" for row in rows)
    assert "13800000777" not in everything and "Ann" not in everything
    assert key["key"] not in everything


def test_a_refused_action_leaves_no_line(console, tea, mei):
    before = latest(tea).pk
    console.post(f"{API}/members/{mei.pk}/adjustments", {"points": -1, "reason": "x"}, idem="a")
    console.patch(f"{API}/program", {"earning": {"step_cents": 0}})
    console.post(f"{API}/api-keys", {"name": "x", "scopes": ["everything"]})
    assert latest(tea).pk == before


def test_sign_ins_are_noted_also_those_that_fail(tea, owner, settings):
    http = Http(host_of(tea))
    assert http.post(f"{API}/sessions", {"email": owner.email, "password": "guess"}).status == 400
    stranger = employ(tea, Role.ANALYST)
    stranger.memberships.all().delete()
    body = {"email": stranger.email, "password": PASSWORD}
    assert http.post(f"{API}/sessions", body).status == 403
    settings.DEMO_SIGN_IN = True
    assert http.post(f"{API}/demo-sessions", {}).status == 201

    failed = noted(tea, "staff.sign_in_failed")
    assert [row.after["reason"] for row in failed] == [
        "users.wrong_credentials", "users.no_membership",
    ]  # fmt: skip
    domain = owner.email.partition("@")[2]
    assert (failed[0].actor, failed[0].actor_name) == ("unknown", f"o***@{domain}")
    assert len(noted(tea, "staff.demo_signed_in")) == 1
    with tenant_context(tea):
        outbox.relay(at=datetime.now(UTC))
    trail = AuditEvent.objects.filter(merchant_id=tea.pk).values_list("action", flat=True)
    assert set(trail) == {"staff.sign_in_failed", "staff.demo_signed_in"}


def test_the_log_is_read_page_by_page_and_filtered(console, tea, owner, mei):
    console.post(f"{API}/members/{mei.pk}/adjustments", {"points": 5, "reason": "Hi"}, idem="a")
    console.patch(f"{API}/program", {"day_start_hour": 4})

    everything = console.get(LOG).json["items"]
    assert [row["action"] for row in everything] == [
        "program.changed", "points.adjusted", "staff.signed_in",
    ]  # fmt: skip
    assert everything[0]["changes"] == [{"field": "day_start_hour", "old": 0, "new": 4}]
    assert everything[1]["subject_name"] == "Mei"
    walked, cursor = [], ""
    while cursor is not None:
        page = console.get(f"{LOG}?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        walked += page["items"]
        cursor = page["next"]
    assert walked == everything
    for query, actions in {
        "action=points": ["points.adjusted"],
        "action=points.adjusted": ["points.adjusted"],
        "action=point": [],
        f"subject=member:{mei.pk}": ["points.adjusted"],
        "subject=member": ["points.adjusted"],
        f"actor=staff:{owner.pk}&action=program": ["program.changed"],
        "actor=key": [],
        "from=2026-01-01&to=2026-01-02": [],
        "from=2026-01-01": [row["action"] for row in everything],
    }.items():
        found = console.get(f"{LOG}?{query}").json["items"]
        assert [row["action"] for row in found] == actions, query
    assert console.get(f"{LOG}?from=2026-02-02&to=2026-01-02").code == "insights.period_invalid"
    assert console.get(f"{LOG}?cursor=x").code == "api.invalid_cursor"


def test_a_member_who_is_gone_is_nobody_in_the_log(console, tea, mei):
    console.post(f"{API}/members/{mei.pk}/adjustments", {"points": 5, "reason": "Hi"}, idem="a")
    with tenant_context(tea):
        Member.objects.filter(pk=mei.pk).update(name="", external_id="erased", phone="", email="")
    row = console.get(f"{LOG}?action=points").json["items"][0]
    assert row["subject_name"] == "erased"
    assert "Mei" not in str(console.get(LOG).json)


def test_the_export_is_every_line_and_no_formula(console, tea, owner):
    with tenant_context(tea):
        for i in range(1_203):
            record(
                action="test.noted", subject="x", before={"text": "=1+1"}, after={"text": f"＝{i}"},
                actor="staff:1", actor_name="@sum(a1)", at=datetime.now(UTC),
            )  # fmt: skip
    answer = console.get(f"{LOG}/export?action=test")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.raw.decode()
    lines = text.removeprefix("\ufeff").split("\r\n")
    assert text.startswith("\ufeff") and lines[0].startswith("When,Shop's time,Who,")
    assert len(lines) == 1 + 1_203 + 1
    assert "'@sum(a1)" in lines[1] and "'=1+1,'＝1202" in lines[1]
    assert not [line for line in lines if ",=" in line or ",＝" in line or ",@" in line]


def test_a_page_of_the_log_takes_few_queries(console, tea, mei, django_assert_max_num_queries):
    for i in range(25):
        console.post(
            f"{API}/members/{mei.pk}/adjustments", {"points": 5, "reason": "Hi"}, idem=f"{i}"
        )
    with django_assert_max_num_queries(12):
        assert len(console.get(f"{LOG}?limit=25").json["items"]) == 25


def test_conditions_and_payers_are_told_as_people_read_them(console, tea):
    console.post(f"{API}/funding-sources", {"code": "farm", "name": "Cloud Farm"})
    rule = {
        "code": "dear", "name": "Dear orders", "trigger": "order.completed",
        "reward": {"kind": "fixed", "points": 5}, "funding_source": "farm",
        "conditions": {">=": [{"var": "order.goods_cents"}, 100_000]},
    }  # fmt: skip
    console.post(f"{API}/earning-rules", rule)
    console.patch(f"{API}/earning-rules/dear", {"conditions": {">": [{"var": "order.pieces"}, 2]}})
    condition = {"<=": [{"var": "member.orders_count"}, 3]}
    console.post(f"{API}/segments", {"code": "new", "name": "Newcomers", "condition": condition})

    segment, changed, added = console.get(LOG).json["items"][:3]

    def told(row):
        return {one["field"]: (one["old"], one["new"]) for one in row["changes"]}

    assert told(added)["conditions"] == (None, "Price of the goods is at least ¥1,000.00")
    assert told(added)["funding_source"] == (None, "Cloud Farm")
    assert told(changed) == {
        "conditions": (
            "Price of the goods is at least ¥1,000.00", "Pieces in the order is above 2",
        ),
    }  # fmt: skip
    assert told(segment)["condition"] == (None, "Number of orders is at most 3")
    assert [row["subject_name"] for row in (segment, changed)] == ["Newcomers", "Dear orders"]


def test_a_condition_nobody_can_read_stays_as_it_was_noted(console, tea):
    tree = {">=": [{"var": "member.gone"}, 1]}
    with tenant_context(tea):
        record(
            action="segment.added", subject="segment:x", before=None, after={"condition": tree},
            actor="staff:1", actor_name="Lin", at=datetime.now(UTC),
        )  # fmt: skip
    [row] = console.get(f"{LOG}?action=segment").json["items"]
    assert row["changes"] == [
        {"field": "condition.>=", "old": None, "new": [{"var": "member.gone"}, 1]}
    ]


def test_staff_are_listed_with_what_they_may_still_do(console, tea, owner, mei):
    clerk = console_client(tea, employ(tea, Role.SUPPORT, "Clerk"))
    console.patch(f"{API}/program", {"adjustments": {"staff_daily_points": 100}})
    clerk.post(f"{API}/members/{mei.pk}/adjustments", {"points": 30, "reason": "Hi"}, idem="a")
    rows = {row["name"]: row for row in console.get(f"{API}/staff").json["items"]}
    clerks, mine = rows["Clerk"], rows["Lin Owner"]
    assert (clerks["role"], clerks["used_points"], clerks["left_points"]) == ("support", 30, 70)
    assert (mine["is_me"], mine["used_points"], mine["left_points"]) == (True, 0, 100)


@pytest.mark.parametrize("role", ["marketer", "support", "analyst"])
def test_the_log_is_for_those_who_answer_for_the_shop(console_as, role):
    http = console_as(role)
    for path in (LOG, f"{LOG}/export", f"{API}/staff"):
        assert http.get(path).code == "console.permission_missing"
