"""Transfers and merges (rules.md §13) of the model's shop."""

from tests.model.lots import Refused

MONTH_LIMITS = (("day", "max_points_per_day"), ("month", "max_points_per_month"))


class People:
    """What happens between two members."""

    def transfer(self, op: dict) -> tuple:
        """A member gives points to another."""
        rule, points = self.settings["transfers"], op["points"]
        giver, taker = self.who(op["member"]), self.who(op["to"])
        if not rule["enabled"]:
            raise Refused("ledger.transfers_closed")
        if giver == taker:
            raise Refused("ledger.transfer_to_oneself")
        if points < rule["min_points"]:
            raise Refused("ledger.transfer_too_small")
        if rule["max_points"] and points > rule["max_points"]:
            raise Refused("ledger.transfer_too_large")
        source, target = self.wallets[giver], self.wallets[taker]
        self.books.settle(source, self.now)
        if source.available < points:
            raise Refused("ledger.insufficient_points")
        today = self.days.day_of(self.now)
        since = {"day": self.days.begin(today), "month": self.days.begin(today.replace(day=1))}
        for name, limit in MONTH_LIMITS:
            given = sum(n for who, at, n in self.given_away if who == giver and at >= since[name])
            if rule[limit] and given + points > rule[limit]:
                raise Refused("ledger.transfer_limit_reached")
        self.books.transfer(source, target, points, f"transfer:{op['name']}", self.now)
        self.given_away.append((giver, self.now, points))
        return ("done",)

    def merge(self, op: dict) -> tuple:
        """Two members are one person."""
        loser, survivor = op["member"], self.who(op["to"])
        if loser == survivor:
            raise Refused("members.merge_into_itself")
        if loser in self.alias:
            if self.alias[loser] == survivor:
                return ("done", False)
            raise Refused("members.merged_elsewhere")
        for books, wallets in ((self.books, self.wallets), (self.growth_books, self.growth)):
            gone = wallets.pop(loser)
            books.pour(gone, wallets[survivor], self.now)
            for wallet in self.old:
                if wallet.poured_into is gone:
                    wallet.poured_into = wallets[survivor]
            if books is self.books:
                self.old.append(gone)
        self.alias = {old: survivor if to == loser else to for old, to in self.alias.items()}
        self.alias[loser] = survivor
        for one in self.orders.values():
            one.member = self.who(one.member)
        for one in self.bought.values():
            one["member"] = self.who(one["member"])
        self.rules.unite(loser, survivor)
        self.visits.unite(loser, survivor)
        self.tier.pop(loser)
        self._rise(survivor)
        return ("done", True)
