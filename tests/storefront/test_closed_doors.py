"""Who is kept out: callers without a session, strangers' pages, members of another shop."""

import pytest
from django.conf import settings
from django_tenants.utils import tenant_context

from points.members.models import Member, MemberSession
from points.redemption.models import Redemption
from tests.storefront.browser import Browser

FOR_MEMBERS = [
    ("GET", "/me"),
    ("PATCH", "/me"),
    ("GET", "/me/profile"),
    ("GET", "/me/export"),
    ("POST", "/me/erasure"),
    ("GET", "/redemptions"),
    ("POST", "/redemptions"),
    ("GET", "/redemptions/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("POST", "/redemptions/01a20095-a26e-7222-9f07-1eebdb2f2480/cancellation"),
    ("GET", "/redemptions/01a20095-a26e-7222-9f07-1eebdb2f2480/gift-codes"),
    ("POST", "/redemptions/01a20095-a26e-7222-9f07-1eebdb2f2480/payments"),
    ("POST", "/redemptions/01a20095-a26e-7222-9f07-1eebdb2f2480/payment-checks"),
    ("GET", "/transactions"),
    ("GET", "/transactions/months"),
    ("GET", "/lots"),
    ("GET", "/check-ins"),
    ("POST", "/check-ins"),
    ("POST", "/make-ups"),
    ("GET", "/transfers"),
    ("POST", "/transfers"),
    ("POST", "/transfer-receivers"),
    ("GET", "/membership"),
    ("GET", "/tasks"),
    ("GET", "/cart"),
    ("PUT", "/cart/lines/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("DELETE", "/cart/lines/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("POST", "/cart/merges"),
    ("GET", "/addresses"),
    ("POST", "/addresses"),
    ("PATCH", "/addresses/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("DELETE", "/addresses/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("GET", "/coupons"),
    ("POST", "/coupons"),
    ("GET", "/cash"),
    ("GET", "/cash/transactions"),
    ("POST", "/cash-exchanges"),
    ("GET", "/withdrawals"),
    ("POST", "/withdrawals"),
    ("POST", "/withdrawals/01a20095-a26e-7222-9f07-1eebdb2f2480/cancellation"),
    ("GET", "/red-packets"),
    ("GET", "/red-packets/01a20095-a26e-7222-9f07-1eebdb2f2480"),
    ("GET", "/red-packets/01a20095-a26e-7222-9f07-1eebdb2f2480/shares"),
    ("POST", "/red-packets/01a20095-a26e-7222-9f07-1eebdb2f2480/shares"),
    ("GET", "/referral"),
    ("POST", "/referral/claims"),
    ("GET", "/commissions"),
    ("POST", "/distributor-applications"),
    ("POST", "/tasks/01a20095-a26e-7222-9f07-1eebdb2f2480/claim"),
]


@pytest.mark.parametrize(("method", "path"), FOR_MEMBERS)
def test_not_signed_in(visitor, method, path):
    answer = visitor.call(method, path, {} if method != "GET" else None, idem="k")

    assert (answer.status, answer.code) == (401, "api.not_signed_in")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "é'--", ""])
def test_a_made_up_session(visitor, token):
    visitor.client.cookies[settings.MEMBER_COOKIE_NAME] = token

    assert visitor.get("/me").code == "api.not_signed_in"
    assert visitor.open("/").status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sign-in-codes", {"address": "mei@example.com"}),
        ("POST", "/sessions", {"address": "mei@example.com", "code": "123456"}),
        ("POST", "/demo-sessions", {}),
        ("DELETE", "/sessions", None),
        ("PATCH", "/me", {"name": "X"}),
        ("POST", "/me/erasure", {"forfeit": True}),
        ("POST", "/redemptions", {"mall_item_id": "x", "quantity": 1}),
        ("POST", "/check-ins", None),
        ("POST", "/make-ups", {"date": "2026-02-28"}),
        ("POST", "/tasks/01a20095-a26e-7222-9f07-1eebdb2f2480/claim", None),
        ("POST", "/transfer-receivers", {"phone_or_code": "13800000001"}),
        ("PUT", "/cart/lines/01a20095-a26e-7222-9f07-1eebdb2f2480", {"quantity": 1}),
        ("DELETE", "/cart/lines/01a20095-a26e-7222-9f07-1eebdb2f2480", None),
        ("POST", "/cart/merges", {"lines": []}),
        ("POST", "/cart/previews", {"lines": []}),
        ("POST", "/addresses", {"name": "X", "phone": "1", "region": "", "line": "1"}),
        ("PATCH", "/addresses/01a20095-a26e-7222-9f07-1eebdb2f2480", {"name": "X"}),
        ("DELETE", "/addresses/01a20095-a26e-7222-9f07-1eebdb2f2480", None),
        ("POST", "/transfers", {"receiver_token": "x", "points": 1}),
        ("POST", "/coupons", {"template": "x"}),
        ("POST", "/cash-exchanges", {"points": 100}),
        ("POST", "/withdrawals", {"amount_cents": 100}),
        ("POST", "/withdrawals/01a20095-a26e-7222-9f07-1eebdb2f2480/cancellation", None),
        ("POST", "/red-packets/01a20095-a26e-7222-9f07-1eebdb2f2480/shares", None),
    ],
)
def test_a_strangers_page_cannot_act_for_a_member(mei_browser, mei, method, path, body):
    answer = mei_browser.call(method, path, body, X_CSRFToken="", idem="k")

    assert (answer.status, answer.code) == (403, "api.csrf_failed")
    mei.refresh_from_db()
    assert mei.name == "Mei"
    assert MemberSession.objects.count() == 1


def test_a_token_of_another_origin_is_refused(mei_browser):
    answer = mei_browser.patch("/me", {"name": "X"}, Origin="https://evil.example")

    assert (answer.status, answer.code) == (403, "api.csrf_failed")


def test_a_session_of_one_shop_opens_nothing_at_another(shop, toys, mei, mei_browser, put_on_sale):
    """The same cookie, and even a member with the same key, at the toy shop."""
    stolen = mei_browser.session
    with tenant_context(toys):
        Member.objects.create(
            id=mei.pk, external_id="mei", name="Another", joined_at=mei.joined_at, code="87654321"
        )
    thief = Browser(toys)
    thief.client.cookies[settings.MEMBER_COOKIE_NAME] = stolen

    for method, path in FOR_MEMBERS:
        answer = thief.call(method, path, {} if method != "GET" else None, idem="k")
        assert (answer.status, answer.code) == (401, "api.not_signed_in")
    assert '"member": null' in thief.open("/").raw.decode()


def test_a_code_of_one_shop_is_worth_nothing_at_another(shop, toys, ask_for_code):
    code = ask_for_code("mei@example.com")

    answer = Browser(toys).post("/sessions", {"address": "mei@example.com", "code": code})

    assert answer.code == "members.code_expired"


def test_items_and_redemptions_of_another_shop_are_not_found(shop, toys, tao, put_on_sale):
    item = put_on_sale(1)
    guest = Browser(toys).enter(tao)

    seen = guest.get(f"/mall-items/{item.pk}")
    taken = guest.post("/redemptions", {"mall_item_id": str(item.pk), "quantity": 1}, idem="k")

    assert seen.code == taken.code == "redemption.item_not_found"
    assert guest.get("/mall-items").json["items"] == []
    with tenant_context(shop):
        assert Redemption.objects.count() == 0
