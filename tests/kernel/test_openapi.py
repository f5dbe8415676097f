"""The OpenAPI documents: 3.1, complete, and true to what the operations declare."""

import json
import re

import jsonschema_rs
import pytest

from config.surfaces import documents
from points.interfaces.partner.urls import urlpatterns

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def surfaces():
    return documents()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", path, operation


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.parametrize("name", ["partner", "storefront", "console", "platform"])
def test_a_document_stands_on_its_own(surfaces, name):
    document = surfaces[name]
    assert document["openapi"] == "3.1.0"
    assert {"title", "version", "description"} <= document["info"].keys()
    assert json.loads(json.dumps(document)) == document
    schemas = document["components"]["schemas"]
    missing = {r for r in references(document) if r.rpartition("/")[2] not in schemas}
    assert missing == set()
    assert document["security"] == [{k: []} for k in document["components"]["securitySchemes"]]


def examples(document):
    """Label, schema and example of each body and answer."""
    for label, _, operation in operations(document):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in parts:
            content = part.get("content", {}).get("application/json")
            if content:
                yield label, content["schema"], content["example"]


def texts(node):
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict | list):
            yield from texts(value)
        elif isinstance(value, str):
            yield value


@pytest.mark.parametrize("name", ["partner", "storefront", "console", "platform"])
def test_every_example_is_valid_and_says_something(surfaces, name):
    for label, schema, example in examples(surfaces[name]):
        whole = {**schema, "components": surfaces[name]["components"]}
        jsonschema_rs.validator_for(whole).validate(example)
        assert "text" not in texts(example), label


def test_examples_look_like_what_they_stand_for(surfaces):
    sign_up = surfaces["platform"]["paths"]["/api/platform/v1/signups/{signup_id}/verification"]
    assert _body(sign_up)["code"] == "482915"
    paths = surfaces["partner"]["paths"]
    (order,) = _body(paths["/api/v1/orders/batch"])["orders"]
    assert order == _body(paths["/api/v1/orders"])
    capture = paths["/api/v1/holds/{hold_id}/capture"]["post"]["responses"]["200"]
    assert capture["content"]["application/json"]["example"]["status"] == "captured"


def _body(path):
    return path["post"]["requestBody"]["content"]["application/json"]["example"]


@pytest.mark.parametrize("name", ["partner", "storefront", "console", "platform"])
def test_every_operation_is_described(surfaces, name):
    ids = []
    for label, path, operation in operations(surfaces[name]):
        assert label.split()[0] in METHODS
        ids.append(operation["operationId"])
        assert operation["summary"] and not operation["summary"].endswith("."), label
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), label
        assert any(code.startswith("2") for code in operation["responses"]), label
        for code, answer in operation["responses"].items():
            assert answer["description"], label
            if int(code) >= 400:
                (problem,) = answer["content"].values()
                assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, label
                assert problem["examples"], label
            for content in answer.get("content", {}).values():
                assert "example" in content or "examples" in content, label
        if "requestBody" in operation:
            (sent,) = operation["requestBody"]["content"].values()
            assert "example" in sent, label
            assert {"400", "413", "415"} <= operation["responses"].keys(), label
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)


def test_the_partner_document_has_every_path_of_the_partner_api(surfaces):
    served = {
        "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(p.pattern)) for p in urlpatterns
    }
    assert surfaces["partner"]["paths"].keys() == served
    for label, _, operation in operations(surfaces["partner"]):
        assert operation["x-scope"], label
        assert {"401", "403"} <= operation["responses"].keys(), label


def test_calls_that_move_value_ask_for_an_idempotency_key(surfaces):
    required = {
        label
        for label, _, operation in operations(surfaces["partner"])
        for p in operation.get("parameters", [])
        if p["name"] == "Idempotency-Key" and p["required"]
    }
    assert required == {
        "post /api/v1/holds",
        "post /api/v1/adjustments",
        "post /api/v1/redemptions",
        "post /api/v1/transfers",
        "post /api/v1/cash-exchanges",
        "post /api/v1/withdrawals",
    }
    writes = {
        label: {p["name"] for p in operation.get("parameters", [])}
        for label, _, operation in operations(surfaces["partner"])
        if not label.startswith("get")
    }
    without = {label for label, names in writes.items() if "Idempotency-Key" not in names}
    asks_only = {
        "post /api/v1/quotes",
        "post /api/v1/orders/{external_id}/refund-quotes",
        "post /api/v1/expiry-extension-previews",
        "post /api/v1/segment-previews",
        "post /api/v1/simulations",
        "post /api/v1/coupon-quotes",
    }
    # The answer would be kept with the key, and it holds a secret.
    telling = {
        "post /api/v1/webhook-endpoints",
        "post /api/v1/webhook-endpoints/{endpoint_id}/secret-rotations",
    }
    assert without <= asks_only | telling | {"post /api/v1/test-clock"}


def test_an_answer_promises_every_field_that_it_always_tells(surfaces):
    partner, console = (surfaces[name]["components"]["schemas"] for name in ("partner", "console"))
    for schema in (console["ProgramOut"], console["Expiry"], partner["ProgramSettings"]):
        assert schema["required"] == list(schema["properties"])
    # Left out while there is nothing to say (omit_defaults), and what a request may leave out.
    assert {"code", "detail"}.isdisjoint(partner["OrderResult"]["required"])
    assert "tracking" not in console["FulfilmentIn"]["required"]
