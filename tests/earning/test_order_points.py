"""What an order earns: the golden cases of rules.md §3, and what holds for every order."""

from datetime import datetime
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.calculations import evaluation_of, order_points
from points.program.calculations import Earning


class Line(NamedTuple):
    """What counts of an order line."""

    amount_cents: int
    category: str = ""
    sku: str = ""


TEN_PER_HUNDRED = {"step_cents": 10_000, "points_per_step": 10}


def earned(cents, *, rule=None, **paid):
    return order_points(Earning(**(rule or {})), [Line(c) for c in cents], **paid)


@pytest.mark.parametrize(
    ("rule", "cents", "points"),
    [
        ({}, [10_900], 109),
        ({}, [11_010], 110),
        ({}, [99], 0),
        ({}, [100], 1),
        ({}, [0], 0),
        # the whole order counts, not each line for itself
        ({}, [50, 50], 1),
        ({}, [99, 99, 99], 2),
        (TEN_PER_HUNDRED, [10_900], 10),
        (TEN_PER_HUNDRED, [9_999], 0),
        (TEN_PER_HUNDRED, [19_999, 1], 20),
        ({"points_per_step": 0}, [10_900], 0),
        ({"step_cents": 1}, [10_900], 10_900),
    ],
)
def test_golden_cases(rule, cents, points):
    assert earned(cents, rule=rule).points == points


@pytest.mark.parametrize(
    ("rounding", "cents", "points"),
    [
        ("floor", 149, 1), ("floor", 150, 1), ("floor", 199, 1), ("floor", 200, 2),
        ("half_up", 149, 1), ("half_up", 150, 2), ("half_up", 50, 1), ("half_up", 49, 0),
        ("ceil", 100, 1), ("ceil", 101, 2), ("ceil", 1, 1), ("ceil", 0, 0),
    ],
)  # fmt: skip
def test_rounding_is_of_steps(rounding, cents, points):
    assert earned([cents], rule={"rounding": rounding}).points == points


@pytest.mark.parametrize(("step", "cents", "steps"), [(3, 4, 1), (3, 5, 2), (7, 3, 0), (7, 4, 1)])
def test_half_up_with_an_odd_step(step, cents, steps):
    assert earned([cents], rule={"rounding": "half_up", "step_cents": step}).steps == steps


def test_shipping_tax_coupons_and_points_do_not_count():
    result = earned(
        [10_000], shipping_cents=900, tax_cents=700, discount_cents=1_000, offset_cents=400
    )
    assert (result.points, result.base_cents, result.deducted_cents) == (86, 8_600, 1_400)


def test_the_order_total_counts_shipping_and_tax_when_the_programme_says_so():
    result = earned(
        [10_000], rule={"basis": "order_total"}, shipping_cents=900, tax_cents=700,
        discount_cents=1_000,
    )  # fmt: skip
    assert (result.points, result.base_cents) == (106, 10_600)


def test_a_base_is_never_negative():
    result = earned([1_000], discount_cents=1_500, shipping_cents=900)
    assert (result.points, result.base_cents, result.line_points) == (0, 0, (0,))


def test_excluded_categories_earn_nothing_and_bear_their_share_of_a_coupon():
    rule = Earning(excluded_categories=["gift-card"])
    lines = [Line(6_000, "tea"), Line(4_000, "gift-card")]
    result = order_points(rule, lines, discount_cents=1_000)
    # of the coupon of 10.00 the tea bears 6.00
    assert (result.points, result.base_cents, result.excluded_cents) == (54, 5_400, 4_000)
    assert result.line_points == (54, 0)


def test_the_share_of_a_coupon_is_rounded_against_the_base():
    rule = Earning(step_cents=1, excluded_categories=["x"])
    result = order_points(rule, [Line(200, ""), Line(100, "x")], discount_cents=100)
    # two thirds of 100 are 66.67: 67 go off
    assert (result.base_cents, result.deducted_cents) == (133, 67)


def test_an_order_of_excluded_lines_only_earns_nothing():
    rule = Earning(excluded_categories=["x"], rounding="ceil")
    assert order_points(rule, [Line(500, "x")]).points == 0


@pytest.mark.parametrize(
    ("cents", "split"),
    [
        ([1_050, 9_960], (10, 100)),  # 110: 10.49 and 99.51
        ([50, 50], (1, 0)),  # a tie goes to the earlier line
        ([1, 99], (0, 1)),
        ([3_333, 3_333, 3_334], (33, 33, 34)),
        ([0, 0, 500], (0, 0, 5)),
    ],
)
def test_points_are_split_over_lines_by_largest_remainder(cents, split):
    assert earned(cents).line_points == split


orders = st.lists(
    st.tuples(st.integers(0, 10**9), st.sampled_from(["", "tea", "gift-card"])),
    min_size=1, max_size=20,
)  # fmt: skip
rules = st.builds(
    Earning,
    basis=st.sampled_from(["goods_paid", "order_total"]),
    step_cents=st.integers(1, 20_000),
    points_per_step=st.integers(0, 100),
    rounding=st.sampled_from(["floor", "half_up", "ceil"]),
    excluded_categories=st.sampled_from([[], ["gift-card"], ["tea", "gift-card"]]),
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(rules, orders, st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 10**6))
def test_lines_sum_to_the_order_and_nothing_unpaid_counts(rule, lines, shipping, discount, offset):
    paid = {"shipping_cents": shipping, "discount_cents": discount, "offset_cents": offset}
    result = order_points(rule, [Line(*line) for line in lines], **paid)
    assert sum(result.line_points) == result.points >= 0
    assert result.points == result.steps * rule.points_per_step
    extra = shipping if rule.basis == "order_total" else 0
    goods = sum(cents for cents, _ in lines)
    assert 0 <= result.base_cents <= goods - result.excluded_cents + extra
    if not result.excluded_cents:
        assert result.base_cents == max(0, goods + extra - discount - offset)
    excluded = [category in rule.excluded_categories for _, category in lines]
    if goods > result.excluded_cents:
        assert all(p == 0 for p, out in zip(result.line_points, excluded, strict=True) if out)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(rules, orders)
def test_paying_more_never_earns_less(rule, lines):
    less = order_points(rule, [Line(*line) for line in lines])
    more = order_points(rule, [Line(cents + 100, category) for cents, category in lines])
    assert more.points >= less.points


def test_the_explanation_holds_the_rule_the_inputs_and_the_result():
    rule = Earning(**TEN_PER_HUNDRED)
    said = evaluation_of(rule, order_points(rule, [Line(10_900)], discount_cents=100))
    assert said == {
        "rule": "default", "basis": "goods_paid", "base_cents": 10_800, "excluded_cents": 0,
        "deducted_cents": 100, "step_cents": 10_000, "points_per_step": 10, "rounding": "floor",
        "steps": 1, "points": 10,
    }  # fmt: skip
    assert not any(isinstance(value, datetime | float) for value in said.values())
