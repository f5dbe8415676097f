"""Arithmetic of cash: exact to the minor unit. No ORM, clock or settings."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import gcd, lcm

from kernel.money import split_by_largest_remainder
from points.program.calculations import Cash

# When a provider that has not decided is asked again.
_WAITS = (1, 2, 5, 15, 60, 180, 360)


def step_of(rule: Cash, exponent: int) -> int:
    """Points in which an exchange goes: the merchant's step, widened until each is whole minor units.

    1,000 points per unit of 100 cents → a cent is 10 points: a step of 25 becomes 50.
    """
    per_cent = rule.points_per_unit // gcd(rule.points_per_unit, 10**exponent)
    return lcm(rule.step_points, per_cent)


def smallest_of(rule: Cash, exponent: int) -> int:
    """The fewest points of one exchange: the merchant's minimum, rounded up to the step."""
    step = step_of(rule, exponent)
    return -(-rule.min_points // step) * step


def cents_for(points: int, rule: Cash, exponent: int) -> int:
    """What points are worth in cash: exact for every multiple of the step. 500 at 100 per yuan → 500."""
    cents: int = points * 10**exponent // rule.points_per_unit
    return cents


def most_points(available: int, left_cents: Iterable[int], rule: Cash, exponent: int) -> int:
    """The most points that can be exchanged now, within what each cap still allows; 0 when that is
    less than the minimum."""
    fitting = [cents * rule.points_per_unit // 10**exponent for cents in left_cents]
    most = min([available, *fitting])
    most -= most % step_of(rule, exponent)
    return most if most >= smallest_of(rule, exponent) else 0


def shares_between(total: int, cuts: Iterable[int]) -> list[int]:
    """The parts of `total` between cuts at these places, each 1 at least.

    With n − 1 places drawn from 1 … total − 1 without repetition every way to write the total as a
    sum of n parts comes with the same chance. 10 cut at 3 and 9 → 3, 6, 1.
    """
    edges = [0, *sorted(cuts), total]
    return [after - before for before, after in zip(edges, edges[1:], strict=False)]


def equal_shares(total: int, shares: int) -> list[int]:
    """Shares that differ by one minor unit at most, the larger first. 10 by 3 → 4, 3, 3."""
    return split_by_largest_remainder(total, [1] * shares)


def wait_after(tries: int) -> timedelta:
    """How long a provider is left alone after so many tries: a minute at first, six hours in the end."""
    return timedelta(minutes=_WAITS[min(max(tries, 1), len(_WAITS)) - 1])


def mask_account(account: str) -> str:
    """Of an account as much as its owner needs to know it again: the last four signs."""
    return f"*** {account[-4:]}" if len(account) > 4 else "***"


def luckiest(cents: Sequence[int]) -> int | None:
    """Place of the largest of shares that were all taken, the earliest of equals; None of a single one."""
    return cents.index(max(cents)) if len(cents) > 1 else None
