"""Wallets and lots (rules.md §1, §2, §4, §5): everything that moves points, one event at a time.

All that is due happens in the order of its moments: what is found late ends as if it had been seen in
time. At one moment: holds that run out, lots that ripen, lots that end.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count

from tests.model.wallets import Hold, Lot, Refused, Spending, Wallet

__all__ = ["Books", "Hold", "Lot", "Refused", "Spending", "Wallet"]


class Books:
    """All movements of all wallets, and what they add up to."""

    def __init__(self) -> None:
        self.accounts: Counter[str] = Counter()
        # (moment, kind, lot, points that left it), for statements.
        self.moves: list[tuple[datetime, str, Lot, int]] = []
        # Whose points an origin (an order) gave first: who bears what can only be owed.
        self.first_payer: dict[str, str] = {}
        self._numbers = count(1)

    # -- time ---------------------------------------------------------------------------------

    def settle(self, wallet: Wallet, at: datetime) -> None:
        """Book all that is due by a moment, oldest first."""
        while due := self._next_due(wallet, at):
            moment, _, _, act = due
            act(moment)

    def _next_due(self, wallet: Wallet, at: datetime) -> tuple | None:
        found = []
        for hold in wallet.holds:
            if hold.status == "open" and hold.ends_at <= at:
                act = lambda moment, hold=hold: self._close(hold, "timed_out", moment)  # noqa: E731
                found.append((hold.ends_at, 0, hold.number, act))
        for lot in wallet.lots:
            ripens = not lot.is_ripe and (lot.ends_at is None or lot.ripe_at < lot.ends_at)
            if lot.remaining and ripens and lot.ripe_at <= at:
                act = lambda moment, lot=lot: self._ripen(lot, moment)  # noqa: E731
                found.append((lot.ripe_at, 1, lot.number, act))
            elif lot.remaining and lot.has_ended(at):
                act = lambda moment, lot=lot: self._end(lot, moment)  # noqa: E731
                found.append((lot.ends_at, 2, lot.number, act))
        return min(found, key=lambda one: one[:3], default=None)

    def _ripen(self, lot: Lot, at: datetime) -> None:
        lot.is_ripe = True
        self.pay_debt(lot.wallet, at)

    def _end(self, lot: Lot, at: datetime) -> None:
        self.accounts["breakage"] += lot.remaining
        self.moves.append((at, "expire", lot, lot.remaining))
        lot.expired += lot.remaining
        lot.remaining = 0

    def _lapse(self, lots: Iterable[Lot], at: datetime) -> None:
        """Points came back into lots that are over: they end at once."""
        for lot in lots:
            if lot.remaining and lot.has_ended(at):
                self._end(lot, at)

    # -- giving -------------------------------------------------------------------------------

    def grant(
        self, wallet: Wallet, points: int, *, at: datetime, happened: datetime, ripe_at: datetime,
        ends_at: datetime | None, payer: str, price: int, origin: str, idle=None,
        kind: str = "earn", account: str | None = None,
    ) -> Lot:  # fmt: skip
        """A new lot. Debt is paid from it; a lot that is over already ends at once."""
        self.settle(wallet, at)
        self.first_payer.setdefault(origin, payer)
        lot = self._add(
            wallet, points, happened, ripe_at, ends_at, ripe_at <= at, payer, price, origin, idle
        )
        self.accounts[account or f"issuance:{payer}"] -= points
        self.moves.append((happened, kind, lot, -points))
        if kind == "earn":
            wallet.lifetime += points
            self.be_active(wallet, min(happened, at), at)
        elif idle and wallet.active_at is None:
            wallet.active_at = at
        self._follow_activity(wallet, at)
        if lot.has_ended(at):
            self._end(lot, lot.ends_at)
        self.pay_debt(wallet, at)
        return lot

    def _add(self, wallet, points, happened, ripe_at, ends_at, is_ripe, payer, price, origin, idle):
        lot = Lot(
            next(self._numbers), wallet, points, points, happened, ripe_at, ends_at, is_ripe,
            payer, price, origin, idle,
        )  # fmt: skip
        wallet.lots.append(lot)
        return lot

    def be_active(self, wallet: Wallet, moment: datetime, at: datetime) -> None:
        """The member did something: lots that live by activity live on, never shorter."""
        wallet.active_at = max(wallet.active_at or moment, moment)
        self._follow_activity(wallet, at)

    def _follow_activity(self, wallet: Wallet, at: datetime) -> None:
        for lot in wallet.lots:
            if lot.idle and wallet.active_at and (lot.remaining or lot.held):
                end = lot.idle(wallet.active_at)
                if not lot.has_ended(at) and end > lot.ends_at:
                    lot.ends_at = end

    def pay_debt(self, wallet: Wallet, at: datetime) -> None:
        """What is available pays what is owed."""
        due = min(wallet.debt, wallet.available)
        if due:
            wallet.debt -= due
            self._draw(wallet, due, "debt_offset", at)

    # -- taking -------------------------------------------------------------------------------

    def _draw(
        self, wallet: Wallet, points: int, kind: str, at: datetime,
        among: Callable[[Lot], bool] = lambda lot: lot.is_ripe,
    ) -> list[list]:  # fmt: skip
        draws = []
        for lot in sorted(wallet.lots, key=lambda lot: lot.turn):
            if points and lot.remaining and among(lot):
                part = min(points, lot.remaining)
                lot.remaining -= part
                points -= part
                draws.append([lot, part, 0])
                if kind != "hold":
                    self.moves.append((at, kind, lot, part))
        assert points == 0, (wallet.member, kind, points)
        return draws

    def spend(
        self, wallet: Wallet, points: int, at: datetime, *, kind: str = "spend",
        account: str = "redemption",
    ) -> Spending:  # fmt: skip
        """Take what is available, soonest end first."""
        self.settle(wallet, at)
        if wallet.available < points:
            raise Refused("ledger.insufficient_points")
        if kind == "spend":
            self.be_active(wallet, at, at)
        self.accounts[account] += points
        return Spending(wallet, points, self._draw(wallet, points, kind, at))

    def hold(self, wallet: Wallet, points: int, ends_at: datetime, at: datetime) -> Hold:
        """Set points aside."""
        self.settle(wallet, at)
        if wallet.available < points:
            raise Refused("ledger.insufficient_points")
        draws = self._draw(wallet, points, "hold", at)
        for lot, part, _ in draws:
            lot.held += part
        hold = Hold(next(self._numbers), wallet, points, ends_at, [[lot, p] for lot, p, _ in draws])
        wallet.holds.append(hold)
        return hold

    def _close(self, hold: Hold, status: str, at: datetime) -> None:
        hold.status = status
        for lot, part in hold.parts:
            lot.held -= part
            lot.remaining += part
        self._lapse([lot for lot, _ in hold.parts], at)
        self.pay_debt(hold.wallet, at)

    def release(self, hold: Hold, at: datetime) -> bool:
        """Give a hold back; whether this did it."""
        self.settle(hold.wallet, at)
        if hold.status == "captured":
            raise Refused("ledger.hold_not_open")
        if hold.status == "open":
            self._close(hold, "released", at)
            return True
        return False

    def capture(self, hold: Hold, at: datetime) -> Spending:
        """Spend what was set aside, once."""
        self.settle(hold.wallet, at)
        if hold.status == "captured":
            assert hold.spending
            return hold.spending
        if hold.status != "open":
            raise Refused("ledger.hold_not_open")
        self.be_active(hold.wallet, at, at)
        hold.status = "captured"
        self.accounts["redemption"] += hold.points
        for lot, part in hold.parts:
            lot.held -= part
            self.moves.append((at, "capture", lot, part))
        draws = [[lot, part, 0] for lot, part in hold.parts]
        hold.spending = Spending(hold.wallet, hold.points, draws)
        return hold.spending

    # -- back ---------------------------------------------------------------------------------

    def give_back(
        self, spending: Spending, points: int, at: datetime, grace: datetime | None
    ) -> None:
        """Spent points go back to their lots, last drawn first. A lot that is over gives nothing
        (or lives until `grace`); a lot that was poured into another wallet follows."""
        wallet = spending.wallet
        standing = wallet.poured_into or wallet
        self.settle(wallet, at)
        self.settle(standing, at)
        self.accounts["redemption"] -= points
        touched = []
        for draw in reversed(spending.draws):
            lot, drawn, back = draw
            part = min(points, drawn - back)
            if not part:
                continue
            points -= part
            draw[2] += part
            lot.remaining += part
            self.moves.append((at, "refund_spent", lot, -part))
            if lot.idle and standing.active_at:
                lot.ends_at = max(lot.ends_at, lot.idle(standing.active_at))
            if lot.has_ended(at) and grace and grace > lot.ends_at:
                lot.ends_at = grace
            touched.append(lot)
        assert points == 0
        self._lapse(touched, at)
        if standing is not wallet:
            self._pour(wallet, standing, at)
        self.settle(standing, at)
        self.pay_debt(standing, at)

    def claw_back(
        self, wallet: Wallet, points: int, *, origin: str, from_others: bool, debt: bool,
        limit: int | None, at: datetime,
    ) -> dict[str, int]:  # fmt: skip
        """rules.md §4, in its four steps; `taken_of` says whose points went."""
        self.settle(wallet, at)
        steps, left, draws = {}, points, []

        def take(name: str, among: Callable[[Lot], bool]) -> None:
            nonlocal left
            have = sum(lot.remaining for lot in wallet.lots if among(lot))
            steps[name] = min(left, have)
            left -= steps[name]
            draws.extend(self._draw(wallet, steps[name], "clawback", at, among))

        take("own_pending", lambda lot: not lot.is_ripe and lot.origin == origin)
        take("own_lots", lambda lot: lot.is_ripe and lot.origin == origin)
        take("other_lots", lambda lot: lot.is_ripe and lot.origin != origin and from_others)
        may_owe = left if limit is None else max(0, limit - wallet.debt)
        steps["debt"] = min(left, may_owe) if debt and not wallet.available else 0
        wallet.debt += steps["debt"]
        steps["uncovered"] = left - steps["debt"]
        owed = [(self.first_payer.get(origin, "merchant"), steps["debt"])]
        whose = [(lot.payer, part) for lot, part, _ in draws] + owed
        for payer, part in whose:
            self.accounts[f"issuance:{payer}"] += part
        steps["taken_of"] = whose
        return steps

    # -- between members ----------------------------------------------------------------------

    def transfer(
        self, giver: Wallet, taker: Wallet, points: int, origin: str, at: datetime
    ) -> None:
        """Drawn lots become the taker's, with their dates and payers; they pay debt first."""
        self.settle(giver, at)
        self.settle(taker, at)
        if giver.available < points:
            raise Refused("ledger.insufficient_points")
        for lot, part, _ in self._draw(giver, points, "transfer_out", at):
            self._carry(lot, part, taker, origin, at)
        self.pay_debt(taker, at)

    def _carry(self, lot: Lot, points: int, into: Wallet, origin: str, at: datetime) -> Lot:
        new = self._add(
            into, points, lot.granted_at, lot.ripe_at, lot.ends_at, lot.is_ripe, lot.payer,
            lot.price, origin, lot.idle,
        )  # fmt: skip
        self.moves.append((at, "transfer_in", new, -points))
        return new

    def pour(self, loser: Wallet, survivor: Wallet, at: datetime) -> None:
        """One person: all that lies in one wallet lies in the other."""
        self.settle(loser, at)
        self.settle(survivor, at)
        self._pour(loser, survivor, at)
        survivor.debt += loser.debt
        loser.debt = 0
        survivor.lifetime += loser.lifetime
        loser.lifetime = 0
        for hold in loser.holds:
            if hold.status == "open":
                hold.wallet = survivor
                survivor.holds.append(hold)
        loser.holds = []
        moments = [m for m in (loser.active_at, survivor.active_at) if m]
        survivor.active_at = max(moments, default=None)
        loser.poured_into = survivor
        self._follow_activity(survivor, at)
        self.pay_debt(survivor, at)

    def _pour(self, loser: Wallet, survivor: Wallet, at: datetime) -> None:
        moved = {}
        for lot in sorted(loser.lots, key=lambda lot: lot.turn):
            if lot.remaining or lot.held:
                whole = lot.remaining + lot.held
                self.moves.append((at, "transfer_out", lot, whole))
                new = self._carry(lot, whole, survivor, lot.origin, at)
                new.remaining, new.held = lot.remaining, lot.held
                lot.remaining = lot.held = 0
                moved[lot] = new
        for hold in loser.holds:
            if hold.status == "open":
                hold.parts = [[moved[lot], part] for lot, part in hold.parts]
