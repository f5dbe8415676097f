"""Lots that wait for their order: when it is completed it says from when its points are spendable."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from kernel.db import Ask


class Maturity(msgspec.Struct, frozen=True):
    """From when the points of a source can be spent; `expires_at` is until when those live that would
    have ended by then (None: for ever)."""

    source_id: uuid.UUID
    matures_at: datetime
    expires_at: datetime | None


def ask_to_set_maturity(*, dates: Sequence[Maturity], at: datetime) -> Ask[int]:
    """Give lots that wait for these sources their dates; answers how many points got one.

    One call for any number of sources, in the transaction that holds their orders. A lot that has a
    date keeps it; one whose date has passed matures at once, dated when it was due.
    """
    values = [msgspec.json.encode(dates).decode(), at]
    return Ask("ledger_set_maturity(%s, %s)", values, int)
