"""The catalogue in the partner API."""

from points.shop.models import Variant
from tests.partner.calls import API, refusal, sent
from tests.shop.conftest import LARGE, SIZES, SMALL
from tests.support.http import partner_client

TEA = {"title_en": "Longjing", "options": SIZES, "variants": [SMALL, LARGE], "status": "on_sale"}


def test_a_catalogue_is_kept_by_another_system(partner, shop):
    sent(partner.post(f"{API}/categories", {"code": "tea", "name_en": "Tea"}))
    made = sent(partner.post(f"{API}/products", {**TEA, "category": "tea"}))
    path = f"{API}/products/{made['id']}"
    assert sent(partner.get(path), 200) == made
    assert sent(partner.patch(path, {"title_zh": "龙井"}), 200)["title_zh"] == "龙井"
    put = {"options": SIZES, "variants": [{**SMALL, "price_cents": 4_500}]}
    assert len(sent(partner.call("PUT", f"{path}/variants", put), 200)["variants"]) == 1
    (row,) = sent(partner.get(f"{API}/products?category=tea&search=TEA-50"), 200)["items"]
    assert (row["from_cents"], row["stock"], row["category_name"]) == (4_500, 10, "Tea")
    assert sent(partner.get(f"{API}/categories"), 200)["items"][0]["on_sale_count"] == 1


def test_stock_is_moved_by_article_number_once_per_key(partner, shop):
    sent(partner.post(f"{API}/products", {"title_en": "Tin", "variants": [
        {"sku": "A/1 b", "price_cents": 100, "stock": 5}]}))  # fmt: skip
    path = f"{API}/variants/A/1%20b/stock"
    for _ in range(2):
        assert (
            sent(partner.post(path, {"delta": 7, "reason": "came in"}, idem="k"), 200)["stock"]
            == 12
        )
    assert Variant.objects.get().stock == 12
    facts = refusal(partner.post(path, {"delta": -13, "reason": "x"}), 409, "shop.stock_below_zero")
    assert facts == {"stock": 12}
    refusal(
        partner.post(f"{API}/variants/none/stock", {"set": 1, "reason": "x"}),
        404,
        "shop.variant_not_found",
    )


def test_the_same_product_with_the_same_key_is_one(partner, shop):
    first = sent(partner.post(f"{API}/products", TEA, idem="k"))
    assert sent(partner.post(f"{API}/products", TEA, idem="k"))["id"] == first["id"]
    refusal(partner.post(f"{API}/products", TEA, idem="other"), 409, "shop.sku_taken")
    assert Variant.objects.count() == 2


def test_scopes_say_who_may(shop):
    reader = partner_client(shop, "shop:read")
    assert reader.get(f"{API}/products").status == 200
    refusal(reader.post(f"{API}/products", TEA), 403, "channels.scope_missing")
    refusal(
        partner_client(shop, "mall:write").get(f"{API}/products"), 403, "channels.scope_missing"
    )


def test_a_tier_says_what_its_members_pay(partner, shop):
    given = {"member_price_rate": "0.95", "free_shipping": True}
    made = sent(partner.post(f"{API}/tiers", {"code": "gold", "threshold": 10, "benefits": given}))
    assert made["benefits"] == {
        "earn_multiplier": "1", "birthday_points": 0, "checkin_bonus_points": 0, "monthly_coupon": "",
        **given,
    }  # fmt: skip
    for wrong in ("0", "0.009", "1.01", "NaN", "0.12345"):
        change = {"benefits": {"member_price_rate": wrong}}
        refusal(partner.patch(f"{API}/tiers/gold", change), 400, "tiers.benefits_invalid")
    changed = sent(partner.patch(f"{API}/tiers/gold", {"benefits": {"free_shipping": False}}), 200)
    assert changed["benefits"]["member_price_rate"] == "0.95"
