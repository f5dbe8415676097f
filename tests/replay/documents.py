"""A shop's documents as an export has them: invoices with lines, and cancellations that name no invoice.

Made of the real repeat buying in CDNOW's orders (who, when, how much) with what such a file lacks and
real exports have: stock codes, several pieces, invoices of a thousand lines, the same code twice in one
invoice, free goods, discounts as lines below zero, postage, customers without a number, several invoices
in one minute; cancellations in parts, of more than was bought, of what was bought before the file began.
"""

import csv
import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).resolve().parents[2] / "platform/devstack/demo/data/cdnow_orders.csv.gz"
ZONE = ZoneInfo("Europe/London")
POSTAGE, DISCOUNT = "POST", "D"
# Every so many invoices a wholesaler's, every so many without a customer.
WHOLESALE, GUESTS = 1_500, 9


@dataclass(frozen=True)
class Row:
    """One line of a document: negative pieces are given back, negative prices taken off."""

    code: str
    quantity: int
    price_cents: int


@dataclass(frozen=True)
class Document:
    """An invoice, or (number beginning with C) a cancellation."""

    number: str
    customer: str | None
    at: datetime
    rows: tuple[Row, ...]

    @property
    def is_cancellation(self) -> bool:
        """Whether it gives back."""
        return self.number.startswith("C")


def make_documents(*, limit: int | None = None, seed: int = 1) -> list[Document]:
    """The same documents for the same seed, in the order of their times."""
    chance = random.Random(seed)
    found, number = [], 536_364
    for customer, day, pieces, cents in _purchases(limit):
        number += 1
        at = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(
            minutes=chance.choice([570, 570, 700, chance.randint(500, 1_200)])
        )
        buyer = None if number % GUESTS == 0 else customer
        rows = _wholesale(chance) if number % WHOLESALE == 0 else _rows(pieces, cents, chance)
        invoice = Document(str(number), buyer, at, rows)
        found.append(invoice)
        if cancelled := _cancelled(invoice, chance):
            number += 1
            days = chance.choice([0, 0, 1, 6, 30, 200])
            found.append(
                Document(f"C{number}", buyer, at + timedelta(days=days, minutes=3), cancelled)
            )
    return sorted(found, key=lambda one: (one.at, one.number.lstrip("C")))


def _purchases(limit: int | None) -> Iterator[tuple]:
    with gzip.open(DATA, "rt") as file:
        for i, row in enumerate(csv.DictReader(file)):
            if limit is not None and i >= limit:
                return
            day = datetime.fromisoformat(row["date"]).date()
            cents = round(float(row["amount"]) * 100)
            yield row["customer_id"], day, int(row["quantity"]), cents


def _rows(pieces: int, cents: int, chance: random.Random) -> tuple[Row, ...]:
    """The pieces of an order on lines of some pieces each, prices that sum to what it cost."""
    lines = max(1, min(pieces, chance.randint(1, 6)))
    rows, left_pieces, left_cents = [], max(pieces, lines), cents
    for i in range(lines - 1):
        quantity = chance.randint(1, max(1, left_pieces - (lines - 1 - i)))
        price = chance.randint(0, max(0, left_cents // quantity))
        rows.append(Row(_code(chance), quantity, price))
        left_pieces, left_cents = left_pieces - quantity, left_cents - quantity * price
    rows.append(Row(_code(chance), 1, left_cents))
    if chance.random() < 0.1:
        rows.append(Row(rows[0].code, 1, rows[0].price_cents))  # the same code once more
    if chance.random() < 0.05:
        rows.append(Row(_code(chance), 1, 0))  # a free one
    if chance.random() < 0.08:
        rows.append(Row(POSTAGE, 1, 395))
    if chance.random() < 0.04:
        rows.append(Row(DISCOUNT, -1, min(500, sum(r.quantity * r.price_cents for r in rows))))
    return tuple(rows)


def _wholesale(chance: random.Random) -> tuple[Row, ...]:
    rows = [
        Row(_code(chance), chance.choice([1, 12, 1_440]), chance.randint(4, 850))
        for _ in range(1_114)
    ]
    return (*rows, Row("23843", 80_995, 208))


def _code(chance: random.Random) -> str:
    return str(20_700 + int(chance.expovariate(0.01)) % 4_000)


def _cancelled(invoice: Document, chance: random.Random) -> tuple[Row, ...]:
    """What comes back of an invoice, if anything: parts, all, too much, or what was never here."""
    goods = [row for row in invoice.rows if row.code not in (POSTAGE, DISCOUNT)]
    fate = chance.random()
    if fate > 0.16 or not goods:
        return ()
    if fate < 0.02:  # bought before the file began
        return (Row(_code(chance), -chance.randint(1, 9), chance.randint(100, 2_000)),)
    if fate < 0.05:
        return tuple(
            Row(row.code, -row.quantity, row.price_cents)
            for row in invoice.rows
            if row.quantity > 0
        )
    some = chance.sample(goods, chance.randint(1, min(3, len(goods))))
    more = 1 if fate < 0.06 else 0
    return tuple(
        Row(row.code, -(chance.randint(1, row.quantity) + more * row.quantity), row.price_cents)
        for row in some
    )
