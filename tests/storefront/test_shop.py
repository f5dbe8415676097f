"""The shop, the cart and addresses as members and visitors have them."""

from io import BytesIO

import pytest

from points.media.actions import add_picture
from points.program.actions import change_program
from points.shop.actions import change_product, create_category, create_product, take_stock
from points.shop.models import Variant
from points.tiers.actions import change_tier, create_tier
from tests.media.test_pictures import file_of
from tests.shop.conftest import LARGE, SIZES, SMALL

ADDRESS = {"name": "Mei", "phone": "13800000001", "region": "Shanghai", "line": "1 Tea Road"}
NOBODY = "01a20095-a26e-7222-9f07-1eebdb2f2480"


@pytest.fixture
def leaves(shop, noon):
    """Longjing in two sizes, with a picture, and Mei's tier pays 95 %."""
    create_category(fields={"code": "tea", "name_zh": "茶叶", "name_en": "Tea"})
    create_category(fields={"code": "empty", "name_en": "Empty"})
    picture = add_picture(raw=file_of(), at=noon)
    return create_product(
        fields={
            "title_zh": "龙井", "title_en": "Longjing", "description_en": "Picked before the rains.",
            "category": "tea", "status": "on_sale", "options": SIZES, "pictures": [str(picture.pk)],
        },
        variants=[SMALL, {**LARGE, "compare_at_cents": 9_900}], at=noon,
    )  # fmt: skip


@pytest.fixture
def cheaper(shop, noon):
    """Everybody is on a tier that pays 95 %."""
    change_program(changes={"tiers": {"is_on": True}}, at=noon)
    create_tier(
        fields={
            "code": "all", "name_en": "All", "threshold": 0,
            "benefits": {"member_price_rate": "0.95", "free_shipping": True},
        },
        at=noon,
    )  # fmt: skip


def sku(name):
    return str(Variant.objects.get(sku=name).pk)


def put(browser, name, quantity):
    return browser.put(f"/cart/lines/{sku(name)}", {"quantity": quantity})


def test_visitors_see_list_prices_and_members_theirs(visitor, mei_browser, leaves, cheaper):
    (card,) = visitor.get("/products").json["items"]
    assert card == {
        **card, "title": "Longjing", "from_cents": 5_000, "to_cents": 9_000,
        "member_from_cents": None, "compare_at_cents": 9_900, "is_sold_out": False,
    }  # fmt: skip
    assert visitor.open(card["picture"]).headers["Content-Type"] == "image/webp"
    assert mei_browser.get("/products").json["items"][0]["member_from_cents"] == 4_750
    page = mei_browser.get(f"/products/{leaves.pk}").json
    assert [one["member_price_cents"] for one in page["variants"]] == [4_750, 8_550]
    assert page["options"] == [{"name": "Size", "values": ["Small", "Large"]}]
    assert page["variants"][1]["stock_left"] == 3 and page["category"] == "Tea"
    change_product(product_id=leaves.pk, changes={"has_member_price": False})
    assert mei_browser.get("/products").json["items"][0]["member_from_cents"] is None


def test_the_page_speaks_the_readers_language(shop, visitor, leaves):
    page = visitor.get(f"/products/{leaves.pk}", Accept_Language="zh-hans").json
    assert (page["title"], page["category"]) == ("龙井", "茶叶")
    assert page["options"][0]["values"] == ["小", "大"]


def test_shelves_search_and_drafts(visitor, leaves):
    assert visitor.get("/shop-categories").json["items"] == [{"code": "tea", "name": "Tea"}]
    for found, query in (
        (1, "search=long"),
        (0, "search=cup"),
        (1, "category=tea"),
        (0, "category=x"),
    ):
        assert len(visitor.get(f"/products?{query}").json["items"]) == found, query
    assert visitor.get("/products?sort=cheap").status == 400
    assert visitor.get("/products?cursor=e30").code == "api.invalid_cursor"
    change_product(product_id=leaves.pk, changes={"status": "paused"})
    assert visitor.get("/products").json["items"] == []
    assert visitor.get(f"/products/{leaves.pk}").json["is_on_sale"] is False
    change_product(product_id=leaves.pk, changes={"status": "draft"})
    for wrong in (leaves.pk, NOBODY, "x"):
        assert visitor.get(f"/products/{wrong}").code == "shop.product_not_found"


def test_a_list_takes_few_queries(
    visitor, mei_browser, leaves, cheaper, django_assert_max_num_queries
):
    visitor.warm_up()
    mei_browser.warm_up()
    with django_assert_max_num_queries(2):
        visitor.get("/products")
    with django_assert_max_num_queries(5):
        mei_browser.get("/products")
    put(mei_browser, "TEA-50", 1)
    with django_assert_max_num_queries(5):
        mei_browser.get("/cart")


def test_a_cart_tells_what_it_costs_and_what_is_wrong(mei_browser, leaves, cheaper, noon):
    put(mei_browser, "TEA-50", 2)
    cart = put(mei_browser, "TEA-100", 3).json
    assert (cart["list_cents"], cart["saved_cents"], cart["total_cents"]) == (37_000, 1_850, 35_150)
    take_stock(items={Variant.objects.get(sku="TEA-100").pk: 1}, at=noon)
    cart = mei_browser.get("/cart").json
    by_label = {line["label"]: line for line in cart["lines"]}
    assert (by_label["Large"]["state"], by_label["Large"]["left"]) == ("too_few", 2)
    assert (cart["total_cents"], cart["pieces"], cart["can_check_out"]) == (9_500, 5, True)
    cart = mei_browser.call("DELETE", f"/cart/lines/{sku('TEA-50')}").json
    assert (len(cart["lines"]), cart["total_cents"], cart["can_check_out"]) == (1, 0, False)


def test_a_cart_tells_how_far_free_shipping_is(visitor, mei_browser, leaves, cheaper, noon):
    put(mei_browser, "TEA-50", 2)

    def goal(cart):
        return cart["free_shipping_from_cents"], cart["free_shipping_missing_cents"]

    lines = [{"variant_id": sku("TEA-50"), "quantity": 2}]
    assert goal(visitor.post("/cart/previews", {"lines": lines}).json) == (None, None)
    post = {"shop": {"shipping_cents": 800, "free_shipping_from_cents": 10_500}}
    change_program(changes=post, at=noon)
    assert goal(visitor.post("/cart/previews", {"lines": lines}).json) == (10_500, 500)
    # Her tier ships free: there is nothing for her to reach.
    assert goal(mei_browser.get("/cart").json) == (None, None)
    change_tier(code="all", changes={"benefits": {"free_shipping": False}})
    assert goal(mei_browser.get("/cart").json) == (10_500, 1_000)


@pytest.mark.parametrize("quantity", [0, -1, 1_000, 1.5, "2", None])
def test_a_quantity_is_1_to_999(mei_browser, leaves, quantity):
    assert put(mei_browser, "TEA-50", quantity).code == "api.invalid_body"
    assert mei_browser.get("/cart").json["lines"] == []


def test_prices_are_never_taken_from_the_caller(mei_browser, leaves):
    path = f"/cart/lines/{sku('TEA-50')}"
    assert mei_browser.put(path, {"quantity": 1, "price_cents": 1}).code == "api.invalid_body"
    for wrong in (NOBODY, "x"):
        answer = mei_browser.put(f"/cart/lines/{wrong}", {"quantity": 1})
        assert answer.code == "shop.variant_not_found"


def test_a_visitors_cart_is_priced_and_joins_the_members(visitor, mei_browser, leaves, cheaper):
    lines = [
        {"variant_id": sku("TEA-50"), "quantity": 3}, {"variant_id": NOBODY, "quantity": 1},
        {"variant_id": "x", "quantity": 1},
    ]  # fmt: skip
    preview = visitor.post("/cart/previews", {"lines": lines}).json
    assert (len(preview["lines"]), preview["total_cents"]) == (1, 15_000)
    put(mei_browser, "TEA-50", 1)
    for _ in range(2):
        cart = mei_browser.post("/cart/merges", {"lines": lines}).json
        assert (cart["pieces"], cart["total_cents"]) == (3, 14_250)
    too_many = {"lines": [lines[0]] * 101}
    assert visitor.post("/cart/previews", too_many).code == "api.invalid_body"


def test_addresses_are_kept_changed_and_forgotten(mei_browser):
    home = mei_browser.post("/addresses", ADDRESS)
    assert home.status == 201 and home.json == {
        **ADDRESS,
        "id": home.json["id"],
        "is_default": True,
    }
    work = mei_browser.post("/addresses", {**ADDRESS, "line": "2 Work Road"}).json
    path = f"/addresses/{work['id']}"
    assert mei_browser.patch(path, {"is_default": True, "name": "Lin"}).json["name"] == "Lin"
    items = mei_browser.get("/addresses").json["items"]
    assert [(one["line"][0], one["is_default"]) for one in items] == [("2", True), ("1", False)]
    assert mei_browser.call("DELETE", path).status == 204
    assert mei_browser.call("DELETE", path).code == "shop.address_not_found"
    (left,) = mei_browser.get("/addresses").json["items"]
    assert left["is_default"]
    told = mei_browser.get("/me/export").json
    assert [one["line"] for one in told["data"]["addresses"]] == ["1 Tea Road"]


def test_somebody_elses_address_is_not_found(shop, mei_browser, noon):
    from points.flows.member_joined import join_member
    from tests.storefront.browser import Browser

    mine = mei_browser.post("/addresses", ADDRESS).json["id"]
    ann = Browser(shop).enter(join_member(external_id="ann", name="Ann", at=noon))
    assert ann.patch(f"/addresses/{mine}", {"name": "X"}).code == "shop.address_not_found"
    assert ann.call("DELETE", f"/addresses/{mine}").code == "shop.address_not_found"
    assert mei_browser.get("/addresses").json["items"][0]["name"] == "Mei"


def test_a_cover_is_a_real_picture(visitor, leaves):
    from PIL import Image

    (card,) = visitor.get("/products").json["items"]
    contents = visitor.open(f"{card['picture']}?w=480").raw
    assert Image.open(BytesIO(contents)).format == "WEBP"
