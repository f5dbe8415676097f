"""Refund quotes, exchanges and chargebacks over the partner API."""

import pytest

from points.flows.books_checked import check_books
from tests.partner.calls import API, AT, balance, contents, give, order_body, refusal, sent

ORDER = f"{API}/orders/O-1"


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def exchange(returned, new, name="X-1", **more):
    """`returned` and `new` are (line, cents)."""
    return {
        "external_id": name, "exchanged_at": AT,
        "returned": [
            {"external_id": n, "quantity": 1, "amount_cents": c} for n, c in returned
        ],
        "replacements": [
            {"external_id": n, "quantity": 1, "amount_cents": c} for n, c in new
        ], **more,
    }  # fmt: skip


def chargeback(name="CB-1"):
    return {"external_id": name, "charged_back_at": AT}


@pytest.fixture
def bought(partner, mei):
    """50.00 and 20.00 earned 70."""
    sent(partner.post(f"{API}/orders", order_body("O-1", 5_000, 2_000)))
    return partner


def test_a_quote_says_what_a_refund_would_do_and_changes_nothing(bought, mei, shop):
    give(bought, -50)
    before = contents(shop)
    asked = {"amount_cents": 7_000, "shortfall": "net"}
    told = sent(bought.post(f"{ORDER}/refund-quotes", asked), 200)
    assert told["points"] == {"clawed_back": 20, "returned": 0, "debt": 0, "uncovered": 50}
    assert (told["cash_netted_cents"], told["cash_cents"]) == (50, 6_950)
    assert told["steps"] == [
        {"step": "own_lots", "points": 20}, {"step": "uncovered", "points": 50},
    ]  # fmt: skip
    owing = sent(bought.post(f"{ORDER}/refund-quotes", {"amount_cents": 7_000}), 200)
    assert (owing["points"]["debt"], owing["debt"], owing["available"]) == (50, 50, 0)
    assert contents(shop) == before
    refund = {"external_id": "R-1", "refunded_at": AT, **asked}
    done = sent(bought.post(f"{ORDER}/refunds", refund))
    assert {name: done[name] for name in ("points", "steps", "cash_netted_cents")} == {
        name: told[name] for name in ("points", "steps", "cash_netted_cents")
    }


def test_an_exchange_earns_the_difference_once(bought, mei):
    body = exchange([("1", 5_000)], [("3", 8_000)])
    made = sent(bought.post(f"{ORDER}/exchanges", body))
    assert (made["points_moved"], made["points_earned"]) == (50, 30)
    assert (made["cash_back_cents"], made["cash_due_cents"]) == (0, 3_000)
    again = bought.post(f"{ORDER}/exchanges", body)
    assert (again.status, again.json) == (200, made)
    refusal(
        bought.post(f"{ORDER}/exchanges", exchange([("1", 5_000)], [("3", 8_001)])),
        409, "orders.refund_conflict",
    )  # fmt: skip
    order = sent(bought.get(ORDER), 200)
    assert order["points"]["earned"] == 100
    assert [(one["external_id"], one["amount_cents"], one["points"]) for one in order["lines"]] == [
        ("1", 0, 0), ("2", 2_000, 20), ("3", 8_000, 80),
    ]  # fmt: skip
    rows = sent(bought.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert rows[0]["reason"] == "Order O-1: exchanged for something dearer"
    assert rows[0]["order_external_id"] == "O-1"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (exchange([("1", 5_001)], [("3", 1)]), 409, "orders.refund_too_large"),
        (exchange([("9", 1)], [("3", 1)]), 400, "orders.line_not_found"),
        (exchange([("1", 1)], [("2", 1)]), 400, "orders.line_repeated"),
        (exchange([], [("3", 1)]), 400, "api.invalid_body"),
        (exchange([("1", 1)], []), 400, "api.invalid_body"),
        (exchange([("1", -1)], [("3", 1)]), 400, "api.invalid_body"),
        (exchange([("1", 1)], [("3", 1)], note="x"), 400, "api.invalid_body"),
    ],
)
def test_exchanges_that_are_refused_leave_nothing(bought, shop, body, status, code):
    before = contents(shop)
    refusal(bought.post(f"{ORDER}/exchanges", body), status, code)
    assert contents(shop) == before


def test_a_chargeback_takes_all_and_a_won_dispute_gives_it_back(bought, mei):
    give(bought, -50)
    made = sent(bought.post(f"{ORDER}/chargebacks", chargeback()))
    assert made["points"] == {"clawed_back": 70, "returned": 0, "debt": 50, "uncovered": 0}
    assert (made["amount_cents"], made["reversal"]) == (7_000, None)
    assert balance(bought, mei) == (0, 0, 0, 50)
    again = bought.post(f"{ORDER}/chargebacks", chargeback())
    assert (again.status, again.json) == (200, made)

    won = sent(bought.post(f"{ORDER}/chargebacks/CB-1/reversal", {"reversed_at": AT}))
    assert won["reversal"]["restored_points"] == 70
    assert won["points"]["clawed_back"] == 0
    assert balance(bought, mei) == (20, 0, 0, 0)
    repeated = bought.post(f"{ORDER}/chargebacks/CB-1/reversal", {"reversed_at": AT})
    assert (repeated.status, repeated.json) == (200, won)
    rows = sent(bought.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert [row["reason"] for row in rows[:2]] == [
        "Order O-1: payment confirmed after all, what it had earned is back",
        "Order O-1: payment reversed by the bank, what it had earned was taken back",
    ]


def test_unknown_orders_and_chargebacks_are_not_found(bought, shop):
    before = contents(shop)
    unknown = f"{API}/orders/O-9"
    refusal(bought.post(f"{unknown}/chargebacks", chargeback()), 404, "orders.not_found")
    refusal(
        bought.post(f"{ORDER}/chargebacks/CB-9/reversal", {"reversed_at": AT}),
        404, "orders.chargeback_not_found",
    )  # fmt: skip
    refusal(
        bought.post(f"{unknown}/exchanges", exchange([("1", 1)], [("3", 1)])),
        404, "orders.not_found",
    )  # fmt: skip
    refusal(bought.post(f"{unknown}/refund-quotes", {"amount_cents": 1}), 404, "orders.not_found")
    assert contents(shop) == before
