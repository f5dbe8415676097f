"""Who bore which part of what points or coupons took off a price, as the APIs show it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class OffsetShare(msgspec.Struct, kw_only=True):
    """One payer's part of the points that paid an order, and what they were worth."""

    funding_source: str
    points: int
    cents: int


def offset_shares(rows: Sequence[Mapping[str, Any]] | None) -> list[OffsetShare]:
    """As stored on an order; none where no points paid."""
    return [msgspec.convert(row, OffsetShare) for row in rows or ()]
