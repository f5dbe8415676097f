"""Whatever is sent, the console answers with a refusal that has a code, and changes nothing."""

import json

import pytest
from django_tenants.utils import tenant_context

from points.members.models import Member
from tests.console.conftest import API

NOBODY = "0198c0de-0000-7000-8000-000000000000"
RAW = {
    "empty": b"",
    "cut off": b'{"name": "x"',
    "NUL": b'{"name": "a\\u0000b"}',
    "raw NUL": b'{"name": "a\x00b"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "no UTF-8": b'{"name": "\xff"}',
    "nested 1,000 deep": b'{"name": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "nested 100,000 deep": b"[" * 100_000,
    "a key twice": b'{"name": "x", "name": "y"}',
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "a number": b"5",
    "a number for a name": b'{"name": 5}',
    "5,000 digits": b'{"name": ' + b"9" * 5_000 + b"}",
    "a name that is too long": json.dumps({"name": "x" * 201}).encode(),
    "an unknown field": b'{"name": "x", "is_vip": true}',
    "a phone that is none": b'{"name": "x", "phone": "call me"}',
    "an address that is none": b'{"name": "x", "email": "x@y"}',
    "nothing": b"{}",
    "blank": b'{"name": "   "}',
}
PATHS = {
    "POST": [
        "members", f"members/{NOBODY}/adjustments", "mall-items", "api-keys", "sessions",
        f"redemptions/{NOBODY}/fulfilment", f"redemptions/{NOBODY}/cancellation",
        "demo-sessions", f"api-keys/{NOBODY}/revocation",
    ],
    "PATCH": ["program", "brand", f"mall-items/{NOBODY}"],
}  # fmt: skip


def check(answer) -> None:
    assert 400 <= answer.status < 500, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "." in answer.code
    assert answer.json["request_id"]


@pytest.mark.parametrize("name", RAW)
def test_bad_bodies(console, tea, name):
    answer = console.post(f"{API}/members", raw=RAW[name], Content_Type="application/json")
    check(answer)
    with tenant_context(tea):
        assert Member.objects.count() == 0


@pytest.mark.parametrize("name", ["cut off", "NUL", "nested 1,000 deep", "a number", "no UTF-8"])
def test_bad_bodies_everywhere(console, name):
    for method, paths in PATHS.items():
        for path in paths:
            check(console.call(method, f"{API}/{path}", raw=RAW[name], idem="new"))


def test_bodies_of_another_kind_or_too_large(console):
    other = console.client.post(
        f"{API}/members", {"name": "x"}, headers={"Host": console.host}
    )  # multipart
    assert (other.status_code, other.json()["code"]) == (415, "api.unsupported_media_type")
    large = console.post(f"{API}/members", raw=b" " * (8 * 1024 * 1024 + 1))
    assert (large.status, large.code) == (413, "api.too_large")


QUERIES = [
    "members?q=%00",
    "members?limit=0",
    "members?limit=101",
    "members?limit=many",
    "members?limit=99999999999999999999",
    "members?sort=phone",
    "members?sort=-joined_at;drop",
    "members?cursor=nonsense",
    "members?cursor=%F0%9F%8D%B5",
    "members?cursor=WzEsMl0",
    f"members?q={'x' * 121}",
    "members?page=2",
    "orders?status=lost",
    "orders?from=yesterday",
    "orders?from=0001-01-01",
    "orders?to=9999-12-31",
    "orders?from=2026-03-02&to=2026-03-01",
    "orders?cursor=e30",
    "redemptions?status=lost",
    "mall-items?cursor=WzEsMl0",
    "api-keys?cursor=WzEsMl0",
    "dashboard?from=2026-02-30",
    "dashboard?from=0001-01-01",
    "dashboard?to=9999-12-31",
    "dashboard?from=2020-01-01&to=2026-01-01",
    "dashboard?from=2026-03-02&to=2026-03-01",
]


@pytest.mark.parametrize("query", QUERIES)
def test_bad_queries(console, query):
    answer = console.get(f"{API}/{query}")
    check(answer)
    assert answer.status == 400


def test_cursors_made_by_hand(console, mei):
    from kernel.api.pages import encode_cursor

    for sort, key in (
        ("name", [False, "a\x00b", NOBODY]),
        ("name", [False, "x" * 301, NOBODY]),
        ("-available", [2**70, NOBODY]),
        ("-available", [1.5, NOBODY]),
        ("-joined_at", ["2026-01-01T00:00:00", NOBODY]),
        ("-joined_at", ["2026-01-01T00:00:00Z", "no id"]),
    ):
        check(console.get(f"{API}/members?sort={sort}&cursor={encode_cursor(key)}"))
    far = encode_cursor(["0001-01-01T00:00:00Z", NOBODY])
    assert console.get(f"{API}/members?cursor={far}").json["items"] == []
    ledger = f"{API}/members/{mei.pk}"
    for key in (["2026-01-01T00:00:00Z", 2**70], ["2026-01-01T00:00:00Z", "1"]):
        check(console.get(f"{ledger}/transactions?cursor={encode_cursor(key)}"))
        check(console.get(f"{ledger}/lots?cursor={encode_cursor([None, *key])}"))


def test_methods_and_paths_that_are_not_there(console):
    assert console.call("DELETE", f"{API}/members").status == 405
    assert console.call("PUT", f"{API}/program", {}).status == 405
    for path in ("", "/", "/nothing", f"/members/{NOBODY}/nothing", "/members/%00"):
        check(console.get(f"{API}{path}"))


@pytest.mark.parametrize("member_id", ["%00", "1", "null", "../x", NOBODY, NOBODY.upper(), "💥"])
def test_ids_that_are_none(console, member_id):
    answer = console.get(f"{API}/members/{member_id}/lots")
    check(answer)
    assert answer.status == 404


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_other_methods(console, method):
    assert console.call(method, f"{API}/members").status in (200, 405)


@pytest.mark.parametrize(
    "cookie",
    [
        'jf_staff="\\000\\000\\000\\000\\000\\000\\000\\000\\000"',
        "jf_staff=" + "x" * 4_000,
        "jf_staff=' or 1=1 --",
        'jf_staff="\\377\\377\\377\\377\\377\\377\\377\\377"',
        "jf_csrf=\\000; jf_lang=\\000",
    ],
)
def test_cookies_made_by_hand_open_nothing(tea, cookie):
    from tests.support.http import Http, host_of

    http = Http(host_of(tea))
    assert http.get(f"{API}/session", Cookie=cookie).code == "api.not_signed_in"
    assert http.get("/console/", Cookie=cookie).status == 200
