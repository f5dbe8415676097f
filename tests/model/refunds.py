"""Completion and refunds (rules.md §4) of the model's shop."""

from fractions import Fraction

from tests.model.earning import shares
from tests.model.lots import Refused

STEPS = ("own_pending", "own_lots", "other_lots", "debt", "uncovered")


class Refunds:
    """What happens to an order after it was placed."""

    def complete(self, op: dict) -> tuple:
        """A paid order is completed: it earns; refunds that waited take their share back."""
        order = self._order(op)
        if order.status == "completed":
            return ("done", order.earned)
        order.status = "completed"
        has_base = not order.has_base
        self._earn(order, ["order.completed"], has_base, op["completed_at"])
        self._settle_waiting(order)
        self._rise(order.member)
        if order.refunded:
            self._shrink(order)
        return ("done", order.earned)

    def _order(self, op: dict):
        if op["order"] not in self.orders:
            raise Refused("orders.not_found")
        return self.orders[op["order"]]

    def _settle_waiting(self, order) -> None:
        """Each refund gets the numbers it would have had after the completion."""
        for line in order.lines:
            line["refunded"] = 0
        for refund in order.refunds.values():
            for line, part in zip(order.lines, refund["parts"], strict=True):
                line["refunded"] += part
            self._take_back(order, refund, net=False)

    def refund(self, op: dict) -> tuple:
        """Money goes back."""
        order, told = self._order(op), op["refund"]
        known = order.refunds.get(told["name"])
        if known is not None:
            if known["told"] != told:
                raise Refused("orders.refund_conflict")
            return ("known", *self._answer(known))
        parts = self._parts(order, told)
        refund = {"told": told, "parts": parts, "returned": 0, "netted": 0, "due": 0}
        refund |= dict.fromkeys(STEPS, 0)
        spent_before = max(0, order.charged - order.refunded)
        for line, part in zip(order.lines, parts, strict=True):
            line["refunded"] += part
        order.refunded += told["cents"]
        order.refunds[told["name"]] = refund
        self._return_spent(order, refund)
        self._take_back(order, refund, net=told["shortfall"] == "net")
        change = max(0, order.charged - order.refunded) - spent_before
        self.rules.count_revenue(change, self.days.day_of(self.now))
        self.rules.follow(order)
        self._shrink(order)
        self._rise(order.member)
        return ("new", *self._answer(refund))

    @staticmethod
    def _answer(refund: dict) -> tuple:
        return (
            refund["due"],
            *(refund[step] for step in STEPS),
            refund["returned"],
            refund["netted"],
        )

    def _parts(self, order, told: dict) -> list[int]:
        if told["cents"] > order.refundable:
            raise Refused("orders.refund_too_large")
        left = [line["cents"] - line["refunded"] for line in order.lines]
        if told["lines"] is None:
            whole = min(told["cents"], sum(left))
            return shares(whole, left) if whole else [0] * len(left)
        names = [line["name"] for line in order.lines]
        asked = [name for name, _, _ in told["lines"]]
        if len(set(asked)) < len(asked):
            raise Refused("orders.line_repeated")
        if set(asked) - set(names):
            raise Refused("orders.line_not_found")
        parts = [0] * len(left)
        for name, quantity, cents in told["lines"]:
            i = names.index(name)
            if cents > left[i] or quantity > order.lines[i]["quantity"]:
                raise Refused("orders.refund_too_large")
            parts[i] = cents
        return parts

    def _return_spent(self, order, refund: dict) -> None:
        """Points the order was paid with come back by the share of goods given back."""
        if order.spending is None:
            return
        refunded = sum(line["refunded"] for line in order.lines)
        share = order.offset_points
        if refunded < order.goods:
            share = int(Fraction(order.offset_points * refunded, order.goods) // 1)
        due = max(0, share - order.returned)
        if due:
            self.books.give_back(order.spending, due, self.now, self._grace())
            refund["returned"] = due
            order.returned += due

    def _take_back(self, order, refund: dict, *, net: bool) -> None:
        due = self._due(order)
        for line, points in zip(order.lines, due, strict=True):
            line["clawed"] += points
        refund["due"] += sum(due)
        if not sum(due):
            return
        rule = self.settings["clawback"]
        steps = self.books.claw_back(
            self.wallets[order.member], sum(due), origin=order.name,
            from_others=rule["from_other_lots"], debt=rule["debt"] and not net,
            limit=rule["debt_limit_points"], at=self.now,
        )  # fmt: skip
        for step in STEPS:
            refund[step] += steps[step]
        self.rules.bring_back(steps["taken_of"], self.days.day_of(self.now))
        if net:
            face = self.settings["face_value_points_per_unit"]
            worth = int(Fraction(steps["uncovered"] * 10**self.digits, face) // 1)
            refund["netted"] = min(refund["told"]["cents"], worth)

    def _due(self, order) -> list[int]:
        """Points each line owes back by now, floored over all refunds so far."""
        if self.settings["clawback"]["share"] == "proportional":
            refunded = sum(line["refunded"] for line in order.lines)
            whole = order.earned
            if refunded < order.goods:
                whole = int(Fraction(order.earned * refunded, order.goods) // 1)
            due = max(0, whole - sum(line["clawed"] for line in order.lines))
            return shares(due, [line["points"] - line["clawed"] for line in order.lines])
        found = []
        for line in order.lines:
            whole = line["points"]
            if line["refunded"] < line["cents"]:
                whole = int(Fraction(line["points"] * line["refunded"], line["cents"]) // 1)
            found.append(max(0, whole - line["clawed"]))
        return found

    def _shrink(self, order) -> None:
        """Growth goes back by the share of goods given back, of the lines that earned."""
        if order.growth is None:
            return
        counting = [line for line in order.lines if line["points"]] or order.lines
        refunded = sum(line["refunded"] for line in counting)
        whole = sum(line["cents"] for line in counting)
        granted = order.growth.granted
        wallet = self.growth[order.member]
        left = sum(lot.remaining for lot in wallet.lots if lot.origin == order.name)
        share = granted if refunded >= whole else int(Fraction(granted * refunded, whole) // 1)
        due = min(left, max(0, share - (granted - left)))
        if due:
            self.growth_books.claw_back(
                wallet, due, origin=order.name, from_others=False, debt=False, limit=None,
                at=self.now,
            )  # fmt: skip
