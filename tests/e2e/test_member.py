"""What a member does in the storefront, with every number checked against the API."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.pages import open_page, read_cookies, settle
from tests.e2e.shops import ADDRESS, Shop

API = "/api/storefront/v1"


class Member:
    """A member with the phone in her hand, and what the API says of her."""

    def __init__(self, shop: Shop, number: str, page: Page) -> None:
        self.shop = shop
        self.phone = shop.phone(number)
        self.page = page

    def get(self, path: str) -> Any:
        """What the API answers this browser."""
        visitor = self.shop.visitor()
        visitor.cookies = read_cookies(self.page.context, self.shop.url)
        return visitor.get(f"{API}{path}")

    def points(self) -> int:
        """What she can spend."""
        return int(self.get("/me")["points"]["available"])


def test_a_member_redeems_and_cancels(red: Shop, new_page: Callable[..., Page]) -> None:
    page = new_page()
    bea = Member(red, "M002", page)
    _sign_in(bea)
    before = bea.points()
    assert before > 1_000
    _sees_her_balance(page, before)

    open_page(page, f"{red.url}/mall")
    page.get_by_role("link", name="Tea cookies").click()
    page.get_by_role("button", name="Redeem", exact=True).click()
    for label, text in {
        "Name": ADDRESS["name"], "Phone": ADDRESS["phone"],
        "City and region": ADDRESS["region"], "Street address": ADDRESS["line"],
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    expect(page.get_by_text(f"{before - 300:,} points left afterwards")).to_be_visible()
    page.get_by_role("button", name="Redeem now").click()
    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    assert bea.points() == before - 300

    made = bea.get("/redemptions")["items"][0]
    assert (made["points"], made["status"]) == (300, "pending")
    page.get_by_role("link", name="View redemption").click()
    expect(page.get_by_text(made["code"], exact=True)).to_be_visible()
    expect(page.get_by_text(ADDRESS["line"])).to_be_visible()
    _finds_it_in_the_lists(bea, made, before - 300)

    page.get_by_role("button", name="Cancel redemption").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("Your points have been returned")).to_be_visible()
    assert bea.get(f"/redemptions/{made['id']}")["status"] == "cancelled"
    assert bea.points() == before
    _sees_her_balance(page, before)
    newest = bea.get("/transactions")["items"][0]
    assert (newest["amount"], newest["balance_after"]) == (300, before)


def test_a_member_signs_in_and_redeems_without_a_mouse(
    red: Shop, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    dan = Member(red, "M004", page)
    open_page(page, f"{red.url}/sign-in")
    _tab_to(page, "textbox", "Phone or e-mail")
    page.keyboard.type(dan.phone)
    with red.product.next_code(dan.phone) as codes:
        page.keyboard.press("Enter")
        expect(page.get_by_label("6-digit code")).to_be_focused()
    page.keyboard.type(codes[0])
    expect(page.get_by_role("heading", name="Hello, Dan Foster-Underwood")).to_be_visible()
    before = dan.points()

    _tab_to(page, "link", "Milk tea")
    page.keyboard.press("Enter")
    _tab_to(page, "button", "Redeem")
    page.keyboard.press("Enter")
    _tab_to(page, "button", "Redeem now")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    assert dan.points() == before - 120
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="It is yours")).to_be_hidden()
    _tab_to(page, "button", "Back")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{red.url}/")


def test_one_shops_session_is_nobody_at_another(
    red: Shop, pale: Shop, mei: Any, owner: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    stolen = {**mei.cookies, **owner.cookies, "jf_lang": "en"}
    page.context.add_cookies(
        [{"name": name, "value": text, "url": pale.url} for name, text in stolen.items()]
    )
    open_page(page, f"{pale.url}/me")
    expect(page.get_by_text("You are not signed in")).to_be_visible()
    page.goto(f"{pale.url}/console/members")
    expect(page.get_by_role("heading", name="Sign in to the console")).to_be_visible()
    thief = pale.visitor()
    thief.cookies = dict(stolen)
    assert thief.call("GET", f"{API}/me").status == 401
    assert thief.call("GET", "/api/console/v1/members").status in (401, 403)


def _sign_in(member: Member) -> None:
    page = member.page
    open_page(page, f"{member.shop.url}/")
    page.get_by_role("link", name="Sign in or join").click()
    page.get_by_label("Phone or e-mail").fill(member.phone)
    with member.shop.product.next_code(member.phone) as codes:
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("6-digit code").fill(codes[0])
    expect(page.get_by_role("heading", name="Hello, Bea Keys")).to_be_visible()


def _sees_her_balance(page: Page, points: int) -> None:
    page.goto(page.url.partition("/redemptions")[0].rstrip("/") + "/wallet")
    settle(page)
    expect(page.locator("main, #main").get_by_text(f"{points:,}", exact=True).first).to_be_visible()


def _finds_it_in_the_lists(member: Member, made: dict[str, Any], left: int) -> None:
    page, here = member.page, member.page.url
    open_page(page, f"{member.shop.url}/redemptions")
    row = page.get_by_role("link", name="Tea cookies")
    expect(row).to_contain_text("In progress")
    expect(row).to_contain_text("300")
    open_page(page, f"{member.shop.url}/wallet")
    newest = member.get("/transactions")["items"][0]
    assert (newest["amount"], newest["balance_after"]) == (-300, left)
    entry = page.get_by_role("listitem").filter(has_text=newest["reason"]).first
    expect(entry).to_contain_text("−300")
    expect(entry).to_contain_text(f"Balance {left:,}")
    open_page(page, here)
    assert made["id"] in page.url


def _tab_to(page: Page, role: Any, name: str) -> None:
    """Press Tab until the control has the focus, as somebody without a mouse does."""
    wanted = page.get_by_role(role, name=name, exact=role != "link").first
    expect(wanted).to_be_visible()
    for _ in range(40):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {role} {name}")
