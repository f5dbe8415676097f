"""Signing in to the console, and who may do what there."""

import json

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.models import Membership, Role
from tests.console.conftest import API, PASSWORD, console_client, employ
from tests.support.http import Http, host_of


def test_the_owner_signs_in_and_out(tea, owner):
    http = Http(host_of(tea))
    assert http.get(f"{API}/session").code == "api.not_signed_in"

    answer = http.post(f"{API}/sessions", {"email": owner.email.upper(), "password": PASSWORD})

    assert answer.status == 201
    assert answer.json["user"] == {
        "id": str(owner.pk), "email": owner.email, "name": "Lin Owner",
    }  # fmt: skip
    assert answer.json["role"] == "owner"
    assert {"members:write", "points:write", "settings:write"} <= set(answer.json["permissions"])
    assert http.get(f"{API}/session").json == answer.json
    assert http.call("DELETE", f"{API}/sessions").status == 204
    assert http.get(f"{API}/session").status == 401


def test_a_wrong_password_opens_nothing(tea, owner):
    http = Http(host_of(tea))
    answer = http.post(f"{API}/sessions", {"email": owner.email, "password": "wrong"})
    assert (answer.status, answer.code) == (400, "users.wrong_credentials")
    assert http.get(f"{API}/session").status == 401


def test_guessing_is_slowed_down(tea, owner):
    http = Http(host_of(tea))
    body = {"email": owner.email, "password": "wrong"}
    codes = [http.post(f"{API}/sessions", body).status for _ in range(9)]
    assert codes[0] == 400
    assert codes[-1] == 429
    assert http.post(f"{API}/sessions", body).headers["Retry-After"].isdigit()


def test_staff_of_another_shop_are_told_so_and_get_no_session(tea, toys):
    stranger = employ(toys, Role.OWNER)
    http = Http(host_of(tea))
    answer = http.post(f"{API}/sessions", {"email": stranger.email, "password": PASSWORD})
    assert (answer.status, answer.code) == (403, "users.no_membership")
    assert http.get(f"{API}/session").status == 401


def test_a_session_of_one_shop_opens_nothing_at_another(tea, toys, owner):
    Membership.objects.create(merchant=toys, user=owner, role=Role.OWNER)
    at_tea = console_client(tea, owner)
    at_toys = Http(host_of(toys))
    at_toys.client.cookies = at_tea.client.cookies

    assert at_tea.get(f"{API}/session").status == 200
    assert at_toys.get(f"{API}/session").code == "api.not_signed_in"
    assert at_toys.get(f"{API}/members").code == "api.not_signed_in"


def test_who_leaves_is_refused_at_once(tea, owner):
    http = console_client(tea, owner)
    Membership.objects.filter(user=owner).delete()
    answer = http.get(f"{API}/members")
    assert (answer.status, answer.code) == (403, "users.no_membership")


def test_demo_sign_in_is_for_the_demo_only(tea, owner, settings):
    http = Http(host_of(tea))
    settings.DEMO_SIGN_IN = False
    assert http.post(f"{API}/demo-sessions", {}).status == 404

    settings.DEMO_SIGN_IN = True
    answer = http.post(f"{API}/demo-sessions", {})
    assert (answer.status, answer.json["role"]) == (201, "owner")
    assert http.get(f"{API}/session").status == 200


def test_changes_need_the_csrf_token(tea, owner):
    client = Client(enforce_csrf_checks=True, headers={"Host": host_of(tea)})

    def post(path: str, body: dict, token: str = ""):
        return client.post(
            f"{API}/{path}", json.dumps(body), content_type="application/json",
            headers={"X-CSRFToken": token} if token else {},
        )  # fmt: skip

    credentials = {"email": owner.email, "password": PASSWORD}
    assert post("sessions", credentials).json()["code"] == "api.csrf_failed"
    client.get("/console/")
    token = client.cookies["jf_csrf"].value
    assert post("sessions", credentials, token).status_code == 201
    assert client.cookies["jf_csrf"].value != token  # a new one with the session
    token = client.cookies["jf_csrf"].value

    refused = post("members", {"name": "Mei"})
    assert (refused.status_code, refused.json()["code"]) == (403, "api.csrf_failed")
    assert post("members", {"name": "Mei"}, "x" * 32).status_code == 403
    assert post("members", {"name": "Mei"}, token).status_code == 201
    assert client.get(f"{API}/members").status_code == 200  # reading needs none
    assert client.delete(f"{API}/sessions").status_code == 403


CALLS = {
    "GET segments": "members:read",
    "POST segments": "segments:write",
    "PATCH segments/{id}": "segments:write",
    "DELETE segments/{id}": "segments:write",
    "GET members": "members:read",
    "GET orders": "orders:read",
    "GET mall-items": "mall:read",
    "GET redemptions": "mall:read",
    "GET products": "shop:read",
    "GET products/{id}": "shop:read",
    "GET shop-categories": "shop:read",
    "GET pictures": "shop:read",
    "POST products": "shop:write",
    "PATCH products/{id}": "shop:write",
    "PUT products/{id}/variants": "shop:write",
    "POST product-statuses": "shop:write",
    "POST variants/{id}/stock": "shop:write",
    "POST shop-categories": "shop:write",
    "PATCH shop-categories/{id}": "shop:write",
    "DELETE shop-categories/{id}": "shop:write",
    "POST pictures": "shop:write",
    "DELETE pictures/{id}": "shop:write",
    "GET dashboard": "reports:read",
    "GET program": "settings:read",
    "GET brand": "settings:read",
    "GET api-keys": "api_keys:read",
    "GET api-scopes": "api_keys:read",
    "POST members": "members:write",
    "POST members/{id}/adjustments": "points:write",
    "POST mall-items": "mall:write",
    "PATCH mall-items/{id}": "mall:write",
    "POST redemptions/{id}/fulfilment": "mall:write",
    "POST redemptions/{id}/cancellation": "mall:write",
    "POST redemptions/{id}/payments/{id}/return": "mall:write",
    "POST shop-orders/{id}/payments/{id}/return": "shop_orders:write",
    "PATCH program": "settings:write",
    "PATCH brand": "settings:write",
    "POST api-keys": "api_keys:write",
    "POST api-keys/{id}/revocation": "api_keys:write",
    "GET members/{id}/check-ins": "members:read",
    "GET adjustments": "points:write",
    "GET adjustments/{id}": "points:write",
    "GET adjustment-allowance": "points:write",
    "POST adjustments/{id}/approval": "points:approve",
    "POST adjustments/{id}/rejection": "points:approve",
    "GET audit-entries": "audit:read",
    "GET staff": "staff:read",
    "GET imports": "imports:read",
    "POST imports": "imports:write",
    "GET webhook-topics": "webhooks:read",
    "GET webhook-endpoints": "webhooks:read",
    "POST webhook-endpoints": "webhooks:write",
    "GET webhook-endpoints/{id}": "webhooks:read",
    "PATCH webhook-endpoints/{id}": "webhooks:write",
    "DELETE webhook-endpoints/{id}": "webhooks:write",
    "POST webhook-endpoints/{id}/secret-rotations": "webhooks:write",
    "POST webhook-endpoints/{id}/test-events": "webhooks:write",
    "POST webhook-endpoints/{id}/replays": "webhooks:write",
    "GET webhook-endpoints/{id}/deliveries": "webhooks:read",
    "GET webhook-deliveries/{id}": "webhooks:read",
    "POST webhook-deliveries/{id}/replays": "webhooks:write",
    "GET coupon-templates": "coupons:read",
    "GET coupon-templates/{id}": "coupons:read",
    "GET coupon-templates/{id}/coupons": "coupons:read",
    "GET members/{id}/coupons": "coupons:read",
    "POST coupon-templates": "coupons:write",
    "PATCH coupon-templates/{id}": "coupons:write",
    "POST coupon-templates/{id}/batches": "coupons:write",
    "POST coupons/{id}/void": "coupons:write",
    "GET shop-orders": "shop_orders:read",
    "POST shop-orders/{id}/completion": "shop_orders:write",
    "GET red-packets": "cash:read",
    "POST red-packets/{id}/ending": "cash:write",
    "POST withdrawals/{id}/approval": "cash:approve",
    "GET referrals": "referral:read",
    "POST distributors/{id}/end": "referral:write",
    "GET payment-methods": "payments:read",
    "PATCH payment-methods/offline": "payments:write",
}
OVERSIGHT = {"audit:read", "staff:read", "imports:read", "imports:write", "payments:read"}
MAY = {
    "owner": set(CALLS.values()),
    "admin": set(CALLS.values()),
    "marketer": {
        "members:read", "orders:read", "mall:read", "mall:write", "settings:read", "reports:read",
        "segments:write", "shop:read", "shop:write", "coupons:read", "coupons:write", "cash:read",
        "cash:write", "shop_orders:read", "referral:read", "referral:write",
    },
    "support": {
        "members:read", "members:write", "points:write", "orders:read", "mall:read", "mall:write",
        "reports:read", "shop:read", "coupons:read", "coupons:write", "cash:read",
        "shop_orders:read", "shop_orders:write", "referral:read",
    },
    "analyst": {one for one in CALLS.values() if one.endswith(":read")} - OVERSIGHT,
}  # fmt: skip


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_its_permissions_say(tea, role):
    http = console_client(tea, employ(tea, role))
    assert set(http.get(f"{API}/session").json["permissions"]) == MAY[role]
    for call, permission in CALLS.items():
        method, path = call.split()
        path = path.replace("{id}", "0198c0de-0000-7000-8000-000000000000")
        answer = http.call(method, f"{API}/{path}", {} if method != "GET" else None, idem="new")
        is_refused = answer.code == "console.permission_missing"
        assert is_refused == (permission not in MAY[role]), (call, answer)
        assert is_refused == (answer.status == 403), (call, answer)


def test_a_deactivated_user_is_signed_out(tea, owner):
    http = console_client(tea, owner)
    owner.is_active = False
    owner.save()
    assert http.get(f"{API}/session").status == 401
    with tenant_context(tea):
        assert Http(host_of(tea)).post(
            f"{API}/sessions", {"email": owner.email, "password": PASSWORD}
        ).status == 400  # fmt: skip
