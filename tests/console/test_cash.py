"""Red packets and withdrawals in the console: who may, what is noted, what is shown to whom."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django_tenants.utils import tenant_context

from kernel.ids import new_id
from points.audit.models import AuditEntry
from points.cash import withdrawals
from points.cash.actions import Gift, give
from points.cash.red_packets import take_share
from points.members.actions import create_member
from points.program.actions import change_program
from tenants.models import Role
from tests.cash.wechat_stand_in import StandIn
from tests.console.conftest import API


@pytest.fixture
def noon():
    """The console goes by the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def row(tea, noon):
    """Mei asks for 20.00 of her 50.00."""
    with tenant_context(tea):
        change_program(changes={"cash": {"enabled": True}}, at=noon)
        mei = create_member(external_id="mei", name="Mei", at=noon)
        gift = Gift(member=mei.pk, cents=5_000, source="test", source_id=new_id())
        give(gifts=[gift], at=noon, actor="t")
        return withdrawals.request_withdrawal(
            member_id=mei.pk, cents=2_000, payee_name="王梅", payee_account="6222021000112233",
            at=noon, actor=f"member:{mei.pk}", actor_name="Mei",
        )  # fmt: skip


def notes(tea):
    with tenant_context(tea):
        rows = AuditEntry.objects.exclude(action__startswith="staff.").order_by("pk")
        return [(one.action, one.after) for one in rows]


def test_approving_and_paying_is_noted_without_the_payee(console, tea, row):
    (listed,) = console.get(f"{API}/withdrawals?status=requested").json["items"]
    assert listed["member"]["name"] == "Mei" and listed["can_decide"]
    assert listed["payee_account"] == "6222021000112233"
    at = f"{API}/withdrawals/{row.pk}"
    approved = console.post(f"{at}/approval", {"note": "ok"}).json
    assert (approved["status"], approved["can_pay"]) == ("approved", True)
    paid = console.post(f"{at}/payment", {"reference": "B-1"}).json
    assert (paid["status"], paid["can_decide"], paid["can_pay"]) == ("paid", False, False)
    told = notes(tea)
    assert [action for action, _ in told] == ["withdrawal.approved", "withdrawal.paid"]
    assert "6222" not in str(told) and told[1][1]["reference"] == "B-1"


def test_who_may_not_decide_sees_the_end_of_an_account_alone(console_as, row):
    support = console_as(Role.SUPPORT)
    (listed,) = support.get(f"{API}/withdrawals").json["items"]
    assert (listed["payee_account"], listed["can_decide"]) == ("*** 2233", False)
    refused = support.post(f"{API}/withdrawals/{row.pk}/approval", {})
    assert (refused.status, refused.code) == (403, "console.permission_missing")


def test_a_rejection_returns_the_cash(console, row):
    done = console.post(f"{API}/withdrawals/{row.pk}/rejection", {"note": "no"}).json
    assert (done["status"], done["decision_note"]) == ("rejected", "no")
    told = console.get(f"{API}/cash").json
    assert (told["waiting"], told["outstanding_cents"], told["on_its_way_cents"]) == (0, 5_000, 0)


def test_a_red_packet_from_making_to_ending(console, tea, row, noon):
    body = {
        "title_zh": "恭喜发财", "total_cents": 1_000, "shares_count": 4, "kind": "random",
        "ends_at": (noon + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    made = console.post(f"{API}/red-packets", body).json
    assert (made["status"], made["created_by_name"]) == ("open", "Lin Owner")
    with tenant_context(tea):
        take_share(packet_id=made["id"], member_id=row.member_id, at=noon, actor="t")
    (taker,) = console.get(f"{API}/red-packets/{made['id']}/shares").json["items"]
    assert taker["member"]["external_id"] == "mei"
    ended = console.post(f"{API}/red-packets/{made['id']}/ending", {}).json
    assert ended["returned_cents"] == 1_000 - taker["amount_cents"]
    assert [action for action, _ in notes(tea)] == ["red_packet.made", "red_packet.ended"]


def test_an_analyst_looks_and_makes_nothing(console_as, row, noon):
    analyst = console_as(Role.ANALYST)
    assert analyst.get(f"{API}/red-packets").status == 200
    body = {"title_en": "x", "total_cents": 5, "shares_count": 1, "ends_at": noon.isoformat()}
    assert analyst.post(f"{API}/red-packets", body).status == 403


def test_a_statement_is_compared(console, row):
    at = f"{API}/withdrawals/{row.pk}"
    console.post(f"{at}/approval", {})
    console.post(f"{at}/payment", {"reference": "B-1"})
    text = "reference,amount,status\nB-1,2.00,paid\n"
    found = console.post(f"{API}/withdrawal-comparisons", {"statement": text}).json
    assert found["compared"] == 1
    assert [(one["what"], one["their_cents"]) for one in found["items"]] == [("amount", 200)]
    bad = console.post(f"{API}/withdrawal-comparisons", {"statement": "x"})
    assert (bad.code, bad.json["facts"]) == ("cash.statement_unreadable", {"line": 1})
    assert console.post(f"{API}/withdrawal-comparisons", {}).json == {"compared": 0, "items": []}


def test_the_merchant_s_stripe_is_set_up_and_its_key_is_never_told(
    console, console_as, tea, settings
):
    settings.STRIPE_API_KEY = "sk_test_platform"
    at = f"{API}/payout-account/stripe"
    assert console.get(at).json == {
        "is_set": False, "last_four": None, "is_live": False, "changed_at": None,
    }  # fmt: skip
    for key, last in (("rk_test_teahouse1234", "1234"), ("sk_test_teahouse5678", "5678")):
        told = console.call("PUT", at, {"secret_key": key})
        assert (told.status, told.json["last_four"], told.json["is_live"]) == (200, last, False)
        assert key not in told.raw.decode() + str(notes(tea)) + console.get(at).raw.decode()
    assert notes(tea)[-1] == ("payout_account.set", {"last_four": "5678"})
    ours = console.call("PUT", at, {"secret_key": "sk_test_platform"})
    assert (ours.status, ours.code) == (400, "cash.provider_refused")
    assert ours.json["facts"] == {"field": "secret_key"}
    for bad in ("pk_test_teahouse1234", "rk_test_short", "", "rk_test_tea house1234", "x\n"):
        assert console.call("PUT", at, {"secret_key": bad}).status == 400
    assert console.get(at).json["last_four"] == "5678"
    analyst = console_as(Role.ANALYST)
    assert analyst.call("PUT", at, {"secret_key": "rk_test_teahouse1234"}).status == 403


def test_the_account_at_wechat_is_set_up_and_its_keys_are_never_told(console, tea):
    platform = StandIn()
    platform.close()
    body = msgspec.to_builtins(platform.account())
    body.pop("notify_url")
    assert console.get(f"{API}/payout-account").json["is_set"] is False
    told = console.call("PUT", f"{API}/payout-account", body)
    assert told.status == 200 and told.json["mchid"] == "1900000001"
    assert told.json["notify_url"].endswith("/hooks/wechat-pay")
    assert "PRIVATE" not in told.raw.decode() + str(notes(tea))
    assert body["api_key"] not in told.raw.decode() + str(notes(tea))
    bad = console.call("PUT", f"{API}/payout-account", {**body, "platform_key": "x"})
    assert (bad.status, bad.code) == (400, "cash.provider_refused")
