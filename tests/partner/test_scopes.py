"""What a key may do; all else is 403 and changes nothing."""

import re

import pytest

from kernel.api.openapi import document
from points.channels.actions import revoke_api_key
from points.channels.calculations import SCOPES, allows
from points.channels.models import ApiKey
from points.interfaces.partner.urls import urlpatterns
from tests.partner.calls import API, caller, contents, refusal, sent

NOBODY = "01a20077-438c-767c-86e5-9c0bfbe1af05"


def operations():
    """(method, path, scope) of every operation of the partner API."""
    described = document(title="t", description="d", prefix="", patterns=urlpatterns, security={})
    return [
        (method.upper(), re.sub(r"{\w+}", NOBODY, path), operation["x-scope"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


EVERY = operations()


def test_every_operation_names_a_scope_that_exists():
    assert len(EVERY) >= 30
    area_read = {"points:read"}  # any key of the merchant's may read points
    assert {scope for *_, scope in EVERY} <= SCOPES.keys() | area_read


@pytest.mark.parametrize(("method", "path", "scope"), EVERY)
def test_a_key_without_the_scope_is_refused_before_anything_is_read(shop, method, path, scope):
    others = [s for s in SCOPES if s != "*" and not allows([s], scope)]
    if not others:
        assert scope == "points:read"
        return
    before = contents(shop)
    answer = caller(shop, *others).call(method, f"{API}/{path}", raw=b"\x00", idem="new")
    assert refusal(answer, 403, "channels.scope_missing") == {"scope": scope}
    assert contents(shop) == before


@pytest.mark.parametrize(("method", "path", "scope"), EVERY)
def test_a_key_with_the_scope_gets_past_the_door(shop, method, path, scope):
    wanted = scope if scope in SCOPES else "points:write"
    answer = caller(shop, wanted).call(method, f"{API}/{path}", {}, idem="new")
    assert answer.status in (200, 201, 202, 400, 404), answer


@pytest.mark.parametrize(
    ("scopes", "needed", "may"),
    [
        (["*"], "members:write", True),
        (["members:write"], "members:read", True),
        (["members:read"], "members:write", False),
        (["orders:write"], "members:read", False),
        (["mall:read"], "points:read", True),
        ([], "points:read", False),
        (["members"], "members:read", False),
        (["members:*"], "members:write", False),
    ],
)
def test_writing_includes_reading_and_nothing_else(scopes, needed, may):
    assert allows(scopes, needed) is may


def test_a_revoked_key_opens_nothing_any_more(shop, mei, noon):
    api = caller(shop, "members:read")
    sent(api.get(f"{API}/members"), 200)
    revoke_api_key(key_id=ApiKey.objects.get(scopes=["members:read"]).pk, at=noon)
    refusal(api.get(f"{API}/members"), 401, "channels.key_invalid")


def test_keys_are_kept_as_hashes_and_their_use_is_noted(shop, noon):
    api = caller(shop, "members:read")
    key = api.headers["Authorization"].removeprefix("Bearer ")
    sent(api.get(f"{API}/members"), 200)
    row = ApiKey.objects.get(scopes=["members:read"])
    assert key not in str(ApiKey.objects.filter(pk=row.pk).values().get())
    assert (row.prefix, row.last_used_at) == (key[:10], noon)
