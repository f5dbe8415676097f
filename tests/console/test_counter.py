"""The counter, pools of gift codes and payments at the shop, as staff use them."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context

from points.flows.redeemed import redeem
from points.redemption.actions import Choice
from tests.console.conftest import API

CUP = {"kind": "goods", "title_en": "Cup", "price_points": 100, "status": "on_sale"}


@pytest.fixture
def take(console, tea, mei):
    """Mei, with 500 points, takes an item."""
    path = f"{API}/members/{mei.pk}/adjustments"
    console.post(path, {"points": 500, "reason": "Start"}, idem="start")

    def press(item, **choice):
        with tenant_context(tea):
            return redeem(
                member_id=mei.pk, item_id=item["id"], quantity=1, at=datetime.now(UTC),
                actor="t", choice=Choice(**choice),
            )  # fmt: skip

    return press


def test_a_code_is_looked_up_and_handed_over_once(console, take):
    item = console.post(f"{API}/mall-items", {**CUP, "delivery": "pickup"}).json
    body = {"code": take(item).code.lower()}
    seen = console.post(f"{API}/pickup-lookups", body)
    assert (seen.status, seen.json["refusal"]) == (200, None)
    assert seen.json["redemption"]["mall_item"]["title"] == "Cup"
    done = console.post(f"{API}/pickup-verifications", body)
    assert (done.status, done.json["status"]) == (200, "fulfilled")
    again = console.post(f"{API}/pickup-verifications", body)
    assert (again.status, again.code) == (409, "redemption.already_handed_over")
    refusal = console.post(f"{API}/pickup-lookups", body).json["refusal"]
    assert refusal["code"] == "redemption.already_handed_over"


def test_guessing_codes_makes_wait(console):
    answers = [
        console.post(f"{API}/pickup-lookups", {"code": f"22222-{n:05}"}).code for n in range(11)
    ]
    assert answers == ["redemption.pickup_code_wrong"] * 10 + ["api.rate_limited"]


def test_a_list_of_codes_is_uploaded_and_doubles_are_told(console):
    item = console.post(f"{API}/mall-items", {**CUP, "kind": "gift_code"}).json
    path = f"{API}/mall-items/{item['id']}/gift-codes"
    first = console.post(path, {"text": "A-1\nB-2,note\n\nA-1\n"})
    assert first.json == {"added": 2, "duplicates": [], "stock": 2}
    second = console.post(path, {"text": "B-2\r\nC-3"})
    assert second.json == {"added": 1, "duplicates": ["B-2"], "stock": 3}
    assert console.get(path).json == {"free": 3, "taken": 0}


def test_staff_confirm_the_money(console, take):
    item = console.post(f"{API}/mall-items", {**CUP, "price_cents": 990}).json
    made = take(item, payment="later")
    path = f"{API}/redemptions/{made.pk}/payment"
    paid = console.post(path, {"note": "Cash"})
    assert (paid.status, paid.json["status"]) == (200, "pending")
    assert console.post(path, {"note": "Cash"}).json == paid.json
    (payment,) = paid.json["payments"]
    assert (payment["provider"], payment["status"], payment["note"]) == ("offline", "paid", "Cash")


def test_money_paid_at_the_shop_is_owed_until_somebody_says_it_is_back(console, take):
    item = console.post(f"{API}/mall-items", {**CUP, "price_cents": 990}).json
    path = f"{API}/redemptions/{take(item, payment='later').pk}"
    (payment,) = console.post(f"{path}/payment", {}).json["payments"]
    back = f"{path}/payments/{payment['id']}/return"
    assert console.post(back, {}).code == "shop.payment_state"
    gone = console.post(f"{path}/cancellation", {"reason": "Broken"}).json
    assert (gone["status"], gone["payments"][0]["status"]) == ("cancelled", "owed")
    done = console.post(back, {"note": "Cash"})
    assert (done.status, done.json["payments"][0]["status"]) == (200, "settled")
    assert console.post(back, {"note": "Cash"}).json == done.json
    listed = console.get(f"{API}/redemptions").json["items"]
    assert listed == [done.json]
    noted = [one["action"] for one in console.get(f"{API}/audit-entries").json["items"]]
    assert noted.count("redemption.money_returned") == 1


def test_items_of_which_little_is_left(console):
    for n, stock in enumerate((3, 4)):
        console.post(
            f"{API}/mall-items", {**CUP, "title_en": str(n), "stock": stock, "low_stock_at": 3}
        )
    variants = [{"name_en": "Red", "stock": 1, "low_stock_at": 2}, {"name_en": "Blue", "stock": 9}]
    console.post(f"{API}/mall-items", {**CUP, "title_en": "V", "variants": variants})
    low = console.get(f"{API}/mall-items?low=true").json["items"]
    assert {row["title"] for row in low} == {"0", "V"}
