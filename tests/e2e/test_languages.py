"""Both languages on all three surfaces, chosen by hand and kept."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import DESK, open_page
from tests.e2e.product import Product, Visitor
from tests.e2e.shops import Shop

DRAWS = """() => {
  const draw = (text) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 64
    const ink = canvas.getContext('2d')
    ink.font = '48px ' + getComputedStyle(document.body).fontFamily
    ink.fillText(text, 4, 52)
    return canvas.toDataURL()
  }
  return [draw('积'), draw('分'), draw(''), draw('\\uE123')]
}"""


def test_chinese_text_is_not_blank(red: Shop, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="zh-CN")
    open_page(page, red.url)
    first, second, nothing, unknown = page.evaluate(DRAWS)
    advice = "the browser has no font with Chinese characters: `make test` installs one"
    assert len({first, second, nothing, unknown}) == 4, advice


def test_the_storefront_speaks_both_languages(
    red: Shop, mei: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(mei)
    open_page(page, f"{red.url}/me")
    page.get_by_role("radio", name="中文").check(force=True)
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("link", name="账户").click()
    expect(page.get_by_role("heading", name="积分明细")).to_be_visible()
    open_page(page, f"{red.url}/mall")
    expect(page.get_by_role("link", name="手作奶茶")).to_be_visible()
    open_page(page, f"{red.url}/me")
    page.get_by_role("radio", name="English").check(force=True)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_console_speaks_both_languages(
    red: Shop, owner: Visitor, new_page: Callable[..., Page]
) -> None:
    page = new_page(owner, viewport=DESK)
    open_page(page, f"{red.url}/console/members")
    page.get_by_role("button", name="Change language").click()
    page.get_by_role("menuitem", name="简体中文").click()
    expect(page.get_by_role("heading", name="会员", exact=True, level=1)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="切换语言").click()
    page.get_by_role("menuitem", name="English").click()
    expect(page.get_by_role("heading", name="Members", exact=True, level=1)).to_be_visible()


def test_the_portal_speaks_both_languages(product: Product, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=DESK)
    open_page(page, product.visitor().url)
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("link", name="开通店铺").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    open_page(page, f"{product.visitor().url}/sign-up")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Open your shop")).to_be_visible()
