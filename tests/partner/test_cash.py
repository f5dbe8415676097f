"""Cash over the partner API: grants, exchanges, red packets, withdrawals, and what is refused."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from kernel.models import OutboxEvent
from points.channels.models import ApiKey
from tests.partner.calls import API, caller, contents, give, refusal, sent

MEI = {"member_external_id": "mei"}
PAYEE = {"payee_name": "王梅", "payee_account": "6222 0210"}


@pytest.fixture
def api(partner, mei):
    sent(partner.patch(f"{API}/program", {"cash": {"enabled": True}}), 200)
    return partner


def cash_of(api, member):
    return sent(api.get(f"{API}/members/{member.pk}"), 200)["cash_cents"]


def grant(api, name="G-1", cents=5_000, status=201, **more):
    body = {"external_id": name, "amount_cents": cents, **MEI, **more}
    return sent(api.post(f"{API}/cash-grants", body), status)


def ask(api, cents=2_000, **more):
    body = {"amount_cents": cents, **MEI, **PAYEE, **more}
    return api.post(f"{API}/withdrawals", body, idem="new")


def packet(api, noon, **more):
    body = {
        "title_zh": "恭喜发财", "total_cents": 900, "shares_count": 3, "kind": "equal",
        "ends_at": (noon + timedelta(days=1)).isoformat(), **more,
    }  # fmt: skip
    return api.post(f"{API}/red-packets", body)


def test_a_grant_is_given_once_for_its_number(api, mei):
    first = grant(api, note="谢谢评价")
    assert (first["amount_cents"], first["cash_cents"]) == (5_000, 5_000)
    assert grant(api, note="谢谢评价", status=200) == first
    other = {"external_id": "G-1", "amount_cents": 1, **MEI}
    refusal(api.post(f"{API}/cash-grants", other), 409, "ledger.conflict")
    assert cash_of(api, mei) == 5_000
    nobody = {"external_id": "G-2", "amount_cents": 1, **MEI, "funding_source": "nobody"}
    refusal(api.post(f"{API}/cash-grants", nobody), 404, "ledger.funding_source_not_found")


def test_points_are_exchanged(api, mei):
    give(api, 1_000)
    body = {**MEI, "points": 300}
    made = sent(api.post(f"{API}/cash-exchanges", body, idem="x"))
    assert (made["amount_cents"], made["available"], made["cash_cents"]) == (300, 700, 300)
    assert sent(api.post(f"{API}/cash-exchanges", body, idem="x")) == made
    uneven = api.post(f"{API}/cash-exchanges", {**MEI, "points": 150}, idem="new")
    assert refusal(uneven, 409, "cash.exchange_uneven") == {"smallest": 100, "step": 100}
    few = api.post(f"{API}/cash-exchanges", {**MEI, "points": 800}, idem="new")
    refusal(few, 409, "ledger.insufficient_points")
    assert cash_of(api, mei) == 300


def test_a_withdrawal_needs_two_keys_and_a_reference(api, shop, mei):
    grant(api)
    row = sent(ask(api))
    assert (row["status"], cash_of(api, mei)) == ("requested", 3_000)
    at = f"{API}/withdrawals/{row['id']}"
    refusal(api.post(f"{at}/approval", {}), 403, "cash.same_person")
    boss = caller(shop, "cash:approve", "cash:read")
    assert sent(boss.post(f"{at}/approval", {"note": "ok"}), 200)["status"] == "approved"
    refusal(boss.post(f"{at}/approval", {}), 409, "cash.withdrawal_not_open")
    paid = sent(boss.post(f"{at}/payment", {"reference": "B-1"}), 200)
    assert (paid["status"], paid["reference"]) == ("paid", "B-1")
    assert sent(boss.get(at), 200)["payee_name"] == "王梅"
    listed = sent(boss.get(f"{API}/withdrawals?status=paid&member_id={mei.pk}"), 200)
    assert [one["id"] for one in listed["items"]] == [row["id"]]
    assert sent(boss.get(f"{API}/withdrawals?status=requested"), 200)["items"] == []
    assert ApiKey.objects.count() == 2


def test_a_rejection_brings_it_back(api, shop, mei):
    grant(api)
    row = sent(ask(api))
    boss = caller(shop, "cash:approve")
    sent(boss.post(f"{API}/withdrawals/{row['id']}/rejection", {"note": "wrong name"}), 200)
    assert cash_of(api, mei) == 5_000
    told = OutboxEvent.objects.filter(topic__startswith="withdrawal.").order_by("pk")
    topics = list(told.values_list("topic", flat=True))
    assert topics == ["withdrawal.requested", "withdrawal.rejected"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount_cents": 99}, 409, "cash.withdrawal_too_small"),
        ({"amount_cents": 5_001}, 409, "cash.insufficient"),
        ({"payee_account": ""}, 400, "cash.payee_incomplete"),
        ({"amount_cents": -1}, 400, "api.invalid_body"),
        ({"amount_cents": 1.5}, 400, "api.invalid_body"),
        ({"amount_cents": 2**63}, 400, "api.invalid_body"),
        ({"payee_name": "x\x00"}, 400, "api.unreadable_text"),
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
    ],
)
def test_what_is_refused_changes_nothing(api, shop, body, status, code):
    grant(api)
    before = contents(shop)
    refusal(ask(api, **body), status, code)
    assert contents(shop) == before


def test_withdrawals_need_a_key_of_idempotency_and_give_one_answer(api, mei):
    grant(api)
    body = {"amount_cents": 1_000, **MEI, **PAYEE}
    refusal(api.post(f"{API}/withdrawals", body), 400, "api.idempotency_key_required")
    first = api.post(f"{API}/withdrawals", body, idem="once")
    again = api.post(f"{API}/withdrawals", body, idem="once")
    assert sent(first) == sent(again) and again.headers["Idempotent-Replayed"] == "true"
    assert cash_of(api, mei) == 4_000


def test_a_red_packet_is_made_taken_and_ended(api, mei, noon):
    made = sent(packet(api, noon))
    at = f"{API}/red-packets/{made['id']}"
    share = sent(api.post(f"{at}/shares", MEI))
    assert (share["amount_cents"], cash_of(api, mei)) == (300, 300)
    refusal(api.post(f"{at}/shares", MEI), 409, "cash.red_packet_taken")
    assert [one["member_id"] for one in sent(api.get(f"{at}/shares"), 200)["items"]] == [
        str(mei.pk)
    ]
    ended = sent(api.post(f"{at}/ending", {}), 200)
    assert (ended["status"], ended["returned_cents"], ended["taken_count"]) == ("ended", 600, 1)
    assert sent(api.post(f"{at}/ending", {}), 200) == ended
    assert sent(api.get(at), 200) == ended
    assert sent(api.get(f"{API}/red-packets"), 200)["items"] == [ended]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"total_cents": 2}, "cash.red_packet_uneven"),
        ({"title_zh": " "}, "cash.red_packet_incomplete"),
        ({"ends_at": "2026-02-01T00:00:00Z"}, "cash.red_packet_too_short"),
        ({"audience": "tier", "audience_code": "none"}, "cash.audience_unknown"),
        ({"audience": "tier"}, "api.invalid_body"),
        ({"shares_count": 2_001, "total_cents": 9_000}, "api.invalid_body"),
        ({"shares_count": 0}, "api.invalid_body"),
    ],
)
def test_red_packets_that_cannot_be(api, shop, noon, fields, code):
    before = contents(shop)
    refusal(packet(api, noon, **fields), 400, code)
    assert contents(shop) == before


def test_the_test_clock_ends_red_packets(lab):
    sent(lab.post(f"{API}/test-clock", {"now": "2026-03-01T12:00:00Z", "run_jobs": True}), 200)
    body = {
        "title_en": "Hi", "total_cents": 10, "shares_count": 2, "ends_at": "2026-03-02T12:00:00Z",
    }  # fmt: skip
    made = sent(lab.post(f"{API}/red-packets", body))
    sent(lab.post(f"{API}/test-clock", {"now": "2026-03-03T12:00:00Z", "run_jobs": True}), 200)
    after = sent(lab.get(f"{API}/red-packets/{made['id']}"), 200)
    assert (after["status"], after["returned_cents"]) == ("ended", 10)
    assert after["ended_at"].startswith("2026-03-02T12:00:00")


def test_withdrawals_of_one_shop_are_unknown_at_another(api, toys, mei):
    grant(api)
    row = sent(ask(api))
    stranger = caller(toys, "cash:read", "cash:approve")
    for path, body in (
        ("", None),
        ("/approval", {}),
        ("/rejection", {}),
        ("/payment", {"reference": "B"}),
    ):
        target = f"{API}/withdrawals/{row['id']}{path}"
        answer = stranger.get(target) if body is None else stranger.post(target, body)
        refusal(answer, 404, "cash.withdrawal_not_found")
    with tenant_context(toys):
        assert not OutboxEvent.objects.filter(topic__startswith="withdrawal.").exists()
