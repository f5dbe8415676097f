"""Redeeming and taking it back: points, lots and stock move together or not at all."""

from datetime import timedelta

import pytest

from points.ledger.models import Lot, Transaction
from points.ledger.queries import get_balance
from points.ledger.reconciliation import find_inconsistencies
from points.redemption.actions import fulfil_redemption
from points.redemption.models import MallItem, Redemption
from tests.storefront.browser import Browser


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


@pytest.fixture
def rich(mei, give, noon):
    """Mei has 200 points that end in 10 days and 300 that end in 90."""
    give(mei, 200, at=noon, expires_in=10)
    give(mei, 300, at=noon, expires_in=90)
    return mei


def lots(member) -> list[int]:
    """What is left of the member's lots, soonest expiry first."""
    rows = Lot.objects.filter(wallet__member_id=member.pk).order_by("expires_at")
    return list(rows.values_list("remaining", flat=True))


def take(browser, item, quantity=1, idem="new", **more):
    """One press of the button."""
    body = {"mall_item_id": str(item.pk), "quantity": quantity, **more}
    return browser.post("/redemptions", body, idem=idem)


def test_redeeming_draws_the_lots_that_end_first(mei_browser, rich, put_on_sale, noon):
    item = put_on_sale(120, stock=5, image="1f375")

    answer = take(mei_browser, item, 2)

    assert answer.status == 201
    made = Redemption.objects.get()
    assert answer.json == {
        "id": str(made.pk),
        "code": made.code,
        "status": "pending",
        "mall_item": {
            "id": str(item.pk), "title": "Longjing tea", "image": "1f375", "kind": "goods",
        },
        "quantity": 2,
        "points": 240,
        "price_cents": 0,
        "currency": "CNY",
        "variant": "",
        "payment": "",
        "pay_by": None,
        "paid_at": None,
        "delivery": "ship",
        "address": None,
        "pickup_place": "",
        "tracking": "",
        "delivered": {"coupons": [], "cash_cents": 0, "gift_codes": 0, "benefit": ""},
        "valid_until": None,
        "used_at": None,
        "created_at": "2026-03-01T04:00:00Z",
        "fulfilled_at": None,
        "cancelled_at": None,
        "can_cancel": True,
        "payments": [],
        "payment_methods": [],
    }  # fmt: skip
    assert lots(rich) == [0, 260]
    assert get_balance(member=rich.pk, at=noon).available == 260
    assert MallItem.objects.get().stock == 3
    assert mei_browser.get(f"/redemptions/{made.pk}").json == answer.json
    assert Transaction.objects.get(kind="spend").actor == f"member:{rich.pk}"


def test_cancelling_puts_all_of_it_back(mei_browser, rich, put_on_sale, noon):
    item = put_on_sale(240, stock=5, per_member_limit=1)
    made = take(mei_browser, item).json

    answer = mei_browser.post(f"/redemptions/{made['id']}/cancellation", {})

    assert answer.status == 200
    assert (answer.json["status"], answer.json["can_cancel"]) == ("cancelled", False)
    assert answer.json["cancelled_at"] == "2026-03-01T04:00:00Z"
    assert lots(rich) == [200, 300]
    assert get_balance(member=rich.pk, at=noon).available == 500
    assert MallItem.objects.get().stock == 5
    assert mei_browser.get(f"/mall-items/{item.pk}").json["redeemed_by_me"] == 0
    assert find_inconsistencies() == []
    assert take(mei_browser, item).status == 201


def test_cancelling_twice_returns_once(mei_browser, rich, put_on_sale, noon):
    made = take(mei_browser, put_on_sale(240)).json

    first = mei_browser.post(f"/redemptions/{made['id']}/cancellation", {})
    second = mei_browser.post(f"/redemptions/{made['id']}/cancellation", {})

    assert first.json == second.json
    assert get_balance(member=rich.pk, at=noon).available == 500
    assert Transaction.objects.filter(kind="refund_spent").count() == 1


def test_what_ended_meanwhile_does_not_come_back(
    mei_browser, rich, put_on_sale, noon, time_machine_at
):
    """240 spent, 200 of them from the lot of 10 days; cancelled after 10 days: 40 return."""
    made = take(mei_browser, put_on_sale(240)).json
    time_machine_at.move_to(noon + timedelta(days=10))

    mei_browser.post(f"/redemptions/{made['id']}/cancellation", {})

    assert mei_browser.get("/me").json["points"]["available"] == 300
    assert lots(rich) == [0, 300]
    assert find_inconsistencies() == []


def test_what_was_handed_over_cannot_be_cancelled(mei_browser, rich, put_on_sale, noon):
    made = take(mei_browser, put_on_sale(240)).json
    fulfil_redemption(redemption_id=made["id"], at=noon, actor="staff:1")

    answer = mei_browser.post(f"/redemptions/{made['id']}/cancellation", {})

    assert (answer.status, answer.code) == (409, "redemption.not_cancellable")
    seen = mei_browser.get(f"/redemptions/{made['id']}").json
    assert (seen["status"], seen["can_cancel"]) == ("fulfilled", False)
    assert get_balance(member=rich.pk, at=noon).available == 260


@pytest.mark.parametrize(
    ("fields", "quantity", "status", "code"),
    [
        ({"stock": 1}, 2, 409, "redemption.out_of_stock"),
        ({"stock": 0}, 1, 409, "redemption.out_of_stock"),
        ({"per_member_limit": 1}, 2, 409, "redemption.limit_reached"),
        ({"status": "paused"}, 1, 409, "redemption.not_on_sale"),
        ({"status": "draft"}, 1, 409, "redemption.not_on_sale"),
        ({"price_points": 501}, 1, 409, "ledger.insufficient_points"),
    ],
)
def test_a_refusal_moves_nothing(
    mei_browser, rich, put_on_sale, noon, fields, quantity, status, code
):
    item = put_on_sale(**{"price_points": 100, **fields})
    stock = item.stock

    answer = take(mei_browser, item, quantity)

    assert (answer.status, answer.code) == (status, code)
    assert lots(rich) == [200, 300]
    assert Redemption.objects.count() == 0
    assert not Transaction.objects.filter(kind="spend").exists()
    assert MallItem.objects.get().stock == stock
    assert MallItem.objects.get().redeemed_count == 0


def test_too_few_points_are_told_with_numbers(mei_browser, rich, put_on_sale):
    answer = take(mei_browser, put_on_sale(300), 2)

    assert answer.json["facts"] == {"needed": 600, "available": 500}
    assert answer.json["detail"] == "Points needed: 600; available: 500."


def test_the_same_press_of_the_button_counts_once(mei_browser, rich, put_on_sale, noon):
    item = put_on_sale(100)

    first = take(mei_browser, item, idem="press-1")
    again = take(mei_browser, item, idem="press-1")
    other = take(mei_browser, item, 2, idem="press-1")

    assert first.status == again.status == 201
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.code) == (422, "api.idempotency_key_reused")
    assert get_balance(member=rich.pk, at=noon).available == 400
    assert Redemption.objects.count() == 1


def test_one_members_key_never_answers_another(shop, mei_browser, rich, give, put_on_sale, noon):
    from points.flows.member_joined import join_member

    other = join_member(external_id="lin", at=noon)
    give(other, 100, at=noon)
    item = put_on_sale(100)
    take(mei_browser, item, idem="press-1")

    answer = take(Browser(shop).enter(other), item, idem="press-1")

    assert answer.status == 201 and "Idempotent-Replayed" not in answer.headers
    assert get_balance(member=other.pk, at=noon).available == 0


def test_a_redemption_needs_a_key(mei_browser, rich, put_on_sale):
    answer = take(mei_browser, put_on_sale(100), idem=None)

    assert (answer.status, answer.code) == (400, "api.idempotency_key_required")
    assert Redemption.objects.count() == 0


def test_goods_can_be_sent_to_an_address(mei_browser, rich, put_on_sale):
    address = {"name": "梅", "phone": "13800000001", "region": "浙江 杭州", "line": "龙井路 1 号"}

    answer = take(mei_browser, put_on_sale(100), address=address)

    assert answer.json["address"] == address
    assert Redemption.objects.get().address == address


def test_the_list_is_newest_first_and_pages_without_a_gap(mei_browser, rich, put_on_sale):
    item = put_on_sale(10)
    made = [take(mei_browser, item).json["id"] for _ in range(5)]

    first = mei_browser.get("/redemptions?limit=3").json
    rest = mei_browser.get(f"/redemptions?limit=3&cursor={first['next']}").json

    assert [row["id"] for row in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_somebody_elses_redemption_is_not_found(shop, mei_browser, rich, put_on_sale, noon):
    from points.flows.member_joined import join_member

    made = take(mei_browser, put_on_sale(240)).json
    other = Browser(shop).enter(join_member(external_id="lin", at=noon))

    seen = other.get(f"/redemptions/{made['id']}")
    cancelled = other.post(f"/redemptions/{made['id']}/cancellation", {})

    assert seen.code == cancelled.code == "redemption.not_found"
    assert other.get("/redemptions").json["items"] == []
    assert get_balance(member=rich.pk, at=noon).available == 260


def test_few_queries(mei_browser, rich, put_on_sale, django_assert_num_queries):
    item = put_on_sale(10)
    made = [take(mei_browser, item).json["id"] for _ in range(4)]
    mei_browser.warm_up()
    with django_assert_num_queries(2):
        mei_browser.get("/redemptions")
    with django_assert_num_queries(2):
        mei_browser.get(f"/redemptions/{made[0]}")
