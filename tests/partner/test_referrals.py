"""Referrals, distributors and commissions by the partner API."""

import pytest

from points.program.actions import change_program
from points.referral.models import Referral
from tests.referral.conftest import order
from tests.support.http import partner_client

API = "/api/v1"


@pytest.fixture
def open_shop(shop, noon):
    change_program(changes={"referral": {"is_on": True}, "distribution": {"is_on": True}}, at=noon)


def test_a_member_added_with_a_code(open_shop, partner, mei):
    mine = partner.get(f"{API}/members/{mei.pk}/referral").json
    assert len(mine["code"]) == 7 and mine["link"].endswith(f"/r/{mine['code']}")
    body = {"external_id": "tao", "referral_code": mine["code"]}
    tao = partner.post(f"{API}/members", body)
    assert tao.status == 201
    told = partner.get(f"{API}/members/{tao.json['id']}/referral").json
    assert (told["came_by"]["inviter_id"], told["came_by"]["source"]) == (str(mei.pk), "partner")
    assert partner.get(f"{API}/members/{mei.pk}/referral").json["joined"] == 1
    (row,) = partner.get(f"{API}/referrals?inviter_id={mei.pk}").json["items"]
    assert row["member_id"] == tao.json["id"]


def test_a_code_that_is_refused_adds_the_member_all_the_same(open_shop, partner):
    made = partner.post(f"{API}/members", {"external_id": "tao", "referral_code": "NONESUCH"})
    assert made.status == 201
    (row,) = partner.get(f"{API}/referrals?member_id={made.json['id']}&status=refused").json[
        "items"
    ]
    assert (row["reason"], row["inviter_id"]) == ("code_unknown", None)


def test_distributors_and_their_commission(open_shop, partner, mei, noon):
    made = partner.post(f"{API}/distributors", {"member_external_id": "mei"})
    assert (made.status, made.json["status"], made.json["level"]) == (201, "active", 1)
    again = partner.post(f"{API}/distributors", {"member_external_id": "mei"})
    assert (again.status, again.code) == (409, "referral.already_distributor")
    code = partner.get(f"{API}/members/{mei.pk}/referral").json["code"]
    tao = partner.post(f"{API}/members", {"external_id": "tao", "referral_code": code}).json
    below = partner.post(
        f"{API}/distributors", {"member_external_id": "tao", "parent_id": made.json["id"]}
    )
    assert below.json["level"] == 2
    partner.post(f"{API}/members", {"external_id": "ann"})
    third = partner.post(
        f"{API}/distributors", {"member_external_id": "ann", "parent_id": below.json["id"]}
    )
    assert (third.status, third.code) == (409, "referral.too_many_levels")
    assert len(partner.get(f"{API}/distributors?status=active").json["items"]) == 2
    row = Referral.objects.get(member_id=tao["id"])
    from points.members.models import Member

    order("O-1", Member.objects.get(pk=tao["id"]), max(noon, row.claimed_at))
    (one,) = partner.get(f"{API}/commissions?member_id={mei.pk}").json["items"]
    assert (one["amount_cents"], one["base_cents"], one["rate"]) == (500, 10_000, "0.0500")


def test_the_scopes(open_shop, shop, mei):
    reader = partner_client(shop, "referral:read")
    assert reader.get(f"{API}/referrals").status == 200
    refused = reader.post(f"{API}/distributors", {"member_external_id": "mei"})
    assert (refused.status, refused.code) == (403, "channels.scope_missing")
