"""The whole product and a browser, once for all end-to-end tests.

Fixtures end with the package and not with the session: Playwright's event loop must not run any
more when other tests of this process use the database.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e import browser, pages
from tests.e2e.product import Product, Visitor, run_product
from tests.e2e.scheduling import FOLDER
from tests.e2e.shops import Shop, open_shop
from tests.e2e.watch import Watch

OpenContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all, so that `-m "not e2e"` leaves them out."""
    for item in items:
        if item.nodeid.startswith(FOLDER):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """Web, worker, beat, PostgreSQL and Valkey, started by `manage.py up`."""
    with run_product() as running:
        yield running


@pytest.fixture(scope="package")
def red(product: Product) -> Shop:
    """A shop in New York with a red brand."""
    return open_shop(product, "red", name="Ruby & Co", locale="en", brand="#d92d20")


@pytest.fixture(scope="package")
def pale(product: Product) -> Shop:
    """A shop in Shanghai whose brand is too pale for text."""
    return open_shop(product, "pale", name="柠檬茶社", locale="zh-hans", brand="#ffe74c")


@pytest.fixture(scope="package")
def owner(red: Shop) -> Visitor:
    """The red shop's owner, signed in."""
    return red.sign_in_owner()


@pytest.fixture(scope="package")
def mei(red: Shop) -> Visitor:
    """A member of the red shop, signed in."""
    return red.sign_in("M001")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests fail and say how to get one."""
    options = browser.launch_options({})
    if options is None:
        pytest.fail(browser.MISSING)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**options)
        yield running
        running.close()


@pytest.fixture(scope="package")
def watch() -> Watch:
    """What goes wrong in the browser."""
    return Watch()


@pytest.fixture(autouse=True)
def _nothing_goes_wrong(watch: Watch) -> Iterator[None]:
    yield
    assert watch.take() == []


@pytest.fixture
def open_context(chromium: Browser, watch: Watch) -> Iterator[OpenContext]:
    """Makes contexts that are watched and end with the test."""
    opened: list[BrowserContext] = []

    def make(
        visitor: Visitor | None = None, language: str = "en", **options: Any
    ) -> BrowserContext:
        context = new_context(chromium, watch, **options)
        opened.append(context)
        if visitor:
            pages.adopt(context, visitor.cookies, visitor.url, language)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def new_page(open_context: OpenContext) -> Callable[..., Page]:
    """The same, for a test that needs one page of it."""
    return lambda *words, **options: open_context(*words, **options).new_page()


def new_context(chromium: Browser, watch: Watch, **options: Any) -> BrowserContext:
    """A browser of somebody who does not care for motion, watched."""
    settings = {"viewport": pages.PHONE, "locale": "en-US", "reduced_motion": "reduce"}
    context = chromium.new_context(**{**settings, **options})
    context.set_default_timeout(15_000)
    watch.attach(context)
    return context
