"""The shop in the console: products, stock, categories, pictures."""

import csv
from io import StringIO

import pytest
from django_tenants.utils import tenant_context

from points.audit.models import AuditEntry
from points.shop.models import Product, Variant
from tests.console.conftest import API
from tests.media.test_pictures import file_of
from tests.shop.conftest import LARGE, SIZES, SMALL

TEA = {
    "title_zh": "龙井", "title_en": "Longjing", "status": "on_sale", "options": SIZES,
    "variants": [SMALL, LARGE],
}  # fmt: skip


@pytest.fixture
def tea_leaves(console):
    answer = console.post(f"{API}/products", TEA)
    assert answer.status == 201, answer
    return answer.json


def notes(tea):
    with tenant_context(tea):
        return [(one.action, one.before, one.after) for one in AuditEntry.objects.order_by("pk")]


def test_a_product_is_made_read_and_changed(console, tea, tea_leaves):
    assert [one["label"] for one in tea_leaves["variants"]] == ["Small", "Large"]
    path = f"{API}/products/{tea_leaves['id']}"
    assert console.get(path).json == tea_leaves
    console.post(f"{API}/shop-categories", {"code": "tea", "name_en": "Tea"})

    changed = console.patch(path, {"category": "tea", "takes_points": False})

    assert (changed.json["category"], changed.json["takes_points"]) == ("tea", False)
    action, before, after = notes(tea)[-1]
    assert action == "product.changed"
    assert (before, after) == (
        {"category": None, "takes_points": True}, {"category": "tea", "takes_points": False},
    )  # fmt: skip
    assert console.patch(path, {}).json == changed.json
    assert [note[0] for note in notes(tea)].count("product.changed") == 1


def test_variants_are_replaced(console, tea, tea_leaves):
    path = f"{API}/products/{tea_leaves['id']}/variants"
    dearer = {**SMALL, "price_cents": 6_000, "stock": 500}
    answer = console.put(path, {"options": SIZES, "variants": [dearer]})
    (kept,) = answer.json["variants"]
    assert (kept["price_cents"], kept["stock"]) == (6_000, 10)
    assert kept["id"] == tea_leaves["variants"][0]["id"]
    assert notes(tea)[-1][0] == "product.variants_changed"
    for body, code in (
        ({"options": SIZES, "variants": [{**SMALL, "choice": [2]}]}, "shop.options_invalid"),
        ({"options": SIZES, "variants": []}, "api.invalid_body"),
        ({"options": [], "variants": [SMALL]}, "shop.options_invalid"),
        ({"variants": [{"sku": "A", "price_cents": 5, "compare_at_cents": 5}]}, "api.invalid_body"),
        ({"variants": [{"sku": "A", "price_cents": -1}]}, "api.invalid_body"),
    ):
        assert console.put(path, body).code == code
    assert console.get(f"{API}/products/{tea_leaves['id']}").json == answer.json


def test_stock_is_changed_with_a_reason(console, tea, tea_leaves):
    path = f"{API}/variants/{tea_leaves['variants'][0]['id']}/stock"
    assert console.post(path, {"delta": -3, "reason": "Broken"}).json["stock"] == 7
    assert console.post(path, {"set": 40, "reason": "Counted"}).json["stock"] == 40
    assert [note[1:] for note in notes(tea)[-2:]] == [
        ({"stock": 10}, {"sku": "TEA-50", "stock": 7, "reason": "Broken"}),
        ({"stock": 7}, {"sku": "TEA-50", "stock": 40, "reason": "Counted"}),
    ]
    refused = console.post(path, {"delta": -41, "reason": "x"})
    assert (refused.code, refused.json["facts"]) == ("shop.stock_below_zero", {"stock": 40})
    assert console.post(path, {"set": None, "reason": "Endless"}).json["stock"] is None
    assert console.post(path, {"delta": 1, "reason": "x"}).code == "shop.stock_uncounted"
    for body in ({"reason": "x"}, {"set": 1, "delta": 1, "reason": "x"}, {"set": 1, "reason": " "}):
        assert console.post(path, body).code == "api.invalid_body"


def test_several_are_paused_at_once(console, tea, tea_leaves):
    other = console.post(
        f"{API}/products", {"title_en": "Cup", "variants": [{"sku": "CUP", "price_cents": 1}]}
    )
    ids = [tea_leaves["id"], other.json["id"]]
    path = f"{API}/product-statuses"
    assert console.post(path, {"product_ids": ids, "status": "paused"}).json == {"changed": 2}
    assert console.post(path, {"product_ids": ids, "status": "paused"}).json == {"changed": 0}
    wrong = console.post(path, {"product_ids": [*ids, "x"], "status": "on_sale"})
    assert wrong.code == "shop.product_not_found"
    with tenant_context(tea):
        assert set(Product.objects.values_list("status", flat=True)) == {"paused"}
    found = console.get(f"{API}/products?status=paused&search=cup").json["items"]
    assert [one["title"] for one in found] == ["Cup"]
    assert [note[0] for note in notes(tea)].count("product.statuses_changed") == 1


def test_categories_come_and_go(console, tea, tea_leaves):
    path = f"{API}/shop-categories"
    assert console.post(path, {"code": "tea", "name_zh": "茶"}).json["name"] == "茶"
    assert console.post(path, {"code": "tea"}).code == "shop.category_code_taken"
    (row,) = console.patch(f"{path}/tea", {"name_en": "Tea"}).json["items"]
    assert (row["name"], row["on_sale_count"]) == ("Tea", 0)
    assert console.call("DELETE", f"{path}/tea").status == 204
    assert console.get(path).json["items"] == []
    assert console.call("DELETE", f"{path}/tea").code == "shop.category_not_found"


def test_the_file_has_a_row_for_each_variant(console, tea_leaves):
    console.post(
        f"{API}/products", {"title_en": "=1+1", "variants": [{"sku": "@A", "price_cents": 5}]}
    )
    answer = console.get(f"{API}/products.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.raw.decode("utf-8-sig"))))
    assert [(r["Article number"], r["Price"], r["Stock"], r["Variant"]) for r in rows] == [
        ("'@A", "0.05", "", ""), ("TEA-50", "50.00", "10", "Small"), ("TEA-100", "90.00", "3", "Large"),
    ]  # fmt: skip
    assert rows[0]["Title (English)"] == "'=1+1"


def test_a_picture_is_uploaded_shown_and_deleted(console, tea, tea_leaves):
    made = console.upload(f"{API}/pictures", file_of(), name="tin.jpg")
    assert made.status == 201 and made.json["file_name"] == "tin.jpg"
    assert console.upload(f"{API}/pictures", file_of(), name="again.jpg").json == made.json
    assert console.get(f"{API}/pictures").json["items"] == [made.json]
    product = f"{API}/products/{tea_leaves['id']}"
    shown = console.patch(product, {"pictures": [made.json["id"]]}).json
    assert shown["pictures"] == [{"id": made.json["id"], "url": made.json["url"]}]
    path = f"{API}/pictures/{made.json['id']}"
    assert console.call("DELETE", path).code == "media.picture_in_use"
    console.patch(product, {"pictures": []})
    assert console.call("DELETE", path).status == 204
    assert console.call("DELETE", path).code == "media.picture_not_found"
    actions = [note[0] for note in notes(tea)]
    assert (actions.count("picture.added"), actions.count("picture.removed")) == (1, 1)


def test_an_item_of_the_mall_may_show_a_picture_of_the_shops_own(console):
    made = console.upload(f"{API}/pictures", file_of()).json
    item = {"kind": "goods", "title_en": "Mug", "price_points": 5, "image": made["url"]}
    assert console.post(f"{API}/mall-items", item).json["image"] == made["url"]
    gone = {**item, "image": made["url"].replace(made["id"][:8], "00000000")}
    assert console.post(f"{API}/mall-items", gone).code == "media.picture_not_found"


@pytest.mark.parametrize(
    ("contents", "status", "code"),
    [
        (b"<svg/>", 415, "media.not_a_picture"),
        (b"", 415, "media.not_a_picture"),
        (bytes(8 * 1024 * 1024 + 1), 413, "api.too_large"),
    ],
)
def test_what_is_no_picture_is_refused(console, contents, status, code):
    answer = console.upload(f"{API}/pictures", contents)
    assert (answer.status, answer.code) == (status, code)


def test_an_upload_is_one_file_of_a_form(console):
    path = f"{API}/pictures"
    assert console.upload(path, file_of(), field="image").code == "api.file_missing"
    assert console.post(path, {"file": "x"}).code == "api.unsupported_media_type"
    headers = {"Host": console.host, **console.headers}
    broken = console.client.generic(
        "POST", path, b"--x", content_type="multipart/form-data; boundary=", headers=headers
    )
    assert (broken.status_code, broken.json()["code"]) == (400, "api.file_missing")


def test_support_looks_and_does_not_touch(console_as, tea_leaves, tea):
    support = console_as("support")
    assert support.get(f"{API}/products").status == 200
    assert support.upload(f"{API}/pictures", file_of()).code == "console.permission_missing"
    body = {"set": 1, "reason": "x"}
    path = f"{API}/variants/{tea_leaves['variants'][0]['id']}/stock"
    assert support.post(path, body).status == 403
    with tenant_context(tea):
        assert Variant.objects.get(sku="TEA-50").stock == 10
