"""What goes back of a shop order: shares over pieces, money over wallet and provider."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.shop.order_errors import RefundBeyond
from points.shop.refunding import cash_share, give_back


@dataclass
class Line:
    position: int
    quantity: int
    paid_cents: int
    offset_points: int = 0
    offset_cents: int = 0
    coupon_parts: tuple = ()
    refunded_quantity: int = 0


def test_one_of_three_pieces_gives_back_a_third_floored_and_the_last_the_rest():
    line = Line(1, 3, paid_cents=1_000, offset_points=100, offset_cents=100)
    got = []
    for _ in range(3):
        part = give_back([line], {1: 1})[0]
        got.append((part.paid_cents, part.points, part.offset_cents, part.goods_cents))
        line.refunded_quantity += 1
    assert got == [(333, 33, 33, 366), (333, 33, 33, 366), (334, 34, 34, 368)]


@given(
    st.integers(1, 9), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000),
    st.lists(st.integers(1, 9), max_size=9),
)  # fmt: skip
def test_in_any_steps_a_line_gives_back_exactly_what_it_was_sold_for(
    quantity, paid, points, cents, steps
):
    line = Line(1, quantity, paid, points, cents, (cents, paid))
    parts = []
    for step in [*steps, quantity]:
        pieces = min(step, quantity - line.refunded_quantity)
        if pieces == 0:
            break
        parts += give_back([line], {1: pieces})
        line.refunded_quantity += pieces
    assert sum(part.paid_cents for part in parts) == paid
    assert sum(part.points for part in parts) == points
    assert sum(part.offset_cents for part in parts) == cents
    assert [sum(part.coupon_parts[i] for part in parts) for i in (0, 1)] == [cents, paid]
    assert all(part.paid_cents >= 0 and part.points >= 0 for part in parts)


@pytest.mark.parametrize("wanted", [{1: 3}, {1: 0}, {2: 1}, {1: -1}])
def test_no_more_than_is_left_and_only_lines_that_are_there(wanted):
    with pytest.raises(RefundBeyond):
        give_back([Line(1, 3, 900, refunded_quantity=1)], wanted)


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.lists(st.integers(0, 3_000), max_size=6))
def test_money_is_shared_by_wallet_and_provider_and_comes_out_even(cash, due, wishes):
    payable, before, into_wallet = cash + due, 0, 0
    for wish in [*wishes, payable]:
        now = min(wish, payable - before)
        part = cash_share(
            cash_cents=cash, payable_cents=payable, before_cents=before, now_cents=now
        )
        assert 0 <= part <= now
        into_wallet, before = into_wallet + part, before + now
        assert into_wallet <= cash and before - into_wallet <= due
    assert into_wallet == cash
