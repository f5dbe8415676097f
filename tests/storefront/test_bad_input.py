"""The hand list of nasty input: always a 4xx with a code, never an effect, never a 5xx."""

import json
import uuid

import pytest

from points.ledger.models import Transaction
from points.ledger.queries import get_balance
from points.members.models import SignInCode
from points.redemption.models import Redemption


@pytest.fixture(autouse=True)
def _at_noon(today):
    """All of these happen at one moment."""


@pytest.fixture
def item(mei, give, put_on_sale, noon):
    """Something Mei could have, if she asked properly."""
    give(mei, 1000, at=noon)
    return put_on_sale(1)


def deep(levels: int) -> bytes:
    return b'{"address":' + b"[" * levels + b"]" * levels + b"}"


RAW = [
    (b"", 415, "api.unsupported_media_type"),
    (b"{", 400, "api.invalid_json"),
    (b"[]", 400, "api.invalid_body"),
    (b"null", 400, "api.invalid_body"),
    (b'{"address":"a\x00b@c.cn"}', 400, "api.unreadable_text"),
    (b'{"address":"a\\u0000b@c.cn"}', 400, "api.unreadable_text"),
    (b'{"address":"a\\ud800@c.cn"}', 400, None),
    (b'{"address":"\xff\xfe"}', 400, None),
    (deep(1000), 400, None),
    (deep(100_000), 400, None),
    (b'{"address":NaN}', 400, "api.invalid_json"),
    (b'{"address":1e999}', 400, None),
    (b'{"address":"a@b.cn","address":"c@d.cn"}', 400, "api.invalid_json"),
    (b'{"address":"a@b.cn","more":1}', 400, "api.invalid_body"),
    (b'{"address":null}', 400, "api.invalid_body"),
    (b'{"address":' + b"9" * 5000 + b"}", 400, None),
    (b'{"address":"' + b"a" * 300 + b'@b.cn"}', 400, "api.invalid_body"),
]


@pytest.mark.parametrize(("raw", "status", "code"), RAW)
def test_bodies(visitor, raw, status, code):
    answer = visitor.post("/sign-in-codes", raw=raw)

    assert answer.status == status
    assert answer.code == code if code else answer.code.startswith("api.")
    assert SignInCode.objects.count() == 0


def test_what_is_not_json_is_refused_by_its_name(visitor):
    visitor.headers["Content-Type"] = "text/plain"
    answer = visitor.post("/sign-in-codes", {"address": "a@b.cn"})

    assert (answer.status, answer.code) == (415, "api.unsupported_media_type")


def test_too_much_is_refused_before_it_is_read(visitor):
    answer = visitor.post("/sign-in-codes", raw=b'{"address":"' + b"a" * (8 * 1024 * 1024) + b'"}')

    assert (answer.status, answer.code) == (413, "api.too_large")


@pytest.mark.parametrize(
    "quantity",
    [
        "0",
        "-1",
        "1.5",
        "101",
        "1e3",
        "true",
        '"1"',
        "null",
        "NaN",
        "Infinity",
        str(2**63),
        "9" * 5000,
    ],
)
def test_quantities(mei_browser, mei, item, noon, quantity):
    raw = f'{{"mall_item_id":"{item.pk}","quantity":{quantity}}}'.encode()

    answer = mei_browser.post("/redemptions", raw=raw, idem="k")

    assert answer.status == 400 and answer.code.startswith("api.invalid")
    assert get_balance(member=mei.pk, at=noon).available == 1000
    assert Redemption.objects.count() == 0


@pytest.mark.parametrize("given", ["", "x", "1", "NULL", "' or 1=1", "{0}", "../me", "é" * 50])
def test_ids_that_are_none(mei_browser, mei, item, given):
    body = {"mall_item_id": given.format(uuid.uuid4().hex), "quantity": 1}

    answer = mei_browser.post("/redemptions", body, idem="k")

    assert (answer.status, answer.code) == (404, "redemption.item_not_found")
    assert not Transaction.objects.filter(kind="spend").exists()


@pytest.mark.parametrize(
    "path", ["x", "%00", "%ff", "01A20095-A26E-7222-9F07-1EEBDB2F248", "a%2Fb"]
)
def test_ids_in_paths(mei_browser, path):
    for root in ("/mall-items", "/redemptions"):
        answer = mei_browser.get(f"{root}/{path}")
        assert answer.status == 404 and answer.code.endswith("not_found")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5", "limit=NaN", f"limit={2**63}",
        "limit=" + "9" * 5000, "limit=", "limit=%00", "cursor=%00", "cursor=x", "cursor=%ff",
        "cursor=" + "A" * 301, "cursor=W10", "cursor=e30", "cursor=bnVsbA", "other=1",
        "cursor=WyIyMDI2LTAzLTAxVDA0OjAwOjAwIiwxXQ",
        "cursor=WyIyMDI2LTAzLTAxVDA0OjAwOjAwWiIsOTIyMzM3MjAzNjg1NDc3NTgwOF0",
    ],
)  # fmt: skip
def test_queries(mei_browser, query):
    for path in ("/transactions", "/redemptions", "/mall-items"):
        answer = mei_browser.get(f"{path}?{query}")
        assert answer.status == 400 and answer.code.startswith("api."), (path, answer)


@pytest.mark.parametrize("query", ["direction=up", "direction=", "direction=IN"])
def test_directions(mei_browser, query):
    assert mei_browser.get(f"/transactions?{query}").code == "api.invalid_body"


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_idempotency_keys(mei_browser, mei, item, noon, key):
    body = {"mall_item_id": str(item.pk), "quantity": 1}

    answer = mei_browser.post("/redemptions", body, idem=key)

    assert answer.status == 400 and answer.code.startswith("api.idempotency_key")
    assert get_balance(member=mei.pk, at=noon).available == 1000


def test_methods_nobody_offers(mei_browser):
    for method in ("PUT", "DELETE", "POST"):
        answer = mei_browser.call(method, "/lots", {})
        assert (answer.status, answer.code) == (405, "api.method_not_allowed")


@pytest.mark.parametrize("code", ["", " ", "１２３４５６", "0" * 21, "🍵", "12345'"])
def test_codes(visitor, ask_for_code, code):
    right = ask_for_code("mei@example.com")

    answer = visitor.post("/sessions", {"address": "mei@example.com", "code": code})

    assert answer.status == 400
    assert json.dumps(answer.json).count(right) == 0
    assert visitor.get("/me").status == 401
