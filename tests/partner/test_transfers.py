"""Transfers over the API: the answer, both ledgers, and what is refused."""

import pytest

from points.flows.member_joined import join_member
from tests.partner.calls import API, balance, contents, give, refusal, sent


@pytest.fixture
def ann(shop, noon):
    return join_member(external_id="ann", name="Ann", at=noon)


@pytest.fixture
def is_open(partner):
    rule = {"enabled": True, "min_points": 10, "max_points": 100, "max_points_per_day": 150}
    sent(partner.patch(f"{API}/program", {"transfers": rule}), 200)


def pass_on(api, points=50, **more):
    body = {"from_external_id": "mei", "to_external_id": "ann", "points": points, **more}
    return api.post(f"{API}/transfers", body, idem="new")


def test_both_see_it_in_plain_words(partner, mei, ann, is_open):
    give(partner, 120)
    made = sent(pass_on(partner, 50))
    assert made == {
        "id": made["id"], "transaction_id": made["transaction_id"], "points": 50,
        "from_member_id": str(mei.pk), "to_member_id": str(ann.pk),
    }  # fmt: skip
    assert balance(partner, mei) == (70, 0, 0, 0)
    assert balance(partner, ann) == (50, 0, 0, 0)
    told = {}
    for member in (mei, ann):
        line = sent(partner.get(f"{API}/members/{member.pk}/transactions"), 200)["items"][0]
        told[member.name] = line["kind"], line["amount"], line["reason"], line["balance_after"]
    assert told == {
        "Mei": ("transfer_out", -50, "Given to another member", 70),
        "Ann": ("transfer_in", 50, "Received from another member", 50),
    }


def test_refusals_move_nothing(partner, mei, ann, is_open, shop):
    give(partner, 120)
    sent(pass_on(partner, 100))
    before = contents(shop)
    for points, more, status, code in (
        (50, {"to_external_id": "nobody"}, 404, "members.not_found"),
        (50, {"from_external_id": "nobody"}, 404, "members.not_found"),
        (50, {"to_external_id": "mei"}, 409, "ledger.transfer_to_oneself"),
        (9, {}, 409, "ledger.transfer_too_small"),
        (101, {}, 409, "ledger.transfer_too_large"),
        (21, {}, 409, "ledger.insufficient_points"),
        (0, {}, 400, "api.invalid_body"),
        (-5, {}, 400, "api.invalid_body"),
        (50, {"note": "x"}, 400, "api.invalid_body"),
    ):
        refusal(pass_on(partner, points, **more), status, code)
    assert contents(shop) == before
    give(partner, 100)
    facts = refusal(pass_on(partner, 51), 409, "ledger.transfer_limit_reached")
    assert facts == {"period": "day", "limit": 150, "left": 50}


def test_closed_unless_the_programme_opens_it(partner, mei, ann):
    give(partner, 120)
    refusal(pass_on(partner), 409, "ledger.transfers_closed")
    assert balance(partner, mei) == (120, 0, 0, 0)


def test_a_key_is_needed_and_gives_the_first_answer_again(partner, mei, ann, is_open):
    give(partner, 120)
    body = {"from_external_id": "mei", "to_external_id": "ann", "points": 50}
    refusal(partner.post(f"{API}/transfers", body), 400, "api.idempotency_key_required")
    first, again = (partner.post(f"{API}/transfers", body, idem="k") for _ in range(2))
    assert first.raw == again.raw
    refusal(
        partner.post(f"{API}/transfers", {**body, "points": 51}, idem="k"),
        422, "api.idempotency_key_reused",
    )  # fmt: skip
    assert balance(partner, mei) == (70, 0, 0, 0)
