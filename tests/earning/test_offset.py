"""How many points an order may be paid with (rules.md §6)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.program.calculations import Offset
from points.redemption.calculations import ALPHABET, largest_offset, new_redemption_code


def most(amount, available, digits=2, **offset):
    rule = {**offset}
    if "max_rate" in rule:
        rule["max_rate"] = Decimal(rule["max_rate"])
    return largest_offset(Offset(**rule), amount_cents=amount, available=available, digits=digits)


@pytest.mark.parametrize(
    ("amount", "available", "rule", "points", "cents"),
    [
        # half of 10.00 at 100 points per 1.00
        (1_000, 9_999, {}, 500, 500),
        (1_000, 120, {}, 120, 120),
        (1_001, 9_999, {}, 500, 500),  # the share is floored
        (1_000, 9_999, {"max_points": 300}, 300, 300),
        (1_000, 9_999, {"step_points": 200}, 400, 400),
        (1_000, 199, {"step_points": 200}, 0, 0),
        (999, 9_999, {"min_order_cents": 1_000}, 0, 0),
        (1_000, 9_999, {"min_order_cents": 1_000}, 500, 500),
        (1_000, 9_999, {"max_rate": "0"}, 0, 0),
        (1_000, 9_999, {"max_rate": "1"}, 1_000, 1_000),
        (0, 9_999, {}, 0, 0),
        (1_000, 0, {}, 0, 0),
        (1_000, 9_999, {"points_per_unit": 1_000}, 5_000, 500),
        (1_000, 5_000, {"points_per_unit": 3}, 15, 500),
    ],
)
def test_the_most_that_can_be_used(amount, available, rule, points, cents):
    assert most(amount, available, **rule) == (points, cents)


def test_currencies_without_minor_units():
    assert most(1_000, 9_999, digits=0, points_per_unit=1) == (500, 500)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**4), st.integers(1, 500),
    st.decimals(0, 1, places=3), st.sampled_from([0, 2, 3]),
)  # fmt: skip
def test_never_more_than_the_member_has_or_the_share_allows(
    amount, available, per_unit, step, rate, digits
):
    rule = Offset(points_per_unit=per_unit, step_points=step, max_rate=rate)
    points, cents = largest_offset(rule, amount_cents=amount, available=available, digits=digits)
    assert 0 <= points <= available and points % step == 0
    assert 0 <= cents <= amount * rate
    assert cents == points * 10**digits // per_unit


def test_codes_can_be_read_out():
    codes = {new_redemption_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(c) == 11 and c[5] == "-" and set(c) - {"-"} <= set(ALPHABET) for c in codes)
    assert not set("01IO") & set(ALPHABET)
