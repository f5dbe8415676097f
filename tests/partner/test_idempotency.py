"""`Idempotency-Key`: the same key and body give the first answer, whatever it was."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from kernel.models import IdempotencyRecord
from points.ledger.models import Transaction
from tests.partner.calls import (
    API,
    balance,
    caller,
    contents,
    give,
    item,
    order_body,
    refusal,
    sent,
)

ADJUSTMENT = {"member_external_id": "mei", "points": 100, "reason": "Welcome"}


def test_the_first_answer_is_given_again_and_nothing_happens_twice(partner, mei, shop):
    first = partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1")
    before = contents(shop)
    again = partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1")
    assert (first.status, again.status, again.raw) == (201, 201, first.raw)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert contents(shop) == before
    assert balance(partner, mei) == (100, 0, 0, 0)


def test_another_body_under_the_same_key_is_422(partner, mei, shop):
    sent(partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1"))
    before = contents(shop)
    other = {**ADJUSTMENT, "points": 101}
    refusal(
        partner.post(f"{API}/adjustments", other, idem="k-1"), 422, "api.idempotency_key_reused"
    )
    assert contents(shop) == before


def test_a_refusal_is_remembered_too(partner, mei, shop):
    spend = {**ADJUSTMENT, "points": -50}
    first = partner.post(f"{API}/adjustments", spend, idem="k-1")
    refusal(first, 409, "ledger.insufficient_points")
    give(partner, 500)
    again = partner.post(f"{API}/adjustments", spend, idem="k-1")
    assert (again.status, again.raw) == (409, first.raw)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sent(partner.post(f"{API}/adjustments", spend, idem="k-2"))["points"]["available"] == 450


def test_a_body_that_could_not_be_read_does_not_use_the_key_up(partner, mei):
    broken = partner.call("POST", f"{API}/adjustments", raw=b"{", idem="k-1")
    refusal(broken, 400, "api.invalid_json")
    sent(partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1"))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("adjustments", ADJUSTMENT),
        ("holds", {"member_external_id": "mei", "points": 1, "reference": "r"}),
        (
            "redemptions",
            {"member_external_id": "mei", "mall_item_id": "01a20077-438c-767c-86e5-9c0bfbe1af05"},
        ),
    ],
)
def test_calls_that_move_value_need_a_key(partner, mei, shop, path, body):
    give(partner, 500)
    before = contents(shop)
    for key in (None, ""):
        answer = partner.post(f"{API}/{path}", body, idem=key)
        refusal(answer, 400, "api.idempotency_key_required")
    for key in ("k" * 256, "schlüssel", "a\x7fb"):
        answer = partner.post(f"{API}/{path}", body, idem=key)
        refusal(answer, 400, "api.idempotency_key_invalid")
    assert contents(shop) == before
    assert not IdempotencyRecord.objects.filter(key__startswith="k").exists()


def test_a_key_is_welcome_everywhere_else(partner, mei, shop):
    mug = {"kind": "goods", "title": "Mug", "price_points": 80}
    for path, body in (
        ("orders", order_body()), ("members", {"external_id": "lin"}), ("mall-items", mug),
        ("funding-sources", {"code": "x", "name": "X"}),
    ):  # fmt: skip
        first = partner.post(f"{API}/{path}", body, idem="same")
        again = partner.post(f"{API}/{path}", body, idem="same")
        assert (first.status, again.status, again.raw) == (201, 201, first.raw), path
        assert again.headers["Idempotent-Replayed"] == "true"
    assert sent(partner.post(f"{API}/orders", order_body()), 200)["points"]["earned"] == 110


def test_one_key_at_two_places_is_two_keys(partner, mei, shop):
    """Scope: merchant, credential and endpoint with its path."""
    give(partner, 500)
    mug = item(partner)
    body = {"member_external_id": "mei", "mall_item_id": mug["id"]}
    first, second = (sent(partner.post(f"{API}/redemptions", body, idem=k))["id"] for k in "ab")
    for one in (first, second):
        done = partner.post(f"{API}/redemptions/{one}/cancellation", {}, idem="a")
        assert sent(done, 200)["id"] == one
    assert balance(partner, mei) == (500, 0, 0, 0)


def test_one_key_of_two_credentials_is_two_keys(partner, mei, shop):
    other = caller(shop)
    for api in (partner, other):
        sent(api.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1"))
    assert balance(partner, mei) == (200, 0, 0, 0)


def test_a_redemption_is_replayed_after_the_item_is_gone(partner, mei):
    give(partner, 500)
    mug = item(partner, stock=1)
    body = {"member_external_id": "mei", "mall_item_id": mug["id"]}
    first = partner.post(f"{API}/redemptions", body, idem="k-1")
    assert sent(first)["points"] == 80
    assert partner.post(f"{API}/redemptions", body, idem="k-1").raw == first.raw
    refusal(partner.post(f"{API}/redemptions", body, idem="k-2"), 409, "redemption.out_of_stock")
    assert Transaction.objects.filter(kind="spend").count() == 1


def test_a_very_long_path_keeps_its_own_scope(partner, mei, shop):
    """Two paths that agree in their first 200 characters are two places."""
    for tail in "ab":
        made = order_body("x" * 119 + tail, status="paid", completed_at=None)
        sent(partner.post(f"{API}/orders", {**made, "channel": "c"}))
    done = {"completed_at": "2026-03-01T12:00:00+08:00"}
    for tail in "ab":
        path = f"{API}/orders/{'x' * 119}{tail}/completion"
        answer = sent(partner.post(path, done, idem="k"), 200)
        assert answer["external_id"].endswith(tail)


def test_records_are_kept_for_thirty_days(partner, mei, shop, it_is_noon):
    sent(partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1"))
    it_is_noon.shift(timedelta(days=29))
    again = partner.post(f"{API}/adjustments", ADJUSTMENT, idem="k-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    with tenant_context(shop):
        assert IdempotencyRecord.objects.count() == 1
