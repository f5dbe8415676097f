"""The CDNOW orders, moved to our days."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from points.flows.incoming_order import IncomingLine, IncomingOrder

FILE = Path(__file__).resolve().parent / "data" / "cdnow_orders.csv.gz"
LAST_DAY = date(1998, 6, 30)
ORDERS = 69_659
POINTS = 2_453_159
CHANNEL = "cdnow"


@dataclass(frozen=True, slots=True)
class Row:
    """One purchase as the data set has it."""

    order_id: str
    customer_id: str
    day: date
    quantity: int
    amount_cents: int


def read() -> Iterator[Row]:
    """All purchases in the order of their days."""
    with gzip.open(FILE, "rt", newline="") as file:
        for row in csv.DictReader(file):
            yield Row(
                row["order_id"], row["customer_id"], date.fromisoformat(row["date"]),
                max(1, int(row["quantity"])), int(Decimal(row["amount"]) * 100),
            )  # fmt: skip


def shift_for(today: date) -> timedelta:
    """Whole weeks, so that weekdays stay weekdays and the last order is one to seven days old."""
    return timedelta(weeks=((today - LAST_DAY).days - 1) // 7)


def as_order(row: Row, shift: timedelta, zone: ZoneInfo) -> IncomingOrder:
    """The purchase as an order completed at an hour drawn from its number, 9:00 to 20:59."""
    minute = 9 * 60 + int(row.order_id[4:]) * 7919 % (12 * 60)
    local = datetime.combine(row.day + shift, time(minute // 60, minute % 60), zone)
    moment = local.astimezone(UTC)
    return IncomingOrder(
        external_id=row.order_id, channel=CHANNEL, member_external_id=row.customer_id,
        currency="USD", placed_at=moment, completed_at=moment, status="completed",
        lines=[
            IncomingLine(
                external_id="1", sku="CD", quantity=row.quantity, amount_cents=row.amount_cents
            )
        ],
    )  # fmt: skip
