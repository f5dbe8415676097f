"""Opening a shop by hand, from the front page to the console."""

import secrets
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import DESK, open_page, settle
from tests.e2e.product import Product
from tests.e2e.shops import PASSWORD, Shop


def test_a_merchant_signs_up(product: Product, red: Shop, new_page: Callable[..., Page]) -> None:
    word = secrets.token_hex(3)
    slug, email = f"harbour-tea-{word}", f"ada-{word}@harbour.example"
    page = new_page(viewport=DESK)
    open_page(page, product.visitor().url)
    page.get_by_role("link", name="Open your shop").first.click()

    page.get_by_label("Name of your shop").fill(f"Harbour Tea {word}")
    address = page.get_by_label("Address", exact=True)
    expect(address).to_have_value(slug)
    expect(page.get_by_text("This address is free.")).to_be_visible()
    address.fill(red.slug)
    expect(page.get_by_text("This address is taken.")).to_be_visible()
    address.fill(slug)
    expect(page.get_by_text("This address is free.")).to_be_visible()
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    with product.next_code(email) as codes:
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    page.get_by_label("Six-digit code").fill(codes[0])
    expect(page.get_by_role("heading", name=f"Harbour Tea {word} is open")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("link", name=f"{product.visitor(slug).url}/", exact=True).click()
    expect(page.get_by_role("heading", name=f"Welcome to Harbour Tea {word}")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Go to the console").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    settle(page)
    expect(page.get_by_role("heading", name="Let members earn their first")).to_be_visible()
