"""What a budget is, and which period a day belongs to."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

MICROS = 1_000_000
# A campaign's budget has one period that never ends.
CAMPAIGN_START = date(1970, 1, 1)

PeriodKind = Literal["month", "campaign"]
OnLimit = Literal["stop", "stop_bonus", "alert"]


class BudgetTerms(msgspec.Struct, kw_only=True, frozen=True):
    """A budget: `points` in all, or `rate` of the revenue (0–1) in money; per month or for ever.

    At the limit: `stop` refuses every grant, `stop_bonus` keeps base points and refuses bonuses,
    `alert` only tells. `alert_rate` is the part used at which it tells.
    """

    points: int | None = None
    rate: Decimal | None = None
    period: PeriodKind = "campaign"
    on_limit: OnLimit = "stop_bonus"
    alert_rate: Decimal = Decimal("0.8")

    @property
    def is_in_points(self) -> bool:
        return self.rate is None


def period_start(period: str, day: date) -> date:
    """First day of the period a local day belongs to."""
    return day.replace(day=1) if period == "month" else CAMPAIGN_START


def expected_cost_micros(*, unit_cost_micros: int, points_per_unit: int, digits: int) -> int:
    """What a point is expected to cost, in millionths of a minor unit (rules.md §12).

    The funding source's own price; without one the face value, as if every point were spent:
    100 points to the yuan → 1,000,000 (one fen).
    """
    return unit_cost_micros or MICROS * 10**digits // points_per_unit
