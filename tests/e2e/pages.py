"""Opening pages and judging them: settled, accessible, no wider than the window, photographed."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page

from tests.e2e.product import ROOT

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 800}
TALLEST = 4_000
PATIENCE = 20.0
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / ".cache" / "screenshots"

HAS_SETTLED = """() => {
  if (document.readyState !== 'complete' || window.waiting > 0) return false
  if (document.querySelector('[aria-hidden].shell, .boot, .bone, .skeleton')) return false
  if (!document.querySelector('h1, h2')) return false
  const isShown = (image) => {
    const place = image.getBoundingClientRect()
    return place.bottom > 0 && place.top < window.innerHeight
  }
  return [...document.images].filter(isShown).every((image) => image.complete && image.naturalWidth > 0)
}"""
FINDS_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .slice(0, 8)
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}`)
    .concat(`page ${document.documentElement.scrollWidth} of ${width}`)
}"""
RUNS_AXE = """axe.run(document, {resultTypes: ['violations'], iframes: false, preload: false})
  .then(({violations}) => JSON.stringify(violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)))
"""


def open_page(page: Page, url: str) -> None:
    """Go there and wait until nothing moves any more."""
    page.goto(url)
    settle(page)


def settle(page: Page, looks: int = 2) -> None:
    """Wait for data, pictures and the end of placeholders, seen so in that many looks on end."""
    # Polled from here: the page's policy forbids the evaluation that waiting inside would need.
    end = time.monotonic() + PATIENCE
    good = 0
    while good < looks:
        good = good + 1 if page.evaluate(HAS_SETTLED) else 0
        if time.monotonic() > end:
            raise AssertionError(f"{page.url} does not settle")
        if good < looks:
            page.wait_for_timeout(30)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look now and then."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.1)


def find_overflow(page: Page) -> list[str]:
    """Elements that make the page scroll sideways."""
    found: list[str] = page.evaluate(FINDS_OVERFLOW)
    return found


def find_violations(page: Page) -> list[str]:
    """What axe-core holds for serious or critical."""
    session = page.context.new_cdp_session(page)
    try:
        _run(session, _axe())
        found: list[str] = json.loads(_run(session, RUNS_AXE))
    finally:
        session.detach()
    return found


def photograph(page: Page, name: str, window: dict[str, int]) -> None:
    """The page in a window of this width, all of its height, as .cache/screenshots/<name>.jpg."""
    page.set_viewport_size(window)
    height = page.evaluate("document.documentElement.scrollHeight")
    if height > window["height"]:
        # Not `full_page`, which leaves what sticks to an edge in the middle of the picture.
        page.set_viewport_size({**window, "height": min(height, TALLEST)})
    settle(page, looks=1)
    photograph_window(page, name)


def photograph_window(page: Page, name: str) -> None:
    """What the window shows."""
    file = SHOTS / f"{name}.jpg"
    page.screenshot(path=file, type="jpeg", quality=85, animations="disabled")


def adopt(context: BrowserContext, cookies: dict[str, str], url: str, language: str = "") -> None:
    """Sign a browser in with the cookies of a session, in a language."""
    wanted = {**cookies, **({"jf_lang": language} if language else {})}
    context.add_cookies(
        [{"name": name, "value": text, "url": url} for name, text in wanted.items()]
    )


def read_cookies(context: BrowserContext, url: str) -> dict[str, str]:
    """The browser's cookies for an address."""
    return {cookie["name"]: cookie["value"] for cookie in context.cookies(url)}


def _run(session: CDPSession, expression: str) -> Any:
    """Evaluate as the developer tools do: the page's policy does not apply."""
    words = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = session.send("Runtime.evaluate", words)
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


@cache
def _axe() -> str:
    if not AXE.exists():
        raise RuntimeError(f"{AXE.relative_to(ROOT)} is missing: `make test` installs it.")
    return AXE.read_text(encoding="utf-8")
