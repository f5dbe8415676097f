"""The shop of the model: what each operation does, by the rules alone, and how it answers.

Operations are plain dictionaries (`drawing` invents them); each method takes one and answers what the
product has to answer. A refusal is `Refused` with the code; nothing has moved then.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.model.days import Days, end_of_points
from tests.model.earning import Given, Occasion, Rules, base_of, shares
from tests.model.lots import Books, Hold, Lot, Refused, Spending, Wallet
from tests.model.people import People
from tests.model.refunds import Refunds
from tests.model.visits import Visits


@dataclass(eq=False)
class Order:
    """An order as it was told, and what became of it."""

    name: str
    member: str
    told: dict
    lines: list[dict]
    status: str
    offset_points: int = 0
    offset_cents: int = 0
    earned: int = 0
    has_base: bool = False
    growth: Lot | None = None
    spending: Spending | None = None
    refunded: int = 0
    returned: int = 0
    refunds: dict[str, dict] = field(default_factory=dict)
    # What it counts for in limits per member: rule, period, points.
    counted: list[tuple[str, object, int]] = field(default_factory=list)

    @property
    def is_undone(self) -> bool:
        """Whether all that was paid for the goods was given back."""
        paid = self.goods - self.told["discount"] - self.offset_cents
        return self.refunded > 0 and self.refunded >= paid

    @property
    def goods(self) -> int:
        """What the goods cost."""
        return sum(line["cents"] for line in self.lines)

    @property
    def charged(self) -> int:
        """What the order costs after coupons."""
        told = self.told
        return self.goods + told["shipping"] + told["tax"] - told["discount"]

    @property
    def refundable(self) -> int:
        """What can still be given back."""
        return self.goods + self.told["shipping"] + self.told["tax"] - self.refunded


class Shop(Refunds, People):
    """Everything a merchant has, in memory."""

    def __init__(self, setup: dict) -> None:
        self.days = Days(setup["zone"], setup["starts"])
        self.digits = setup["digits"]
        self.settings: dict = setup["settings"]
        self.books, self.growth_books = Books(), Books()
        self.rules = Rules(self.days, self.settings["face_value_points_per_unit"], self.digits)
        self.visits = Visits(self.days)
        self.ladder: list[tuple[str, int, str]] = setup["ladder"]
        self.now: datetime = setup["start"]
        self.rules.rules, self.rules.since = setup["rules"], setup["start"]
        self.rules.payers |= setup["payers"]
        self.wallets: dict[str, Wallet] = {}
        self.growth: dict[str, Wallet] = {}
        self.tier: dict[str, int] = {}
        self.alias: dict[str, str] = {}
        self.old: list[Wallet] = []
        self.orders: dict[str, Order] = {}
        self.events: dict[str, tuple[dict, int]] = {}
        self.holds: dict[str, Hold] = {}
        self.bought: dict[str, dict] = {}
        self.items: dict[str, dict] = {item["name"]: dict(item) for item in setup["items"]}
        self.given_away: list[tuple[str, datetime, int]] = []
        for member in setup["members"]:
            self.wallets[member] = Wallet(member)
            self.growth[member] = Wallet(member)
            self.tier[member] = -1
            self.visits.joined[member] = self.days.day_of(self.now)

    def who(self, member: str) -> str:
        """Who stands for a member now."""
        return self.alias.get(member, member)

    def settle_all(self) -> None:
        """Book everything due by now."""
        for wallet in (*self.wallets.values(), *self.old):
            self.books.settle(wallet, self.now)

    # -- giving -------------------------------------------------------------------------------

    def _give(
        self, member: str, points: int, *, happened: datetime, payer: str = "merchant",
        origin: str = "", pending_days: int = 0, kind: str = "earn", account: str | None = None,
    ) -> None:  # fmt: skip
        policy, days = dict(self.settings["expiry"]), self.days
        idle = None
        if policy["policy"] == "inactivity":
            idle = lambda active: end_of_points(policy, active, days)  # noqa: E731
        self.books.grant(
            self.wallets[member], points, at=self.now, happened=happened,
            ripe_at=happened + timedelta(days=pending_days),
            ends_at=end_of_points(policy, happened, days), payer=payer,
            price=self.rules.payers[payer]["price"], origin=origin, idle=idle, kind=kind,
            account=account,
        )  # fmt: skip

    # -- orders -------------------------------------------------------------------------------

    def order(self, op: dict) -> tuple:
        """One order, or one of a batch."""
        told = op["order"]
        known = self.orders.get(told["name"])
        if known is not None:
            return ("duplicate", known.earned) if known.told == told else ("conflict",)
        member = self.who(told["member"])
        order = Order(told["name"], member, told, [self._line(one) for one in told["lines"]],
                      told["status"])  # fmt: skip
        hold = self._hold_for(told, member)
        if hold is not None:
            order.offset_points = hold.points
            worth = Fraction(
                hold.points * 10**self.digits, self.settings["offset"]["points_per_unit"]
            )
            order.offset_cents = int(worth // 1)
        if told["discount"] + order.offset_cents > order.goods + told["shipping"] + told["tax"]:
            raise Refused("orders.amounts_contradict")
        self.orders[order.name] = order
        if hold is not None:
            order.spending = self.books.capture(hold, self.now)
        self.rules.count_revenue(order.charged, self.days.day_of(told["placed_at"]))
        completed = told["status"] == "completed"
        triggers = ["order.paid"] + ["order.completed"] * completed
        has_base = completed or self.settings["earning"]["grant_on"] == "payment"
        happened = told["completed_at"] if completed else told["placed_at"]
        self._earn(order, triggers, has_base, happened)
        self._rise(order.member)
        return ("created", order.earned)

    def batch(self, op: dict) -> tuple:
        """Many orders, one after the other; one that is refused keeps nobody out."""
        answers = []
        for told in op["orders"]:
            try:
                answers.append(self.order({"order": told}))
            except Refused as refusal:
                answers.append(("refused", refusal.code))
        return tuple(answers)

    @staticmethod
    def _line(told: dict) -> dict:
        return {**told, "points": 0, "refunded": 0, "clawed": 0}

    def _hold_for(self, told: dict, member: str) -> Hold | None:
        if told["hold"] is None:
            return None
        hold = self.holds[told["hold"]]
        self.books.settle(hold.wallet, self.now)
        if hold.status != "open":
            raise Refused("ledger.hold_not_open")
        if hold.wallet.member != member:
            raise Refused("orders.hold_of_another")
        return hold

    def _earn(self, order: Order, triggers: list[str], has_base: bool, happened: datetime) -> None:
        settings = self.settings["earning"]
        base = base_of(settings, order.told, order.offset_cents)
        excluded = settings.get("excluded_categories", [])
        counts = [line["category"] not in excluded for line in order.lines]
        wait, planned = settings["pending_days"], []
        if has_base and base.points:
            planned.append(Given(base.points, base.lines, "merchant", "base", wait))
        bonus = self._tier_bonus(order.member, base.points) if has_base else 0
        if bonus:
            planned.append(Given(bonus, shares(bonus, base.lines), "merchant", "tier", wait))
        net = shares(base.cents, base.counted)
        for trigger in triggers:
            occasion = Occasion(
                trigger, happened, base.cents, base.points, order.told, net, base.lines, counts
            )
            planned += self.rules.plan(occasion, wait)
        for given in planned:
            points = self.rules.award(
                order.member, given, happened, is_base=given.part == "base", order=order
            )
            if not points:
                continue
            split = given.lines if points == given.points else shares(points, given.lines)
            for line, part in zip(order.lines, split, strict=True):
                line["points"] += part
            order.earned += points
            self._give(order.member, points, happened=happened, payer=given.payer,
                       origin=order.name, pending_days=given.pending_days)  # fmt: skip
        if has_base and not order.has_base:
            order.has_base = True
            self._grow(order, base.cents, happened)

    # -- growth and tiers ---------------------------------------------------------------------

    def _tier_bonus(self, member: str, base: int) -> int:
        level = self.tier[member]
        if level < 0:
            return 0
        return int(base * Fraction(self.ladder[level][2]) // 1) - base

    def _grow(self, order: Order, cents: int, happened: datetime) -> None:
        if not self.ladder:
            return
        rule = self.settings["tiers"]
        points = cents // rule["growth_step_cents"] * rule["growth_per_step"]
        if points:
            order.growth = self.growth_books.grant(
                self.growth[order.member], points, at=self.now, happened=min(happened, self.now),
                ripe_at=min(happened, self.now), ends_at=None, payer="merchant", price=0,
                origin=order.name,
            )  # fmt: skip

    def _rise(self, member: str) -> None:
        """Up at once, never down: the window of these shops never ends."""
        value = self.growth[member].available
        reached = [i for i, (_, threshold, _) in enumerate(self.ladder) if value >= threshold]
        self.tier[member] = max([self.tier[member], *reached])

    def tier_of(self, member: str) -> str | None:
        """The code of a member's tier."""
        level = self.tier[member]
        return self.ladder[level][0] if level >= 0 else None

    # -- events -------------------------------------------------------------------------------

    def event(self, op: dict) -> tuple:
        """Something a member did, told by another system."""
        told = op["event"]
        known = self.events.get(told["name"])
        if known is not None:
            return ("duplicate", known[1]) if known[0] == told else ("conflict",)
        points = self._occur(
            self.who(told["member"]), told["type"], told["occurred_at"], told["amount"]
        )
        self.events[told["name"]] = told, points
        return ("created", points)

    def _occur(self, member: str, trigger: str, happened: datetime, amount: int = 0) -> int:
        whole = 0
        for given in self.rules.plan(Occasion(trigger, happened, amount), 0):
            points = self.rules.award(member, given, happened, is_base=False)
            whole += points
            if points:
                self._give(member, points, happened=happened, payer=given.payer,
                           origin=f"event:{trigger}", pending_days=given.pending_days)  # fmt: skip
        return whole

    # -- by hand ------------------------------------------------------------------------------

    def adjust(self, op: dict) -> tuple:
        """Staff give or take."""
        member, points = self.who(op["member"]), op["points"]
        if points > 0:
            payer = op["payer"] or "merchant"
            self._give(member, points, happened=self.now, payer=payer, kind="adjust",
                       account="adjustment")  # fmt: skip
        else:
            self.books.spend(self.wallets[member], -points, self.now, kind="adjust",
                             account="adjustment")  # fmt: skip
        return ("done",)

    def hold(self, op: dict) -> tuple:
        """Set points aside."""
        wallet = self.wallets[self.who(op["member"])]
        ends_at = self.now + timedelta(minutes=op["minutes"])
        self.holds[op["name"]] = self.books.hold(wallet, op["points"], ends_at, self.now)
        return ("done",)

    def capture(self, op: dict) -> tuple:
        """Spend a hold."""
        return ("done", self.books.capture(self._known(self.holds, op), self.now).points)

    def release(self, op: dict) -> tuple:
        """Give a hold back."""
        return ("done", self.books.release(self._known(self.holds, op), self.now))

    @staticmethod
    def _known(among: dict, op: dict):
        if op["name"] not in among:
            raise Refused("unknown")
        return among[op["name"]]

    # -- mall ---------------------------------------------------------------------------------

    def redeem(self, op: dict) -> tuple:
        """Points for goods."""
        item, member = self.items[op["item"]], self.who(op["member"])
        if item["stock"] is not None and item["stock"] < op["quantity"]:
            raise Refused("redemption.out_of_stock")
        wallet, points = self.wallets[member], item["points"] * op["quantity"]
        self.books.settle(wallet, self.now)
        if wallet.available < points:
            raise Refused("ledger.insufficient_points")
        had = sum(
            one["quantity"] for one in self.bought.values()
            if one["item"] == op["item"] and one["member"] == member and one["status"] != "cancelled"
        )  # fmt: skip
        if item["limit"] is not None and had + op["quantity"] > item["limit"]:
            raise Refused("redemption.limit_reached")
        if item["stock"] is not None:
            item["stock"] -= op["quantity"]
        spending = self.books.spend(wallet, points, self.now)
        self.bought[op["name"]] = {
            **op,
            "member": member,
            "status": "pending",
            "spending": spending,
        }
        return ("done", points)

    def cancel(self, op: dict) -> tuple:
        """A redemption is undone."""
        bought = self._known(self.bought, op)
        if bought["status"] == "pending":
            spending = bought["spending"]
            self.books.give_back(spending, spending.points, self.now, self._grace())
            bought["status"] = "cancelled"
            if self.items[bought["item"]]["stock"] is not None:
                self.items[bought["item"]]["stock"] += bought["quantity"]
        return ("done",)

    def _grace(self) -> datetime | None:
        extra = self.settings["clawback"]["return_grace_days"]
        return self.days.end(self.days.day_of(self.now) + timedelta(days=extra)) if extra else None

    # -- check-in -----------------------------------------------------------------------------

    def visit(self, op: dict) -> tuple:
        """A check-in."""
        member = self.who(op["member"])
        streak, base, reached = self.visits.come(member, self.now, self.settings["checkin"])
        if not (base or reached):
            self.books.settle(self.wallets[member], self.now)
            self.books.be_active(self.wallets[member], self.now, self.now)
        for points in (base, *(points for _, _, points in reached)):
            if points:
                self._give(member, points, happened=self.now)
        self._occur(member, "checkin", self.now)
        return ("done", streak, base + sum(points for _, _, points in reached))

    def make_up(self, op: dict) -> tuple:
        """A missed day is filled."""
        member, settings = self.who(op["member"]), self.settings["checkin"]
        day: date = self.days.day_of(self.now) - timedelta(days=op["back"])
        self.visits.check_card(member, day, self.now, settings)
        if settings["make_up_points"]:
            self.books.spend(self.wallets[member], settings["make_up_points"], self.now)
        self.books.settle(self.wallets[member], self.now)
        self.books.be_active(self.wallets[member], self.now, self.now)
        streak, reached = self.visits.make_up(member, day, self.now, settings)
        for _, _, points in reached:
            self._give(member, points, happened=self.now)
        return ("done", streak, sum(points for _, _, points in reached))

    # -- the shop itself ----------------------------------------------------------------------

    def set(self, op: dict) -> tuple:
        """Settings change; lots that were granted keep their dates."""
        for section, changes in op["changes"].items():
            kept = {} if "policy" in changes else self.settings[section]
            self.settings = {**self.settings, section: {**kept, **changes}}
        return ("done",)

    def wait(self, op: dict) -> tuple:
        """The clock moves on."""
        self.now = op["to"]
        return ("done",)
