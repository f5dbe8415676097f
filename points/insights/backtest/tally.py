"""Adding up what both sides of a back-test gave: by rule, payer, time and member."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from points.budget.calculations import MICROS, expected_cost_micros
from points.earning.awards import Granting
from points.insights.backtest.proposal import Level
from points.insights.backtest.replay import Gain, PastOrder
from points.insights.backtest.standings import Climb
from points.orders.calculations import charged_cents

MOST_POINTS_OF_TIME = 60
TOP = 20
_NOTHING = (0, 0, 0, 0)
# Groups of members by how their points change, in percent of now: half less or worse, 10 % less,
# a little less, the same, a little more, 10 % more, half more, had none before.
GROUPS = 8


class Sums(msgspec.Struct):
    """One side. Points and coupons are those kept after refunds; cost is that of points, in minor
    units, each at its payer's price, or at face value where the payer has none, rounded once, half
    up: a coupon costs when it is used."""

    granted_points: int = 0
    taken_back_points: int = 0
    points: int = 0
    refused_points: int = 0
    cost_cents: int = 0
    orders: int = 0
    members: int = 0
    coupons: int = 0


class Both(msgspec.Struct):
    """Points of a rule, of a payer or in a stretch of time, on both sides."""

    live_points: int = 0
    draft_points: int = 0


class SourceSums(Both, kw_only=True):
    """`base`, `tier` or the code of a rule; how many orders it gave something to, and what its
    limits and budgets refused."""

    source: str
    name: str
    live_orders: int = 0
    draft_orders: int = 0
    live_refused_points: int = 0
    draft_refused_points: int = 0
    live_coupons: int = 0
    draft_coupons: int = 0


class PayerSums(Both, kw_only=True):
    """A funding source."""

    funding_source: str
    live_cost_cents: int = 0
    draft_cost_cents: int = 0


class Stretch(Both, kw_only=True):
    """Some days, from `starts_on` on."""

    starts_on: date


class MemberChange(Both, kw_only=True):
    """A member who wins or loses."""

    member_id: uuid.UUID
    orders: int


class TierMove(msgspec.Struct):
    """How many members would be on another tier; no tier is where everybody begins without one."""

    live_tier: str | None
    draft_tier: str | None
    members: int


class Found(msgspec.Struct):
    """What a back-test found. `spread` counts members by how their points change, in the groups
    of `GROUPS`."""

    days: int
    starts_on: date
    ends_on: date
    orders: int
    members: int
    revenue_cents: int
    live: Sums
    draft: Sums
    sources: list[SourceSums]
    payers: list[PayerSums]
    stretches: list[Stretch]
    winners: int
    losers: int
    unchanged: int
    spread: list[int]
    most_won: list[MemberChange]
    most_lost: list[MemberChange]
    tier_moves: list[TierMove] | None


class Tally:
    """Takes settled orders; `comparison` says what came of it."""

    def __init__(self, granting: Granting, *, days: int, start: datetime, until: datetime) -> None:
        calendar = granting.program.calendar
        self._granting, self._calendar = granting, calendar
        self._first, self._last = calendar.day_of(start), calendar.day_of(until)
        self._days, self._span = days, -(-days // MOST_POINTS_OF_TIME)
        self._orders = self._revenue = 0
        self._sums = (Sums(), Sums())
        # By side: of each source points kept, orders, points refused, coupons; of each payer points kept.
        self._sources: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
        self._payers: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._names: dict[str, str] = {}
        self._stretches: dict[int, Both] = defaultdict(Both)
        # Of each member: points on both sides, orders.
        self._members: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, order: PastOrder, gains: Sequence[Sequence[Gain]]) -> None:
        """One order, with what both sides gave it."""
        self._orders += 1
        self._revenue += charged_cents(order) - order.refunded_cents
        of_member = self._members[order.member_id]
        of_member[2] += 1
        place = (self._calendar.day_of(order.placed_at) - self._first).days // self._span
        stretch = self._stretches[place]
        for side, of_side in enumerate(gains):
            kept = self._add_side(side, of_side)
            of_member[side] += kept
            if side == 0:
                stretch.live_points += kept
            else:
                stretch.draft_points += kept

    def _add_side(self, side: int, gains: Sequence[Gain]) -> int:
        sums, sources, payers = self._sums[side], self._sources[side], self._payers[side]
        points = 0
        for gain in gains:
            kept = gain.points - gain.taken
            points += kept
            sums.granted_points += gain.points
            sums.taken_back_points += gain.taken
            sums.refused_points += gain.refused
            source = sources.get(gain.source)
            if source is None:
                source = sources[gain.source] = [0, 0, 0, 0]
                self._names[gain.source] = gain.name
            source[0] += kept
            source[1] += gain.points > 0 or gain.coupons > 0
            source[2] += gain.refused
            source[3] += gain.coupons
            sums.coupons += gain.coupons
            payers[gain.payer] += kept
        sums.orders += points > 0
        sums.points += points
        return points

    def comparison(self, *, tier_moves: list[TierMove] | None) -> Found:
        """The end of it."""
        changes = [(live - draft, member) for member, (live, draft, _) in self._members.items()]
        changes.sort(key=lambda one: (one[0], one[1]))
        payers = self._all_payers()
        for side, sums in enumerate(self._sums):
            sums.members = sum(1 for one in self._members.values() if one[side] > 0)
        return Found(
            days=self._days, starts_on=self._first, ends_on=self._last, orders=self._orders,
            members=len(self._members), revenue_cents=self._revenue,
            live=self._sums[0], draft=self._sums[1],
            sources=self._all_sources(), payers=payers,
            stretches=self._all_stretches(),
            winners=sum(1 for change, _ in changes if change < 0),
            losers=sum(1 for change, _ in changes if change > 0),
            unchanged=sum(1 for change, _ in changes if change == 0),
            spread=self._spread(),
            most_won=[self._change(m) for change, m in changes[:TOP] if change < 0],
            most_lost=[self._change(m) for change, m in changes[: -TOP - 1 : -1] if change > 0],
            tier_moves=tier_moves,
        )  # fmt: skip

    def _all_sources(self) -> list[SourceSums]:
        live, draft = self._sources
        rows = []
        for source in {**live, **draft}:
            now, then = live.get(source, _NOTHING), draft.get(source, _NOTHING)
            rows.append(
                SourceSums(
                    source=source, name=self._names[source], live_points=now[0],
                    draft_points=then[0], live_orders=now[1], draft_orders=then[1],
                    live_refused_points=now[2], draft_refused_points=then[2],
                    live_coupons=now[3], draft_coupons=then[3],
                )
            )  # fmt: skip
        return sorted(rows, key=_by_weight)

    def _all_payers(self) -> list[PayerSums]:
        """What the points of each payer cost; the sums of it are noted on both sides."""
        money, micros = self._granting.money, [0, 0]
        rows = []
        for code in {**self._payers[0], **self._payers[1]}:
            cost = expected_cost_micros(
                unit_cost_micros=self._granting.payer(code).unit_cost_micros,
                points_per_unit=money.points_per_unit, digits=money.digits,
            )  # fmt: skip
            points = [of_side[code] for of_side in self._payers]
            micros = [micros[0] + points[0] * cost, micros[1] + points[1] * cost]
            rows.append(
                PayerSums(
                    funding_source=code, live_points=points[0], draft_points=points[1],
                    live_cost_cents=_cents(points[0] * cost),
                    draft_cost_cents=_cents(points[1] * cost),
                )
            )  # fmt: skip
        for sums, cost in zip(self._sums, micros, strict=True):
            sums.cost_cents = _cents(cost)
        return sorted(rows, key=_by_weight)

    def _all_stretches(self) -> list[Stretch]:
        """Every stretch of the time looked at, also those in which nothing was given."""
        return [
            Stretch(
                starts_on=self._first + timedelta(days=place * self._span),
                live_points=self._stretches[place].live_points,
                draft_points=self._stretches[place].draft_points,
            )
            for place in range((self._last - self._first).days // self._span + 1)
        ]

    def _spread(self) -> list[int]:
        found = [0] * GROUPS
        for live, draft, _ in self._members.values():
            found[_place_of(live, draft)] += 1
        return found

    def _change(self, member: str) -> MemberChange:
        live, draft, orders = self._members[member]
        return MemberChange(
            member_id=uuid.UUID(member), live_points=live, draft_points=draft, orders=orders
        )


def _place_of(live: int, draft: int) -> int:
    """Group of a member: ≤ −50 %, ≤ −10 %, less, the same, more, ≥ 10 %, ≥ 50 %, had none before."""
    if live == draft:
        return 3
    if live == 0:
        return 7
    percent = (draft - live) * 100
    if percent < 0:
        return 0 if percent <= -50 * live else 1 if percent <= -10 * live else 2
    return 6 if percent >= 50 * live else 5 if percent >= 10 * live else 4


def tier_moves(live: Climb, draft: Climb, *, day: date) -> list[TierMove]:
    """Who would be on another tier by the value of the window that ends with a day."""
    found: Counter[tuple[str | None, str | None]] = Counter()
    for member in set(live.members()) | set(draft.members()):
        before, after = (one.level_of_value(member, day) for one in (live, draft))
        if _code(before) != _code(after):
            found[_code(before), _code(after)] += 1
    return [TierMove(*key, members) for key, members in found.most_common()]


def _code(level: Level | None) -> str | None:
    return level.code if level else None


def _by_weight(one: SourceSums | PayerSums) -> int:
    return -max(one.live_points, one.draft_points)


def _cents(micros: int) -> int:
    return (2 * micros + MICROS) // (2 * MICROS)
