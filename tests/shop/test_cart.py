"""Carts hold numbers, never prices; addresses are the member's own."""

from decimal import Decimal

import pytest

from kernel.ids import new_id
from points.flows.member_erased import erase_member
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.shop import actions, address_actions, cart_actions, queries
from points.shop.cart import price_cart
from points.shop.errors import (
    AddressNotFound,
    CartFull,
    TooManyAddresses,
    VariantNotFound,
)
from points.shop.models import Address, CartLine
from tests.shop.conftest import LARGE, SIZES

HOME = {"name": "Mei", "phone": "13800000001", "region": "Shanghai", "line": "1 Tea Road"}


@pytest.fixture
def put(noon):
    """`put(mei, "TEA-50", 2)`."""

    def line(member, found, quantity):
        return cart_actions.put_line(
            member_id=member.pk, variant_id=found.pk, quantity=quantity, at=noon
        )

    return line


def contents(member):
    return {line.variant.sku: line.quantity for line in queries.list_cart(member=member.pk)}


def priced(member, rate="1"):
    lines = [(line.variant, line.quantity) for line in queries.list_cart(member=member.pk)]
    return price_cart(lines, Decimal(rate))


def test_a_cart_shows_the_prices_and_the_stock_of_now(mei, tea_leaves, variant, put, noon):
    put(mei, variant("TEA-50"), 2)
    put(mei, variant("TEA-100"), 3)
    assert (priced(mei).total_cents, priced(mei, "0.95").total_cents) == (37_000, 35_150)

    actions.set_variants(
        product_id=tea_leaves.pk, options=SIZES, variants=[{**LARGE, "price_cents": 10_000}]
    )
    actions.take_stock(items={variant("TEA-100").pk: 1}, at=noon)

    found = priced(mei)
    assert {line.variant.sku: line.state for line in found.lines} == {
        "TEA-50": "gone", "TEA-100": "too_few",
    }  # fmt: skip
    assert (found.total_cents, found.pieces) == (0, 5)
    put(mei, variant("TEA-100"), 2)
    assert priced(mei).total_cents == 20_000
    actions.change_product(product_id=tea_leaves.pk, changes={"has_member_price": False})
    assert priced(mei, "0.9").total_cents == 20_000
    actions.change_product(product_id=tea_leaves.pk, changes={"status": "paused"})
    assert {line.state for line in priced(mei).lines} == {"gone", "paused"}


def test_a_line_is_set_not_added_to(mei, tea_leaves, variant, put):
    small = variant("TEA-50")
    put(mei, small, 2)
    put(mei, small, 2)
    assert contents(mei) == {"TEA-50": 2} and queries.count_cart(member=mei.pk) == 2
    cart_actions.remove_lines(member_id=mei.pk, variant_ids=[small.pk])
    cart_actions.remove_lines(member_id=mei.pk, variant_ids=[small.pk])
    assert contents(mei) == {}


def test_what_cannot_be_seen_cannot_be_put_into_a_cart(mei, sell, variant, put):
    sell("Secret", status="draft")
    with pytest.raises(VariantNotFound):
        put(mei, variant("SECRET"), 1)
    with pytest.raises(VariantNotFound):
        cart_actions.put_line(member_id=mei.pk, variant_id=new_id(), quantity=1, at=mei.joined_at)
    assert not CartLine.objects.exists()


def test_a_cart_has_an_end(mei, sell, variant, put, monkeypatch):
    monkeypatch.setattr(cart_actions, "MOST_LINES", 2)
    for name in ("A", "B", "C"):
        sell(name)
    put(mei, variant("A"), 1)
    put(mei, variant("B"), 1)
    with pytest.raises(CartFull):
        put(mei, variant("C"), 1)
    put(mei, variant("B"), 9)
    assert contents(mei) == {"A": 1, "B": 9}


def test_a_visitors_cart_joins_the_members_once(mei, tea_leaves, sell, variant, put, noon):
    sell("Cup")
    small, large, cup = variant("TEA-50"), variant("TEA-100"), variant("CUP")
    put(mei, small, 2)
    put(mei, large, 5)
    gathered = {small.pk: 3, large.pk: 1, cup.pk: 4, new_id(): 1}
    for _ in range(2):
        cart_actions.merge_cart(member_id=mei.pk, quantities=gathered, at=noon)
        assert contents(mei) == {"TEA-50": 3, "TEA-100": 5, "CUP": 4}


def test_the_first_address_is_the_default_until_another_is(mei, noon):
    def add(**fields):
        return address_actions.add_address(member_id=mei.pk, fields={**HOME, **fields}, at=noon)

    home, work = add(), add(line="2 Work Road")
    assert (home.is_default, work.is_default) == (True, False)
    third = add(line="3 Old Road", is_default=True)
    assert [a.line[0] for a in queries.list_addresses(member=mei.pk)] == ["3", "2", "1"]
    address_actions.change_address(
        member_id=mei.pk, address_id=home.pk, changes={"is_default": True, "name": "Mei Lin"}
    )
    assert Address.objects.get(is_default=True).name == "Mei Lin"
    address_actions.remove_address(member_id=mei.pk, address_id=home.pk)
    assert Address.objects.get(is_default=True).pk == third.pk
    with pytest.raises(AddressNotFound):
        address_actions.remove_address(member_id=mei.pk, address_id=home.pk)
    for _ in range(18):
        add()
    with pytest.raises(TooManyAddresses):
        add()


def test_addresses_are_nobody_elses(mei, noon):
    other = join_member(external_id="ann", name="Ann", at=noon)
    home = address_actions.add_address(member_id=mei.pk, fields=HOME, at=noon)
    for act, more in (
        (address_actions.change_address, {"changes": {"name": "X"}}),
        (address_actions.remove_address, {}),
    ):
        with pytest.raises(AddressNotFound):
            act(member_id=other.pk, address_id=home.pk, **more)
    with pytest.raises(AddressNotFound):
        queries.get_address(member=other.pk, address_id=home.pk)
    assert Address.objects.get().name == "Mei"


def test_two_that_are_one_have_one_cart_and_one_default(mei, tea_leaves, variant, put, noon):
    ann = join_member(external_id="ann", name="Ann", at=noon)
    put(mei, variant("TEA-50"), 1)
    put(ann, variant("TEA-50"), 3)
    put(ann, variant("TEA-100"), 2)
    for member in (mei, ann):
        address_actions.add_address(
            member_id=member.pk, fields={**HOME, "name": member.name}, at=noon
        )

    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")

    assert contents(mei) == {"TEA-50": 3, "TEA-100": 2} and contents(ann) == {}
    assert [a.name for a in queries.list_addresses(member=mei.pk)] == ["Mei", "Ann"]
    assert Address.objects.get(is_default=True).name == "Mei"


def test_an_erasure_takes_cart_and_addresses(mei, tea_leaves, variant, put, noon):
    put(mei, variant("TEA-50"), 1)
    address_actions.add_address(member_id=mei.pk, fields=HOME, at=noon)
    erase_member(member_id=mei.pk, at=noon, actor="t", forfeit=True)
    assert not CartLine.objects.exists() and not Address.objects.exists()
