"""A process remembers callers; what it remembers is worth nothing until the database confirms it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.channels import queries
from points.channels.actions import revoke_api_key
from points.channels.models import ApiKey
from points.orders.models import Order
from tests.partner.calls import API, caller, order_body, refusal, sent


def test_a_recalled_key_is_confirmed_with_the_first_look(partner, mei):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)), 201)
    with CaptureQueriesContext(connection) as captured:
        sent(partner.post(f"{API}/orders", order_body("B", 1_000)), 201)
    about = [one["sql"] for one in captured if "channels_identify" in one["sql"]]
    assert len(about) == 1 and "orders_known" in about[0]


def test_a_key_revoked_meanwhile_is_refused_and_writes_nothing(partner, mei, noon):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)), 201)
    revoke_api_key(key_id=ApiKey.objects.get().pk, at=noon)
    refusal(partner.post(f"{API}/orders", order_body("B", 1_000)), 401, "channels.key_invalid")
    body = {"orders": [order_body("C", 1_000)]}
    refusal(partner.post(f"{API}/orders/batch", body), 401, "channels.key_invalid")
    assert [order.external_id for order in Order.objects.all()] == ["A"]


@pytest.mark.parametrize("body", ["x", {}, {"orders": 1}])
def test_a_key_revoked_meanwhile_is_told_nothing_of_its_body(partner, mei, noon, body):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)), 201)
    sent(partner.post(f"{API}/orders", order_body("B", 1_000)), 201)
    revoke_api_key(key_id=ApiKey.objects.get().pk, at=noon)
    refusal(partner.post(f"{API}/orders", body), 401, "channels.key_invalid")


def test_options_asks_who_calls(partner, mei, noon):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)), 201)
    revoke_api_key(key_id=ApiKey.objects.get().pk, at=noon)
    refusal(partner.call("OPTIONS", f"{API}/orders"), 401, "channels.key_invalid")


def test_scopes_that_changed_meanwhile_are_not_taken_from_memory(partner, mei):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000)), 201)
    ApiKey.objects.update(scopes=["orders:read"])
    refusal(partner.post(f"{API}/orders", order_body("B", 1_000)), 401, "channels.key_invalid")
    refusal(partner.post(f"{API}/orders", order_body("B", 1_000)), 403, "channels.scope_missing")


def test_under_an_idempotency_key_the_caller_is_looked_up_first(partner, mei, noon):
    sent(partner.post(f"{API}/orders", order_body("A", 1_000), idem="once"), 201)
    revoke_api_key(key_id=ApiKey.objects.get().pk, at=noon)
    again = partner.post(f"{API}/orders", order_body("A", 1_000), idem="once")
    refusal(again, 401, "channels.key_invalid")


def test_memory_is_bounded(shop, monkeypatch):
    monkeypatch.setattr(queries, "REMEMBERED_AT_MOST", 1)
    for _ in range(2):
        sent(caller(shop).get(f"{API}/ping"), 200)
    assert len(queries._remembered) == 1
