"""Orders in the console: the list, one order with its refunds, and why it earned what it earned."""

from datetime import UTC, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from points.flows.order_completed import complete_order
from points.flows.order_received import IncomingLine, IncomingOrder, take_order
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.orders.models import Order
from tests.console.conftest import API

DAY = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def history(tea, mei, orders):
    """Five orders a day apart: A-3 refunded in part, A-4 in full, B-5 only paid."""
    for n in range(1, 5):
        orders(f"A-{n}", cents=10_000, placed_at=DAY + timedelta(days=n))
    orders("B-5", member="bao", cents=4_000, placed_at=DAY + timedelta(days=5), status="paid")
    with tenant_context(tea):
        for number, cents in (("A-3", 2_500), ("A-4", 10_000)):
            at = DAY + timedelta(days=6)
            refund = IncomingRefund(external_id=f"R-{number}", refunded_at=at, amount_cents=cents)
            refund_order(external_id=number, refund=refund, at=at, actor="test")


def numbers(answer) -> list[str]:
    assert answer.status == 200, answer
    return [row["external_id"] for row in answer.json["items"]]


def test_the_list_is_read_page_by_page(console, history):
    first = console.get(f"{API}/orders?limit=2")
    second = console.get(f"{API}/orders?limit=2&cursor={first.json['next']}")
    third = console.get(f"{API}/orders?limit=2&cursor={second.json['next']}")
    assert [numbers(page) for page in (first, second, third)] == [
        ["B-5", "A-4"], ["A-3", "A-2"], ["A-1"],
    ]  # fmt: skip
    assert third.json["next"] is None


def test_a_row_says_what_was_paid_earned_and_taken_back(console, history):
    rows = {row["external_id"]: row for row in console.get(f"{API}/orders").json["items"]}
    assert rows["A-1"] == {
        **rows["A-1"], "channel": "api", "status": "completed", "currency": "CNY",
        "paid_cents": 10_000, "refunded_cents": 0, "points_earned": 100,
        "points_clawed_back": 0, "points_pending": 0, "placed_at": "2026-03-02T04:00:00Z",
    }  # fmt: skip
    assert rows["A-1"]["member"]["external_id"] == "mei"
    assert rows["A-1"]["member"]["name"] == "Mei"
    assert {name: row["status"] for name, row in rows.items()} == {
        "A-1": "completed", "A-2": "completed", "A-3": "partly_refunded", "A-4": "refunded",
        "B-5": "paid",
    }  # fmt: skip
    assert (rows["A-3"]["points_clawed_back"], rows["A-4"]["points_clawed_back"]) == (25, 100)
    assert rows["B-5"]["member"]["name"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=paid", ["B-5"]),
        ("status=completed", ["A-2", "A-1"]),
        ("status=refunded", ["A-4", "A-3"]),
        ("q=A-", ["A-4", "A-3", "A-2", "A-1"]),
        ("q=bao", ["B-5"]),
        ("q=13800000001&status=completed", ["A-2", "A-1"]),
        ("q=nobody", []),
        ("from=2026-03-05", ["B-5", "A-4"]),
        ("to=2026-03-03", ["A-2", "A-1"]),
        ("from=2026-03-03&to=2026-03-04", ["A-3", "A-2"]),
        ("from=1999-01-01", ["B-5", "A-4", "A-3", "A-2", "A-1"]),
    ],
)
def test_filters_and_search(console, history, query, expected):
    assert numbers(console.get(f"{API}/orders?{query}")) == expected


def test_days_are_the_merchants_days(console, tea, mei, orders):
    orders("A-1", placed_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))  # 00:30 on 2 March there
    assert numbers(console.get(f"{API}/orders?from=2026-03-02&to=2026-03-02")) == ["A-1"]
    assert numbers(console.get(f"{API}/orders?to=2026-03-01")) == []


def test_the_number_of_queries_does_not_grow(console, history, tea, django_assert_num_queries):
    with django_assert_num_queries(3 + 4):
        console.get(f"{API}/orders?limit=1")
    with django_assert_num_queries(3 + 4):
        console.get(f"{API}/orders?limit=100&q=A-&status=completed")
    with tenant_context(tea):
        order = Order.objects.get(external_id="A-3")
    with django_assert_num_queries(3 + 5):
        console.get(f"{API}/orders/{order.pk}")


def test_one_order_with_its_refund_step_by_step(console, tea, mei):
    """109.00 in two lines with a coupon of 10.00; one of two cups goes back while points wait."""
    with tenant_context(tea):
        from points.program.actions import change_program

        change_program(changes={"earning": {"pending_days": 10}}, at=DAY)
        order = IncomingOrder(
            external_id="A-1", currency="CNY", placed_at=DAY, status="paid",
            member_external_id="mei", shipping_cents=900, discount_cents=1_000,
            lines=[
                IncomingLine(external_id="cup", quantity=2, amount_cents=6_000, sku="C1"),
                IncomingLine(external_id="tea", quantity=1, amount_cents=4_900, category="green"),
            ],
        )  # fmt: skip
        take_order(order=order, create_member=False, at=DAY, actor="key:test")
        complete_order(external_id="A-1", completed_at=DAY, at=DAY, actor="key:test")
        now = DAY + timedelta(days=1)
        refund = IncomingRefund(
            external_id="R-1", refunded_at=now, amount_cents=3_000,
            lines=[IncomingRefundLine(external_id="cup", quantity=1, amount_cents=3_000)],
        )  # fmt: skip
        refund_order(external_id="A-1", refund=refund, at=now, actor="key:test")
        pk = Order.objects.get().pk

    answer = console.get(f"{API}/orders/{pk}")

    assert answer.status == 200
    body = answer.json
    assert (body["status"], body["paid_cents"], body["points_earned"]) == (
        "partly_refunded", 10_800, 99,
    )  # fmt: skip
    assert (body["shipping_cents"], body["tax_cents"], body["discount_cents"]) == (900, 0, 1_000)
    assert body["offset"] is None
    assert [
        (line["external_id"], line["points"], line["refunded_quantity"], line["refunded_cents"])
        for line in body["lines"]
    ] == [("cup", 54, 1, 3_000), ("tea", 45, 0, 0)]
    assert body["refunds"] == [
        {
            "kind": "refund", "external_id": "R-1", "refunded_at": "2026-03-02T04:00:00Z",
            "amount_cents": 3_000, "cash_netted_cents": 0, "cash_due_cents": 0,
            "points": {"clawed_back": 27, "returned": 0, "debt": 0, "uncovered": 0},
            "steps": [{"step": "own_pending", "points": 27, "coupon": None}],
            "returned": [
                {"external_id": "cup", "sku": "C1", "quantity": 1, "amount_cents": 3_000}
            ],
            "replacements": [], "reversal": None,
        }
    ]  # fmt: skip
    assert body["explanation"]["summary"] == "This order earned 99 points."
    details = " ".join(step["detail"] for step in body["explanation"]["steps"])
    assert "¥99.00" in details
    assert "¥10.00 paid with coupons or points do not count." in details


def test_points_that_still_wait_are_told_apart(console, tea, mei, orders):
    from points.program.actions import change_program

    with tenant_context(tea):
        change_program(changes={"earning": {"pending_days": 7}}, at=DAY)
    orders("A-1", cents=10_900, placed_at=datetime.now(UTC) - timedelta(days=1))
    row = console.get(f"{API}/orders").json["items"][0]
    assert (row["points_earned"], row["points_pending"]) == (109, 109)
    orders("A-0", cents=5_000, placed_at=datetime.now(UTC) - timedelta(days=8))
    rows = console.get(f"{API}/orders").json["items"]
    assert [row["points_pending"] for row in rows] == [109, 0]


def test_an_order_paid_in_part_with_points(console, tea, mei, orders):
    from points.ledger.actions import hold_points

    orders("A-1", cents=50_000)
    at = DAY + timedelta(days=1)
    with tenant_context(tea):
        hold = hold_points(
            member=mei.pk, points=400, reference="B-1", expires_in=timedelta(minutes=30), at=at,
            actor="test",
        )  # fmt: skip
    orders("B-1", cents=10_000, placed_at=at, hold_id=hold)
    with tenant_context(tea):
        pk = Order.objects.get(external_id="B-1").pk
    body = console.get(f"{API}/orders/{pk}").json
    assert body["offset"] == {
        "points": 400, "cents": 400,
        "shares": [{"funding_source": "merchant", "points": 400, "cents": 400}],
    }  # fmt: skip
    assert (body["paid_cents"], body["points_earned"]) == (9_600, 96)


def test_an_order_of_another_shop_is_not_there(console):
    answer = console.get(f"{API}/orders/0198c0de-0000-7000-8000-000000000000")
    assert (answer.status, answer.code) == (404, "orders.not_found")
    assert console.get(f"{API}/orders/1").code == "orders.not_found"
