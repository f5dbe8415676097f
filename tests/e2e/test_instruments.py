"""The instruments of these tests notice what they are there for."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.pages import find_overflow, find_violations, open_page
from tests.e2e.shops import Shop
from tests.e2e.watch import Watch

SPOILS = """() => {
  const spoiled = document.createElement('div')
  spoiled.innerHTML = '<img src="/icon.svg"><p id="wide">wide</p><b style="color: red">red</b>'
  document.querySelector('main').append(spoiled)
  document.getElementById('wide').style.width = '2000px'
  return fetch('/api/storefront/v1/me')
}"""


def test_a_spoiled_page_is_noticed(red: Shop, watch: Watch, new_page: Callable[..., Page]) -> None:
    page = new_page()
    open_page(page, red.url)
    assert (watch.take(), find_violations(page), find_overflow(page)) == ([], [], [])
    page.evaluate(SPOILS)
    assert any("image-alt" in violation for violation in find_violations(page))
    assert any("wide" in element or "page 2" in element for element in find_overflow(page))
    problems = "\n".join(watch.take())
    assert "CSP style-src" in problems
    assert "401" in problems
