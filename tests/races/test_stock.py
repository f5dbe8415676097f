"""The last piece of a product, and the first line of a cart: one caller each."""

import pytest
from django.db import transaction

from points.media.actions import add_picture
from points.media.models import Picture
from points.shop import actions, address_actions, cart_actions
from points.shop.models import Address, CartLine, Variant
from tests.media.test_pictures import file_of
from tests.races.conftest import AT, kinds


@pytest.fixture
def sell(shop):
    """`sell("TIN", stock=1)`: a variant on sale."""

    def add(sku, **fields):
        variant = {"sku": sku, "price_cents": 100, **fields}
        actions.create_product(
            fields={"title_en": sku, "status": "on_sale"}, variants=[variant], at=AT
        )
        return Variant.objects.get(sku=sku)

    return add


def taking(*variants):
    with transaction.atomic():
        actions.take_stock(items=dict.fromkeys((one.pk for one in variants), 1), at=AT)


def test_the_last_piece_goes_to_one_of_64(race, sell):
    tin = sell("TIN", stock=1)
    results = race(lambda i: taking(tin), 64)
    assert kinds(results) == {"NoneType": 1, "OutOfStock": 63}
    tin.refresh_from_db()
    assert (tin.stock, tin.sold_count) == (0, 1)


def test_orders_of_the_same_things_in_any_order_never_block_each_other(race, sell):
    """Every second one names them the other way round, and every third gives them back."""
    tin, cup = sell("TIN", stock=20), sell("CUP", stock=40)

    def job(i):
        taking(*((tin, cup) if i % 2 else (cup, tin)))
        if i % 3 == 0:
            actions.put_back_stock(items={cup.pk: 1, tin.pk: 1})

    results = race(job, 64)

    assert set(kinds(results)) == {"NoneType", "OutOfStock"}
    for one, started in ((tin, 20), (cup, 40)):
        one.refresh_from_db()
        assert one.stock + one.sold_count == started and one.stock >= 0
    assert tin.sold_count == cup.sold_count


def test_stock_counted_while_it_is_sold_is_exact(race, sell):
    tin = sell("TIN", stock=32)

    def job(i):
        if i % 2:
            return actions.add_stock(variant_id=tin.pk, delta=2, at=AT)
        return taking(tin)

    race(job)
    tin.refresh_from_db()
    assert (tin.stock, tin.sold_count) == (32 + 16 * 2 - 16, 16)


def test_a_cart_never_has_more_lines_than_it_holds(race, members, sell, monkeypatch):
    monkeypatch.setattr(cart_actions, "MOST_LINES", 5)
    (mei,), tins = members(1), [sell(f"T{i}") for i in range(8)]

    def job(i):
        return cart_actions.put_line(member_id=mei.pk, variant_id=tins[i % 8].pk, quantity=1, at=AT)

    assert set(kinds(race(job))) == {"CartFull", "CartLine"}
    assert CartLine.objects.count() == 5


def test_one_of_many_first_addresses_is_the_default(race, members):
    (mei,) = members(1)
    home = {"name": "Mei", "phone": "1", "line": "1 Tea Road", "is_default": True}

    results = race(lambda i: address_actions.add_address(member_id=mei.pk, fields=home, at=AT))

    assert kinds(results) == {"Address": 20, "TooManyAddresses": 12}
    assert Address.objects.filter(is_default=True).count() == 1


def test_the_same_picture_uploaded_at_once_is_one(race):
    raw = file_of(size=(300, 200))
    results = race(lambda i: add_picture(raw=raw, at=AT), 16)
    assert {row.pk for row in results} == {Picture.objects.get().pk}


def test_a_picture_is_shown_or_removed_never_both(race, sell):
    from points.flows.pictures_shown import forget_picture

    row, tin = add_picture(raw=file_of(), at=AT), sell("TIN")

    def job(i):
        if i % 2:
            return forget_picture(picture_id=row.pk)
        return actions.change_product(
            product_id=tin.product_id, changes={"pictures": [str(row.pk)]}
        )

    results = kinds(race(job, 16))

    is_there = Picture.objects.exists()
    # The books, looked at afterwards, would find a product that shows a picture that is gone.
    assert results == ({"PictureInUse": 8, "Product": 8} if is_there else results)
    assert is_there or results["Picture"] == 1
