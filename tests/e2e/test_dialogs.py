"""What opens over a page: readable by everybody and no wider than a small phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import pages
from tests.e2e.conftest import new_context
from tests.e2e.product import Visitor
from tests.e2e.shops import Shop
from tests.e2e.watch import Watch

STOREFRONT = {
    "code": ("/", "Member code"),
    "profile": ("/me", "Edit profile"),
    "sign-out": ("/me", "Sign out"),
    "redeem": ("/mall/{item}", "Redeem"),
    "exchange": ("/wallet/cash", "Exchange points"),
    "withdraw": ("/wallet/cash", "Withdraw"),
}
CONSOLE = {
    "menu": ("/console/", "Main menu"),
    "search": ("/console/", "Search pages, members, orders"),
    "add-member": ("/console/members", "Add member"),
    "adjust": ("/console/members/{member}", "Adjust points"),
    "fulfil": ("/console/redemptions", "Fulfil"),
    "new-key": ("/console/api-keys", "New key"),
    "revoke": ("/console/api-keys", "Revoke"),
    "new-webhook": ("/console/webhooks", "Add an endpoint"),
    "new-red-packet": ("/console/red-packets", "New red packet"),
    "approve-withdrawal": ("/console/withdrawals", "Approve"),
    "reconcile-payouts": ("/console/withdrawals", "Reconcile"),
}


@pytest.fixture(scope="module")
def open_as(chromium: Browser, watch: Watch) -> Iterator[Callable[[Visitor], Page]]:
    """One page for each visitor, used again: what it has loaded it need not load twice."""
    opened: dict[int, Page] = {}

    def find(visitor: Visitor) -> Page:
        if id(visitor) not in opened:
            context = new_context(chromium, watch)
            pages.adopt(context, visitor.cookies, visitor.url, "en")
            opened[id(visitor)] = context.new_page()
        page = opened[id(visitor)]
        page.set_viewport_size(pages.PHONE)
        return page

    yield find
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("name", STOREFRONT)
def test_in_the_storefront(
    red: Shop, mei: Visitor, open_as: Callable[[Visitor], Page], name: str
) -> None:
    path, button = STOREFRONT[name]
    _judge(open_as(mei), red, path, button, f"storefront/dialog-{name}")


@pytest.mark.parametrize("name", CONSOLE)
def test_in_the_console(
    red: Shop, owner: Visitor, open_as: Callable[[Visitor], Page], name: str
) -> None:
    path, button = CONSOLE[name]
    _judge(open_as(owner), red, path, button, f"console/dialog-{name}")


def _judge(page: Page, shop: Shop, path: str, button: str, name: str) -> None:
    member = shop.partner.get("/api/v1/members?external_id=M001")["items"][0]["id"]
    item = shop.find_item("Tea cookies")["id"]
    pages.open_page(page, shop.url + path.format(member=member, item=item))
    page.get_by_role("button", name=button, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    pages.photograph_window(page, name)
    violations = pages.find_violations(page)
    page.set_viewport_size(pages.NARROW)
    assert (violations, pages.find_overflow(page)) == ([], [])
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
