"""Referrals, distributors and commissions at the console."""

import pytest
from django_tenants.utils import tenant_context

from points.audit.models import AuditEntry
from points.flows.commission import settle_due
from points.flows.member_joined import join_member
from points.flows.referral_claimed import join_by_code
from points.referral.actions import ensure_code
from tenants.models import Role
from tests.console.conftest import API, console_client, employ
from tests.referral.conftest import order


@pytest.fixture
def guests(console, tea, mei, noon):
    """Mei is a distributor; Tao came by her and ordered, Eve's code was refused."""
    rules = {
        "referral": {"is_on": True},
        "distribution": {"is_on": True, "level1_rate": "0.05", "level2_rate": "0.02"},
    }
    assert console.patch(f"{API}/program", rules).status == 200
    with tenant_context(tea):
        tao, eve = (
            join_member(external_id=name, name=name.title(), at=noon) for name in ("tao", "eve")
        )
        join_by_code(member_id=tao.pk, code=ensure_code(member=mei), source="sign_up", at=noon)
        join_by_code(member_id=eve.pk, code="NONESUCH", source="sign_up", at=noon)
    return tao, eve


def test_who_invited_whom_and_why_not(console, guests, mei):
    rows = console.get(f"{API}/referrals").json["items"]
    assert [(row["member"]["name"], row["status"]) for row in rows] == [
        ("Eve", "refused"), ("Tao", "joined"),
    ]  # fmt: skip
    assert (rows[0]["reason_words"], rows[0]["inviter"]) == ("No such code", None)
    assert rows[1]["inviter"]["name"] == "Mei"
    assert len(console.get(f"{API}/referrals?status=refused").json["items"]) == 1
    funnel = console.get(f"{API}/referral-funnel?first=2026-03-01&last=2026-03-01").json
    assert [funnel[name] for name in ("refused", "joined", "ordered", "rewarded")] == [1, 1, 0, 0]


def test_from_an_application_to_a_commission_in_a_file(console, guests, tea, mei, noon):
    tao, _ = guests
    made = console.post(f"{API}/distributors", {"member_id": str(mei.pk)}, idem="a")
    assert (made.status, made.json["level"], made.json["decided_by_name"]) == (201, 1, "Lin Owner")
    below = console.post(f"{API}/distributors", {"member_id": str(tao.pk)}, idem="b").json
    path = f"{API}/distributors/{below['id']}"
    moved = console.post(f"{path}/parent", {"parent_id": made.json["id"]}, idem="c").json
    assert (moved["level"], moved["parent"]["name"]) == (2, "Mei")
    ended = console.post(f"{path}/end", {"note": "Moved away"}, idem="d").json
    assert (ended["status"], ended["note"]) == ("ended", "Moved away")
    assert console.post(f"{path}/rejection", {"note": "x"}).code == "referral.distributor_decided"
    with tenant_context(tea):
        at = max(noon, _admitted(mei))
        order("=1+1", tao, at)
        settle_due(at=at.replace(year=at.year + 1))
        log = AuditEntry.objects.filter(action__startswith="distributor.").order_by("id")
        assert [entry.action for entry in log] == [
            "distributor.admitted", "distributor.admitted", "distributor.moved", "distributor.ended",
        ]  # fmt: skip
    (row,) = console.get(f"{API}/commissions?status=settled").json["items"]
    assert (row["amount_cents"], row["member"]["name"], row["order_external_id"]) == (
        500, "Mei", "=1+1",
    )  # fmt: skip
    assert console.get(f"{API}/commissions/sums").json == {
        "pending_cents": 0, "settled_cents": 500, "taken_back_cents": 0,
    }  # fmt: skip
    text = console.get(f"{API}/commissions/file").raw.decode("utf-8-sig")
    assert text.splitlines()[1].split(",")[1:9] == [
        "'=1+1", "mei", "Mei", "1", "0.0500", "100.00", "5.00", "5.00",
    ]  # fmt: skip


def _admitted(member):
    from points.referral.models import Distributor

    return Distributor.objects.get(member_id=member.pk).admitted_at


def test_who_may(tea, console, guests, mei):
    analyst = console_client(tea, employ(tea, Role.ANALYST, "Ana"))
    assert analyst.get(f"{API}/commissions").status == 200
    refused = analyst.post(f"{API}/distributors", {"member_id": str(mei.pk)})
    assert refused.code == "console.permission_missing"


def test_rates_that_cannot_be(console):
    refused = console.patch(f"{API}/program", {"distribution": {"level1_rate": "0.6"}})
    assert (refused.status, refused.code) == (400, "program.settings_contradict")
