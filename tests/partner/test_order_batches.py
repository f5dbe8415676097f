"""Up to a thousand orders at once: each has its own outcome."""

import pytest

from points.flows.books_checked import check_books
from points.ledger.models import Transaction
from points.members.models import Member
from points.orders.models import Order
from tests.partner.calls import API, balance, contents, give, order_body, refusal, sent


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def test_a_batch_is_answered_in_order_and_one_bad_item_keeps_no_other_out(partner, mei):
    sent(partner.post(f"{API}/orders", order_body("KNOWN", 500)))
    orders = [
        order_body("A", 1_000),
        {**order_body("B"), "currency": "USD"},
        {**order_body("C"), "lines": "none"},
        order_body("A", 1_000),
        order_body("A", 2_000),
        order_body("KNOWN", 500),
        order_body("KNOWN", 501),
        order_body("D", 3_000, member_external_id="nobody"),
        "not even an order",
        order_body("E", 4_000),
    ]
    results = sent(partner.post(f"{API}/orders/batch", {"orders": orders}), 200)["results"]
    assert [
        (r["external_id"], r["outcome"], r["points_earned"], r.get("code")) for r in results
    ] == [
        ("A", "created", 10, None),
        ("B", "refused", 0, "orders.currency_mismatch"),
        ("C", "refused", 0, "api.invalid_body"),
        ("A", "duplicate", 10, None),
        ("A", "conflict", 0, "orders.conflict"),
        ("KNOWN", "duplicate", 5, None),
        ("KNOWN", "conflict", 0, "orders.conflict"),
        ("D", "refused", 0, "members.not_found"),
        (None, "refused", 0, "api.invalid_body"),
        ("E", "created", 40, None),
    ]
    assert balance(partner, mei) == (55, 0, 0, 0)
    assert Order.objects.count() == 3


def test_a_batch_may_bring_its_members(partner):
    orders = [order_body(f"N-{i}", member_external_id=f"n{i % 3}") for i in range(9)]
    body = {"orders": orders, "create_members": True}
    results = sent(partner.post(f"{API}/orders/batch", body), 200)["results"]
    assert [r["outcome"] for r in results] == ["created"] * 9
    assert sum(r["points_earned"] for r in results) == 990
    again = sent(partner.post(f"{API}/orders/batch", body), 200)["results"]
    assert [(r["outcome"], r["points_earned"]) for r in again] == [("duplicate", 110)] * 9
    assert Transaction.objects.count() == 9
    assert sorted(Member.objects.values_list("orders_count", flat=True)) == [3, 3, 3]


@pytest.mark.parametrize("orders", [[], None, {}, "x", [order_body("A")] * 1_001])
def test_a_batch_has_1_to_1000_orders(partner, mei, shop, orders):
    before = contents(shop)
    refusal(partner.post(f"{API}/orders/batch", {"orders": orders}), 400, "api.invalid_body")
    assert contents(shop) == before


def test_a_hold_refused_in_a_batch_keeps_no_other_out(partner, mei, shop):
    give(partner, 100)
    body = {"member_external_id": "mei", "points": 60, "reference": "cart"}
    hold = sent(partner.post(f"{API}/holds", body, idem="new"))["id"]
    sent(partner.post(f"{API}/holds/{hold}/release", {}), 200)
    orders = [order_body("A", 1_000), order_body("B", 1_000, hold_id=hold), order_body("C", 1_000)]
    results = sent(partner.post(f"{API}/orders/batch", {"orders": orders}), 200)["results"]
    assert [(r["outcome"], r.get("code")) for r in results] == [
        ("created", None), ("refused", "ledger.hold_not_open"), ("created", None),
    ]  # fmt: skip
    assert balance(partner, mei) == (120, 0, 0, 0)


def test_two_orders_of_a_batch_cannot_spend_one_hold(partner, mei, shop):
    give(partner, 100)
    body = {"member_external_id": "mei", "points": 60, "reference": "cart"}
    hold = sent(partner.post(f"{API}/holds", body, idem="new"))["id"]
    orders = [order_body(n, 1_000, hold_id=hold) for n in "AB"]
    results = sent(partner.post(f"{API}/orders/batch", {"orders": orders}), 200)["results"]
    assert [(r["outcome"], r.get("code")) for r in results] == [
        ("created", None), ("refused", "ledger.hold_not_open"),
    ]  # fmt: skip
    assert Order.objects.count() == 1


def test_a_repeat_of_a_refused_item_is_refused_alike(partner, mei):
    bad = {**order_body("B"), "currency": "USD"}
    body = {"orders": [bad, bad, order_body("A")]}
    results = sent(partner.post(f"{API}/orders/batch", body), 200)["results"]
    assert [(r["outcome"], r.get("code")) for r in results] == [
        ("refused", "orders.currency_mismatch"), ("refused", "orders.currency_mismatch"),
        ("created", None),
    ]  # fmt: skip
