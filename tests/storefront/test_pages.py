"""The HTML page: what it carries, for whom, and that nobody else gets it."""

import json
import re

import pytest

from points.ledger.queries import get_balance
from tests.storefront.browser import Browser

BOOTSTRAP = re.compile(r'<script id="bootstrap" type="application/json">(.*?)</script>', re.S)


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


def bootstrap(answer) -> dict:
    """The data in a page."""
    return json.loads(BOOTSTRAP.search(answer.raw.decode()).group(1))


def test_a_visitors_page(visitor, put_on_sale):
    put_on_sale(300)
    answer = visitor.open("/")

    assert answer.status == 200
    data = bootstrap(answer)
    token = data.pop("csrf_token")
    assert len(token) == 64
    (item,) = data["prefetch"]["mall_items"]["items"]
    assert item["title"] == "Longjing tea"
    assert data == {
        "surface": "storefront",
        "merchant": {
            "slug": "tea",
            "name": "Tea Shop",
            "currency": "CNY",
            "timezone": "Asia/Shanghai",
            "locale": "zh-hans",
            "mode": "live",
            "logo": None,
            "brand": "#1f6feb",
            "on_brand": "#ffffff",
            "brand_text": "#1f6feb",
            "point_name": "points",
            "point_name_one": "point",
            "points_per_unit": 100,
        },
        "locale": "en",
        "member": None,
        "session": None,
        "features": {"demo_sign_in": True, "transfers": False, "cash": False, "referral": False},
        "prefetch": {"mall_items": {"items": [item], "next": None}},
    }


def test_the_page_carries_what_the_api_would_answer(mei_browser, mei, give, put_on_sale, noon):
    give(mei, 250, at=noon, expires_in=9)
    put_on_sale(300)

    data = bootstrap(mei_browser.open("/wallet"))

    assert data["member"] == mei_browser.get("/me").json
    assert data["prefetch"]["mall_items"] == mei_browser.get("/mall-items").json
    assert get_balance(member=mei.pk, at=noon).available == 250


def test_the_token_in_the_page_is_good_for_a_call(mei_browser):
    token = bootstrap(mei_browser.open("/"))["csrf_token"]

    assert mei_browser.patch("/me", {"name": "M"}, X_CSRFToken=token).status == 200


@pytest.mark.parametrize(
    ("accept", "cookie", "lang", "point_name"),
    [
        ("en-GB,en;q=0.9", "", "en", "points"),
        ("zh-TW", "", "zh-Hans", "积分"),
        ("en", "zh-hans", "zh-Hans", "积分"),
        ("zh", "en", "en", "points"),
        ("fr", "", "zh-Hans", "积分"),
    ],
)
def test_the_language_of_the_page(visitor, accept, cookie, lang, point_name):
    if cookie:
        visitor.client.cookies["jf_lang"] = cookie
    answer = visitor.open("/", Accept_Language=accept)

    assert f'<html lang="{lang}">' in answer.raw.decode()
    assert bootstrap(answer)["merchant"]["point_name"] == point_name


def test_the_policy_allows_the_pages_own_style_and_script_only(visitor):
    answer = visitor.open("/")

    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy).group(1)
    html = answer.raw.decode()
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert "unsafe" not in policy
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", html):
        assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag
    assert "style=" not in html and "onclick" not in html
    colours = "--brand:#1f6feb;--on-brand:#ffffff;--brand-text:#1f6feb"
    assert f'<style nonce="{nonce}">:root{{{colours}}}</style>' in html
    assert visitor.open("/").headers["Content-Security-Policy"] != policy


def test_a_page_belongs_to_one_visitor(mei_browser):
    headers = mei_browser.open("/").headers

    assert "no-store" in headers["Cache-Control"] and "private" in headers["Cache-Control"]
    assert "Cookie" in headers["Vary"]


def test_a_name_cannot_break_out_of_the_page(shop, visitor, mei, give):
    from points.members.models import Member
    from tenants.models import Merchant

    nasty = "</script><script>alert(1)</script>"
    Member.objects.filter(pk=mei.pk).update(name=nasty)
    Merchant.objects.filter(pk=shop.pk).update(name=nasty)

    answer = visitor.enter(mei).open("/")

    assert "<script>alert" not in answer.raw.decode()
    assert bootstrap(answer)["member"]["name"] == nasty
    icon = visitor.open("/icon.svg")
    assert "<script" not in icon.raw.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/mall",
        "/mall/01a2-5.6/x",
        "/wallet/lots",
        "/me",
        "/sign-in?next=/me",
        "/redemptions/7",
    ],
)
def test_every_address_of_the_router_is_the_page(visitor, path):
    answer = visitor.open(path)

    assert answer.status == 200 and "bootstrap" in answer.raw.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/api/storefront/v1/nothing",
        "/api/storefront/v1/",
        "/api/storefront/v2/me",
        "/api/x",
        "/api",
    ],
)
def test_an_unknown_api_address_answers_a_problem(visitor, path):
    answer = visitor.open(path)

    assert (answer.status, answer.code) == (404, "api.not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/wp-login.php", "/.env", "/favicon.ico", "/static/no.js"])
def test_a_file_that_is_not_there_is_no_page(visitor, path):
    assert visitor.open(path).status == 404


def test_the_page_is_only_read(visitor):
    assert visitor.client.post("/", headers={"Host": visitor.host}).status_code in (403, 405)


def test_the_phone_learns_name_and_colours(visitor):
    answer = visitor.open("/manifest.webmanifest")

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert answer.json == {
        "id": "/",
        "name": "Tea Shop",
        "short_name": "Tea Shop",
        "lang": "zh-Hans",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f7f9",
        "theme_color": "#1f6feb",
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    icon = visitor.open("/icon.svg")
    assert icon.headers["Content-Type"] == "image/svg+xml"
    assert 'fill="#1f6feb"' in icon.raw.decode() and ">T</text>" in icon.raw.decode()


def test_few_queries(shop, mei_browser, mei, give, put_on_sale, noon, django_assert_num_queries):
    give(mei, 250, at=noon, expires_in=9)
    for _ in range(5):
        put_on_sale(300)
    mei_browser.warm_up()
    with django_assert_num_queries(6):
        mei_browser.open("/")
    with django_assert_num_queries(2):
        Browser(shop).open("/")
