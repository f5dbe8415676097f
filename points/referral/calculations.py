"""Arithmetic of commission, and when two contacts are one person's: no database, no clock."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from kernel.money import split_by_largest_remainder

# No 0, O, 1, I, L: a code is read aloud and written by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 7
_RATE_UNIT = 10_000
_SHORTEST_NUMBER = 7
_GOOGLE = ("gmail.com", "googlemail.com")


class SoldLine(Protocol):
    """What commission looks at of an order's line, as it is now."""

    @property
    def amount_cents(self) -> int: ...
    @property
    def refunded_cents(self) -> int: ...
    @property
    def category(self) -> str: ...


class Worth(msgspec.Struct, frozen=True):
    """What was paid for goods that were kept, and the commission on it; minor units."""

    base_cents: int
    amount_cents: int


def new_code() -> str:
    """An invitation code: seven signs out of 31, 27 billion in all."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def normalise_code(text: str) -> str:
    """As it is stored: upper case, without blanks and hyphens."""
    return "".join(sign for sign in text.upper() if sign not in " -\t\u3000")


def paid_for_lines(amounts: Sequence[int], *, discount_cents: int, offset_cents: int) -> list[int]:
    """What each line cost in money: its price less its part of coupons and of points.

    Both are spread over the lines by largest remainder, ties to the earlier line. They pay for the
    goods first: what they exceed the goods by was shipping. 60.00 and 40.00 with 10.00 off → 54.00
    and 36.00.
    """
    less = min(discount_cents + offset_cents, sum(amounts))
    if less == 0:
        return list(amounts)
    parts = split_by_largest_remainder(less, list(amounts))
    return [amount - part for amount, part in zip(amounts, parts, strict=True)]


def kept_cents(paid: int, line: SoldLine) -> int:
    """Of what a line cost, the share that was not refunded, floored."""
    if line.amount_cents == 0:
        return 0
    return paid * (line.amount_cents - line.refunded_cents) // line.amount_cents


def kept_of_order(lines: Sequence[SoldLine], *, discount_cents: int, offset_cents: int) -> int:
    """What the goods that were kept cost in money: the sum over the lines."""
    paid = paid_for_lines(
        [line.amount_cents for line in lines],
        discount_cents=discount_cents, offset_cents=offset_cents,
    )  # fmt: skip
    return sum(kept_cents(cents, line) for cents, line in zip(paid, lines, strict=True))


def commission_of(
    lines: Sequence[SoldLine], *, discount_cents: int, offset_cents: int, rate: Decimal,
    category_rates: Mapping[str, Decimal | str],
) -> Worth:  # fmt: skip
    """Commission of an order as it stands: of each line floor(rate × paid × kept ÷ price), summed.

    One rounding per line, always down. It depends on nothing but the lines as they are, so that
    refunds in any order and number come to the same, and a full refund to 0.
    """
    paid = paid_for_lines(
        [line.amount_cents for line in lines],
        discount_cents=discount_cents, offset_cents=offset_cents,
    )  # fmt: skip
    base = amount = 0
    for cents, line in zip(paid, lines, strict=True):
        of_line = Decimal(category_rates.get(line.category, rate))
        if of_line and line.amount_cents:
            base += kept_cents(cents, line)
            kept = cents * (line.amount_cents - line.refunded_cents)
            amount += kept * int(of_line * _RATE_UNIT) // (line.amount_cents * _RATE_UNIT)
    return Worth(base, amount)


def is_same_phone(one: str, other: str) -> bool:
    """Whether two numbers are one, with or without the code of the country: +86 138… is 138…"""
    a, b = one.lstrip("+").lstrip("0"), other.lstrip("+").lstrip("0")
    if min(len(a), len(b)) < _SHORTEST_NUMBER:
        return bool(a) and a == b
    return a.endswith(b) or b.endswith(a)


def is_same_email(one: str, other: str) -> bool:
    """Whether two addresses lead to one mailbox: `mei+tea@…` is `mei@…`; Google ignores dots."""
    return bool(one) and _mailbox(one) == _mailbox(other)


def _mailbox(address: str) -> str:
    name, _, domain = address.strip().lower().partition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@gmail.com" if domain in _GOOGLE else f"{name}@{domain}"


def hash_device(secret: str, shop: str, number: str) -> bytes:
    """Keyed hash of a browser's random number: of no use outside this shop."""
    text = f"{shop}\x1f{number}".encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).digest()
