"""What a refund takes back: floored on the way, exact at the end, the same in any order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.calculations import clawback_due
from points.orders.calculations import cumulative_share, offset_value_cents, spread_refund

cents = st.integers(0, 10**9)
points = st.integers(0, 10**9)


def refund_in_parts(points, whole, parts):
    """What each part takes back of one line, in order."""
    refunded, taken, due = 0, 0, []
    for part in parts:
        refunded += part
        (now,) = clawback_due([points], [whole], [refunded], [taken])
        taken += now
        due.append(now)
    return due


def test_three_parts_of_a_line_that_earned_10():
    assert refund_in_parts(10, 1_000, [333, 333, 334]) == [3, 3, 4]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(points, st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_any_sequence_of_parts_ends_with_all_and_never_takes_a_negative_part(points, parts):
    whole = sum(parts)
    due = refund_in_parts(points, whole, parts)
    assert all(part >= 0 for part in due)
    if whole:
        assert sum(due) == points


@settings(max_examples=100, derandomize=True, deadline=None)
@given(points, st.lists(st.integers(0, 10**7), min_size=2, max_size=10), st.randoms())
def test_what_is_taken_depends_on_how_much_is_refunded_and_not_on_the_way(points, parts, chance):
    whole = sum(parts) + 1  # something stays
    shuffled = [*parts]
    chance.shuffle(shuffled)
    taken = sum(refund_in_parts(points, whole, parts))
    assert taken == sum(refund_in_parts(points, whole, shuffled))
    assert (
        taken == sum(refund_in_parts(points, whole, [sum(parts)])) == points * sum(parts) // whole
    )


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.tuples(points, cents), min_size=1, max_size=10))
def test_refunding_everything_takes_exactly_what_was_earned(lines):
    earned, whole = [p for p, _ in lines], [c for _, c in lines]
    assert clawback_due(earned, whole, whole, [0] * len(lines)) == earned


def test_a_line_without_a_price_gives_back_all_or_nothing():
    assert clawback_due([5], [0], [0], [0]) == [5]
    assert clawback_due([5], [0], [0], [5]) == [0]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(points, st.lists(st.integers(0, 10**7), min_size=1, max_size=10))
def test_cumulative_shares_sum_to_the_whole(total, parts):
    whole, done, already = sum(parts), 0, 0
    for part in parts:
        done += part
        share = cumulative_share(total, done, whole, already)
        assert share >= 0
        already += share
    assert already == total


@settings(max_examples=100, derandomize=True, deadline=None)
@given(cents, st.lists(st.integers(0, 10**7), min_size=1, max_size=10))
def test_a_refund_without_lines_gives_no_line_more_than_its_rest(amount, rests):
    spread = spread_refund(amount, rests)
    assert sum(spread) == min(amount, sum(rests))
    assert all(0 <= part <= rest for part, rest in zip(spread, rests, strict=True))


@pytest.mark.parametrize(
    ("points", "per_unit", "digits", "worth"),
    [(400, 100, 2, 400), (399, 100, 2, 399), (1, 1000, 2, 0), (10, 1000, 2, 1), (7, 1, 0, 7),
     (15, 10, 0, 1), (100, 100, 3, 1_000)],
)  # fmt: skip
def test_what_points_are_worth(points, per_unit, digits, worth):
    assert offset_value_cents(points, per_unit, digits) == worth
