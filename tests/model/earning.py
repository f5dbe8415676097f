"""What orders and events earn (rules.md §3, §12): base, tier, rules with limits, budgets."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tests.model.days import Days

MICRO = 1_000_000


def shares(total: int, weights: list[int]) -> list[int]:
    """Largest remainder; ties to the earlier part; without any weight the first gets all."""
    if not any(weights):
        return [total] + [0] * (len(weights) - 1) if weights else []
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass
class Base:
    """Base points of an order: in all, per line, and the money they come from."""

    points: int
    lines: list[int]
    cents: int
    counted: list[int]


def base_of(settings: dict, order: dict, offset_cents: int) -> Base:
    """Base points by the programme's settings."""
    lines = order["lines"]
    excluded = settings.get("excluded_categories", [])
    counted = [0 if line["category"] in excluded else line["cents"] for line in lines]
    goods, whole = sum(line["cents"] for line in lines), sum(counted)
    off = order["discount"] + offset_cents
    if whole != goods:
        off = -int(-Fraction(off * whole, goods) // 1)  # the part that counts, rounded up
    extra = order["shipping"] + order["tax"] if settings["basis"] == "order_total" else 0
    cents = max(0, whole + extra - off)
    steps = Fraction(cents, settings["step_cents"])
    if settings["rounding"] == "ceil":
        number = -(-steps // 1)
    elif settings["rounding"] == "half_up":
        number = (steps + Fraction(1, 2)) // 1
    else:
        number = steps // 1
    points = int(number) * settings["points_per_step"]
    return Base(points, shares(points, counted), cents, counted)


@dataclass
class Given:
    """Points on their way to a member: planned, and their split over the lines of an order."""

    points: int
    lines: list[int]
    payer: str
    part: str
    pending_days: int
    rule: dict | None = None


@dataclass
class Occasion:
    """What rules look at."""

    trigger: str
    at: datetime
    amount: int = 0
    base: int = 0
    order: dict | None = None
    net: list[int] = field(default_factory=list)
    line_base: list[int] = field(default_factory=list)
    counts: list[bool] = field(default_factory=list)


class Rules:
    """Rules, what members have had of them, and what payers may still give."""

    def __init__(self, days: Days, per_unit: int, digits: int) -> None:
        self.days, self.per_unit, self.digits = days, per_unit, digits
        self.rules: list[dict] = []
        self.since: datetime | None = None
        self.payers: dict[str, dict] = {"merchant": {"price": 0, "budget": None}}
        self.had: dict[tuple[str, str, object], list[int]] = defaultdict(lambda: [0, 0])
        self.totals: Counter[str] = Counter()
        self.left: dict[tuple[str, date | None], int] = {}

    # -- which rules match --------------------------------------------------------------------

    def plan(self, occasion: Occasion, pending_days: int) -> list[Given]:
        """What the rules of this trigger would give, before limits."""
        found: list[Given] = []
        closed = False
        if self.since is None or occasion.at < self.since:
            return []
        mine = [rule for rule in self.rules if rule["trigger"] == occasion.trigger]
        for rule in sorted(mine, key=lambda rule: (-rule["priority"], rule["code"])):
            alone = rule["stacking"] == "exclusive"
            if occasion.amount < rule["least_cents"] or closed or (alone and found):
                continue
            points, lines = self._reward(rule, occasion)
            if points:
                closed = alone
                wait = pending_days if rule["pending_days"] is None else rule["pending_days"]
                found.append(Given(points, lines, rule["payer"], rule["code"], wait, rule))
        return found

    def _reward(self, rule: dict, one: Occasion) -> tuple[int, list[int]]:
        reward, lines = rule["reward"], one.order["lines"] if one.order else []
        category = reward.get("category")
        picked = [
            counts and (category is None or line["category"] == category)
            for line, counts in zip(lines, one.counts, strict=True)
        ]
        amount = (
            sum(n for n, p in zip(one.net, picked, strict=True) if p) if category else one.amount
        )
        base = (
            sum(b for b, p in zip(one.line_base, picked, strict=True) if p)
            if category
            else one.base
        )
        kind = reward["kind"]
        if kind == "fixed":
            points = reward["points"]
        elif kind == "amount":
            points = amount // reward["per_cents"] * reward["points"]
        elif kind == "rate":
            worth = Fraction(amount, 10**self.digits) * Fraction(reward["rate"])
            points = int(worth * self.per_unit // 1)
        elif kind == "multiplier":
            points = int(base * Fraction(reward["factor"]) // 1) - base
        else:
            pieces = (line["quantity"] if reward["per"] == "piece" else 1 for line in lines)
            points = reward["points"] * sum(n for n, p in zip(pieces, picked, strict=True) if p)
        weights = [n if p else 0 for n, p in zip(one.net, picked, strict=True)]
        if not any(weights):
            weights = [int(p) for p in picked]
        return points, shares(points, weights)

    # -- limits and budgets -------------------------------------------------------------------

    def award(
        self, member: str, given: Given, happened: datetime, *, is_base: bool, order=None
    ) -> int:
        """What is really given, once limits and budgets are asked; they remember it, but not of an
        order that was refunded in full."""
        day = self.days.day_of(happened)
        rule, points = given.rule, given.points
        if rule is None:
            return points if self._pay(given.payer, points, day, is_base=is_base) else 0
        periods = self._periods(day)
        for name in ("day", "week", "month", "ever"):
            times, had = self.had[member, rule["code"], periods[name]]
            most_times = rule["times"].get(name)
            most_points = rule["points_limit"].get(name)
            if most_times is not None and times >= most_times:
                return 0
            if most_points is not None:
                points = min(points, max(0, most_points - had))
        if points == 0:
            return 0
        total = rule["total"]
        if total is not None and self.totals[rule["code"]] + points > total:
            return 0
        if not self._pay(given.payer, points, day, is_base=False):
            return 0
        self.totals[rule["code"]] += points
        for name, period in periods.items():
            limited = (
                rule["times"].get(name) is not None or rule["points_limit"].get(name) is not None
            )
            if limited and not (order and order.is_undone):
                self._count(member, rule["code"], period, 1, points)
                if order:
                    order.counted.append((rule["code"], period, points))
        return points

    def _count(self, member: str, code: str, period: object, times: int, points: int) -> None:
        entry = self.had[member, code, period]
        entry[0] += times
        entry[1] += points

    def follow(self, order) -> None:
        """Limits per member forget what an order earned that was refunded in full."""
        if order.is_undone:
            for code, period, points in order.counted:
                self._count(order.member, code, period, -1, -points)
            order.counted.clear()

    @staticmethod
    def _periods(day: date) -> dict[str, object]:
        return {
            "day": day, "week": tuple(day.isocalendar())[:2], "month": (day.year, day.month, 0),
            "ever": "ever",
        }  # fmt: skip

    def _period(self, budget: dict, day: date) -> date | None:
        return day.replace(day=1) if budget["period"] == "month" else None

    def cost_of(self, payer: str) -> int:
        """What a point costs a payer's budget: 1 in points; in money millionths of a minor unit."""
        terms = self.payers[payer]
        if "points" in terms["budget"]:
            return 1
        return terms["price"] or MICRO * 10**self.digits // self.per_unit

    def _pay(self, payer: str, points: int, day: date, *, is_base: bool) -> bool:
        budget = self.payers[payer]["budget"]
        if budget is None:
            return True
        key = payer, self._period(budget, day)
        cost = points * self.cost_of(payer)
        left = self.left.setdefault(key, budget.get("points", 0))
        forced = budget["on_limit"] == "alert" or (budget["on_limit"] == "stop_bonus" and is_base)
        if left < cost and not forced:
            return False
        self.left[key] = left - cost
        return True

    def bring_back(self, whose: list[tuple[str, int]], day: date) -> None:
        """Points taken back come back to the budgets they were given from."""
        for payer, points in whose:
            budget = self.payers[payer]["budget"]
            if budget and points:
                key = payer, self._period(budget, day)
                left = self.left.setdefault(key, budget.get("points", 0))
                self.left[key] = left + points * self.cost_of(payer)

    def count_revenue(self, cents: int, day: date) -> None:
        """Budgets that are a share of the revenue follow it."""
        for payer, terms in self.payers.items():
            budget = terms["budget"]
            if budget and "rate" in budget:
                key = payer, self._period(budget, day)
                share = int(cents * Fraction(budget["rate"]) * MICRO // 1)
                self.left[key] = self.left.get(key, 0) + share

    def unite(self, loser: str, survivor: str) -> None:
        """What two members had adds up."""
        for member, code, period in [key for key in self.had if key[0] == loser]:
            times, points = self.had.pop((member, code, period))
            entry = self.had[survivor, code, period]
            entry[0] += times
            entry[1] += points
