"""The tea shop and the toy shop hold the same names and even the same ids; neither sees the other."""

import re
import uuid

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from kernel.api.openapi import document
from points.channels.models import ApiKey
from points.flows.member_joined import join_member
from points.interfaces.partner.urls import urlpatterns
from points.jobs.actions import Asker, ask_for_job
from points.ledger.models import Posting, Transaction, Wallet
from points.members.models import Member
from points.orders.models import Order
from points.redemption.models import MallItem
from tests.partner.calls import (
    API,
    AT,
    caller,
    contents,
    give,
    item,
    order_body,
    refund_body,
    refusal,
    sent,
)
from tests.support.shop_orders import paid_order

CANARY = "canary-Oolong-7f3a"
NOBODY = "01a20077-438c-767c-86e5-9c0bfbe1af05"


@pytest.fixture
def tea_api(tea):
    return caller(tea)


@pytest.fixture
def toys_api(toys):
    return caller(toys)


@pytest.fixture
def lived_in(tea, tea_api, noon):
    """The tea shop after a day: one of everything, each with a canary in it. Its ids by parameter."""
    made = sent(
        tea_api.post(
            f"{API}/members",
            {
                "external_id": CANARY, "name": CANARY, "phone": "13800000777",
                "email": f"{CANARY}@example.com", "tags": [CANARY],
            },
        )
    )  # fmt: skip
    who = {"member_external_id": CANARY}
    given = give(tea_api, 10_000, member=CANARY, reason=CANARY)
    line = [
        {
            "external_id": CANARY,
            "sku": CANARY,
            "category": CANARY,
            "quantity": 1,
            "amount_cents": 900,
        }
    ]
    told = order_body(CANARY, **who, channel=CANARY, lines=line)
    sent(tea_api.post(f"{API}/orders", told))
    sent(tea_api.post(f"{API}/orders/{CANARY}/refunds", refund_body(CANARY, 100)))
    mug = item(tea_api, title=CANARY, description_en=CANARY)["id"]
    held = sent(
        tea_api.post(f"{API}/holds", {**who, "points": 5, "reference": CANARY}, idem="same")
    )
    bought = sent(tea_api.post(f"{API}/redemptions", {**who, "mall_item_id": mug}, idem="same"))
    payer = {"code": CANARY.lower(), "name": CANARY}
    sent(tea_api.post(f"{API}/funding-sources", payer))
    linked = sent(
        tea_api.post(
            f"{API}/members/{made['id']}/identities", {"channel": "pos", "external_id": CANARY}
        )
    )
    field = {"code": "taste", "kind": "text", "name_en": CANARY}
    sent(tea_api.post(f"{API}/member-fields", field))
    sent(tea_api.patch(f"{API}/members/{made['id']}", {"custom": {"taste": CANARY}}), 200)
    tier = {"code": CANARY.lower(), "name": CANARY, "threshold": 0}
    sent(tea_api.post(f"{API}/tiers", tier))
    sent(tea_api.patch(f"{API}/program", {"earning": {"excluded_categories": [CANARY]}}), 200)
    source, rule = payer["code"], f"rule-{payer['code']}"
    bonus = {
        "code": rule, "name": CANARY, "trigger": f"custom:{source}", "funding_source": source,
        "reward": {"kind": "fixed", "points": 1}, "status": "published",
        "task": {"title_zh": CANARY, "title_en": CANARY, "claim": "member"},
    }  # fmt: skip
    sent(tea_api.post(f"{API}/earning-rules", bonus))
    happened = {**who, "id": CANARY, "type": f"custom:{source}", "properties": {CANARY: CANARY}}
    sent(tea_api.post(f"{API}/events", {**happened, "occurred_at": AT}))
    longer = {"until": "2199-01-01", "reason": CANARY}
    extended = sent(tea_api.post(f"{API}/expiry-extensions", longer))
    back = {"external_id": CANARY, "charged_back_at": AT}
    sent(tea_api.post(f"{API}/orders/{CANARY}/chargebacks", back))
    tagged = {"in": [CANARY, {"var": "member.tags"}]}
    segment = {"code": source, "name": CANARY, "condition": tagged}
    sent(tea_api.post(f"{API}/segments", segment))
    hook = {"url": f"https://127.0.0.1/{CANARY}", "description": CANARY}
    receiver = sent(tea_api.post(f"{API}/webhook-endpoints", hook))["id"]
    tested = sent(tea_api.post(f"{API}/webhook-endpoints/{receiver}/test-events", {}), 202)
    tried = sent(tea_api.post(f"{API}/backtests", {"days": 1}), 202)
    sent(tea_api.post(f"{API}/categories", {"code": source, "name_en": CANARY}))
    tin = {"sku": CANARY, "price_cents": 900, "stock": 5}
    product = {"title_en": CANARY, "category": source, "status": "on_sale", "variants": [tin]}
    shown = sent(tea_api.post(f"{API}/products", product))
    sold = shown["variants"][0]["id"]
    rows = [{"external_id": CANARY, "name": CANARY}]
    brought = sent(tea_api.post(f"{API}/imports", {"name": CANARY, "rows": rows}))["id"]
    free = {"code": source, "kind": "free_shipping", "name_en": CANARY, "status": "active"}
    sent(tea_api.post(f"{API}/coupon-templates", free))
    ticket = sent(tea_api.post(f"{API}/coupons", {**who, "template": source, "source_id": CANARY}))
    sent(tea_api.patch(f"{API}/program", {"cash": {"enabled": True}}), 200)
    split = {
        "title_zh": CANARY,
        "total_cents": 9,
        "shares_count": 3,
        "ends_at": "2199-01-01T00:00:00Z",
    }
    packet = sent(tea_api.post(f"{API}/red-packets", split))["id"]
    gift = {**who, "external_id": CANARY, "amount_cents": 900, "note": CANARY}
    sent(tea_api.post(f"{API}/cash-grants", gift))
    out = {**who, "amount_cents": 100, "payee_name": CANARY, "payee_account": CANARY}
    leaving = sent(tea_api.post(f"{API}/withdrawals", out, idem="new"))["id"]
    with tenant_context(tea):
        bought_in_shop = paid_order(
            member=uuid.UUID(made["id"]), variant=uuid.UUID(sold), at=noon, note=CANARY
        )
        job = ask_for_job(kind=CANARY, input={}, by=Asker(CANARY, CANARY), at=noon)
    return {
        "job_id": job.pk, "import_id": brought, "backtest_id": tried["id"],
        "endpoint_id": receiver, "delivery_id": tested["id"],
        "member_id": made["id"], "external_id": CANARY, "hold_id": held["id"], "item_id": mug,
        "redemption_id": bought["id"], "identity_id": linked["id"], "field_code": "taste",
        "rule_code": rule, "event_id": CANARY,
        "source_code": source, "tier_code": source, "adjustment_id": given["adjustment_id"],
        "packet_id": packet, "withdrawal_id": leaving,
        "extension_id": extended["id"], "chargeback_id": CANARY, "segment_code": source,
        "product_id": shown["id"], "sku": CANARY, **bought_in_shop,
        "template_code": source, "coupon_code": ticket["code"],
    }  # fmt: skip


def operations():
    described = document(title="t", description="d", prefix="", patterns=urlpatterns, security={})
    return [
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    ]


EVERY = operations()
# Bodies that the path's own shop would accept, for operations on something that exists.
BODIES = {
    "members/{member_id}": {"name": "x"},
    "members/{member_id}/identities": {"channel": "pos", "external_id": "x"},
    "members/{member_id}/merge": {"into": NOBODY},
    "orders/{external_id}/completion": {"completed_at": AT},
    "orders/{external_id}/refunds": refund_body("R", 1),
    "orders/{external_id}/refund-quotes": {"amount_cents": 1},
    "orders/{external_id}/exchanges": {
        "external_id": "X",
        "exchanged_at": AT,
        "returned": [{"external_id": "1", "quantity": 1, "amount_cents": 1}],
        "replacements": [{"external_id": "2", "quantity": 1, "amount_cents": 1}],
    },
    "orders/{external_id}/chargebacks": {"external_id": "CB", "charged_back_at": AT},
    "orders/{external_id}/chargebacks/{chargeback_id}/reversal": {"reversed_at": AT},
    "mall-items/{item_id}": {"price_points": 1},
    "products/{product_id}": {"title_en": "x"},
    "products/{product_id}/variants": {"variants": [{"sku": "x", "price_cents": 1}]},
    "variants/{sku}/stock": {"delta": 1, "reason": "x"},
    "tiers/{tier_code}": {"threshold": 1},
    "members/{member_id}/tier": {"tier": "x", "until": AT, "reason": "x"},
    "members/{member_id}/tier/release": {"reason": "x"},
    "segments/{segment_code}": {"name": "x"},
    "coupons/{coupon_code}/lock": {"reference": "x"},
    "coupons/{coupon_code}/use": {"reference": "x", "discount_cents": 1},
    "coupons/{coupon_code}/release": {"reference": "x"},
    "coupons/{coupon_code}/return": {"reference": "x"},
    "webhook-endpoints/{endpoint_id}/replays": {"since": AT},
    "imports/{import_id}/rows": {"rows": [{"external_id": "x"}]},
    "imports/{import_id}/commit": {
        "totals": dict.fromkeys(
            ("rows", "members_new", "members_known", "points", "growth", "cost_cents"), 0
        )
    },
    "mall-items/{item_id}/gift-codes": {"codes": ["X"]},
    "shop-orders/{order_id}/refunds": {"lines": [{"position": 1, "quantity": 1}]},
    "shop-refunds/{refund_id}/rejection": {"note": "x"},
    "red-packets/{packet_id}/shares": {"member_external_id": "tao"},
    "withdrawals/{withdrawal_id}/payment": {"reference": "x"},
}


def filled(path, ids):
    return re.sub(r"{(\w+)}", lambda name: str(ids[name[1]]), path)


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_key_of_one_shop_is_no_key_at_the_other(tea, toys, tea_api, toys_api, method, path):
    before = contents(toys)
    toys_api.headers = tea_api.headers
    nowhere = re.sub(r"{\w+}", NOBODY, path)
    answer = toys_api.call(method, f"{API}/{nowhere}", BODIES.get(path, {}), idem="new")
    refusal(answer, 401, "channels.key_invalid")
    assert contents(toys) == before


def test_ids_of_one_shop_are_unknown_at_the_other(lived_in, tea, toys, toys_api):
    tea_before, toys_before = contents(tea), contents(toys)
    asked = 0
    for method, path in EVERY:
        if "{" in path:
            url = f"{API}/{filled(path, lived_in)}"
            answer = toys_api.call(method, url, BODIES.get(path, {}), idem="new")
            assert answer.status == 404 and answer.code.endswith("not_found"), (
                method,
                path,
                answer,
            )
            assert CANARY not in answer.raw.decode()
            asked += 1
    assert asked >= 15
    assert (contents(tea), contents(toys)) == (tea_before, toys_before)


def test_things_of_one_shop_cannot_be_used_in_bodies_at_the_other(lived_in, tea, toys, toys_api):
    """A member, an item, a hold or a payer of the tea shop named in a call to the toy shop."""
    sent(toys_api.post(f"{API}/members", {"external_id": "tao"}))
    give(toys_api, 1_000, member="tao")
    mug = item(toys_api)["id"]
    before = contents(tea), contents(toys)
    dollars = {"currency": "USD", "member_external_id": "tao"}
    by_id = {k: v for k, v in order_body("X", currency="USD").items() if k != "member_external_id"}
    for path, body, code in (
        ("orders", order_body("X", currency="USD", member_external_id=CANARY), "members.not_found"),
        ("orders", {**by_id, "member_id": lived_in["member_id"]}, "members.not_found"),
        ("orders", order_body("X", **dollars, hold_id=lived_in["hold_id"]), "ledger.hold_not_found"),
        ("quotes", {"member_external_id": CANARY, "amount_cents": 1}, "members.not_found"),
        ("holds", {"member_external_id": CANARY, "points": 1, "reference": "r"}, "members.not_found"),
        ("adjustments", {"member_external_id": CANARY, "points": 1, "reason": "r"}, "members.not_found"),
        (
            "adjustments",
            {"member_external_id": "tao", "points": 1, "reason": "r", "funding_source": CANARY.lower()},
            "ledger.funding_source_not_found",
        ),
        (
            "redemptions", {"member_external_id": "tao", "mall_item_id": lived_in["item_id"]},
            "redemption.item_not_found",
        ),
        ("redemptions", {"member_external_id": CANARY, "mall_item_id": mug}, "members.not_found"),
    ):  # fmt: skip
        refusal(toys_api.post(f"{API}/{path}", body, idem="new"), 404, code)
    assert (contents(tea), contents(toys)) == before


def test_no_canary_of_one_shop_appears_in_anything_the_other_can_read(lived_in, tea_api, toys_api):
    seen, blind = [], []
    asks_for_more = ("test-clock", "check-ins", "tasks")
    lists = [
        path for method, path in EVERY
        if method == "GET" and "{" not in path and path not in asks_for_more
    ]  # fmt: skip
    searches = [f"members?{name}={CANARY}" for name in ("external_id", "tag", "email")]
    searches += [f"{name}?member_external_id={CANARY}" for name in ("check-ins", "tasks")]
    for path in [*lists, *searches, "members?phone=13800000777", "reports/points?by=funding_source",
                 f"orders/{CANARY}?channel={CANARY}", f"orders/{CANARY}/explanation"]:  # fmt: skip
        own, other = tea_api.get(f"{API}/{path}"), toys_api.get(f"{API}/{path}")
        assert other.status in (200, 404), (path, other)
        seen.append(CANARY.lower() in own.raw.decode().lower())
        blind.append(CANARY.lower() not in other.raw.decode().lower())
    assert all(blind)
    assert sum(seen) >= 8  # or the test would not look where the canaries are


def test_lists_of_a_shop_are_its_own(lived_in, tea_api, toys_api):
    for path in ("members", "mall-items"):
        assert len(sent(tea_api.get(f"{API}/{path}"), 200)["items"]) == 1
        assert sent(toys_api.get(f"{API}/{path}"), 200)["items"] == []
    payers = sent(toys_api.get(f"{API}/funding-sources"), 200)["items"]
    assert [p["code"] for p in payers] == ["merchant"]
    report = sent(toys_api.get(f"{API}/reports/points?from=2026-01-01&to=2026-12-31"), 200)
    assert (report["issued_points"], report["outstanding_points"], report["items"]) == (0, 0, [])


def test_equal_numbers_at_both_shops_are_two_members_and_two_orders(tea_api, toys_api, tea, toys):
    """External ids, phones, natural keys and idempotency keys do not meet across shops."""
    ids = []
    for api, currency, cents in ((tea_api, "CNY", 1_000), (toys_api, "USD", 2_000)):
        body = {"external_id": "mei", "phone": "13800000001", "email": "mei@example.com"}
        ids.append(sent(api.post(f"{API}/members", body, idem="same"))["id"])
        made = sent(
            api.post(f"{API}/orders", order_body("O-1", cents, currency=currency), idem="same")
        )
        assert made["points"]["earned"] == cents // 100
        points = {"member_external_id": "mei", "points": 7, "reason": "gift"}
        sent(api.post(f"{API}/adjustments", points, idem="same"))
        done = sent(api.post(f"{API}/orders/O-1/refunds", refund_body("R-1", 100), idem="same"))
        assert done["points"]["clawed_back"] == 1
    assert ids[0] != ids[1]
    for api, member, available in zip((tea_api, toys_api), ids, (16, 26), strict=True):
        read = sent(api.get(f"{API}/members/{member}"), 200)
        assert read["points"]["available"] == available
    with tenant_context(tea):
        assert Order.objects.get().goods_cents == 1_000
    with tenant_context(toys):
        assert Order.objects.get().goods_cents == 2_000


def test_even_equal_primary_keys_are_two_rows(tea, toys, tea_api, toys_api, noon):
    """Ids never repeat by themselves; a restored or copied shop may have them all the same."""
    with tenant_context(tea):
        mei = join_member(external_id="mei", name="Mei", at=noon)
        mug = MallItem.objects.create(kind="goods", title_en="Mug", price_points=5, created_at=noon)
    with tenant_context(toys):
        Member.objects.create(pk=mei.pk, external_id="tao", name="Tao", joined_at=noon)
        MallItem.objects.create(
            pk=mug.pk, kind="goods", title_en="Robot", price_points=50, created_at=noon
        )
    give(tea_api, 100)
    give(toys_api, 900, member="tao")
    bought = sent(
        tea_api.post(
            f"{API}/redemptions",
            {"member_external_id": "mei", "mall_item_id": str(mug.pk)},
            idem="k",
        )
    )

    for api, name, points, title in ((tea_api, "Mei", 95, "Mug"), (toys_api, "Tao", 900, "Robot")):
        member = sent(api.get(f"{API}/members/{mei.pk}"), 200)
        assert (member["name"], member["points"]["available"]) == (name, points)
        assert sent(api.get(f"{API}/mall-items/{mug.pk}"), 200)["title"] == title
    refusal(toys_api.get(f"{API}/redemptions/{bought['id']}"), 404, "redemption.not_found")
    rows = sent(toys_api.get(f"{API}/members/{mei.pk}/transactions"), 200)["items"]
    assert [row["amount"] for row in rows] == [900]
    with tenant_context(toys):
        assert Wallet.objects.count() == 1
        assert Transaction.objects.count() == 1
        assert Posting.objects.count() == 2


def test_keys_live_in_the_shop_they_were_made_in(tea, toys, tea_api, toys_api):
    with tenant_context(tea):
        tea_keys = set(ApiKey.objects.values_list("prefix", flat=True))
    with tenant_context(toys):
        assert not tea_keys & set(ApiKey.objects.values_list("prefix", flat=True))
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('public.channels_apikey')")
        assert cursor.fetchone() == (None,)


def test_the_same_key_text_at_both_shops_is_two_credentials(tea, toys, tea_api, toys_api, noon):
    """Should two shops ever hold the same key, each opens its own shop only."""
    with tenant_context(tea):
        row = ApiKey.objects.latest("created_at")
    with tenant_context(toys):
        ApiKey.objects.create(
            name="twin", prefix=row.prefix, key_hash=row.key_hash, scopes=["members:read"],
            created_at=noon,
        )  # fmt: skip
    toys_api.headers = tea_api.headers
    sent(tea_api.post(f"{API}/members", {"external_id": "mei"}))
    assert sent(toys_api.get(f"{API}/members"), 200)["items"] == []
    body = {"external_id": "mei"}
    refusal(toys_api.post(f"{API}/members", body), 403, "channels.scope_missing")


def test_nothing_of_a_call_stays_on_the_connection(lived_in, tea, tea_api, toys_api):
    """Alternating calls on one connection: each is answered from its own shop."""
    for _ in range(5):
        assert len(sent(tea_api.get(f"{API}/members"), 200)["items"]) == 1
        assert sent(toys_api.get(f"{API}/members"), 200)["items"] == []
        refusal(toys_api.get(f"{API}/members/{lived_in['member_id']}"), 404, "members.not_found")


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Host"])
def test_only_the_host_header_names_the_shop(lived_in, toys_api, header):
    toys_api.headers = {**toys_api.headers, header: "tea.localhost"}
    assert sent(toys_api.get(f"{API}/members"), 200)["items"] == []
