"""Both sides of a back-test over the same orders, one order after the other."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heappop, heappush

import msgspec

from points.earning.facts import MemberFacts
from points.earning.order_earnings import EarningMoment, Weighed, moment_of
from points.insights.backtest.proposal import Proposal, Side
from points.insights.backtest.reading import People
from points.insights.backtest.replay import Gain, PastOrder, SideReplay
from points.insights.backtest.standings import Climb, History, Moves


class _Waiting(msgspec.Struct):
    """An order that was paid, and is completed later."""

    order: PastOrder
    gains: list[list[Gain]]
    member: MemberFacts | None


Settled = Callable[[PastOrder, list[list[Gain]]], None]


def changes_standings(proposal: Proposal) -> bool:
    """Whether a proposal moves what tiers are measured by."""
    return bool(proposal.growth or proposal.tiers or proposal.earning)


class Comparison:
    """Takes orders as they were placed; hands each to `settled` once all it earned is known."""

    def __init__(
        self, live: Side, draft: Side, *, start: datetime, by_value: bool, settled: Settled
    ) -> None:
        self.sides = [SideReplay(live), SideReplay(draft)]
        self.standings: list[Climb | History] = [
            Climb(side.side) if by_value else History(side.side) for side in self.sides
        ]
        self._has_tiers = live.settings.tiers.is_on
        self._asks = self._has_tiers or any(side.granting.rules.triggers for side in (live, draft))
        self._start, self._settled = start, settled
        self._facts: dict[str, MemberFacts] = {}
        self._waiting: list[tuple[datetime, uuid.UUID, _Waiting]] = []
        self._count_alike = live.settings.earning == draft.settings.earning
        self._last: Weighed | None = None

    def unknown(self, orders: Sequence[PastOrder]) -> list[str]:
        """Buyers about whom nothing has been read yet, when rules or tiers could ask."""
        if not self._asks:
            return []
        return sorted({order.member_id for order in orders} - self._facts.keys())

    def meet(self, people: People) -> None:
        """Facts and histories of more buyers."""
        self._facts |= people.facts
        moves: dict[str, Moves] = dict(people.moves)
        for standing in self.standings:
            if isinstance(standing, History):
                standing.add(moves)

    def take(self, order: PastOrder) -> None:
        """The next order in the order of placing."""
        self._complete_until(order.placed_at)
        if order.placed_at < self._start:  # it only counts for tiers
            for side, standing in zip(self.sides, self.standings, strict=True):
                standing.follow(order, side.base_of(order))
            return
        member = self._facts.get(order.member_id)
        if member is not None:
            self._facts[order.member_id] = member.after(order.spent_cents)
        gains: list[list[Gain]] = [[], []]
        is_whole = order.completed_at is None or order.arrived_completed
        self._earn(order, member, gains, is_new=True, completed=is_whole)
        if is_whole:
            self._finish(order, gains)
        else:
            assert order.completed_at is not None
            waiting = _Waiting(order, gains, member)
            heappush(self._waiting, (order.completed_at, order.id, waiting))

    def end(self) -> None:
        """No more orders: those that waited are completed."""
        self._complete_until(None)

    def _complete_until(self, moment: datetime | None) -> None:
        while self._waiting and (moment is None or self._waiting[0][0] <= moment):
            waiting = heappop(self._waiting)[2]
            self._earn(
                waiting.order, waiting.member, waiting.gains, is_new=False, completed=True
            )  # fmt: skip
            self._finish(waiting.order, waiting.gains)

    def _earn(
        self, order: PastOrder, member: MemberFacts | None, gains: list[list[Gain]], *,
        is_new: bool, completed: bool,
    ) -> None:  # fmt: skip
        for place, side in enumerate(self.sides):
            grant_on = side.side.settings.earning.grant_on
            status = "completed" if completed and order.completed_at else "paid"
            moment = moment_of(
                is_new=is_new, status=status, placed_at=order.placed_at,
                completed_at=order.completed_at, grant_on=grant_on,
            )  # fmt: skip
            if not is_new and grant_on == "payment":
                moment = msgspec.structs.replace(moment, has_base=False)
            if is_new:
                day = side.granting.program.calendar.day_of(order.placed_at)
                side.allowances.bring_revenue(order.spent_cents, day)
            placed = self._placed(place, order, member, moment)
            weighed = self._weigh(side, order, moment, placed)
            found, earned = side.earn(order, weighed)
            gains[place] += found
            if moment.has_base and self._has_tiers:
                self.standings[place].follow(order, earned.base)

    def _weigh(
        self, side: SideReplay, order: PastOrder, moment: EarningMoment, member: MemberFacts | None
    ) -> Weighed:
        """Both sides see an order alike, unless their settings, its moment or the buyer's tier
        differ: then it is weighed once."""
        last = self._last
        if (
            last is None or not self._count_alike or last.order is not order
            or last.moment != moment or last.member != member
        ):  # fmt: skip
            last = self._last = side.weigh(order, moment, member)
        return last

    def _placed(
        self, place: int, order: PastOrder, member: MemberFacts | None, moment: EarningMoment
    ) -> MemberFacts | None:
        """A buyer with the tier of this side at this moment."""
        if member is None or not self._has_tiers:
            return member
        level = self.standings[place].level_at(order.member_id, moment.occurred_at)
        if level is None:
            return member
        return msgspec.structs.replace(
            member, tier=level.code, tier_name=level.code, multiplier=level.multiplier
        )

    def _finish(self, order: PastOrder, gains: list[list[Gain]]) -> None:
        for side, of_side in zip(self.sides, gains, strict=True):
            side.settle(order, of_side)
        self._settled(order, gains)
