"""Codes of redemptions, and what points are worth at the checkout."""

import secrets

from points.program.calculations import Offset

# Without letters and figures that are taken for one another when read out at a counter.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_redemption_code() -> str:
    """Ten characters in two groups: `7KQ4M-2XW9P`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{code[:5]}-{code[5:]}"


def largest_offset(
    offset: Offset, *, amount_cents: int, available: int, digits: int
) -> tuple[int, int]:
    """The most points an order may be paid with, and their worth in minor units (rules.md §6).

    Bounded by what the member has, the share of the order (floored), the absolute cap and the
    step. Only whole minor units are worth anything: 150 points at 100 per unit of 100 cents are
    150 cents; nothing below the minimum order.
    """
    if amount_cents < offset.min_order_cents:
        return 0, 0
    share_cents = int(amount_cents * offset.max_rate)
    most = min(available, share_cents * offset.points_per_unit // 10**digits)
    if offset.max_points is not None:
        most = min(most, offset.max_points)
    points = most // offset.step_points * offset.step_points
    return points, points * 10**digits // offset.points_per_unit
