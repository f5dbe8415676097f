"""What a coupon takes off a basket: pure arithmetic on whole minor units (rules.md §6).

A percentage is floored, so that the shop never gives more than it said; an amount is split over the
lines it counts for by largest remainder (`kernel.money`), never above a line.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

import msgspec

from kernel.clock import Calendar
from kernel.money import split_by_largest_remainder

Kind = Literal["amount_off", "percent_off", "free_shipping"]
Scope = Literal["all", "categories", "skus"]
Reason = Literal["below_threshold", "nothing_in_scope", "nothing_left", "locked", "not_yet_valid"]
AT_MOST = 5
# Percentages first, as they are worth most on the whole price; shipping last, as it is no goods.
ORDER: Mapping[str, int] = {"percent_off": 0, "amount_off": 1, "free_shipping": 2}
# Without letters and figures that are taken for one another when read out at a counter.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH, CODE_GROUP = 12, 4


class CouponTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a coupon promises, stamped on it when it is issued: later changes of its template do not
    touch it.

    `amount_cents` for amount_off; `rate` for percent_off, the share taken off (0.2 is 20 % off), at
    most `cap_cents`. `per_member`: the limit it was issued under.
    """

    kind: Kind
    amount_cents: int | None = None
    rate: Decimal | None = None
    cap_cents: int | None = None
    threshold_cents: int = 0
    scope: Scope = "all"
    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()
    excluded_skus: tuple[str, ...] = ()
    stacks: bool = False
    with_points: bool = True
    returns_on_refund: bool = True
    per_member: int | None = None
    funding_source: str = ""


class CouponLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of a basket: what all pieces of the line cost together, before any coupon."""

    sku: str = ""
    category: str = ""
    amount_cents: int
    quantity: int = 1


class Discount(msgspec.Struct, frozen=True):
    """What comes off, in all and of each line in the basket's order. With `frees_shipping` nothing
    comes off the goods: the checkout takes its own shipping off."""

    total_cents: int
    per_line: tuple[int, ...]
    frees_shipping: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """Why a coupon takes nothing off; `missing_cents`: how much more goods it needs."""

    reason: Reason
    missing_cents: int = 0


class Combined(msgspec.Struct, frozen=True):
    """Several coupons on one basket: what each takes off, or why it does not, by code.

    `applied` is in the order in which they were applied.
    """

    applied: dict[str, Discount]
    refused: dict[str, Refusal]
    per_line: tuple[int, ...]
    frees_shipping: bool
    allows_points: bool

    @property
    def total_cents(self) -> int:
        """All that comes off the goods."""
        return sum(self.per_line)


def is_in_scope(terms: CouponTerms, line: CouponLine) -> bool:
    """Whether a line counts for a coupon; what is excluded never does."""
    if line.sku in terms.excluded_skus or line.category in terms.excluded_categories:
        return False
    if terms.scope == "categories":
        return line.category in terms.categories
    return terms.scope == "all" or line.sku in terms.skus


def discount_of(terms: CouponTerms, lines: Sequence[CouponLine]) -> Discount | Refusal:
    """What one coupon takes off a basket, or why nothing."""
    return _discount(terms, lines, [line.amount_cents for line in lines])


def can_combine(terms: Iterable[CouponTerms]) -> bool:
    """Whether these may be used in one order: one alone always, several if all of them stack."""
    several = list(terms)
    return len(several) <= 1 or (
        len(several) <= AT_MOST and all(one.stacks for one in several)
    )  # fmt: skip


def combine(
    coupons: Mapping[str, CouponTerms], lines: Sequence[CouponLine]
) -> Combined | Literal["cannot_combine"]:
    """Several coupons (by code) on one basket.

    Percentages first, then amounts, then free shipping; ties by code. Each takes off what those
    before have left, so that the order in which they are named does not matter. Thresholds look at
    the goods before any coupon: one coupon never spoils another's condition.
    """
    if not can_combine(coupons.values()):
        return "cannot_combine"
    left = [line.amount_cents for line in lines]
    applied: dict[str, Discount] = {}
    refused: dict[str, Refusal] = {}
    for code, terms in sorted(coupons.items(), key=lambda one: (ORDER[one[1].kind], one[0])):
        found = _discount(terms, lines, left)
        if isinstance(found, Refusal):
            refused[code] = found
            continue
        applied[code] = found
        left = [cents - off for cents, off in zip(left, found.per_line, strict=True)]
    return Combined(
        applied, refused,
        per_line=tuple(
            line.amount_cents - cents for line, cents in zip(lines, left, strict=True)
        ),
        frees_shipping=any(one.frees_shipping for one in applied.values()),
        allows_points=all(coupons[code].with_points for code in applied),
    )  # fmt: skip


def _discount(
    terms: CouponTerms, lines: Sequence[CouponLine], left: Sequence[int]
) -> Discount | Refusal:
    counts = [is_in_scope(terms, line) for line in lines]
    if not any(counts):
        return Refusal("nothing_in_scope")
    whole = sum(line.amount_cents for line, is_in in zip(lines, counts, strict=True) if is_in)
    if whole < terms.threshold_cents:
        return Refusal("below_threshold", missing_cents=terms.threshold_cents - whole)
    if terms.kind == "free_shipping":
        return Discount(0, (0,) * len(lines), frees_shipping=True)
    weights = [cents if is_in else 0 for cents, is_in in zip(left, counts, strict=True)]
    total = _worth(terms, sum(weights))
    if total == 0:
        return Refusal("nothing_left")
    return Discount(total, tuple(split_by_largest_remainder(total, weights)))


def _worth(terms: CouponTerms, cents: int) -> int:
    """What comes off so much, floored; never more than there is."""
    if terms.kind == "amount_off":
        return min(terms.amount_cents or 0, cents)
    off = int((cents * (terms.rate or Decimal(0))).to_integral_value(ROUND_FLOOR))
    return min(off, cents, off if terms.cap_cents is None else terms.cap_cents)


def validity(
    *,
    valid_from: datetime | None,
    valid_until: datetime | None,
    valid_days: int | None,
    at: datetime,
    calendar: Calendar,
) -> tuple[datetime, datetime | None]:
    """From when until when a coupon issued at `at` can be used; the end is the first moment after.

    N days after the issue last to the end of the N-th local day after it: issued any time on the
    1st with 7 days, it can be used through the 8th. Both an end and days: whichever is earlier.
    """
    ends = []
    if valid_until is not None:
        ends.append(valid_until)
    if valid_days is not None:
        ends.append(calendar.end_of(calendar.day_of(at) + timedelta(days=valid_days)))
    return max(at, valid_from or at), min(ends) if ends else None


def new_coupon_code() -> str:
    """Twelve characters in three groups, 59 bits of chance: `7KQ4-M2XW-9PAB`."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))


def written_code(text: str) -> str:
    """A code as people type it, in the form it is kept in: `7kq4m2xw 9pab` → `7KQ4-M2XW-9PAB`."""
    return _grouped("".join(one for one in text.upper() if one.isascii() and one.isalnum()))


def _grouped(text: str) -> str:
    return "-".join(text[i : i + CODE_GROUP] for i in range(0, len(text), CODE_GROUP))
