"""What the owner does in the console, with the storefront and the API as witnesses."""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page, expect

from tests.e2e.pages import DESK, open_page, settle, wait_until
from tests.e2e.product import Visitor
from tests.e2e.shops import PASSWORD, Shop

API = "/api/console/v1"
FIGURES = {
    "Issued": "issued_points", "Spent": "spent_points", "Outstanding": "outstanding_points",
    "Expired": "expired_points", "Active members": "active_members",
    "Orders that earned": "orders_with_points",
}  # fmt: skip


def test_the_owner_signs_in_and_sees_the_figures(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport=DESK)
    open_page(page, f"{red.url}/console/orders")
    _sign_in(page, red)
    expect(page).to_have_url(f"{red.url}/console/orders")
    page.get_by_role("link", name="Dashboard").click()
    settle(page)
    found = owner.get(f"{API}/dashboard")
    for title, name in FIGURES.items():
        card = page.locator("article").filter(has=page.get_by_role("heading", name=title))
        expect(card.locator(".value")).to_have_text(f"{found['figures'][name]['value']:,}")
    cents = found["figures"]["liability_cents"]["value"]
    expect(page.get_by_text(f"${cents / 100:,.2f}", exact=True)).to_be_visible()
    rate = f"{found['figures']['redemption_rate']['value']:.1%}".replace(".0%", "%")
    expect(page.get_by_text(rate, exact=True)).to_be_visible()
    assert found["figures"]["issued_points"]["value"] > 0


def test_the_owner_finds_a_member_and_gives_points(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/members")
    page.get_by_role("searchbox").or_(page.get_by_label("Name, phone or member number")).first.fill(
        "Cara"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Mei Lin")).to_be_hidden()
    page.get_by_role("link", name="Cara Diaz").click()
    expect(page.get_by_role("heading", name="Cara Diaz", level=1)).to_be_visible()
    path = f"{API}/members/{page.url.rpartition('/')[2]}"
    before = owner.get(path)["points"]["available"]
    page.get_by_role("button", name="Adjust points").click()
    page.get_by_label("How many").fill("50")
    page.get_by_label("Reason").fill("For the wrong order of Monday")
    page.get_by_role("button", name="Give 50").click()
    expect(page.get_by_text(f"Adjusted by +50; {before + 50:,} available now")).to_be_visible()
    entry = page.get_by_role("listitem").filter(has_text="For the wrong order of Monday")
    expect(entry).to_contain_text("+50")
    expect(entry).to_contain_text(f"balance {before + 50:,}")
    assert owner.get(path)["points"]["available"] == before + 50
    newest = owner.get(f"{path}/transactions")["items"][0]
    assert (newest["kind"], newest["amount"]) == ("adjust", 50)


def test_the_owner_makes_a_mall_item(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/mall/new")
    page.get_by_label("Name (Chinese)").fill("海盐焦糖礼盒")
    page.get_by_label("Name (English)").fill("Sea salt caramels")
    page.get_by_label("Price in points").fill("640")
    page.get_by_role("radio", name="Chocolate").check(force=True)
    page.get_by_role("button", name="On sale", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("“Sea salt caramels” saved")).to_be_visible()
    storefront = new_page()
    open_page(storefront, f"{red.url}/mall")
    card = storefront.get_by_role("link", name="Sea salt caramels")
    expect(card).to_contain_text("640")


def test_the_owner_hands_a_redemption_over(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/redemptions")
    row = page.get_by_role("row").filter(has_text="Cara Diaz")
    row.get_by_role("button", name="Fulfil").click()
    page.get_by_label("Tracking number").fill("SF-2002")
    page.get_by_role("button", name="Confirm hand-over").click()
    expect(page.get_by_text("“Tea cookies” handed over")).to_be_visible()
    expect(row).to_be_hidden()
    done = owner.get(f"{API}/redemptions?status=fulfilled")["items"]
    assert "Cara Diaz" in {redemption["member"]["name"] for redemption in done}


def test_an_api_key_works_until_it_is_revoked(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/api-keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name", exact=True).fill("Till")
    page.get_by_text("members:read").click()
    page.get_by_role("button", name="Create key").click()
    till = red.product.visitor(red.slug, key=page.get_by_label("Key", exact=True).input_value())
    page.get_by_role("button", name="I have kept it").click()
    assert till.call("GET", "/api/v1/members").status == 200
    assert till.call("POST", "/api/v1/adjustments", {}).status == 403

    row = page.get_by_role("row").filter(has_text="Till")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_label("Type Till to confirm").fill("Till")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    assert till.call("GET", "/api/v1/members").status == 401


def test_a_new_brand_colour_reaches_the_storefront(
    pale: Shop, new_page: Callable[..., Page]
) -> None:
    owner = pale.sign_in_owner()
    page, storefront = new_page(owner, viewport=DESK), new_page()
    open_page(page, f"{pale.url}/console/brand")
    open_page(storefront, pale.url)
    page.get_by_label("Your own colour").fill("#0f766e")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Brand saved; the storefront wears it now")).to_be_visible()
    # Each web process may know the merchant's row of some seconds ago.
    wait_until(partial(_wears, storefront, "#0f766e"), "the storefront to wear the new colour")
    assert owner.call("PATCH", f"{API}/brand", {"brand_color": pale.brand}).status == 200


def test_the_console_is_searched_without_a_mouse(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/")
    page.keyboard.press("Control+k")
    page.keyboard.type("Elsa")
    expect(page.get_by_role("option", name="Elsa Gray")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Elsa Gray")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("M003-1")
    expect(page.get_by_role("option").filter(has_text="M003-1").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Order M003-1")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def _sign_in(page: Page, shop: Shop) -> None:
    """By keyboard: the fields follow one another."""
    page.get_by_label("E-mail").focus()
    page.keyboard.type(shop.owner)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def _wears(page: Page, colour: str) -> bool:
    page.reload()
    script = "getComputedStyle(document.documentElement).getPropertyValue('--brand')"
    return bool(page.evaluate(script) == colour)
