"""Limits and budgets in memory: what `earning/sql/grants.sql` judges under locks, without any."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from points.budget.calculations import period_start
from points.earning.awards import Draw, counts_of
from points.earning.evaluation import Compiled


class Purse(msgspec.Struct, frozen=True):
    """What a pot holds when a period of it begins; `rate_micros` of the revenue comes on top."""

    amount: int
    period: Literal["month", "campaign"] = "campaign"
    rate_micros: int | None = None


class Allowances:
    """How often and how much members had of each rule, and what is left of each pot."""

    def __init__(self, purses: Mapping[int, Purse]) -> None:
        self._purses = purses
        self._left: dict[tuple[int, date], int] = {}
        self._counts: dict[tuple[str, str, str], tuple[int, int]] = {}

    def count_before(self, member: str, rule: str, period: str, times: int, points: int) -> None:
        """What a member had of a rule, by its code, before this began."""
        self._counts[member, rule, period] = times, points

    def set_left(self, pot: int, day: date, amount: int) -> None:
        """What is left of a pot in the period of a day."""
        self._left[pot, period_start(self._purses[pot].period, day)] = amount

    def bring_revenue(self, cents: int, day: date) -> None:
        """Pots that live of a share of the revenue grow by it, floored."""
        for pot, purse in self._purses.items():
            if purse.rate_micros:
                self._add(pot, day, cents * purse.rate_micros)

    def judge(
        self, member: str, compiled: Compiled, points: int, day: date, draws: Sequence[Draw]
    ) -> tuple[int, str]:
        """(points a rule may give, why they are fewer than planned). What is given is counted.

        One that gives a coupon plans 0 points: no reason means that it may give it.
        """
        counts = counts_of(compiled.document.limits, day)
        amount, reason, rule = points, "", compiled.rule.code
        for period, most_times, most_points in counts:
            times, had = self._counts.get((member, rule, period), (0, 0))
            if most_times is not None and times >= most_times:
                return 0, "member_times"
            if most_points is not None and amount > most_points - had:
                amount, reason = max(0, most_points - had), "member_points"
                if amount == 0:
                    return 0, reason
        refused = self.take(draws, amount, day)
        if refused:
            return 0, refused
        for period, _, _ in counts:
            key = member, rule, period
            times, had = self._counts.get(key, (0, 0))
            self._counts[key] = times + 1, had + amount
        return amount, reason

    def take(self, draws: Iterable[Draw], points: int, day: date) -> str:
        """Take points from pots, all or none; '' or the reason of the pot that refused."""
        taken: list[tuple[int, int]] = []
        for pot, cost, is_forced, reason in sorted(draws):
            amount = cost * points
            if self._left_of(pot, day) < amount and not is_forced:
                for earlier, back in taken:
                    self._add(earlier, day, back)
                return reason
            self._add(pot, day, -amount)
            taken.append((pot, amount))
        return ""

    def give_back(self, draws: Iterable[Draw], points: int, day: date) -> None:
        """Points that were taken back come back to the budgets; a rule's total does not grow."""
        for pot, cost, _, reason in draws:
            if reason == "budget":
                self._add(pot, day, cost * points)

    def _left_of(self, pot: int, day: date) -> int:
        purse = self._purses[pot]
        return self._left.get((pot, period_start(purse.period, day)), purse.amount)

    def _add(self, pot: int, day: date, amount: int) -> None:
        left = self._left_of(pot, day)
        self._left[pot, period_start(self._purses[pot].period, day)] = left + amount
