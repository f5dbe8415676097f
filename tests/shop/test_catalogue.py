"""Products and their variants: what is kept, replaced, refused; prices; stock."""

from decimal import Decimal

import pytest

from kernel.ids import new_id
from kernel.models import OutboxEvent
from points.flows.books_checked import check_books
from points.media.errors import PictureNotFound
from points.shop import actions, queries
from points.shop.calculations import (
    are_complete,
    availability,
    has_crossed,
    label_of,
    member_price_cents,
    price_for,
)
from points.shop.errors import (
    CategoryCodeTaken,
    CategoryNotFound,
    NothingToSell,
    OptionsInvalid,
    OutOfStock,
    ProductIncomplete,
    ProductNotFound,
    SkuTaken,
    StockBelowZero,
    StockUncounted,
    VariantNotFound,
)
from points.shop.models import Product, Variant
from tests.shop.conftest import LARGE, SIZES, SMALL


@pytest.mark.parametrize(
    ("cents", "rate", "price"),
    [
        (9_999, "0.95", 9_499),
        (10_000, "0.95", 9_500),
        (1, "0.99", 0),
        (0, "0.5", 0),
        (333, "1", 333),
    ],
)
def test_a_member_price_is_floored_to_whole_minor_units(cents, rate, price):
    assert price_for(cents, Decimal(rate)) == price
    assert member_price_cents(cents, Decimal(rate), True) == price
    assert member_price_cents(cents, Decimal(rate), False) == cents


@pytest.mark.parametrize(
    ("product", "variant", "stock", "state"),
    [
        ("on_sale", "on_sale", None, "available"), ("on_sale", "on_sale", 2, "available"),
        ("on_sale", "on_sale", 1, "too_few"), ("on_sale", "on_sale", 0, "sold_out"),
        ("paused", "on_sale", 0, "paused"), ("on_sale", "paused", 9, "paused"),
        ("draft", "on_sale", 9, "gone"), ("paused", "retired", 9, "gone"),
    ],
)  # fmt: skip
def test_whether_two_pieces_can_be_bought(product, variant, stock, state):
    found = availability(product_status=product, variant_status=variant, stock=stock, quantity=2)
    assert found == state


def test_choices_name_each_option_once():
    two = [{"values": [1, 2]}, {"values": [1, 2, 3]}]
    assert are_complete([], [[]]) and are_complete(two, [[0, 2], [1, 0]])
    for wrong in ([], [[0]], [[0, 3]], [[0, 0], [0, 0]], [[]]):
        assert not are_complete(two, wrong)
    assert not are_complete([], [[], []])
    assert label_of(SIZES, [1], "zh-hans") == "大" and label_of(SIZES, [1], "en") == "Large"


def test_low_stock_is_crossed_once_on_the_way_down():
    assert has_crossed(before=6, after=5, threshold=5)
    assert has_crossed(before=None, after=5, threshold=5)
    assert not has_crossed(before=5, after=4, threshold=5)
    assert not has_crossed(before=9, after=6, threshold=5)
    assert not has_crossed(before=9, after=0, threshold=None)
    assert not has_crossed(before=9, after=None, threshold=5)


def test_a_product_has_its_variants_in_order(tea_leaves):
    found = queries.get_sheet(product_id=tea_leaves.pk)
    assert [(v.sku, v.price_cents, v.stock) for v in found.variants] == [
        ("TEA-50", 5_000, 10), ("TEA-100", 9_000, 3),
    ]  # fmt: skip
    assert found.product.category.code == "tea"
    assert check_books() == []


def test_variants_are_replaced_and_stock_is_left_alone(tea_leaves, variant, noon):
    small = variant("TEA-50")
    actions.take_stock(items={small.pk: 4}, at=noon)
    dearer = {**SMALL, "price_cents": 6_000, "stock": 99}
    new = {"sku": "TEA-250", "choice": [1], "price_cents": 20_000, "stock": 2}

    actions.set_variants(product_id=tea_leaves.pk, options=SIZES, variants=[new, dearer])

    found = queries.get_sheet(product_id=tea_leaves.pk).variants
    assert [(v.sku, v.price_cents, v.stock, v.sold_count) for v in found] == [
        ("TEA-250", 20_000, 2, 0), ("TEA-50", 6_000, 6, 4),
    ]  # fmt: skip
    assert found[1].pk == small.pk
    assert Variant.objects.get(sku="TEA-100").status == "retired"
    # One that comes back is the one that was there, and another may have its number meanwhile.
    actions.set_variants(product_id=tea_leaves.pk, options=SIZES, variants=[dearer, LARGE])
    assert Variant.objects.filter(sku="TEA-100").count() == 1
    assert variant("TEA-100").stock == 3


@pytest.mark.parametrize(
    ("fields", "variants", "refusal"),
    [
        ({"title_en": ""}, None, ProductIncomplete),
        ({"category": "none"}, None, CategoryNotFound),
        ({"pictures": [str(new_id())]}, None, PictureNotFound),
        ({"pictures": ["no-id"]}, None, PictureNotFound),
        ({}, [SMALL], OptionsInvalid),
        ({"options": SIZES}, [SMALL, {**LARGE, "choice": [0]}], OptionsInvalid),
        ({"options": SIZES}, [SMALL, {**LARGE, "sku": "TEA-50"}], SkuTaken),
        ({}, [{"sku": "A", "price_cents": 1, "status": "paused"}], NothingToSell),
    ],
)
def test_what_is_no_product_leaves_nothing(sell, fields, variants, refusal):
    with pytest.raises(refusal):
        sell("Tin", variants, **fields)
    assert (Product.objects.count(), Variant.objects.count()) == (0, 0)


def test_an_article_number_is_one_products_until_it_is_retired(sell, tea_leaves, variant):
    with pytest.raises(SkuTaken):
        sell("Tin", [{"sku": "TEA-50", "price_cents": 1}])
    actions.set_variants(product_id=tea_leaves.pk, options=SIZES, variants=[LARGE])
    sell("Tin", [{"sku": "TEA-50", "price_cents": 1}])
    with pytest.raises(SkuTaken):
        actions.set_variants(product_id=tea_leaves.pk, options=SIZES, variants=[SMALL, LARGE])
    assert variant("TEA-50").price_cents == 1


def test_a_product_on_sale_keeps_something_to_sell(sell, noon):
    tin = sell("Tin")
    paused = {"sku": "TIN", "price_cents": 1_000, "status": "paused"}
    with pytest.raises(NothingToSell):
        actions.set_variants(product_id=tin.pk, options=[], variants=[paused])
    actions.change_product(product_id=tin.pk, changes={"status": "paused"})
    actions.set_variants(product_id=tin.pk, options=[], variants=[paused])
    with pytest.raises(NothingToSell):
        actions.set_statuses(product_ids=[tin.pk], status="on_sale")
    with pytest.raises(ProductNotFound):
        actions.set_statuses(product_ids=[tin.pk, new_id()], status="draft")
    assert Product.objects.get().status == "paused"


def test_a_category_leaves_its_products_behind(tea_leaves):
    with pytest.raises(CategoryCodeTaken):
        actions.create_category(fields={"code": "tea"})
    actions.change_category(code="tea", changes={"name_en": "Leaves"})
    ((row, on_sale),) = queries.list_categories()
    assert (row.name("en"), row.name("zh-hans"), on_sale) == ("Leaves", "茶叶", 1)
    actions.remove_category(code="tea")
    assert Product.objects.get().category is None
    with pytest.raises(CategoryNotFound):
        actions.remove_category(code="tea")


def test_stock_is_counted_and_moved(tea_leaves, variant, noon):
    small = variant("TEA-50")
    assert actions.add_stock(variant_id=small.pk, delta=-4, at=noon).stock == 6
    with pytest.raises(StockBelowZero) as refused:
        actions.add_stock(variant_id=small.pk, delta=-7, at=noon)
    assert refused.value.facts["stock"] == 6
    assert actions.set_stock(variant_id=small.pk, stock=None, at=noon).stock is None
    with pytest.raises(StockUncounted):
        actions.add_stock(variant_id=small.pk, delta=1, at=noon)
    with pytest.raises(VariantNotFound):
        actions.set_stock(variant_id=new_id(), stock=1, at=noon)


def test_stock_is_taken_for_all_or_for_none(tea_leaves, variant, noon):
    small, large = variant("TEA-50"), variant("TEA-100")
    with pytest.raises(OutOfStock) as refused:
        actions.take_stock(items={small.pk: 2, large.pk: 4}, at=noon)
    assert refused.value.facts == {"variant_ids": [str(large.pk)], "left": {str(large.pk): 3}}
    assert (variant("TEA-50").stock, variant("TEA-100").stock) == (10, 3)

    actions.take_stock(items={small.pk: 2, large.pk: 3}, at=noon)
    assert (variant("TEA-50").stock, variant("TEA-100").sold_count) == (8, 3)
    actions.put_back_stock(items={large.pk: 3})
    assert (variant("TEA-100").stock, variant("TEA-100").sold_count) == (3, 0)
    with pytest.raises(OutOfStock):
        actions.take_stock(items={new_id(): 1}, at=noon)


def test_uncounted_stock_never_ends(sell, variant, noon):
    sell("Card", [{"sku": "CARD", "price_cents": 500}])
    actions.take_stock(items={variant("CARD").pk: 10_000}, at=noon)
    assert (variant("CARD").stock, variant("CARD").sold_count) == (None, 10_000)


def test_low_stock_is_told_once_per_fall(sell, variant, noon):
    sell("Cup", [{"sku": "CUP", "price_cents": 500, "stock": 8, "low_stock_at": 5}])
    cup = variant("CUP")

    def told():
        return list(OutboxEvent.objects.filter(topic="product.low_stock").order_by("id"))

    actions.take_stock(items={cup.pk: 2}, at=noon)
    assert told() == []
    actions.take_stock(items={cup.pk: 1}, at=noon)
    actions.take_stock(items={cup.pk: 1}, at=noon)
    assert [event.payload["stock"] for event in told()] == [5]
    actions.set_stock(variant_id=cup.pk, stock=20, at=noon)
    actions.add_stock(variant_id=cup.pk, delta=-16, at=noon)
    assert [event.payload["stock"] for event in told()] == [5, 4]
    assert told()[1].payload["sku"] == "CUP"


def test_lists_are_searched_sorted_and_cut(sell, tea_leaves, noon, django_assert_num_queries):
    cup = sell("Cup", position=2)
    card = sell("Card", [{"sku": "CARD", "price_cents": 300}], position=1)
    tin = sell("Tin", [{"sku": "TIN", "price_cents": 7_000, "stock": 0}], position=2)
    sell("Secret", status="draft")
    actions.take_stock(items={card.variants.get().pk: 7}, at=noon)

    def titles(**asked):
        return [one.product.title_en for one in queries.list_products(limit=9, **asked)]

    assert titles(status="on_sale") == ["Longjing", "Card", "Tin", "Cup"]
    assert titles(status="on_sale", sort="price") == ["Card", "Cup", "Longjing", "Tin"]
    assert titles(status="on_sale", sort="price_desc") == ["Tin", "Longjing", "Cup", "Card"]
    assert titles(sort="newest")[:3] == ["Secret", "Tin", "Card"]
    assert titles(sort="sold")[0] == "Card"
    assert titles(search="tea-1") == titles(search="龙") == titles(category="tea") == ["Longjing"]
    with django_assert_num_queries(1):
        first = queries.list_products(limit=1, search="longjing")[0]
    assert (first.from_cents, first.to_cents, first.stock, first.variants_count) == (
        5_000,
        9_000,
        13,
        2,
    )
    for sort in ("position", "price", "price_desc", "newest", "sold"):
        walked, after = [], None
        while page := queries.list_products(limit=2, sort=sort, after=after):
            walked += [one.product.pk for one in page]
            after = queries.sort_key(page[-1], sort)
        assert walked == [one.product.pk for one in queries.list_products(limit=9, sort=sort)]
        assert len(walked) == len({*walked}) == 5
    by_id = {one.product.pk: one for one in queries.list_products(limit=9)}
    assert by_id[tin.pk].is_sold_out and not by_id[card.pk].is_sold_out
    assert by_id[card.pk].stock is None and by_id[cup.pk].stock == 5


def test_low_ones_are_found(sell, tea_leaves):
    sell("Cup", [{"sku": "CUP", "price_cents": 500, "stock": 5, "low_stock_at": 5}])
    low = queries.list_products(limit=9, is_low=True)
    assert [one.product.title_en for one in low] == ["Cup"]
