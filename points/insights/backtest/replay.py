"""One side of a back-test: what each order would have earned, and kept after its refunds."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from kernel.money import split_by_largest_remainder
from points.earning.awards import Draw, base_draws, rule_draws
from points.earning.calculations import Earned, clawback_due, order_points
from points.earning.evaluation import Judged
from points.earning.facts import MemberFacts
from points.earning.order_earnings import (
    EarningMoment,
    OrderEarnings,
    Weighed,
    order_earnings,
)
from points.insights.backtest.allowances import Allowances
from points.insights.backtest.proposal import Side
from points.orders.calculations import charged_cents, cumulative_share

BASE, TIER = "base", "tier"


class PastLine(msgspec.Struct, array_like=True, frozen=True):
    """A line of an order as it was stored, and what of it came back since (minor units)."""

    sku: str
    category: str
    quantity: int
    amount_cents: int
    refunded_cents: int


class PastOrder(msgspec.Struct, array_like=True, frozen=True):
    """An order as it was stored; what was refunded of it counts as if it came back at once."""

    id: uuid.UUID
    # As text: members are looked up a dozen times for each order.
    member_id: str
    channel: str
    external_id: str
    status: str
    placed_at: datetime
    completed_at: datetime | None
    received_at: datetime
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    offset_cents: int
    refunded_cents: int
    lines: tuple[PastLine, ...]

    @property
    def arrived_completed(self) -> bool:
        """Whether it was told when it had been completed already."""
        return self.completed_at is not None and self.completed_at <= self.received_at

    @property
    def spent_cents(self) -> int:
        """What it counts for in its buyer's sum."""
        return max(0, charged_cents(self) - self.refunded_cents)


class Gain(msgspec.Struct):
    """What one source gave an order: `source` is BASE, TIER or a rule's code; `taken` went back.
    `coupons`: 1 where a rule gave a coupon and kept it after refunds."""

    source: str
    name: str
    payer: str
    points: int
    refused: int
    reason: str
    draws: Sequence[Draw]
    day: date
    line_points: Sequence[int]
    taken: int = 0
    coupons: int = 0


class SideReplay:
    """Takes orders in the order they were placed and answers what they would have earned."""

    def __init__(self, side: Side) -> None:
        self.side, self.granting = side, side.granting
        self.allowances = Allowances(side.purses)
        self._day_of = side.granting.program.calendar.day_of

    def weigh(self, order: PastOrder, moment: EarningMoment, member: MemberFacts | None) -> Weighed:
        """What of an order counts at this moment, and how rules see it."""
        return Weighed(
            order, order.lines, moment, self.granting.program, offset_cents=order.offset_cents,
            member=member,
        )  # fmt: skip

    def earn(
        self, order: PastOrder, weighed: Weighed, *, explain: bool = False
    ) -> tuple[list[Gain], OrderEarnings]:
        """What an order gets at its moment, within limits and budgets, and what it was due."""
        day, member = self._day_of(weighed.moment.occurred_at), weighed.member
        earned = order_earnings(weighed, self.granting, explain=explain)
        gains = []
        if weighed.moment.has_base and earned.base.points:
            gains.append(
                self._plain(BASE, "", earned.base.points, earned.base.line_points, day)
            )  # fmt: skip
        if earned.bonus and member:
            name = member.tier_name
            gains.append(self._plain(TIER, name, earned.bonus, earned.bonus_split, day))
        gains += [
            self.by_rule(order.member_id, one, day)
            for one in earned.judged
            if one.outcome == "planned"
        ]
        return gains, earned

    def base_of(self, order: PastOrder) -> Earned:
        """What counts of an order, and its base points."""
        return order_points(
            self.side.settings.earning, order.lines, shipping_cents=order.shipping_cents,
            tax_cents=order.tax_cents, discount_cents=order.discount_cents,
            offset_cents=order.offset_cents,
        )  # fmt: skip

    def _plain(self, source: str, name: str, points: int, split: Sequence[int], day: date) -> Gain:
        draws = base_draws(self.granting, is_base=source == BASE)
        reason = self.allowances.take(draws, points, day) if draws else ""
        given = 0 if reason else points
        return Gain(
            source, name, self.granting.payer("merchant").code, given, points - given, reason,
            draws, day, _cut(given, points, split),
        )  # fmt: skip

    def by_rule(self, member: str, judged: Judged, day: date) -> Gain:
        """What a rule that matched gives, within its limits and budgets."""
        compiled, planned = judged.compiled, judged.points
        draws = rule_draws(compiled, self.granting)
        given, reason = self.allowances.judge(member, compiled, planned, day, draws)
        coupons = int(bool(judged.coupon) and not reason)
        payer = self.granting.payer(compiled.document.funding_source).code
        return Gain(
            compiled.rule.code, compiled.document.name, payer, given, planned - given, reason,
            draws, day, _cut(given, planned, judged.line_points), coupons=coupons,
        )  # fmt: skip

    def settle(self, order: PastOrder, gains: Sequence[Gain]) -> None:
        """Take back what the order's refunds take of what it earned in all, and note it on each
        gain: in proportion to what it gave."""
        if order.refunded_cents == 0:
            return
        if order.refunded_cents >= order.goods_cents - order.discount_cents - order.offset_cents:
            for one in gains:
                one.coupons = 0
        total = sum(one.points for one in gains)
        taken = min(total, self._taken(order, gains, total))
        if taken == 0:
            return
        for one, back in zip(
            gains, split_by_largest_remainder(taken, [g.points for g in gains]), strict=True
        ):
            one.taken = back
            self.allowances.give_back(one.draws, back, one.day)

    def _taken(self, order: PastOrder, gains: Sequence[Gain], total: int) -> int:
        """By line or in proportion to the goods, as the programme says (rules.md §4)."""
        refunded = [line.refunded_cents for line in order.lines]
        if self.side.settings.clawback.share == "proportional":
            return cumulative_share(total, sum(refunded), order.goods_cents, 0)
        per_line = [sum(points) for points in zip(*(g.line_points for g in gains), strict=True)]
        cents = [line.amount_cents for line in order.lines]
        return sum(clawback_due(per_line, cents, refunded, [0] * len(cents)))


def _cut(given: int, planned: int, split: Sequence[int]) -> Sequence[int]:
    """The split over the lines of what was given of a plan."""
    return split if given == planned else split_by_largest_remainder(given, list(split))
