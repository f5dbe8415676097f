"""Whatever is sent, the answer is a 4xx problem with a code, and nothing has changed."""

import json

import pytest

from tests.partner.calls import API, AT, contents, give, item, order_body, refund_body, sent

HERE = object()  # where the bad value goes


@pytest.fixture
def endpoints(partner, mei):
    """name → (method, path, body, field for whole numbers, field for text), all acceptable."""
    give(partner, 1_000)
    sent(partner.post(f"{API}/orders", order_body("K")))
    sent(partner.post(f"{API}/orders", order_body("P", status="paid", completed_at=None)))
    mug = item(partner)["id"]
    who = {"member_external_id": "mei"}
    made = sent(partner.post(f"{API}/redemptions", {**who, "mall_item_id": mug}, idem="new"))["id"]
    hold = {**who, "points": 5, "reference": "r"}
    held = sent(partner.post(f"{API}/holds", hold, idem="new"))["id"]
    line = [{"external_id": "1", "quantity": 1, "amount_cents": HERE}]
    return {
        "member": ("POST", "members", {"external_id": "x"}, None, "name"),
        "member change": ("PATCH", f"members/{mei.pk}", {"tags": ["a"]}, None, "name"),
        "order": ("POST", "orders", order_body("N"), "shipping_cents", "channel"),
        "order line": ("POST", "orders", order_body("N", lines=line), HERE, None),
        "completion": ("POST", "orders/P/completion", {}, None, "completed_at"),
        "refund": ("POST", "orders/K/refunds", refund_body("R", 1), "amount_cents", "external_id"),
        "quote": ("POST", "quotes", {**who, "amount_cents": 1}, "amount_cents", "member_external_id"),
        "hold": ("POST", "holds", hold, "points", "reference"),
        "capture": ("POST", f"holds/{held}/capture", {}, None, None),
        "adjustment": ("POST", "adjustments", {**who, "points": 1, "reason": "r"}, "points", "reason"),
        "item": (
            "POST", "mall-items", {"kind": "goods", "title": "t", "price_points": 1},
            "price_points", "title_zh",
        ),
        "item change": ("PATCH", f"mall-items/{mug}", {}, "price_points", "description_en"),
        "redemption": ("POST", "redemptions", {**who, "mall_item_id": mug}, "quantity", "mall_item_id"),
        "cancellation": ("POST", f"redemptions/{made}/cancellation", {}, None, "reason"),
        "fulfilment": ("POST", f"redemptions/{made}/fulfilment", {}, None, "tracking"),
        "programme": ("PATCH", "program", {}, "face_value_points_per_unit", None),
        "payer": (
            "POST", "funding-sources", {"code": "x", "name": "n"},
            "unit_cost_cents_per_1000_points", "name",
        ),
    }  # fmt: skip


def raw_body(body, field, token):
    """The body as JSON text, with `token` written as it is where the field or HERE stands."""
    text = json.dumps(
        body | ({field: "@@"} if isinstance(field, str) else {}), default=lambda _: "@@"
    )
    return text.replace('"@@"', token).encode("utf-8", "surrogatepass")


def assert_refused(api, method, path, raw, label, **headers):
    headers = {"Content_Type": "application/json", **headers}
    answer = api.call(method, f"{API}/{path}", raw=raw, idem="new", **headers)
    assert 400 <= answer.status < 500, (label, answer)
    assert answer.headers["Content-Type"] == "application/problem+json", (label, answer)
    body = answer.json
    assert body["status"] == answer.status and "." in body["code"], (label, answer)
    assert body["detail"] and body["request_id"], (label, answer)
    assert "Traceback" not in answer.raw.decode() and len(answer.raw) < 4_000, label
    return body


DEEP = 2_000
WHOLE = {
    "empty": b"", "blank": b"  \n", "null": b"null", "list": b"[]", "text": b'"x"', "number": b"1",
    "true": b"true", "cut off": b'{"external_id": "x"', "comma": b'{"external_id": "x",}',
    "two": b"{}{}", "single quotes": b"{'a': 1}", "comment": b"{} // x", "bom": b"\xef\xbb\xbf{}",
    "utf-16": '{"a": 1}'.encode("utf-16"), "binary": bytes(range(256)), "nul": b"\x00",
    "deep lists": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"x":' * DEEP + b"1" + b"}" * DEEP,
    "deep and open": b"[" * 100_000,
    "lone NaN": b"NaN", "unknown field": b'{"nonsense": 1}', "form": b"external_id=x&points=1",
    "long key": b'{"' + b"k" * 100_000 + b'": 1}', "empty key": b'{"": 1}',
    "key with nul": b'{"\\u0000": 1}', "key with half a pair": b'{"\\ud800": 1}',
}  # fmt: skip
NUMBERS = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "9" * 5_000, "-" + "9" * 5_000, "1.5",
    "0.1e1000000", "true", "false", '"NaN"', '"1"', '"9223372036854775808"', "[]", "{}", '""', "+1",
    "01", "0x10", "1_000", "٣", "1e-400",
]  # fmt: skip
TEXTS = [
    '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00"', '"a\\ud800b"', '"\\ud800\\ud800"',
    '"\\udc00\\ud800"', '"\ud800"', '"\udfff"', '"\x00"', '"\x01"', '"\n"', '"\\x41"', '"\\u12"',
    "true", "1", "1.5", "[]", "{}", "[1]", '{"a": 1}', '"' + "x" * 20_000 + '"',
]  # fmt: skip


def test_whole_bodies(partner, endpoints, shop):
    before = contents(shop)
    for name, (method, path, *_) in endpoints.items():
        for label, raw in WHOLE.items():
            if name == "programme" and label in ("empty key", "long key"):
                continue  # its keys are checked by the programme itself, below
            assert_refused(partner, method, path, raw, (name, label))
    assert contents(shop) == before


def test_odd_keys_of_the_programme(partner, shop, endpoints):
    before = contents(shop)
    for raw in (WHOLE["empty key"], WHOLE["long key"]):
        body = assert_refused(partner, "PATCH", "program", raw, raw[:20])
        assert body["code"] == "program.settings_contradict"
    assert contents(shop) == before


def test_numbers(partner, endpoints, shop):
    before = contents(shop)
    for name, (method, path, body, field, _) in endpoints.items():
        for token in [*NUMBERS, "null"] if field else []:
            raw = raw_body(body, field, token)
            assert_refused(partner, method, path, raw, (name, token[:40]))
    assert contents(shop) == before


def test_texts(partner, endpoints, shop):
    before = contents(shop)
    for name, (method, path, body, _, field) in endpoints.items():
        for token in [*TEXTS, "null"] if field else []:
            raw = raw_body(body, field, token)
            assert_refused(partner, method, path, raw, (name, token[:40]))
        if field:
            for broken in (
                b'"\xff"',
                b'"\xed\xa0\x80"',
                b'"\xc0\x80"',
                b'"\xf5\x80\x80\x80"',
                b'"\xe2\x82"',
            ):
                raw = raw_body(body, field, '"!!"').replace(b'"!!"', broken)
                assert_refused(partner, method, path, raw, (name, broken))
    assert contents(shop) == before


def test_repeated_keys(partner, endpoints, shop):
    before = contents(shop)
    for name, (method, path, body, number, text) in endpoints.items():
        field = number if isinstance(number, str) else text
        if field is None:
            continue
        raw = raw_body({k: v for k, v in body.items() if k != field}, None, "1")[:-1]
        raw += (b", " if len(raw) > 1 else b"") + f'"{field}": 1, "{field}": 2}}'.encode()
        body = assert_refused(partner, method, path, raw, name)
        assert body["code"] in ("api.invalid_json", "api.invalid_body"), name
    nested = json.dumps(order_body("N")).replace('"quantity": 1', '"quantity": 1, "quantity": 2')
    body = assert_refused(partner, "POST", "orders", nested.encode(), "nested")
    assert body["code"] == "api.invalid_json"
    assert contents(shop) == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/xml", "application/jsonp", "text/json", "", "application/json-patch+json"],
)  # fmt: skip
def test_other_content_types_are_415(partner, endpoints, shop, kind):
    before = contents(shop)
    for name, (method, path, body, *_) in endpoints.items():
        raw = raw_body(body, None, "1")
        problem = assert_refused(partner, method, path, raw, name, Content_Type=kind)
        assert (problem["status"], problem["code"]) == (415, "api.unsupported_media_type"), name
    assert contents(shop) == before


def test_the_content_type_may_name_utf_8(partner, mei):
    headers = {"Content_Type": "application/json; charset=utf-8"}
    answer = partner.post(
        f"{API}/quotes", {"member_external_id": "mei", "amount_cents": 1}, **headers
    )
    assert answer.status == 200


def test_a_body_of_more_than_8_mib_is_413(partner, endpoints, shop):
    before = contents(shop)
    padding = b" " * (8 * 1024 * 1024)
    for name in ("member", "order", "adjustment", "programme"):
        method, path, *_ = endpoints[name]
        problem = assert_refused(partner, method, path, b"{}" + padding, name)
        assert (problem["status"], problem["code"]) == (413, "api.too_large")
        assert problem["facts"]["limit_bytes"] == 8 * 1024 * 1024
    assert contents(shop) == before


@pytest.mark.parametrize("value", ["%00", "a%00b"])
def test_nul_in_a_query_is_refused(partner, mei, value):
    for path in (
        f"members?external_id={value}", f"members?tag={value}", f"members?phone={value}",
        f"members?cursor={value}", f"members?limit={value}", f"orders/O-1?channel={value}",
        f"reports/points?from={value}", f"members/{mei.pk}/points?at={value}", f"members?{value}=1",
        f"mall-items?cursor={value}", f"members/{mei.pk}/transactions?cursor={value}",
    ):  # fmt: skip
        answer = partner.get(f"{API}/{path}")
        assert (answer.status, answer.headers["Content-Type"]) == (
            400,
            "application/problem+json",
        ), path
        assert answer.code.startswith("api."), path


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "%ED%A0%80", "%FF", "%0A", "%F0%9F%8D%B5", "x" * 5_000, "."]
)
def test_odd_names_in_a_path_are_not_found(partner, shop, name):
    before = contents(shop)
    calls = [
        ("GET", f"members/{name}", None), ("PATCH", f"members/{name}", {"name": "x"}),
        ("GET", f"orders/{name}", None), ("GET", f"orders/{name}/explanation", None),
        ("POST", f"orders/{name}/completion", {"completed_at": AT}),
        ("POST", f"orders/{name}/refunds", refund_body("R", 1)),
        ("GET", f"holds/{name}", None), ("POST", f"holds/{name}/capture", {}),
        ("GET", f"mall-items/{name}", None), ("POST", f"redemptions/{name}/cancellation", {}),
        ("GET", f"{name}", None),
    ]  # fmt: skip
    for method, path, body in calls:
        answer = partner.call(method, f"{API}/{path}", body)
        assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json"), (
            path, answer,
        )  # fmt: skip
    assert contents(shop) == before


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=101", "limit=abc", "limit=1.5", "limit=NaN", "limit=",
     "limit=9223372036854775808", "limit=" + "9" * 5_000, "limit=true", "limit=null", "cursor=x",
     "cursor=%F0%9F%8D%B5", "cursor=" + "A" * 301, "nonsense=1", "limit=1&nonsense=1", "cursor=bnVsbA",
     "cursor=IjAwMDAwMDAwLTAwMDAi"],
)  # fmt: skip
def test_odd_queries_are_refused(partner, mei, query):
    for path in ("members", "mall-items", f"members/{mei.pk}/transactions"):
        answer = partner.get(f"{API}/{path}?{query}")
        assert answer.status == 400, (path, answer)
        assert answer.code in ("api.invalid_body", "api.invalid_cursor")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
def test_other_methods_are_405_and_change_nothing(partner, mei, shop, method):
    before = contents(shop)
    for path in ("members", f"members/{mei.pk}", "orders", "program", "holds"):
        answer = partner.call(method, f"{API}/{path}", {})
        assert answer.status == (200 if method == "OPTIONS" else 405), (path, answer)
        if method != "OPTIONS":
            assert answer.code == "api.method_not_allowed"
    assert contents(shop) == before


def test_a_method_with_a_key_is_needed_before_anything_is_read(partner, shop):
    partner.headers = {}
    for path in ("members", "orders", "program", "nonsense"):
        answer = partner.post(f"{API}/{path}", raw=b"\x00" * 100)
        assert answer.status == (404 if path == "nonsense" else 401), answer


@pytest.mark.parametrize(
    "key",
    ["", "jf_", "jf_wrong", "x" * 500, "jf_é", "jf_\x7f", "' or 1=1 --", "Bearer"],
)
def test_wrong_keys_are_401(partner, key):
    for scheme in ("Bearer ", "bearer ", "Basic ", ""):
        partner.headers = {"Authorization": scheme + key}
        answer = partner.get(f"{API}/members")
        assert (answer.status, answer.code.split(".")[0]) == (401, "channels")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
