"""What other systems change leaves a line in the merchant's log; what members do does not."""

from points.audit.models import AuditEntry
from tests.partner.calls import API, AT, caller, give, item, order_body, refusal, sent


def lines():
    return list(AuditEntry.objects.order_by("id"))


def test_settings_members_and_adjustments_are_noted(partner, shop):
    member = sent(partner.post(f"{API}/members", {"external_id": "mei", "phone": "13800000001"}))
    path = f"{API}/members/{member['id']}"
    sent(partner.patch(path, {"phone": "13800000002", "name": "Mei"}), 200)
    give(partner, 100)
    mug = item(partner)
    sent(partner.patch(f"{API}/mall-items/{mug['id']}", {"price_points": 90}), 200)
    sent(partner.patch(f"{API}/program", {"offset": {"step_points": 100}}), 200)
    for status in (201, 200):
        brand = {"code": "brand", "name": "Brand"}
        sent(partner.post(f"{API}/funding-sources", brand), status)

    rows = lines()
    assert [(row.action, row.actor_role, row.surface) for row in rows] == [
        (action, "api_key", "partner")
        for action in (
            "member.added", "member.changed", "points.adjusted", "mall_item.added",
            "mall_item.changed", "program.changed", "funding_source.added",
        )
    ]  # fmt: skip
    prefix = partner.headers["Authorization"].removeprefix("Bearer ")[:10]
    assert {row.actor for row in rows} == {f"key:{prefix}"}
    assert (rows[1].before, rows[1].after) == (
        {"name": "", "phone": "***"}, {"name": "***", "phone": "***"},
    )  # fmt: skip
    assert rows[4].before == {"price_points": 80} and rows[4].after == {"price_points": 90}
    assert rows[5].after == {"offset": {"step_points": 100}}
    assert "1380000000" not in "".join(f"{row.before}{row.after}" for row in rows)


def test_business_as_usual_is_the_ledgers_to_remember(partner, mei):
    give(partner, 100)
    before = len(lines())
    sent(partner.post(f"{API}/orders", order_body()))
    sent(partner.post(f"{API}/check-ins", {"member_external_id": "mei"}))
    hold = {"member_external_id": "mei", "points": 5, "reference": "r"}
    sent(partner.post(f"{API}/holds", hold, idem="h"))
    assert len(lines()) == before


def test_what_is_refused_is_not_noted(partner, mei):
    body = {"member_external_id": "mei", "points": -5, "reason": "r"}
    refusal(partner.post(f"{API}/adjustments", body, idem="a"), 409, "ledger.insufficient_points")
    refusal(partner.patch(f"{API}/program", {"nothing": 1}), 400, "program.settings_contradict")
    assert lines() == []


def test_the_log_is_read_with_its_own_scope(partner, shop):
    sent(partner.patch(f"{API}/program", {"day_start_hour": 4}), 200)
    told = sent(partner.get(f"{API}/audit-entries?action=program"), 200)
    assert told["next"] is None
    (row,) = told["items"]
    assert (row["before"], row["after"]) == ({"day_start_hour": 0}, {"day_start_hour": 4})
    assert (row["occurred_at"][:19], row["business_at"][:19]) == ("2026-03-01T04:00:00",) * 2
    answer = caller(shop, "settings:write").get(f"{API}/audit-entries")
    refusal(answer, 403, "channels.scope_missing")
    assert sent(caller(shop, "audit:read").get(f"{API}/audit-entries"), 200)["items"]


def test_a_shop_in_test_mode_knows_both_times(lab, _lab):
    from django_tenants.utils import tenant_context

    sent(lab.post(f"{API}/test-clock", {"now": "2027-01-01T00:00:00Z"}), 200)
    with tenant_context(_lab):
        entry = AuditEntry.objects.get(action="test_clock.moved")
    assert entry.occurred_at.year == 2026
    assert entry.business_at.year == 2027
    assert AT.startswith("2026")
