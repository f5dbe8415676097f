"""Schemathesis over the OpenAPI document of the partner API: no server error, no undocumented answer.

The same examples every time. Real requests through the WSGI application at a merchant of its own,
which has a member, an order, a hold and an item, whose ids the examples use half of the time.
"""

import uuid
from collections import Counter
from datetime import datetime

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django_tenants.utils import tenant_context
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from points.flows.books_checked import check_books
from tests.partner.calls import API, AT, caller, give, item, order_body, sent
from tests.support.shop_orders import paid_order

EXAMPLES = 4
CHECKS = [
    not_a_server_error, content_type_conformance, response_schema_conformance,
    status_code_conformance,
]  # fmt: skip


@pytest.fixture
def lived_in(fresh_shop):
    """A caller of the shop, and ids to put into paths."""
    api = caller(fresh_shop)
    mei = sent(api.post(f"{API}/members", {"external_id": "mei"}))["id"]
    adjusted = give(api, 10_000)["adjustment_id"]
    sent(api.post(f"{API}/orders", order_body()))
    mug = item(api)["id"]
    who = {"member_external_id": "mei"}
    hold = sent(api.post(f"{API}/holds", {**who, "points": 5, "reference": "r"}, idem="new"))["id"]
    made = sent(api.post(f"{API}/redemptions", {**who, "mall_item_id": mug}, idem="new"))["id"]
    linked = sent(
        api.post(f"{API}/members/{mei}/identities", {"channel": "pos", "external_id": "7"})
    )["id"]
    sent(api.post(f"{API}/member-fields", {"code": "taste", "kind": "text", "name_en": "Taste"}))
    rule = {"code": "bonus", "name": "b", "trigger": "custom:x", "status": "published"}
    sent(api.post(f"{API}/earning-rules", {**rule, "reward": {"kind": "fixed", "points": 1}}))
    sent(api.post(f"{API}/events", {**who, "id": "e", "type": "custom:x", "occurred_at": AT}))
    sent(api.post(f"{API}/tiers", {"code": "gold", "threshold": 100}))
    back = {"external_id": "CB-1", "charged_back_at": AT}
    sent(api.post(f"{API}/orders/O-1/chargebacks", back))
    until = {"until": "2028-01-01", "reason": "storm"}
    longer = sent(api.post(f"{API}/expiry-extensions", until))["id"]
    regulars = {
        "code": "regulars",
        "name": "r",
        "condition": {">=": [{"var": "member.orders_count"}, 0]},
    }
    sent(api.post(f"{API}/segments", regulars))
    hook = sent(api.post(f"{API}/webhook-endpoints", {"url": "https://127.0.0.1/x"}))["id"]
    tested = sent(api.post(f"{API}/webhook-endpoints/{hook}/test-events", {}), 202)["id"]
    coupon = {"code": "free", "kind": "free_shipping", "name_en": "Free", "status": "active"}
    sent(api.post(f"{API}/coupon-templates", coupon))
    ticket = sent(api.post(f"{API}/coupons", {**who, "template": "free"}))["code"]
    tin = {"sku": "TIN", "price_cents": 900, "stock": 5}
    product = {"title_en": "Tin", "status": "on_sale", "variants": [tin]}
    sold = sent(api.post(f"{API}/products", product))
    ordered = paid_order(
        member=uuid.UUID(mei), variant=uuid.UUID(sold["variants"][0]["id"]),
        at=datetime.fromisoformat(AT),
    )  # fmt: skip
    sent(api.patch(f"{API}/program", {"cash": {"enabled": True}}), 200)
    split = {
        "title_en": "p",
        "total_cents": 9,
        "shares_count": 3,
        "ends_at": "2199-01-01T00:00:00Z",
    }
    packet = sent(api.post(f"{API}/red-packets", split))["id"]
    sent(api.post(f"{API}/cash-grants", {**who, "external_id": "g", "amount_cents": 900}))
    out = {**who, "amount_cents": 100, "payee_name": "M", "payee_account": "1"}
    leaving = sent(api.post(f"{API}/withdrawals", out, idem="new"))["id"]
    ids = {
        "product_id": sold["id"], "sku": "TIN", **ordered,
        "packet_id": packet, "withdrawal_id": leaving, "distributor_id": made,
        "segment_code": "regulars", "endpoint_id": hook, "delivery_id": tested,
        "identity_id": linked, "field_code": "taste",
        "member_id": mei, "external_id": "O-1", "hold_id": hold, "item_id": mug,
        "redemption_id": made, "rule_code": "bonus", "event_id": "e", "source_code": "merchant",
        "backtest_id": made, "job_id": made, "import_id": made,
        "tier_code": "gold", "adjustment_id": adjusted,
        "template_code": "free", "coupon_code": ticket,
        "extension_id": longer, "chargeback_id": "CB-1",
    }  # fmt: skip
    return api, ids


def document():
    from config.surfaces import documents

    return documents()["partner"]


def test_no_call_that_can_be_generated_is_a_server_error(lived_in, fresh_shop):
    api, ids = lived_in
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()
    statuses = {mode: Counter() for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)}

    def checking(seen):
        def check(case):
            for name in case.path_parameters or {}:
                if seen.total() % 2:
                    case.path_parameters[name] = ids[name]
            response = case.call(base_url=f"http://{api.host}", headers=api.headers)
            seen[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        return check

    for found in schema.get_all_operations():
        for mode, seen in statuses.items():
            once = given(case=found.ok().as_strategy(generation_mode=mode))(checking(seen))
            settings(
                max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
                phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
            )(once)()  # fmt: skip

    valid, invalid = statuses.values()
    # Accepted, refused, not found: the examples got through to the business. Among the invalid
    # ones are calls without a key.
    assert valid.total() > 80 and {200, 201, 404} <= valid.keys() and not valid[401], valid
    assert invalid.total() > 80 and {400, 401} <= invalid.keys(), invalid
    with tenant_context(fresh_shop):
        assert check_books() == []
