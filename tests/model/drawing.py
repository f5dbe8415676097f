"""Inventing shops and operations from a seed, so that everything meets everything."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.model.shop import Shop

# (zone, hour the day begins, currency, digits): changes of the clocks at midnight, at the hour the day
# begins, half-hour zones, and none.
PLACES = [
    ("Asia/Shanghai", 0, "CNY", 2), ("America/New_York", 0, "USD", 2),
    ("America/New_York", 1, "USD", 2), ("Europe/Berlin", 2, "EUR", 2),
    ("Africa/Cairo", 0, "KWD", 3), ("Australia/Lord_Howe", 4, "AUD", 2), ("Asia/Tokyo", 4, "JPY", 0),
    ("America/Havana", 0, "USD", 2), ("Asia/Kolkata", 23, "INR", 2), ("Pacific/Auckland", 3, "NZD", 2),
]  # fmt: skip
MEMBERS = 9
CATEGORIES = ("tea", "ware", "gift")
POLICIES: list[dict[str, Any]] = [
    {"policy": "rolling", "months": 1}, {"policy": "rolling", "days": 10}, {"policy": "rolling"},
    {"policy": "month_end", "months": 1}, {"policy": "fixed_date", "date": "03-31"},
    {"policy": "inactivity", "days": 20}, {"policy": "never"},
]  # fmt: skip
# How often each operation comes.
WEIGHTS = {
    "order": 24, "batch": 3, "complete": 9, "refund": 16, "event": 12, "adjust": 7, "hold": 7,
    "capture": 3, "release": 3, "redeem": 6, "cancel": 3, "visit": 12, "make_up": 3, "transfer": 6,
    "merge": 0.15, "set": 3, "wait": 22, "again": 6,
}  # fmt: skip


class Drawing:
    """A shop and its operations; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seed, self.count = seed, 0
        self.told: list[dict] = []

    def setup(self) -> dict:
        """A shop to begin with."""
        pick = self.random
        zone, starts, currency, digits = PLACES[self.seed % len(PLACES)]
        start = datetime(2025, pick.randint(1, 12), pick.randint(1, 28), 9, tzinfo=UTC)
        return {
            "zone": zone, "starts": starts, "currency": currency, "digits": digits, "start": start,
            "members": [f"m{i}" for i in range(MEMBERS)], "settings": self._settings(starts),
            "ladder": [("silver", 2_000, "1.25"), ("gold", 9_000, "1.5")] if self.seed % 3 else [],
            "payers": {
                "brand": {"price": 3_333, "budget": {
                    "points": 20_000, "period": "month", "on_limit": "stop"}},
                "club": {"price": 0, "budget": {
                    "rate": "0.02", "period": "campaign", "on_limit": "stop_bonus"}},
                "shelf": {"price": 1_500_000, "budget": None},
            },
            "rules": self._rules(),
            "items": [
                {"name": "mug", "points": 70, "stock": 40, "limit": None},
                {"name": "pot", "points": 300, "stock": None, "limit": 3},
            ],
        }  # fmt: skip

    def _settings(self, starts: int) -> dict:
        pick = self.random
        return {
            "face_value_points_per_unit": pick.choice([100, 70]), "day_start_hour": starts,
            "earning": {
                "basis": "goods_paid", "step_cents": 100, "points_per_step": 1, "rounding": "floor",
                "grant_on": "completion", "pending_days": 0, "excluded_categories": ["gift"],
            },
            "expiry": pick.choice(POLICIES), "offset": {"points_per_unit": pick.choice([100, 30])},
            "clawback": {
                "share": "by_line", "from_other_lots": True, "debt": True,
                "debt_limit_points": None, "return_grace_days": 0,
            },
            "checkin": {
                "base_points": pick.choice([[1, 2, 3, 4, 5, 6, 7], [0, 0, 4]]),
                "milestones": [
                    ("continuous", 3, 20), ("continuous", 7, 50), ("cumulative", 5, 11)
                ], "milestones_replace_base": pick.random() < 0.3,
                "cycle": pick.choice(["endless", "endless", "week", "month"]),
                "make_up_points": pick.choice([0, 5, 30]), "make_up_per_month": 3,
            },
            "transfers": {
                "enabled": True, "min_points": 5, "max_points": 400, "max_points_per_day": 600,
                "max_points_per_month": 1_500,
            },
            "tiers": {
                "window": "all_time", "qualify_by": "growth", "growth_step_cents": 250,
                "growth_per_step": 2,
            },
        }  # fmt: skip

    def _rules(self) -> list[dict]:
        pick = self.random
        plain = {
            "payer": "merchant", "priority": 0, "stacking": "stack", "pending_days": None,
            "least_cents": 0, "times": {}, "points_limit": {}, "total": None,
        }  # fmt: skip
        return [
            plain | {"code": "twice", "trigger": "order.completed", "payer": "brand",
                     "reward": {"kind": "multiplier", "factor": pick.choice(["2", "1.35"])},
                     "points_limit": {"month": 400, "ever": 5_000}, "least_cents": 3_000},
            plain | {"code": "paid", "trigger": "order.paid", "reward": {
                         "kind": "amount", "points": 3, "per_cents": 2_000},
                     "payer": "club", "times": {"week": 3}, "pending_days": 3},
            plain | {"code": "ware", "trigger": "order.completed", "priority": 5, "payer": "shelf",
                     "reward": {"kind": pick.choice(["rate"]), "rate": "0.0375", "category": "ware"},
                     "total": 40_000},
            plain | {"code": "pieces", "trigger": "order.completed", "priority": 9,
                     "stacking": "exclusive", "least_cents": 15_000, "times": {"month": 2},
                     "reward": {"kind": "per_line", "points": 4, "per": "piece"}},
            plain | {"code": "ping", "trigger": "custom:ping", "reward": {
                         "kind": "fixed", "points": 30}, "payer": "brand",
                     "times": {"day": 2, "week": 5}, "points_limit": {"day": 50}},
            plain | {"code": "review", "trigger": "review.posted", "reward": {
                         "kind": "amount", "points": 7, "per_cents": 500},
                     "payer": "club", "points_limit": {"week": 100}, "total": 9_000},
            plain | {"code": "first", "trigger": "review.posted", "priority": 3,
                     "reward": {"kind": "fixed", "points": 15}, "times": {"ever": 1}},
            plain | {"code": "came", "trigger": "checkin", "payer": "shelf", "pending_days": 2,
                     "reward": {"kind": "fixed", "points": 2}, "times": {"week": 3}},
        ]  # fmt: skip

    def operation(self, shop: Shop) -> dict:
        """The next operation, from what the shop has by now."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        name = self.random.choices(names, weights)[0]
        if name == "again":
            return self._again(shop)
        self.count += 1
        op = {"do": name, **getattr(self, f"_{name}")(shop)}
        if name in (
            "order",
            "complete",
            "refund",
            "event",
            "cancel",
            "capture",
            "release",
            "merge",
        ):
            self.told.append(op)
        return op

    # -- one by one ---------------------------------------------------------------------------

    def _member(self) -> str:
        # Some members do most of it, so that limits and debts are met.
        return f"m{min(int(self.random.expovariate(0.35)), MEMBERS - 1)}"

    def _past(self, shop: Shop) -> datetime:
        """Now, or somewhat ago: what is told late."""
        pick = self.random
        if pick.random() < 0.6:
            return shop.now
        return shop.now - timedelta(minutes=pick.randint(1, 60 * 24 * pick.choice([1, 3, 40])))

    def _again(self, shop: Shop) -> dict:
        """Something told before: equal, or with other contents under the same name."""
        if not self.told:
            return self._wait_op(shop)
        op = self.random.choice(self.told[-60:])
        if op["do"] == "order" and self.random.random() < 0.3:
            return {**op, "order": {**op["order"], "discount": op["order"]["discount"] + 1}}
        if op["do"] == "refund" and self.random.random() < 0.3:
            return {**op, "refund": {**op["refund"], "cents": op["refund"]["cents"] + 1}}
        if op["do"] == "event" and self.random.random() < 0.3:
            return {**op, "event": {**op["event"], "amount": op["event"]["amount"] + 1}}
        return op

    def _cents(self) -> int:
        pick = self.random
        return pick.choice(
            [0, 1, 99, pick.randint(1, 400), pick.randint(100, 9_000), 10_000, 25_050]
        )

    def _one_order(self, shop: Shop) -> dict:
        pick = self.random
        self.count += 1
        lines = [
            {
                "name": str(i),
                "quantity": pick.choice([1, 1, 2, 7]),
                "cents": self._cents(),
                "category": pick.choice(CATEGORIES),
            }
            for i in range(pick.choice([1, 1, 2, 3, 5]))
        ]
        placed = self._past(shop)
        completed = pick.random() < 0.55
        later = min(shop.now, placed + timedelta(hours=pick.choice([0, 0, 30])))
        member, hold = self._member(), None
        mine = [name for name, one in shop.holds.items() if one.wallet.member == shop.who(member)]
        if mine and pick.random() < 0.35:
            hold = pick.choice(mine[-4:])
        return {
            "name": f"O{self.count}", "member": member, "placed_at": placed,
            "status": "completed" if completed else "paid",
            "completed_at": later if completed else None, "lines": lines, "hold": hold,
            "shipping": pick.choice([0, 0, 900]), "tax": pick.choice([0, 0, 57]),
            "discount": pick.choice([0, 0, 0, 100, 333]),
        }  # fmt: skip

    def _order(self, shop: Shop) -> dict:
        return {"order": self._one_order(shop)}

    def _batch(self, shop: Shop) -> dict:
        orders = [self._one_order(shop) for _ in range(self.random.randint(2, 6))]
        if self.random.random() < 0.5:
            orders.append(dict(orders[0]))
        if self.random.random() < 0.3:
            orders.append({**orders[0], "tax": 3})
        return {"orders": orders}

    def _complete(self, shop: Shop) -> dict:
        waiting = [one for one in shop.orders.values() if one.status == "paid"]
        if not waiting:
            return {"order": "O-none", "completed_at": shop.now}
        order = self.random.choice(waiting[-25:])
        at = max(order.told["placed_at"], self._past(shop))
        return {"order": order.name, "completed_at": at}

    def _refund(self, shop: Shop) -> dict:
        pick, orders = self.random, [one for one in shop.orders.values() if one.refundable]
        if not orders:
            return {"order": "O-none", "refund": self._refund_body(shop, 5, None)}
        order = pick.choice(orders[-40:])
        if pick.random() < 0.3:
            cents = pick.choice(
                [order.refundable, pick.randint(0, order.refundable), order.refundable + 1]
            )
            return {"order": order.name, "refund": self._refund_body(shop, cents, None)}
        lines = []
        for line in order.lines:
            left = line["cents"] - line["refunded"]
            if pick.random() < 0.6:
                cents = pick.choice([left, pick.randint(0, left), left // line["quantity"]])
                lines.append((line["name"], pick.randint(0, line["quantity"]), cents))
        if pick.random() < 0.03:
            lines.append(pick.choice([("none", 1, 1), ("0", 1, 1)]))
        cents = min(sum(cents for _, _, cents in lines), order.refundable)
        return {"order": order.name, "refund": self._refund_body(shop, cents, lines)}

    def _refund_body(self, shop: Shop, cents: int, lines: list | None) -> dict:
        return {
            "name": f"R{self.count}", "at": shop.now, "cents": cents, "lines": lines,
            "shortfall": "net" if self.random.random() < 0.15 else "debt",
        }  # fmt: skip

    def _event(self, shop: Shop) -> dict:
        kind = self.random.choice(["custom:ping", "custom:ping", "review.posted", "custom:nothing"])
        return {"event": {
            "name": f"E{self.count}", "member": self._member(), "type": kind,
            "occurred_at": self._past(shop), "amount": self.random.choice([0, 499, 500, 2_600]),
        }}  # fmt: skip

    def _adjust(self, shop: Shop) -> dict:
        points = self.random.choice([5, 60, 500, -1, -20, -300])
        payer = self.random.choice([None, None, "shelf"]) if points > 0 else None
        return {"member": self._member(), "points": points, "payer": payer}

    def _hold(self, shop: Shop) -> dict:
        pick = self.random
        return {
            "member": self._member(), "name": f"H{self.count}",
            "points": pick.choice([1, 20, 60, 200]), "minutes": pick.choice([5, 30, 600, 20_000]),
        }  # fmt: skip

    def _capture(self, shop: Shop) -> dict:
        return {"name": self.random.choice([*list(shop.holds)[-6:], "H-none"])}

    _release = _capture

    def _redeem(self, shop: Shop) -> dict:
        return {
            "member": self._member(), "name": f"X{self.count}",
            "item": self.random.choice(["mug", "mug", "pot"]),
            "quantity": self.random.choice([1, 1, 2]),
        }  # fmt: skip

    def _cancel(self, shop: Shop) -> dict:
        return {"name": self.random.choice([*list(shop.bought)[-8:], "X-none"])}

    def _visit(self, shop: Shop) -> dict:
        return {"member": self._member()}

    def _make_up(self, shop: Shop) -> dict:
        return {"member": self._member(), "back": self.random.choice([0, 1, 1, 1, 2, 3, 32])}

    def _transfer(self, shop: Shop) -> dict:
        points = self.random.choice([1, 5, 30, 120, 400, 500])
        return {
            "member": self._member(), "to": self._member(), "points": points,
            "name": f"T{self.count}",
        }  # fmt: skip

    def _merge(self, shop: Shop) -> dict:
        # Members who do less are poured away, or nobody would be left after some years.
        return {"member": f"m{self.random.randint(3, MEMBERS - 1)}", "to": self._member()}

    def _set(self, shop: Shop) -> dict:
        pick = self.random
        section, changes = pick.choice([
            ("expiry", pick.choice(POLICIES)), ("expiry", pick.choice(POLICIES)),
            ("earning", {"pending_days": pick.choice([0, 0, 7])}),
            ("earning", {"step_cents": pick.choice([100, 300]), "points_per_step": pick.choice([1, 4])}),
            ("earning", {"rounding": pick.choice(["floor", "half_up", "ceil"])}),
            ("earning", {"grant_on": pick.choice(["completion", "payment"])}),
            ("earning", {"basis": pick.choice(["goods_paid", "order_total"])}),
            ("earning", {"excluded_categories": pick.choice([["gift"], [], ["gift", "tea"]])}),
            ("clawback", {"share": pick.choice(["by_line", "proportional"])}),
            ("clawback", {"from_other_lots": pick.random() < 0.7, "debt": pick.random() < 0.8}),
            ("clawback", {"debt_limit_points": pick.choice([None, None, 40])}),
            ("clawback", {"return_grace_days": pick.choice([0, 0, 3])}),
            ("transfers", {"enabled": pick.random() < 0.9}),
            ("offset", {"points_per_unit": pick.choice([100, 30])}),
        ])  # fmt: skip
        return {"changes": {section: changes}}

    def _wait(self, shop: Shop) -> dict:
        pick = self.random
        step = timedelta(minutes=pick.choice([1, 7, 31, 60, 180, 600, 1_440, 1_440, 2_880]))
        if pick.random() < 0.02:
            step = timedelta(days=pick.choice([9, 35]))
        to = shop.now + step
        if pick.random() < 0.25:  # the edges of a local day, to the second
            edge = shop.days.end(shop.days.day_of(shop.now))
            to = edge + timedelta(seconds=pick.choice([-1, 0, 1]))
        return {"to": max(to, shop.now), "with_jobs": pick.random() < 0.5}

    def _wait_op(self, shop: Shop) -> dict:
        return {"do": "wait", **self._wait(shop)}
