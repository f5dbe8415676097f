"""What coupons take off (docs/algorithms/coupons.md has the same numbers)."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import Calendar
from points.coupons.calculations import (
    CouponLine,
    CouponTerms,
    Discount,
    Refusal,
    combine,
    discount_of,
    new_coupon_code,
    validity,
    written_code,
)

SHANGHAI = Calendar("Asia/Shanghai")


def line(cents, category="tea", sku="T1"):
    return CouponLine(sku=sku, category=category, amount_cents=cents)


def amount(cents, threshold=0, **more):
    return CouponTerms(
        kind="amount_off", amount_cents=cents, threshold_cents=threshold, **more
    )  # fmt: skip


def percent(rate, **more):
    return CouponTerms(kind="percent_off", rate=Decimal(rate), **more)


BASKET = [line(6_000), line(3_000, "cup", "C1"), line(1_999, "cake", "K1")]


def test_an_amount_is_split_over_the_lines_by_largest_remainder():
    # 2000 × 6000/10999 = 1091.00, × 3000/10999 = 545.50, × 1999/10999 = 363.49: one cent is left,
    # and the largest remainder is the second line's.
    assert discount_of(amount(2_000, 10_000), BASKET) == Discount(2_000, (1_091, 546, 363))


def test_the_threshold_looks_at_goods_in_scope_only():
    terms = amount(2_000, 10_000, scope="categories", categories=("tea", "cup"))
    assert discount_of(terms, BASKET) == Refusal("below_threshold", missing_cents=1_000)
    assert discount_of(terms, [*BASKET, line(1_000)]) == Discount(2_000, (1_200, 600, 0, 200))


def test_a_percentage_is_floored_and_capped():
    assert discount_of(percent("0.12"), BASKET) == Discount(1_319, (719, 360, 240))  # of 1319.88
    assert discount_of(percent("0.12", cap_cents=500), BASKET) == Discount(500, (273, 136, 91))
    assert discount_of(percent("1"), BASKET).total_cents == 10_999


def test_what_is_excluded_neither_counts_nor_gets_anything():
    terms = percent("0.5", excluded_skus=("T1",), excluded_categories=("cake",))
    assert discount_of(terms, BASKET) == Discount(1_500, (0, 1_500, 0))
    assert discount_of(amount(5, scope="skus", skus=("X",)), BASKET) == Refusal("nothing_in_scope")


def test_never_more_than_the_goods():
    assert discount_of(amount(50_000), BASKET) == Discount(10_999, (6_000, 3_000, 1_999))


def test_free_shipping_takes_nothing_off_the_goods():
    terms = CouponTerms(kind="free_shipping", threshold_cents=10_999)
    assert discount_of(terms, BASKET) == Discount(0, (0, 0, 0), frees_shipping=True)
    assert discount_of(terms, BASKET[:2]) == Refusal("below_threshold", 1_999)


def test_percentages_come_before_amounts_and_thresholds_look_at_the_whole_price():
    """100.00: 20 % first leaves 80.00, then 30.00 from 100.00 on leaves 50.00."""
    coupons = {
        "B": amount(3_000, 10_000, stacks=True), "A": percent("0.2", stacks=True),
        "C": CouponTerms(kind="free_shipping", stacks=True, with_points=False),
    }  # fmt: skip
    found = combine(coupons, [line(10_000)])
    assert list(found.applied) == ["A", "B", "C"]
    assert {code: one.total_cents for code, one in found.applied.items()} == {
        "A": 2_000, "B": 3_000, "C": 0,
    }  # fmt: skip
    assert (found.total_cents, found.per_line, found.refused) == (5_000, (5_000,), {})
    assert (found.frees_shipping, found.allows_points) == (True, False)


def test_a_coupon_that_finds_nothing_left_is_not_applied():
    coupons = {"A": amount(9_000, stacks=True), "B": amount(9_000, stacks=True)}
    found = combine(coupons, [line(8_000)])
    assert (found.total_cents, found.refused) == (8_000, {"B": Refusal("nothing_left")})


@pytest.mark.parametrize(
    ("coupons", "is_refused"),
    [
        ({"A": amount(1)}, False),
        ({"A": amount(1, stacks=True), "B": amount(1)}, True),
        ({str(n): amount(1, stacks=True) for n in range(5)}, False),
        ({str(n): amount(1, stacks=True) for n in range(6)}, True),
    ],
)
def test_only_stacking_coupons_go_together_and_five_at_most(coupons, is_refused):
    assert (combine(coupons, BASKET) == "cannot_combine") is is_refused


LINES = st.lists(
    st.builds(
        line, st.integers(0, 10**7), st.sampled_from(["tea", "cup", ""]), st.sampled_from("ABC")
    ),
    min_size=1, max_size=6,
)  # fmt: skip
TERMS = st.one_of(
    st.builds(
        amount, st.integers(1, 10**7), st.integers(0, 10**6), stacks=st.just(True),
        scope=st.sampled_from(["all", "categories", "skus"]), categories=st.just(("tea",)),
        skus=st.just(("A", "B")),
    ),
    st.builds(
        percent, st.decimals("0.0001", 1, places=4), stacks=st.just(True),
        cap_cents=st.none() | st.integers(1, 10**6), excluded_skus=st.sampled_from([(), ("B",)]),
    ),
    st.just(CouponTerms(kind="free_shipping", stacks=True)),
)  # fmt: skip


@given(LINES, st.lists(TERMS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_combining_is_exact_bounded_and_knows_no_order(lines, several, chance):
    coupons = {f"C{n}": terms for n, terms in enumerate(several)}
    found = combine(coupons, lines)
    assert all(0 <= off <= one.amount_cents for off, one in zip(found.per_line, lines, strict=True))
    for one in found.applied.values():
        assert one.total_cents == sum(one.per_line) and min(one.per_line) >= 0
    assert found.total_cents == sum(one.total_cents for one in found.applied.values())
    assert coupons.keys() == found.applied.keys() | found.refused.keys()
    shuffled = random.Random(chance.random()).sample(sorted(coupons.items()), len(coupons))
    assert combine(dict(shuffled), lines) == found


@given(LINES, TERMS)
def test_one_coupon_alone_is_a_combination_of_one(lines, terms):
    found, alone = combine({"C": terms}, lines), discount_of(terms, lines)
    assert (found.applied.get("C") or found.refused["C"]) == alone


def test_days_last_to_the_end_of_the_local_day():
    at = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # 23:59 on the 1st in Shanghai
    begins, ends = validity(
        valid_from=None, valid_until=None, valid_days=7, at=at, calendar=SHANGHAI
    )
    assert (begins, ends) == (at, datetime(2026, 3, 8, 16, 0, tzinfo=UTC))
    until = datetime(2026, 3, 5, tzinfo=UTC)
    both = validity(
        valid_from=until, valid_until=until, valid_days=7, at=at, calendar=SHANGHAI
    )  # fmt: skip
    assert both == (until, until)


def test_codes_are_written_in_groups_and_read_as_people_type_them():
    code = new_coupon_code()
    assert len(code) == 14 and code[4] == code[9] == "-"
    assert written_code(code.lower().replace("-", " ")) == code
    assert len({new_coupon_code() for _ in range(1_000)}) == 1_000
