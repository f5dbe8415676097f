"""Orders and refunds over the partner API, with the numbers of rules.md."""

import pytest

from points.flows.books_checked import check_books
from points.members.models import Member
from points.orders.models import Order
from tests.partner.calls import (
    API,
    AT,
    balance,
    contents,
    give,
    order_body,
    refund_body,
    refusal,
    sent,
)

LATER = "2026-03-03T12:00:00+08:00"


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def send(api, *args, **more):
    return sent(api.post(f"{API}/orders", order_body(*args, **more)))


def test_an_order_of_110_10_earns_110(partner, mei):
    made = send(partner, "O-1", 1_050, 9_960, shipping_cents=900, tax_cents=100)
    (lot,) = made["points"].pop("lots")
    assert made["points"] == {"earned": 110, "pending": 0, "clawed_back": 0, "returned": 0}
    assert (lot["granted"], lot["remaining"], lot["expires_at"]) == (
        110,
        110,
        "2027-03-01T16:00:00Z",
    )
    assert [(x["external_id"], x["points"]) for x in made["lines"]] == [("1", 10), ("2", 100)]
    assert (made["goods_cents"], made["shipping_cents"], made["tax_cents"]) == (11_010, 900, 100)
    assert (made["status"], made["channel"], made["member_id"]) == ("completed", "api", str(mei.pk))
    assert sent(partner.get(f"{API}/orders/O-1"), 200)["lines"] == made["lines"]
    assert balance(partner, mei) == (110, 0, 0, 0)


def test_told_again_equal_is_200_and_told_otherwise_409(partner, mei, shop, it_is_noon):
    first = send(partner)
    it_is_noon.shift(86_400 * 370)  # natural keys never expire
    before = contents(shop)
    again = sent(partner.post(f"{API}/orders", order_body()), 200)
    assert again["id"] == first["id"] and again["points"]["earned"] == 110
    # the same moment in another spelling is no other order
    sent(partner.post(f"{API}/orders", order_body(placed_at="2026-03-01T04:00:00Z")), 200)
    refusal(partner.post(f"{API}/orders", order_body("O-1", 11_011)), 409, "orders.conflict")
    assert contents(shop) == before


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"member_external_id": "nobody"}, 404, "members.not_found"),
        ({"member_external_id": None}, 400, "api.invalid_body"),
        ({"currency": "USD"}, 400, "orders.currency_mismatch"),
        ({"currency": "cny"}, 400, "api.invalid_body"),
        ({"discount_cents": 11_011}, 400, "orders.amounts_contradict"),
        ({"hold_id": "01a20077-438c-767c-86e5-9c0bfbe1af05"}, 404, "ledger.hold_not_found"),
        ({"status": "shipped"}, 400, "api.invalid_body"),
        ({"lines": []}, 400, "api.invalid_body"),
        ({"placed_at": "2026-03-01"}, 400, "api.invalid_body"),
        ({"placed_at": "2200-01-01T00:00:00Z"}, 400, "api.invalid_body"),
        ({"shipping_cents": -1}, 400, "api.invalid_body"),
        ({"external_id": ""}, 400, "api.invalid_body"),
        ({"channel": "x" * 41}, 400, "api.invalid_body"),
        (
            {"lines": [{"external_id": "1", "quantity": 1, "amount_cents": 1}] * 2},
            400, "orders.line_repeated",
        ),
    ],
)  # fmt: skip
def test_orders_that_are_refused_leave_nothing(partner, mei, shop, more, status, code):
    before = contents(shop)
    refusal(partner.post(f"{API}/orders", order_body(**more)), status, code)
    assert contents(shop) == before


def test_an_unknown_member_is_added_when_asked(partner):
    made = send(partner, member_external_id="new", create_member=True)
    member = Member.objects.get(external_id="new")
    assert (made["member_id"], made["points"]["earned"]) == (str(member.pk), 110)
    assert balance(partner, member) == (110, 0, 0, 0)


def test_a_paid_order_earns_on_completion(partner, mei, shop):
    assert send(partner, status="paid", completed_at=None)["points"]["earned"] == 0
    said = sent(partner.get(f"{API}/orders/O-1/explanation"), 200)
    assert (said["steps"], said["evaluation"]) == ([], None)

    done = sent(partner.post(f"{API}/orders/O-1/completion", {"completed_at": LATER}), 200)
    assert (done["status"], done["points"]["earned"]) == ("completed", 110)
    before = contents(shop)
    again = sent(partner.post(f"{API}/orders/O-1/completion", {"completed_at": AT}), 200)
    assert again == done and contents(shop) == before
    refusal(
        partner.post(f"{API}/orders/O-9/completion", {"completed_at": AT}), 404, "orders.not_found"
    )


def test_why_an_order_earned_what_it_earned(partner, mei):
    sent(
        partner.patch(f"{API}/program", {"earning": {"step_cents": 10_000, "points_per_step": 10}}),
        200,
    )
    send(partner, "O-1", 10_900)
    said = sent(partner.get(f"{API}/orders/O-1/explanation"), 200)
    assert "10" in said["summary"] and len(said["steps"]) == 3
    assert (said["evaluation"]["base_cents"], said["evaluation"]["points"]) == (10_900, 10)
    zero = send(partner, "O-2", 9_999)
    assert zero["points"]["earned"] == 0
    assert "no points" in sent(partner.get(f"{API}/orders/O-2/explanation"), 200)["summary"]
    refusal(partner.get(f"{API}/orders/O-3/explanation"), 404, "orders.not_found")


def test_refunding_a_line_takes_back_what_it_earned(partner, mei, shop):
    send(partner, "O-1", 1_050, 9_960)
    made = sent(partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 9_960, ("2", 9_960))))
    assert made["points"] == {"clawed_back": 100, "returned": 0, "debt": 0, "uncovered": 0}
    assert made["steps"] == [{"step": "own_lots", "points": 100}]
    assert (made["order_external_id"], made["amount_cents"], made["cash_netted_cents"]) == (
        "O-1",
        9_960,
        0,
    )
    before = contents(shop)
    again = partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 9_960, ("2", 9_960)))
    assert sent(again, 200) == made
    refusal(
        partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 9_959, ("2", 9_959))),
        409, "orders.refund_conflict",
    )  # fmt: skip
    assert contents(shop) == before
    assert balance(partner, mei) == (10, 0, 0, 0)
    assert sent(partner.get(f"{API}/orders/O-1"), 200)["refunded_cents"] == 9_960


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (refund_body("R", 11_011), 409, "orders.refund_too_large"),
        (refund_body("R", 1_051, ("1", 1_051)), 409, "orders.refund_too_large"),
        (refund_body("R", 1, ("9", 1)), 400, "orders.line_not_found"),
        (refund_body("R", 2, ("1", 1), ("1", 1)), 400, "orders.line_repeated"),
        (refund_body("R", -1), 400, "api.invalid_body"),
        (refund_body("R", 1, shortfall="forgive"), 400, "api.invalid_body"),
        (refund_body("", 1), 400, "api.invalid_body"),
    ],
)
def test_refunds_that_are_refused_leave_nothing(partner, mei, shop, body, status, code):
    send(partner, "O-1", 1_050, 9_960)
    before = contents(shop)
    refusal(partner.post(f"{API}/orders/O-1/refunds", body), status, code)
    assert contents(shop) == before
    refusal(partner.post(f"{API}/orders/O-9/refunds", refund_body("R", 1)), 404, "orders.not_found")


def test_spent_points_leave_a_debt_that_the_next_order_pays(partner, mei):
    send(partner, "O-1", 7_000)
    give(partner, -50)
    made = sent(partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 7_000)))
    assert made["points"] == {"clawed_back": 70, "returned": 0, "debt": 50, "uncovered": 0}
    assert balance(partner, mei) == (0, 0, 0, 50)
    send(partner, "O-2", 6_000)
    assert balance(partner, mei) == (10, 0, 0, 0)


def test_a_shortfall_is_netted_against_the_cash_when_asked(partner, mei):
    send(partner, "O-1", 7_000)
    give(partner, -50)
    made = sent(
        partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 7_000, shortfall="net"))
    )
    assert (made["points"]["clawed_back"], made["points"]["uncovered"]) == (20, 50)
    assert made["cash_netted_cents"] == 50
    assert balance(partner, mei) == (0, 0, 0, 0)


def test_an_order_paid_with_points(partner, mei):
    give(partner, 1_000)
    hold = sent(
        partner.post(
            f"{API}/holds",
            {"member_external_id": "mei", "points": 400, "reference": "cart"},
            idem="new",
        )
    )
    made = send(partner, "O-1", 1_000, hold_id=hold["id"])
    assert (made["offset_points"], made["offset_cents"], made["points"]["earned"]) == (400, 400, 6)
    assert balance(partner, mei) == (606, 0, 0, 0)
    assert sent(partner.get(f"{API}/holds/{hold['id']}"), 200)["status"] == "captured"
    # half of the goods come back: half of the points too
    half = sent(partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 500)))
    assert half["points"] == {"clawed_back": 3, "returned": 200, "debt": 0, "uncovered": 0}
    assert balance(partner, mei) == (803, 0, 0, 0)


def test_a_hold_of_another_or_used_before_pays_nothing(partner, mei, shop):
    sent(partner.post(f"{API}/members", {"external_id": "lin"}))
    give(partner, 100, member="lin")
    body = {"member_external_id": "lin", "points": 60, "reference": "cart"}
    hold = sent(partner.post(f"{API}/holds", body, idem="new"))["id"]
    before = contents(shop)
    refusal(partner.post(f"{API}/orders", order_body(hold_id=hold)), 409, "orders.hold_of_another")
    assert contents(shop) == before
    send(partner, "O-1", 1_000, member_external_id="lin", hold_id=hold)
    before = contents(shop)
    second = order_body("O-2", 1_000, member_external_id="lin", hold_id=hold)
    refusal(partner.post(f"{API}/orders", second), 409, "ledger.hold_not_open")
    assert contents(shop) == before


def test_a_hold_worth_more_than_the_order_is_refused(partner, mei, shop):
    give(partner, 1_000)
    body = {"member_external_id": "mei", "points": 600, "reference": "cart"}
    hold = sent(partner.post(f"{API}/holds", body, idem="new"))["id"]
    before = contents(shop)
    refusal(
        partner.post(f"{API}/orders", order_body("O-1", 500, hold_id=hold)),
        400, "orders.amounts_contradict",
    )  # fmt: skip
    assert contents(shop) == before


def test_one_number_in_two_channels(partner, mei):
    send(partner)
    send(partner, channel="till")
    for call in (
        partner.get(f"{API}/orders/O-1"),
        partner.get(f"{API}/orders/O-1/explanation"),
        partner.post(f"{API}/orders/O-1/completion", {"completed_at": AT}),
        partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 100)),
    ):
        refusal(call, 409, "orders.ambiguous")
    assert sent(partner.get(f"{API}/orders/O-1?channel=till"), 200)["channel"] == "till"
    refusal(partner.get(f"{API}/orders/O-1?channel=web"), 404, "orders.not_found")
    refunded = partner.post(f"{API}/orders/O-1/refunds?channel=till", refund_body("R-1", 11_010))
    assert sent(refunded)["points"]["clawed_back"] == 110
    assert balance(partner, mei) == (110, 0, 0, 0)


def test_sums_of_a_member_follow_orders_and_refunds(partner, mei):
    send(partner, "O-1", 1_050, 9_960, shipping_cents=900)
    send(partner, "O-2", 1_000, discount_cents=400)
    sent(partner.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 910)))
    mei.refresh_from_db()
    assert (mei.orders_count, mei.spent_cents) == (2, 11_910 + 600 - 910)

    # In the prices of the line; the coupon is not spent money, so it cannot be given back either.
    sent(partner.post(f"{API}/orders/O-2/refunds", refund_body("R-1", 500)))
    sent(partner.post(f"{API}/orders/O-2/refunds", refund_body("R-2", 500)))
    mei.refresh_from_db()
    assert mei.spent_cents == 11_910 - 910


def test_points_that_would_not_fit_are_refused_and_not_a_failure(partner, mei, shop):
    earning = {"earning": {"step_cents": 1, "points_per_step": 1_000_000_000}}
    sent(partner.patch(f"{API}/program", earning), 200)
    before = contents(shop)
    answer = partner.post(f"{API}/orders", order_body("O-1", 1_000_000_000_000))
    assert 400 <= answer.status < 500, answer
    assert contents(shop) == before
    batch = {"orders": [order_body("A", 1_000_000_000_000), order_body("B", 0)]}
    results = sent(partner.post(f"{API}/orders/batch", batch), 200)["results"]
    assert [r["outcome"] for r in results] == ["refused", "created"]


def test_numbers_with_colons_are_no_others_number(partner, mei):
    """`a:b` order `c` is not `a` order `b:c`; order `1:2` refund `3` not order `1` refund `2:3`."""
    send(partner, "c", 1_000, channel="a:b")
    send(partner, "b:c", 2_000, channel="a")
    assert balance(partner, mei) == (30, 0, 0, 0)
    send(partner, "1:2", 1_000)
    send(partner, "1", 1_000)
    for order, refund in (("1:2", "3"), ("1", "2:3")):
        made = sent(partner.post(f"{API}/orders/{order}/refunds", refund_body(refund, 1_000)))
        assert made["points"]["clawed_back"] == 10
    send(partner, "%3A", 1_000, channel="%")
    send(partner, ":", 1_000, channel="%")
    assert balance(partner, mei) == (50, 0, 0, 0)


def test_a_completion_that_would_earn_too_much_leaves_the_order_paid(partner, mei, shop):
    send(partner, "O-1", 1_000_000_000_000, status="paid", completed_at=None)
    earning = {"earning": {"step_cents": 1, "points_per_step": 1_000_000_000}}
    sent(partner.patch(f"{API}/program", earning), 200)
    before = contents(shop)
    answer = partner.post(f"{API}/orders/O-1/completion", {"completed_at": AT})
    facts = refusal(answer, 400, "orders.earns_too_much")
    assert facts == {"points": 10**21}
    assert contents(shop) == before


def test_a_hold_that_ran_out_pays_nothing(partner, mei, shop, it_is_noon):
    give(partner, 100)
    body = {
        "member_external_id": "mei",
        "points": 60,
        "reference": "cart",
        "expires_in_seconds": 60,
    }
    hold = sent(partner.post(f"{API}/holds", body, idem="new"))["id"]
    it_is_noon.shift(60)
    refused = partner.post(f"{API}/orders", order_body("O-1", 1_000, hold_id=hold))
    assert refusal(refused, 409, "ledger.hold_not_open") == {"status": "timed_out"}
    assert balance(partner, mei) == (100, 0, 0, 0)
    assert not Order.objects.exists()
