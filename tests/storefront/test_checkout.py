"""Checking out, paying and giving back, as a member's browser does it."""

import uuid

import pytest

from points.program.actions import change_program
from points.shop.order_models import ShopOrder
from tests.checkout.conftest import give as give_value
from tests.checkout.conftest import shelf  # noqa: F401

HOME = {"name": "Mei", "phone": "13800000001", "region": "Hangzhou", "line": "1 Tea Road"}
NOBODY = "01a20095-a26e-7222-9f07-1eebdb2f2480"


@pytest.fixture
def rich_browser(mei_browser, mei, noon):
    give_value(mei, 5_000, noon)
    give_value(mei, 2_000, noon, unit="cash")
    return mei_browser


@pytest.fixture
def desk(tea):
    """The console with its owner signed in; the connection is back in the shop after each call."""
    from django.db import connection

    from tenants.models import Role
    from tests.console.conftest import console_client, employ

    http = console_client(tea, employ(tea, Role.OWNER, "Lin Owner"))
    call = http.call

    def back(*given, **options):
        try:
            return call(*given, **options)
        finally:
            connection.set_tenant(tea)

    http.call = back
    connection.set_tenant(tea)
    return http


def wish(shelf, **more):  # noqa: F811
    lines = [
        {"variant_id": str(shelf["TEA"].pk), "quantity": 2},
        {"variant_id": str(shelf["CUP"].pk), "quantity": 1},
    ]
    return {"lines": lines, **more}


def place(browser, body, **more):
    seen = browser.post("/checkout-quotes", body).json["payable_cents"]
    order = {**body, "address": HOME, "expected_payable_cents": seen, **more}
    return browser.post("/shop-orders", order, Idempotency_Key=str(uuid.uuid4()))


def test_a_quote_goes_down_step_by_step(rich_browser, shelf):  # noqa: F811
    found = rich_browser.post(
        "/checkout-quotes", wish(shelf, points="most", cash_cents="most")
    ).json
    assert {name: found[name] for name in (
        "list_cents", "offset_points", "offset_cents", "shipping_cents", "payable_cents",
        "cash_cents", "due_cents", "max_points", "points_available",
    )} == {
        "list_cents": 15_590, "offset_points": 5_000, "offset_cents": 5_000, "shipping_cents": 0,
        "payable_cents": 10_590, "cash_cents": 2_000, "due_cents": 8_590, "max_points": 5_000,
        "points_available": 5_000,
    }  # fmt: skip
    assert found["payment_methods"] == [{"code": "offline", "text": ""}]
    assert [line["paid_cents"] for line in found["lines"]] == [7_880, 2_710]


def test_a_quote_tells_how_far_free_shipping_is(rich_browser, shelf, noon):  # noqa: F811
    def missing(**more):
        found = rich_browser.post("/checkout-quotes", wish(shelf, **more)).json
        return found["free_shipping_missing_cents"], found["shipping_cents"]

    goods = rich_browser.post("/checkout-quotes", wish(shelf)).json["payable_cents"]
    for least, expected in ((goods + 1, (1, 800)), (goods, (0, 0))):
        post = {"shop": {"shipping_cents": 800, "free_shipping_from_cents": least}}
        change_program(changes=post, at=noon)
        assert missing() == expected
        assert missing(points="most") == expected


def test_prices_of_the_client_are_not_even_read(rich_browser, shelf):  # noqa: F811
    body = wish(shelf)
    body["lines"][0]["price_cents"] = 1
    answer = rich_browser.post("/checkout-quotes", body)
    assert (answer.status, answer.code) == (400, "api.invalid_body")
    answer = rich_browser.post("/checkout-quotes", {**wish(shelf), "payable_cents": 1})
    assert answer.status == 400
    cheap = {**wish(shelf), "address": HOME, "expected_payable_cents": 1}
    answer = rich_browser.post("/shop-orders", cheap, Idempotency_Key="k")
    assert (answer.status, answer.code) == (409, "shop.price_changed")
    assert not ShopOrder.objects.exists()


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"points": 5_001}, 409, "shop.points_beyond"),
        ({"points": -1}, 400, "api.invalid_body"),
        ({"cash_cents": 2_001}, 409, "shop.cash_beyond"),
        ({"coupon_codes": ["AAAA-BBBB-CCCC"]}, 404, "coupons.not_found"),
        ({"lines": []}, 400, "api.invalid_body"),
        ({"lines": [{"variant_id": NOBODY, "quantity": 1}]}, 404, "shop.variant_not_found"),
        ({"lines": [{"variant_id": "x", "quantity": 1}]}, 404, "shop.variant_not_found"),
    ],
)
def test_what_a_quote_refuses(rich_browser, shelf, more, status, code):  # noqa: F811
    answer = rich_browser.post("/checkout-quotes", {**wish(shelf), **more})
    assert (answer.status, answer.code) == (status, code)


def test_an_order_is_placed_once_for_its_key(rich_browser, shelf):  # noqa: F811
    body = {**wish(shelf), "address": HOME, "expected_payable_cents": 15_590}
    assert rich_browser.post("/shop-orders", body).code == "api.idempotency_key_required"
    first = rich_browser.post("/shop-orders", body, Idempotency_Key="one")
    again = rich_browser.post("/shop-orders", body, Idempotency_Key="one")
    assert (first.status, again.json) == (201, first.json)
    assert ShopOrder.objects.count() == 1
    assert first.json["address"] == HOME
    assert [one["state"] for one in first.json["history"]] == ["awaiting_payment"]


def test_from_the_order_to_its_refund_request(rich_browser, desk, shelf):  # noqa: F811
    order = place(rich_browser, wish(shelf, points=1_000, cash_cents=500)).json
    path = f"/shop-orders/{order['id']}"
    paying = rich_browser.post(f"{path}/payments", {"provider": "offline"})
    assert (paying.status, paying.json["url"]) == (201, None)
    again = rich_browser.post(f"{path}/payments", {"provider": "offline"})
    assert again.json["id"] == paying.json["id"]
    refused = rich_browser.post(f"{path}/payments", {"provider": "stripe"})
    assert refused.code == "shop.payment_method_off"
    assert rich_browser.post(f"{path}/receipt", {}).code == "shop.order_state"

    at_desk = f"/api/console/v1{path}"
    paid = desk.post(f"{at_desk}/payments/{paying.json['id']}/confirmation", {"note": "cash"})
    assert (paid.status, paid.json["status"]) == (200, "paid")
    assert paid.json["settlement"] == [{
        "funding_source": "merchant", "offset_points": 1_000, "offset_cents": 1_000,
        "returned_points": 0, "returned_offset_cents": 0, "coupon_cents": 0,
        "returned_coupon_cents": 0,
    }]  # fmt: skip
    sent = desk.post(f"{at_desk}/shipment", {"carrier": "SF", "tracking": "SF1"})
    assert sent.json["shipment"]["tracking"] == "SF1"
    here = rich_browser.post(f"{path}/receipt", {}).json
    assert (here["status"], here["history"][-1]["by"]) == ("completed", "member")
    asked = rich_browser.post(
        f"{path}/refund-requests", {"lines": [{"position": 1, "quantity": 1}], "reason": "stale"}
    )
    assert (asked.status, asked.json["has_open_refund"]) == (201, True)
    refund = asked.json["refunds"][0]["id"]
    (waiting,) = desk.get("/api/console/v1/shop-refunds?status=requested").json["items"]
    assert waiting["id"] == refund
    done = desk.post(f"/api/console/v1/shop-refunds/{refund}/approval", {})
    assert (done.status, done.json["status"], done.json["points"]) == (200, "paying", 372)
    closed = desk.post(f"/api/console/v1/shop-refunds/{refund}/confirmation", {})
    assert closed.json["status"] == "done"
    row = rich_browser.get("/shop-orders").json["items"][0]
    assert (row["number"], row["lines"][0]["refunded_quantity"]) == (order["number"], 1)


def test_an_order_of_another_is_not_there(rich_browser, visitor, shelf, noon):  # noqa: F811
    from points.flows.member_joined import join_member
    from tests.storefront.browser import Browser

    order = place(rich_browser, wish(shelf)).json["id"]
    other = join_member(external_id="lan", name="Lan", at=noon)
    lan = Browser(visitor.merchant).enter(other)
    assert lan.get(f"/shop-orders/{order}").code == "shop.order_not_found"
    assert lan.post(f"/shop-orders/{order}/cancellation", {}).code == "shop.order_not_found"
    assert lan.get("/shop-orders").json["items"] == []
    assert rich_browser.post(f"/shop-orders/{order}/cancellation", {}).json["status"] == "cancelled"
