"""Quotes, holds and adjustments."""

import pytest

from points.flows.books_checked import check_books
from points.ledger.models import Hold, Transaction
from tests.partner.calls import API, balance, contents, give, refusal, sent


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def hold(api, points=60, **more):
    body = {"member_external_id": "mei", "points": points, "reference": "till-1", **more}
    return api.post(f"{API}/holds", body, idem="new")


def quote(api, cents):
    body = {"member_external_id": "mei", "amount_cents": cents}
    return sent(api.post(f"{API}/quotes", body), 200)


def test_a_quote_shows_the_most_that_can_be_used_and_reserves_nothing(partner, mei, shop):
    give(partner, 700)
    before = contents(shop)
    assert quote(partner, 1_000) == {
        "max_points": 500, "max_discount_cents": 500, "step": 1, "available": 700,
    }  # fmt: skip
    assert quote(partner, 10_000)["max_points"] == 700
    assert quote(partner, 0)["max_points"] == 0
    assert contents(shop) == before
    rule = {"min_order_cents": 2_000, "step_points": 200, "max_points": 500}
    sent(partner.patch(f"{API}/program", {"offset": rule}), 200)
    assert quote(partner, 1_999)["max_points"] == 0
    assert quote(partner, 2_000) == {
        "max_points": 400, "max_discount_cents": 400, "step": 200, "available": 700,
    }  # fmt: skip
    nobody = {"member_external_id": "nobody", "amount_cents": 1}
    refusal(partner.post(f"{API}/quotes", nobody), 404, "members.not_found")


def test_goods_that_take_no_points_are_left_out_of_the_share(partner, mei):
    give(partner, 700)
    changed = {"offset": {"excluded_categories": ["gold"]}}
    sent(partner.patch(f"{API}/program", changed), 200)
    body = {"member_external_id": "mei", "amount_cents": 1_000}
    lines = [{"category": "gold", "amount_cents": 600}, {"category": "tea", "amount_cents": 400}]
    assert sent(partner.post(f"{API}/quotes", {**body, "lines": lines}), 200)["max_points"] == 200
    too_much = {**body, "lines": [{"amount_cents": 1_001}]}
    refusal(partner.post(f"{API}/quotes", too_much), 400, "api.invalid_body")


def test_a_hold_sets_points_aside(partner, mei):
    give(partner, 100)
    made = sent(hold(partner))
    assert (made["points"], made["status"], made["reference"]) == (60, "open", "till-1")
    assert (made["member_id"], made["closed_at"]) == (str(mei.pk), None)
    assert (made["created_at"], made["expires_at"]) == (
        "2026-03-01T04:00:00Z",
        "2026-03-01T04:30:00Z",
    )
    assert balance(partner, mei) == (40, 0, 60, 0)
    assert sent(partner.get(f"{API}/holds/{made['id']}"), 200) == made


def test_a_captured_hold_is_spent_once(partner, mei, shop):
    give(partner, 100)
    made = sent(hold(partner))
    done = sent(partner.post(f"{API}/holds/{made['id']}/capture", {}), 200)
    assert (done["status"], done["closed_at"]) == ("captured", "2026-03-01T04:00:00Z")
    before = contents(shop)
    assert sent(partner.post(f"{API}/holds/{made['id']}/capture", {}), 200) == done
    refusal(partner.post(f"{API}/holds/{made['id']}/release", {}), 409, "ledger.hold_not_open")
    assert contents(shop) == before
    assert balance(partner, mei) == (40, 0, 0, 0)


def test_a_released_hold_gives_its_points_back_once(partner, mei, shop):
    give(partner, 100)
    made = sent(hold(partner))
    done = sent(partner.post(f"{API}/holds/{made['id']}/release", {}), 200)
    assert done["status"] == "released"
    before = contents(shop)
    assert sent(partner.post(f"{API}/holds/{made['id']}/release", {}), 200) == done
    facts = refusal(
        partner.post(f"{API}/holds/{made['id']}/capture", {}), 409, "ledger.hold_not_open"
    )
    assert facts == {"status": "released"}
    assert contents(shop) == before
    assert balance(partner, mei) == (100, 0, 0, 0)


def test_a_hold_runs_out_to_the_second(partner, mei, it_is_noon):
    give(partner, 100)
    made = sent(hold(partner, expires_in_seconds=60))
    it_is_noon.shift(59)
    assert balance(partner, mei) == (40, 0, 60, 0)
    it_is_noon.shift(1)
    assert sent(partner.get(f"{API}/holds/{made['id']}"), 200)["status"] == "timed_out"
    assert balance(partner, mei) == (100, 0, 0, 0)
    refusal(partner.post(f"{API}/holds/{made['id']}/capture", {}), 409, "ledger.hold_not_open")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"points": 101}, 409, "ledger.insufficient_points"),
        ({"points": 0}, 400, "api.invalid_body"),
        ({"points": -1}, 400, "api.invalid_body"),
        ({"points": 10**12 + 1}, 400, "api.invalid_body"),
        ({"reference": ""}, 400, "api.invalid_body"),
        ({"expires_in_seconds": 0}, 400, "api.invalid_body"),
        ({"expires_in_seconds": 2_592_001}, 400, "api.invalid_body"),
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
    ],
)
def test_holds_that_are_refused_leave_nothing(partner, mei, shop, more, status, code):
    give(partner, 100)
    before = contents(shop)
    facts = refusal(hold(partner, **more), status, code)
    assert contents(shop) == before
    if code == "ledger.insufficient_points":
        assert facts == {"needed": 101, "available": 100}


@pytest.mark.parametrize("name", ["x", "01a20077-438c-767c-86e5-9c0bfbe1af05"])
def test_an_unknown_hold_is_404(partner, shop, name):
    refusal(partner.get(f"{API}/holds/{name}"), 404, "ledger.hold_not_found")
    for what in ("capture", "release"):
        refusal(partner.post(f"{API}/holds/{name}/{what}", {}), 404, "ledger.hold_not_found")
    assert not Hold.objects.exists()


def test_an_adjustment_gives_and_takes_with_a_reason(partner, mei):
    given = give(partner, 100, reason="Birthday")
    assert given["points"]["available"] == 100
    assert given["points"]["lifetime_earned"] == 0  # a correction is not earned
    taken = give(partner, -30, reason="Counted twice")
    assert taken["points"]["available"] == 70
    notes = list(Transaction.objects.order_by("id").values_list("kind", "amount", "note", "actor"))
    assert [row[:3] for row in notes] == [
        ("adjust", 100, "Birthday"),
        ("adjust", -30, "Counted twice"),
    ]
    assert all(row[3].startswith("key:jf_") for row in notes)
    assert Transaction.objects.get(pk=given["transaction_id"]).amount == 100


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"points": -101}, 409, "ledger.insufficient_points"),
        ({"points": 0}, 400, "api.invalid_body"),
        ({"points": 10**12 + 1}, 400, "api.invalid_body"),
        ({"reason": ""}, 400, "api.invalid_body"),
        ({"reason": "x" * 501}, 400, "api.invalid_body"),
        ({"funding_source": "nobody"}, 404, "ledger.funding_source_not_found"),
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
    ],
)
def test_adjustments_that_are_refused_leave_nothing(partner, mei, shop, change, status, code):
    give(partner, 100)
    before = contents(shop)
    body = {"member_external_id": "mei", "points": 5, "reason": "why", **change}
    refusal(partner.post(f"{API}/adjustments", body, idem="new"), status, code)
    assert contents(shop) == before


def test_an_adjustment_may_be_paid_by_another(partner, mei):
    body = {"code": "brand", "name": "Brand", "unit_cost_cents_per_1000_points": 400}
    sent(partner.post(f"{API}/funding-sources", body))
    sent(
        partner.post(
            f"{API}/adjustments",
            {"member_external_id": "mei", "points": 5, "reason": "gift", "funding_source": "brand"},
            idem="new",
        )
    )
    (lot,) = sent(partner.get(f"{API}/members/{mei.pk}/lots"), 200)["items"]
    assert lot["funding_source"] == "brand"


def test_wallets_cannot_grow_beyond_what_can_be_counted(partner, mei, shop):
    """A thousand times the largest amount still fits, with all sums."""
    for _ in range(3):
        give(partner, 10**12)
    assert balance(partner, mei)[0] == 3 * 10**12
