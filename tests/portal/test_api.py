"""The platform API as an outside program meets it."""

import json

import pytest
from django.core import mail

from portal import actions
from portal.models import Signup
from tenants.models import AuditEvent, Merchant
from tests.portal.conftest import DETAILS, code_in, wrong
from tests.support.http import Http
from users.models import User

BASE = "/api/platform/v1"


def sign_up(api: Http, **changes):
    return api.post(f"{BASE}/signups", {**DETAILS, **changes})


def mailed_code(signup_id: str) -> str:
    signup = Signup.objects.get(pk=signup_id)
    assert actions.send_code(signup_id=signup.pk, at=signup.code_due_at)
    return code_in(mail.outbox[-1])


def test_from_the_address_to_the_shop(platform_api):
    assert platform_api.get(f"{BASE}/addresses/oolong").json == {
        "available": True,
        "suggestions": [],
    }
    made = sign_up(platform_api)
    assert (made.status, made.json["status"]) == (201, "unverified")
    signup_id = made.json["id"]
    state = platform_api.get(f"{BASE}/signups/{signup_id}").json
    assert (state["status"], state["progress"]) == ("unverified", 0)
    assert "owner@" not in json.dumps(state)

    code = mailed_code(signup_id)
    answer = platform_api.post(f"{BASE}/signups/{signup_id}/verification", {"code": code})
    assert (answer.status, answer.json["status"]) == (202, "provisioning")
    again = platform_api.post(f"{BASE}/signups/{signup_id}/verification", {"code": code})
    assert again.status == 202

    Merchant.objects.filter(slug="oolong").update(status="ready", step="ready")
    state = platform_api.get(f"{BASE}/signups/{signup_id}").json
    assert (state["status"], state["progress"]) == ("ready", 100)
    assert {step["state"] for step in state["steps"]} == {"done"}
    assert state["storefront_url"].startswith("http://oolong.localhost")
    assert state["console_url"] == f"{state['storefront_url']}console/"


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("www", "reserved"),
        ("api", "reserved"),
        ("tea", "taken"),
        ("X", "invalid"),
        ("a", "invalid"),
    ],
)
def test_an_address_that_cannot_be_had_comes_with_others(platform_api, tea, slug, reason):
    answer = platform_api.get(f"{BASE}/addresses/{slug}").json
    assert (answer["available"], answer["reason"]) == (False, reason)
    for suggestion in answer["suggestions"]:
        assert platform_api.get(f"{BASE}/addresses/{suggestion}").json["available"]


@pytest.mark.parametrize("slug", ["%00", "%ff", "a" * 300, "..", "乌龙"])
def test_strange_addresses_are_answered_too(platform_api, slug):
    answer = platform_api.get(f"{BASE}/addresses/{slug}")
    assert answer.status in (200, 404)
    assert answer.status == 404 or answer.json["available"] is False


def test_an_address_with_an_account_gets_the_same_answer(platform_api):
    unknown = sign_up(platform_api)
    User.objects.create_user("known@oolong.example", "correct horse battery staple 9")
    known = sign_up(platform_api, email="known@oolong.example", slug="oolong-2")
    other = sign_up(
        platform_api, email="known@oolong.example", slug="oolong-3", password="not the password"
    )
    assert unknown.status == known.status == other.status == 201
    assert unknown.json.keys() == known.json.keys() == other.json.keys()


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"slug": "www"}, 409, "tenants.slug_reserved", None),
        ({"slug": "tea"}, 409, "tenants.slug_taken", None),
        ({"slug": "-"}, 400, "tenants.slug_invalid", None),
        ({"email": "nobody"}, 400, "api.invalid_body", "email"),
        ({"password": "short"}, 400, "users.password_refused", "password"),
        ({"currency": "cny"}, 400, "api.invalid_body", "currency"),
        ({"currency": "QQQ"}, 400, "api.invalid_body", "currency"),
        ({"timezone": "../etc/passwd"}, 400, "api.invalid_body", "timezone"),
        ({"template": "casino"}, 400, "api.invalid_body", "template"),
        ({"locale": "fr"}, 400, "api.invalid_body", "locale"),
        ({"company": "   "}, 400, "api.invalid_body", "body"),
        ({"company": "a\x00b"}, 400, "api.unreadable_text", None),
        ({"plan": "gold"}, 400, "api.invalid_body", "plan"),
    ],
)
def test_what_is_refused_says_why_and_where(platform_api, tea, changes, status, code, field):
    answer = sign_up(platform_api, **changes)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    if field:
        assert answer.json["errors"][0]["field"] == field
    assert not Signup.objects.exists()


def test_refusals_speak_the_callers_language(platform_api):
    answer = platform_api.call(
        "POST", f"{BASE}/signups", {**DETAILS, "slug": "www"}, Accept_Language="zh-CN"
    )
    assert answer.json["detail"] == "www 是保留地址。"


def test_a_wrong_code_and_no_signup(platform_api):
    signup_id = sign_up(platform_api).json["id"]
    code = wrong(mailed_code(signup_id))
    answer = platform_api.post(f"{BASE}/signups/{signup_id}/verification", {"code": code})
    assert (answer.status, answer.code) == (400, "portal.code_wrong")
    assert answer.json["facts"] == {"attempts_left": 4}
    for nowhere in ("nothing", "01a2008b-a19f-73d4-bac8-9dcbb5d0341c"):
        assert platform_api.get(f"{BASE}/signups/{nowhere}").code == "portal.signup_not_found"
        answer = platform_api.post(f"{BASE}/signups/{nowhere}/verification", {"code": code})
        assert (answer.status, answer.code) == (404, "portal.signup_not_found")
        answer = platform_api.post(f"{BASE}/signups/{nowhere}/codes")
        assert (answer.status, answer.code) == (404, "portal.signup_not_found")


def test_another_code_within_a_minute_has_to_wait(platform_api):
    signup_id = sign_up(platform_api).json["id"]
    signup = Signup.objects.get(pk=signup_id)
    actions.send_code(signup_id=signup.pk, at=signup.code_due_at)
    answer = platform_api.post(f"{BASE}/signups/{signup_id}/codes")
    assert (answer.status, answer.code) == (429, "api.rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_addresses_cannot_be_read_off_by_the_thousand(platform_api, monkeypatch):
    from kernel.limits import Rule
    from portal.api import views

    monkeypatch.setattr(views, "LOOKUPS_FROM_ADDRESS", Rule("address-lookup", 3, 600))
    statuses = [platform_api.get(f"{BASE}/addresses/shop-{n}").status for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_staff_sign_in_and_out_on_the_base_domain(platform_api, tea):
    owner = User.objects.create_user("owner@tea.example", "correct horse battery staple 9")
    tea.memberships.create(user=owner, role="owner")
    credentials = {"email": owner.email, "password": "correct horse battery staple 9"}
    refused = platform_api.post(f"{BASE}/sessions", {**credentials, "password": "wrong"})
    assert (refused.status, refused.code) == (400, "users.wrong_credentials")

    session = platform_api.post(f"{BASE}/sessions", credentials)
    assert session.status == 201
    assert session.json["user"]["email"] == owner.email
    assert [one["slug"] for one in session.json["merchants"]] == ["tea"]
    cookie = session.response.cookies["jf_staff"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
    assert platform_api.client.get("/shops", headers={"Host": "localhost"}).status_code == 200
    assert platform_api.call("DELETE", f"{BASE}/sessions").status == 204
    assert platform_api.client.get("/shops", headers={"Host": "localhost"}).status_code == 302
    trail = AuditEvent.objects.filter(merchant_id=None).order_by("id")
    assert [(row.action, row.actor) for row in trail] == [
        ("staff.sign_in_failed", "unknown"), ("staff.signed_in", f"staff:{owner.pk}"),
        ("staff.signed_out", f"staff:{owner.pk}"),
    ]  # fmt: skip
    assert trail[0].actor_name == "o***@tea.example"


def test_a_session_does_nothing_without_the_pages_token(db):
    from django.test import Client

    User.objects.create_user("owner@tea.example", "correct horse battery staple 9")
    api = Http("localhost")
    api.client = Client(enforce_csrf_checks=True)
    credentials = {"email": "owner@tea.example", "password": "correct horse battery staple 9"}
    assert api.post(f"{BASE}/sessions", credentials).status == 201
    refused = api.call("DELETE", f"{BASE}/sessions")
    assert (refused.status, refused.code) == (403, "api.csrf_failed")
    token = api.client.cookies["jf_csrf"].value
    assert api.call("DELETE", f"{BASE}/sessions", X_CSRFToken=token).status == 204


def test_the_platforms_session_opens_nothing_at_a_merchant(platform_api, tea):
    owner = User.objects.create_user("owner@tea.example", "correct horse battery staple 9")
    tea.memberships.create(user=owner, role="owner")
    platform_api.post(
        f"{BASE}/sessions", {"email": owner.email, "password": "correct horse battery staple 9"}
    )
    from django_tenants.utils import tenant_context

    from users.sessions import SessionStore

    key = platform_api.client.cookies["jf_staff"].value
    assert SessionStore(key).load()
    with tenant_context(tea):
        assert SessionStore(key).load() == {}
