"""Splitting without losing a cent, rounding, and how many digits a currency has."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import money
from kernel.money import exponent, money_text, round_half_up, split_by_largest_remainder

amounts = st.integers(min_value=0, max_value=10**15)
weights = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=30)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(amounts, weights)
def test_parts_sum_to_the_whole_and_stray_less_than_one(total, parts):
    split = split_by_largest_remainder(total, parts)
    whole = sum(parts)
    assert sum(split) == total
    assert all(part >= 0 for part in split)
    if whole:
        assert all(abs(s * whole - total * w) < whole for s, w in zip(split, parts, strict=True))
        assert all(s == 0 for s, w in zip(split, parts, strict=True) if w == 0)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(amounts, weights)
def test_a_heavier_part_never_gets_less(total, parts):
    split = split_by_largest_remainder(total, parts)
    if sum(parts):
        for i, weight in enumerate(parts):
            for j, other in enumerate(parts):
                if weight > other or (weight == other and i < j):
                    assert split[i] >= split[j]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(amounts, weights)
def test_splitting_is_the_same_every_time(total, parts):
    assert split_by_largest_remainder(total, parts) == split_by_largest_remainder(total, [*parts])


@pytest.mark.parametrize(
    ("total", "parts", "split"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # ties go to the earlier part
        (2, [1, 1, 1], [1, 1, 0]),
        (110, [1_050, 9_960], [10, 100]),
        (1, [1, 2], [0, 1]),
        (7, [0, 0], [7, 0]),  # nothing to go by: the first part
        (0, [5, 5], [0, 0]),
        (5, [], []),
        (100, [1, 0, 0], [100, 0, 0]),
        (10**15, [10**12, 10**12], [5 * 10**14, 5 * 10**14]),
    ],
)
def test_splits_by_hand(total, parts, split):
    assert split_by_largest_remainder(total, parts) == split


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("CNY", 2), ("USD", 2), ("EUR", 2), ("usd", 2), ("JPY", 0), ("jpy", 0), ("KRW", 0),
        ("VND", 0), ("KWD", 3), ("BHD", 3), ("TND", 3), ("XXX", 2), ("ISK", 0), ("XPF", 0),
        ("IQD", 3), ("LYD", 3), ("CLF", 4), ("HUF", 2), ("IDR", 2),
    ],
)  # fmt: skip
def test_digits_of_minor_units(currency, digits):
    assert exponent(currency) == digits


def test_pages_count_in_the_same_minor_units(repository):
    """The front ends' table is the server's."""
    source = (repository / "frontend/packages/shared/src/currency.ts").read_text()
    table = {code: int(digits) for code, digits in re.findall(r"\b([A-Z]{3}): (\d)", source)}
    assert table == money._EXPONENTS


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.5", 1), ("0.49", 0), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-0.4", 0), ("100", 100)],
)
def test_halves_are_rounded_away_from_zero(value, rounded):
    assert round_half_up(Decimal(value)) == rounded


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (3_600, "CNY", "¥36.00"),
        (123_456, "USD", "$1,234.56"),
        (-5, "GBP", "-£0.05"),
        (123_456, "JPY", "¥123,456"),
        (1_500, "KWD", "KWD\N{NO-BREAK SPACE}1.500"),
        (123_400, "SEK", "kr\N{NO-BREAK SPACE}1,234.00"),
        (100, "xyz", "XYZ\N{NO-BREAK SPACE}1.00"),
    ],
)
def test_an_amount_reads_as_in_the_front_ends(cents, currency, text):
    assert money_text(cents, currency) == text
