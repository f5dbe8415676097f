"""From the cart to the refund: a buyer with a coupon and points pays at the counter, the shop takes
the money, sends the parcel, and gives a piece back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import DESK, adopt, open_page, settle
from tests.e2e.product import Visitor
from tests.e2e.shops import ADDRESS, Shop

STORE, CONSOLE, PARTNER = "/api/storefront/v1", "/api/console/v1", "/api/v1"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language."""

    check_out: str
    points: str
    place: str
    to_pay: str
    to_be_sent: str
    on_its_way: str
    arrived: str
    ask: str
    send_ask: str
    waiting: str
    refunded: str
    confirm_paid: str
    confirm: str
    ship: str
    mark_sent: str
    tracking: str
    approve: str
    give_back: str


WORDS = {
    "en": Words(
        "Check out", "Pay with points", "Place order", "To pay", "To be sent", "On its way",
        "It has arrived", "Ask for a refund", "Send request", "Waiting for the shop", "Refunded",
        "Confirm payment", "Confirm", "Send", "Mark as sent", "Tracking number", "Approve", "Refund $",
    ),
    "zh-hans": Words(
        "去结算", "积分抵现", "提交订单", "待付款", "待发货", "待收货", "确认收货", "申请退款", "提交申请",
        "等待商家处理", "已退款", "确认收款", "确认收款", "发货", "确认发货", "快递单号", "同意退款", "退 ¥",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_cart_to_the_refund(
    red: Shop, pale: Shop, new_page: Callable[..., Page], language: str
) -> None:
    shop, words = (red if language == "en" else pale), WORDS[language]
    buyer, owner = shop.sign_in("M003"), shop.sign_in_owner()
    _stock(shop, buyer)
    page, desk = new_page(), new_page(viewport=DESK)
    adopt(page.context, buyer.cookies, shop.url, language)
    adopt(desk.context, owner.cookies, shop.url, language)
    before = buyer.get(f"{STORE}/me")["points"]["available"]

    order = _buys(page, shop, buyer, words)
    # 2 × 30.00 − 10.00 coupon = 50.00; 500 points of 1,000 would be 5.00.
    assert (order["list_cents"], order["coupon_cents"]) == (6_000, 1_000)
    assert order["payable_cents"] == 5_000 - order["offset_cents"] > 0
    assert buyer.get(f"{STORE}/me")["points"]["available"] == before - order["offset_points"]

    _is_paid_and_sent(desk, shop, order["id"], words)
    open_page(page, f"{shop.url}/orders/{order['id']}")
    expect(page.get_by_text("1Z-77", exact=True)).to_be_visible()
    page.get_by_role("button", name=words.arrived).click()
    page.get_by_role("dialog").get_by_role("button", name=words.arrived).click()
    page.get_by_role("button", name=words.ask).click()
    page.get_by_role("dialog").get_by_role("combobox").select_option("1")
    page.get_by_role("button", name=words.send_ask).click()
    expect(page.get_by_text(words.waiting)).to_be_visible()

    open_page(desk, f"{shop.url}/console/shop-orders/{order['id']}")
    desk.get_by_role("button", name=words.approve, exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name=words.give_back).click()
    expect(desk.get_by_role("dialog")).to_be_hidden()
    found = buyer.get(f"{STORE}/shop-orders/{order['id']}")
    (refund,) = found["refunds"]
    half = -(-order["payable_cents"] // 2), order["payable_cents"] // 2
    assert refund["paid_cents"] in half
    assert refund["points"] == order["offset_points"] // 2
    assert found["lines"][0]["refunded_quantity"] == 1


def _stock(shop: Shop, buyer: Visitor) -> None:
    """A tea without shipping in the buyer's cart, a coupon, an address."""
    product = {
        "title_zh": "大红袍", "title_en": "Big red robe", "status": "on_sale",
        "variants": [{"sku": "DHP", "price_cents": 3_000, "stock": 9}],
        "has_member_price": False,
    }  # fmt: skip
    made = shop.partner.post(f"{PARTNER}/products", product)
    coupon = {
        "code": "ten", "kind": "amount_off", "amount_cents": 1_000, "name_en": "Ten off",
        "name_zh": "减十元", "valid_days": 30, "status": "active",
    }  # fmt: skip
    shop.partner.post(f"{PARTNER}/coupon-templates", coupon)
    shop.partner.post(f"{PARTNER}/coupons", {"template": "ten", "member_external_id": "M003"})
    buyer.post(f"{STORE}/addresses", ADDRESS)
    variant = made["variants"][0]["id"]
    buyer.call("PUT", f"{STORE}/cart/lines/{variant}", {"quantity": 2})


def _buys(page: Page, shop: Shop, buyer: Visitor, words: Words) -> dict[str, Any]:
    open_page(page, f"{shop.url}/cart")
    page.get_by_role("link", name=words.check_out).click()
    settle(page)
    expect(page.get_by_text(ADDRESS["line"])).to_be_visible()
    page.get_by_role("switch", name=words.points).check()
    expect(page.get_by_role("slider")).to_be_visible()
    place = page.get_by_role("button", name=words.place)
    expect(place).to_be_enabled()
    place.click()
    expect(page.get_by_role("heading", name=words.to_pay)).to_be_visible()
    (row,) = buyer.get(f"{STORE}/shop-orders")["items"]
    found: dict[str, Any] = buyer.get(f"{STORE}/shop-orders/{row['id']}")
    assert page.url == f"{shop.url}/orders/{row['id']}"
    assert [one["provider"] for one in found["payments"]] == ["offline"]
    assert buyer.get(f"{STORE}/cart")["lines"] == []
    return found


def _is_paid_and_sent(desk: Page, shop: Shop, order: str, words: Words) -> None:
    open_page(desk, f"{shop.url}/console/shop-orders/{order}")
    desk.get_by_role("button", name=words.confirm_paid, exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name=words.confirm, exact=True).click()
    desk.get_by_role("button", name=words.ship, exact=True).click()
    desk.get_by_label(words.tracking).fill("1Z-77")
    desk.get_by_role("dialog").get_by_role("button", name=words.mark_sent).click()
    expect(desk.get_by_role("dialog")).to_be_hidden()
