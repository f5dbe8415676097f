"""What a checkout comes to, step by step, with the numbers of docs/algorithms/checkout.md."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_what_is_missing_to_free_shipping_is_counted_after_coupons_and_before_points():
    """Goods 58.00, 10.00 off: 51.00 are missing to 99.00, whatever points pay."""
    found = price(goods(5_800), coupons=[off(1_000)], points="most")
    goal = found.shipping_goal
    assert (goal.from_cents, goal.missing_cents) == (9_900, 5_100)
    assert price(goods(9_900)).shipping_goal.missing_cents == 0
    assert price(goods(9_899)).shipping_goal.missing_cents == 1


def test_there_is_nothing_to_reach_where_shipping_is_free_or_never_is():
    never = Shop(shipping_cents=800)
    costless = Shop(shipping_cents=0, free_shipping_from_cents=9_900)
    assert price(goods(100), shop=never).shipping_goal is None
    assert price(goods(100), shop=costless).shipping_goal is None
    assert price(goods(100), ships_free=True).shipping_goal is None
    assert price(goods(100), coupons=[off(0, frees_shipping=True)]).shipping_goal is None


@given(
    st.lists(
        st.tuples(st.integers(0, 30_000), st.integers(1, 4), st.integers(0, 100)), min_size=1,
        max_size=4,
    ),
    st.integers(1, 100_000), st.integers(1, 2_000), st.sampled_from([0, "most"]),
)  # fmt: skip
def test_who_follows_the_hint_ships_free_and_one_cent_less_does_not(carted, least, fee, points):
    shop = Shop(shipping_cents=fee, free_shipping_from_cents=least)
    pieces = [goods(cents, count, member=cents * kept // 100) for cents, count, kept in carted]
    coupon = off(*(one.member_cents * one.quantity // 3 for one in pieces))
    before = price(*pieces, coupons=[coupon], shop=shop, points=points)
    missing = before.shipping_goal.missing_cents
    assert (before.shipping_cents == 0) == (missing == 0)

    def with_more(cents):
        # What is added is paid as it stands: no coupon takes anything off it.
        return price(
            *pieces, goods(cents), shop=shop, points=points,
            coupons=[off(*coupon.per_line, 0)],
        ).shipping_cents  # fmt: skip

    if missing:
        assert with_more(missing) == 0
        assert with_more(missing - 1) == fee
