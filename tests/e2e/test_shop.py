"""Somebody looks round the shop, fills a cart, signs in, and finds it there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import open_page, settle
from tests.e2e.shops import Shop
from tests.e2e.test_member import Member, _sign_in


def test_what_a_visitor_gathered_is_the_members(red: Shop, new_page: Callable[..., Page]) -> None:
    sizes = {"name_en": "Size", "values": [{"en": "Small"}, {"en": "Large"}]}
    variants = [
        {"sku": "OOLONG-S", "choice": [0], "price_cents": 4_000, "stock": 9},
        {"sku": "OOLONG-L", "choice": [1], "price_cents": 7_000, "stock": 2},
    ]
    product = {
        "title_en": "Roasted oolong",
        "status": "on_sale",
        "options": [sizes],
        "variants": variants,
    }
    made = red.partner.post("/api/v1/products", product)
    page = new_page()
    bea = Member(red, "M002", page)

    open_page(page, f"{red.url}/shop")
    page.get_by_role("link", name="Roasted oolong").click()
    settle(page)
    page.get_by_text("Large", exact=True).click()
    expect(page.get_by_text("Only 2 left")).to_be_visible()
    page.get_by_role("button", name="One more").click()
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="Cart, 2 pieces")).to_be_visible()
    expect(page.get_by_role("button", name="Add to cart")).to_be_disabled()

    _sign_in(bea)
    open_page(page, f"{red.url}/cart")
    expect(page.get_by_text("Roasted oolong")).to_be_visible()
    cart = bea.get("/cart")
    assert [(one["label"], one["quantity"]) for one in cart["lines"]] == [("Large", 2)]
    assert cart["total_cents"] == 14_000
    assert (
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('jifen.cart'))")
        == []
    )

    page.get_by_role("button", name="Take out Roasted oolong").click()
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    assert bea.get("/cart")["lines"] == []
    red.partner.call("PATCH", f"/api/v1/products/{made['id']}", {"status": "paused"})
