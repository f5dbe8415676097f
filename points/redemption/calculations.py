"""Codes of redemptions and of gifts, limits in time, and what points are worth at the checkout."""

import csv
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from kernel.clock import Calendar
from points.program.calculations import Offset

# Without letters and figures that are taken for one another when read out at a counter.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_redemption_code() -> str:
    """Ten characters in two groups: `7KQ4M-2XW9P`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{code[:5]}-{code[5:]}"


def written_code(text: str) -> str:
    """A redemption's code as it is stored, however it was typed: ` 7kq4m 2xw9p` is `7KQ4M-2XW9P`."""
    plain = "".join(char for char in text.upper() if char.isalnum())
    return f"{plain[:5]}-{plain[5:]}" if len(plain) == 10 else plain


def counted_since(period: str, at: datetime, calendar: Calendar) -> datetime | None:
    """From when on redemptions count towards a limit: the shop's day, its month, or ever (None)."""
    if period == "ever":
        return None
    day = calendar.day_of(at)
    return calendar.start_of(day.replace(day=1) if period == "month" else day)


def last_moment(days: int | None, at: datetime, calendar: Calendar) -> datetime | None:
    """The end of the local day so many days after `at`'s (exclusive); None for no end.

    1 day, redeemed on 1 March at any hour: until 2 March has ended.
    """
    if days is None:
        return None
    return calendar.end_of(calendar.day_of(at) + timedelta(days=days))


def read_codes(text: str) -> Iterator[str]:
    """Gift codes of a pasted list or a CSV file: the first cell of each line, in order, each once."""
    seen: set[str] = set()
    for row in csv.reader(text.lstrip("\ufeff").splitlines()):
        code = row[0].strip() if row else ""
        if code and code not in seen:
            seen.add(code)
            yield code


def masked(code: str) -> str:
    """A gift code as staff may see it: its last four characters, fewer of a short one."""
    shown = min(4, len(code) // 3)
    return "••••" + (code[-shown:] if shown else "")


def is_and_above(ladder: Sequence[str], allowed: Sequence[str]) -> bool:
    """Whether tiers, lowest first, are all from one of them up: "for Gold and above"."""
    places = [place for place, code in enumerate(ladder) if code in allowed]
    return bool(places) and places == list(range(places[0], len(ladder)))


def largest_offset(
    offset: Offset,
    *,
    amount_cents: int,
    available: int,
    digits: int,
    eligible_cents: int | None = None,
) -> tuple[int, int]:
    """The most points an order may be paid with, and their worth in minor units (rules.md §6).

    Bounded by what the member has, the share of the order (floored), the absolute cap and the
    step. `eligible_cents`: what of the order takes points, where not all of it does; the share is of
    that, the minimum of all of it. Only whole minor units are worth anything: 150 points at 100 per
    unit of 100 cents are 150 cents; nothing below the minimum order.
    """
    if amount_cents < offset.min_order_cents:
        return 0, 0
    eligible = amount_cents if eligible_cents is None else eligible_cents
    share_cents = int(eligible * offset.max_rate)
    most = min(available, share_cents * offset.points_per_unit // 10**digits)
    if offset.max_points is not None:
        most = min(most, offset.max_points)
    points = most // offset.step_points * offset.step_points
    return points, points * 10**digits // offset.points_per_unit
