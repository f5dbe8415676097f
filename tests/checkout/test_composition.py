"""What a checkout comes to, step by step, with the numbers of docs/algorithms/checkout.md."""

import msgspec
import pytest

from points.program.calculations import Offset, Shop
from points.shop.composition import CouponPart, Means, Piece, compose
from points.shop.order_errors import CashBeyond, PointsBeyond

POST = Shop(shipping_cents=800, free_shipping_from_cents=9_900)


def price(*pieces, coupons=(), offset=None, shop=None, digits=2, ships_free=False, **means):
    return compose(
        pieces, coupons, Means(**{"points_available": 99_999, "cash_available_cents": 0, **means}),
        offset=offset or Offset(), shop=shop or POST, digits=digits, ships_free=ships_free,
    )  # fmt: skip


def goods(cents, quantity=1, member=None, **more):
    member = cents if member is None else member
    return Piece(quantity=quantity, list_cents=cents, member_cents=member, **more)


def off(*per_line, code="A", **more):
    return CouponPart(code=code, per_line=per_line, **more)


def test_the_whole_way_down():
    """Tea 58.00 × 2 at 0.95 and a cup 39.90: 20.00 off the tea, 3,000 points, 10.00 of the wallet."""
    found = price(
        goods(5_800, 2, member=5_510, category="tea"), goods(3_990, category="ware"),
        coupons=[off(2_000, 0)], points=3_000, cash_cents=1_000, cash_available_cents=5_000,
    )  # fmt: skip
    tea, cup = found.lines
    assert (tea.list_cents, tea.member_discount_cents, tea.coupon_cents) == (11_600, 580, 2_000)
    assert (tea.goods_cents, cup.goods_cents) == (9_020, 3_990)
    # 3,000 points are 30.00, split 9,020 : 3,990 of 13,010.
    assert (tea.offset_cents, cup.offset_cents) == (2_080, 920)
    assert (tea.offset_points, cup.offset_points) == (2_080, 920)
    assert (found.goods_cents, found.offset_cents, found.shipping_cents) == (13_010, 3_000, 0)
    assert (found.payable_cents, found.cash_cents, found.due_cents) == (10_010, 1_000, 9_010)


def test_points_pay_at_most_their_share_of_the_goods_and_never_shipping():
    found = price(goods(1_001), points="most")
    assert (found.offset_points, found.offset_cents, found.max_points) == (500, 500, 500)
    assert (found.shipping_cents, found.payable_cents) == (800, 1_301)


def test_more_points_than_the_checkout_takes_are_refused_with_the_most():
    with pytest.raises(PointsBeyond) as refused:
        price(goods(1_000), points=501)
    assert refused.value.facts == {"max_points": 500, "step_points": 1}
    with pytest.raises(PointsBeyond):
        price(goods(1_000), points=150, offset=Offset(step_points=100))


def test_goods_that_take_no_points_are_paid_with_money():
    found = price(
        goods(1_000, category="gold"), goods(1_000), goods(1_000, takes_points=False),
        points="most", offset=Offset(excluded_categories=["gold"]),
    )  # fmt: skip
    assert [line.offset_cents for line in found.lines] == [0, 500, 0]


def test_the_least_order_is_looked_at_on_all_goods_after_coupons():
    rule = Offset(min_order_cents=2_000)
    assert price(goods(1_000), goods(1_000), points="most", offset=rule).offset_points == 1_000
    found = price(goods(1_000), goods(1_000), coupons=[off(1, 0)], points="most", offset=rule)
    assert found.offset_points == 0


def test_a_coupon_may_exclude_points():
    assert price(goods(1_000), coupons=[off(100, with_points=False)], points="most").max_points == 0


@pytest.mark.parametrize(
    ("cents", "more", "shipping"),
    [
        (9_899, {}, 800),
        (9_900, {}, 0),
        (9_900, {"coupons": [off(1)]}, 800),
        (9_900, {"points": 1_000}, 0),
        (100, {"ships_free": True}, 0),
        (100, {"coupons": [off(0, frees_shipping=True)]}, 0),
        (100, {"shop": Shop()}, 0),
    ],
)
def test_what_shipping_costs(cents, more, shipping):
    found = price(goods(cents), **more)
    assert found.shipping_cents == shipping
    assert (
        found.shipping_cents + found.shipping_saved_cents == more.get("shop", POST).shipping_cents
    )


def test_a_coupon_may_make_it_free_and_nothing_falls_below_zero():
    found = price(goods(500), coupons=[off(500)], ships_free=True, points="most", cash_cents="most")
    assert (found.payable_cents, found.due_cents, found.offset_points) == (0, 0, 0)


def test_the_wallet_pays_at_most_what_is_payable_and_there():
    assert price(goods(1_000), cash_cents="most", cash_available_cents=700).cash_cents == 700
    assert price(goods(1_000), cash_cents="most", cash_available_cents=9_999).due_cents == 0
    with pytest.raises(CashBeyond) as refused:
        price(goods(1_000), cash_cents=701, cash_available_cents=700)
    assert refused.value.facts == {"max_cents": 700}


def test_a_currency_without_minor_unit():
    found = price(goods(1_000), points="most", offset=Offset(points_per_unit=1), digits=0,
                  shop=Shop())  # fmt: skip
    assert (found.offset_points, found.offset_cents, found.payable_cents) == (500, 500, 500)


def test_two_coupons_come_off_one_after_the_other():
    both = [off(100, 0, code="A"), off(50, 50, code="B")]
    found = price(goods(1_000), goods(200), coupons=both)
    assert [line.coupon_cents for line in found.lines] == [150, 50]


def test_a_coupon_never_takes_more_than_a_line_costs():
    with pytest.raises(ValueError, match="more off a line"):
        price(goods(100), coupons=[off(60), off(60, code="B")])


def test_shop_settings_can_be_changed_only_within_bounds():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"hold_minutes": 4}, Shop)
