"""Schemathesis over the OpenAPI document of the partner API: no server error, no undocumented answer.

The same examples every time. Real requests through the WSGI application at a merchant of its own,
which has a member, an order, a hold and an item, whose ids the examples use half of the time.
"""

from collections import Counter

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
from tests.partner.calls import API, caller, give, item, order_body, sent

EXAMPLES = 6
CHECKS = [
    not_a_server_error, content_type_conformance, response_schema_conformance,
    status_code_conformance,
]  # fmt: skip


@pytest.fixture
def lived_in(fresh_shop):
    """A caller of the shop, and ids to put into paths."""
    api = caller(fresh_shop)
    mei = sent(api.post(f"{API}/members", {"external_id": "mei"}))["id"]
    give(api, 10_000)
    sent(api.post(f"{API}/orders", order_body()))
    mug = item(api)["id"]
    who = {"member_external_id": "mei"}
    hold = sent(api.post(f"{API}/holds", {**who, "points": 5, "reference": "r"}, idem="new"))["id"]
    made = sent(api.post(f"{API}/redemptions", {**who, "mall_item_id": mug}, idem="new"))["id"]
    ids = {
        "member_id": mei, "external_id": "O-1", "hold_id": hold, "item_id": mug,
        "redemption_id": made,
    }  # fmt: skip
    return api, ids


def document():
    from config.surfaces import documents

    return documents()["partner"]


def test_no_call_that_can_be_generated_is_a_server_error(lived_in, fresh_shop):
    api, ids = lived_in
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()
    statuses = Counter()

    def check(case):
        for name in case.path_parameters or {}:
            if statuses.total() % 2:
                case.path_parameters[name] = ids[name]
        response = case.call(base_url=f"http://{api.host}", headers=api.headers)
        statuses[response.status_code] += 1
        if response.status_code == 401: print("DBG", case.method, case.path, dict(case.headers), response.request.headers)
        case.validate_response(response, checks=CHECKS)

    for found in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            once = given(case=found.ok().as_strategy(generation_mode=mode))(check)
            settings(
                max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
                phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
            )(once)()  # fmt: skip

    print(statuses)
    assert statuses.total() > 300
    # Accepted, refused and not found: the examples got through to the business.
    assert {200, 201, 400, 404} <= statuses.keys()
    assert statuses[401] == statuses[403] == 0
    with tenant_context(fresh_shop):
        assert check_books() == []
