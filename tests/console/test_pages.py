"""The page behind every address of the console."""

import json
import re

from tests.console.conftest import console_client, employ
from tests.support.http import Http, host_of


def bootstrap(answer) -> dict:
    found = re.search(
        r'<script id="bootstrap" type="application/json">(.*?)</script>', answer.raw.decode(), re.S
    )
    assert found
    return json.loads(found[1])


def test_every_address_gives_the_page_with_what_it_needs_first(tea, owner, console):
    for path in ("/console", "/console/", "/console/members/1", "/console/mall/new"):
        answer = console.get(path)
        assert answer.status == 200
        assert "no-store" in answer.headers["Cache-Control"]
    document = bootstrap(answer)
    assert document == {
        **document, "surface": "console", "locale": "en", "member": None, "prefetch": {},
        "features": {"demo_sign_in": True, "cash": False},
    }  # fmt: skip
    assert document["session"]["user"]["email"] == owner.email
    assert document["merchant"] == {
        "slug": "tea", "name": "Tea Shop", "currency": "CNY", "timezone": "Asia/Shanghai",
        "locale": "zh-hans", "mode": "live", "logo": None, "brand": "#1f6feb",
        "on_brand": "#ffffff", "brand_text": document["merchant"]["brand_text"],
        "point_name": "points", "point_name_one": "point", "points_per_unit": 100,
    }  # fmt: skip
    assert document["csrf_token"]


def test_a_visitor_gets_the_page_and_a_csrf_cookie(tea):
    http = Http(host_of(tea), Accept_Language="zh-CN")
    answer = http.get("/console/")
    document = bootstrap(answer)
    assert document["session"] is None
    assert (document["locale"], document["merchant"]["point_name"]) == ("zh-hans", "积分")
    assert '<html lang="zh-Hans">' in answer.raw.decode()
    assert http.client.cookies["jf_csrf"].value


def test_who_works_elsewhere_is_a_visitor(tea, toys):
    from tenants.models import Membership

    user = employ(tea, "owner")
    http = console_client(tea, user)
    Membership.objects.filter(user=user).delete()
    assert bootstrap(http.get("/console/"))["session"] is None


def test_styles_and_scripts_carry_the_nonce_of_the_policy(console):
    answer = console.get("/console/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    html = answer.raw.decode()
    assert "unsafe-inline" not in policy
    assert f'<style nonce="{nonce}">' in html
    for tag in re.findall(r"<script[^>]*>", html):
        assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag, tag
    assert " style=" not in html
    assert " onload=" not in html


def test_names_cannot_leave_their_place(console):
    name = "</script><script>alert(1)</script>"
    console.patch("/api/console/v1/brand", {"name": name})
    html = console.get("/console/").raw.decode()
    assert "<script>alert" not in html
    assert bootstrap(console.get("/console/"))["merchant"]["name"] == name


def test_a_longer_word_is_not_the_console(tea):
    assert bootstrap(Http(host_of(tea)).get("/consoles"))["surface"] == "storefront"
