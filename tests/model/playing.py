"""Letting model and product do the same, comparing all the way, and shrinking what differs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pprint import pformat
from typing import Any

from tests.model.days import months_later
from tests.model.drawing import Drawing
from tests.model.lots import Lot, Refused
from tests.model.product import Product, fresh_product
from tests.model.shop import Shop

EVERY = 25
MICRO = 1_000_000


@dataclass
class Difference(Exception):
    """Model and product do not agree."""

    step: int
    what: str
    expected: Any
    found: Any
    members: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return (
            f"step {self.step}: {self.what}\n  by the rules:   {self.expected}\n"
            f"  by the product: {self.found}"
        )


def draw_and_play(
    seed: int, steps: int, *, on_step: Callable[[], None] = lambda: None
) -> tuple[dict, list[dict], Difference | None]:
    """Draw operations and play them at once: the shop, its operations, what differed first."""
    drawing = Drawing(seed)
    setup, ops = drawing.setup(), []

    def next_op(shop: Shop) -> dict | None:
        if len(ops) >= steps:
            return None
        ops.append(drawing.operation(shop))
        on_step()
        return ops[-1]

    return setup, ops, _play(setup, next_op)


def replay(setup: dict, ops: Sequence[dict], *, every: int = EVERY) -> Difference | None:
    """Play operations that were drawn before."""
    left = iter(ops)
    return _play(setup, lambda _shop: next(left, None), every=every)


def _play(
    setup: dict, next_op: Callable[[Shop], dict | None], *, every: int = EVERY
) -> Difference | None:
    shop = Shop(setup)
    with fresh_product(setup) as product:
        step = 0
        try:
            while (op := next_op(shop)) is not None:
                step += 1
                expected, found = _answer(shop, op), _answer(product, op)
                if expected != found:
                    raise Difference(step, pformat(op), expected, found, members_of(op, shop))
                if step % every == 0:
                    compare(shop, product, step)
            compare(shop, product, step)
            compare_history(shop, product, step)
        except Difference as difference:
            return difference
    return None


def _answer(side: Any, op: dict) -> tuple:
    try:
        return side.do(op) if isinstance(side, Product) else getattr(side, op["do"])(op)
    except Refused as refusal:
        return ("refused", refusal.code)


def compare(shop: Shop, product: Product, step: int) -> None:
    """Wallets, lots, accounts, tiers, budgets, this month's statement. Raises Difference."""
    shop.settle_all()
    members = list(shop.wallets)
    balances = {
        m: (w.available, w.pending, w.held, w.debt, w.lifetime) for m, w in shop.wallets.items()
    }
    _same(step, "balances", balances, product.balances(members), by_member=True)
    _same(step, "lots", _lots(shop), product.lots(), by_member=True)
    accounts = {name: points for name, points in shop.books.accounts.items() if points}
    _same(step, "accounts", accounts, product.accounts())
    if shop.ladder:
        standing = {m: (shop.growth[m].available, shop.tier_of(m)) for m in members}
        _same(step, "growth and tiers", standing, product.standing(members), by_member=True)
    _same(step, "budgets", shop.rules.left, product.budgets())
    month = shop.days.month_of(shop.now)
    for first in (month, months_later(month, -1)):
        _same_statement(shop, product, first, step)


def compare_history(shop: Shop, product: Product, step: int) -> None:
    """What only has to be right at the end: lines of orders, all statements, the books."""
    lines = {
        (order.name, line["name"]): (line["points"], line["clawed"], line["refunded"])
        for order in shop.orders.values()
        for line in order.lines
    }
    _same(step, "lines of orders", lines, product.order_lines())
    month = shop.days.month_of(shop.rules.since)
    while month <= shop.days.month_of(shop.now):
        _same_statement(shop, product, month, step)
        month = months_later(month, 1)
    _same(step, "books", [], product.broken())


def _same_statement(shop: Shop, product: Product, month: date, step: int) -> None:
    _same(
        step, f"settlement of {month:%Y-%m}", statement(shop, month),
        product.statement(f"{month:%Y-%m}"),
    )  # fmt: skip


def _lots(shop: Shop) -> dict[str, list[tuple]]:
    def told(lot: Lot) -> tuple:
        return (
            lot.granted_at, lot.granted, lot.remaining, lot.held, lot.expired, lot.is_ripe,
            lot.ripe_at, lot.ends_at, lot.payer, lot.price,
        )  # fmt: skip

    wallets = (*shop.wallets.values(), *shop.old)
    return {w.member: [told(lot) for lot in w.lots] for w in wallets if w.lots}


def statement(shop: Shop, first: date) -> dict[str, tuple]:
    """The settlement of a month by payer (rules.md §6), from every movement there was."""
    start, end = shop.days.begin(first), shop.days.begin(months_later(first, 1))
    names = ("issued", "spent", "returned", "expired", "clawback", "taken", "debt", "transferred",
             "outstanding", "cost")  # fmt: skip
    rows = {payer: dict.fromkeys(names, 0) for payer in shop.rules.payers}
    for at, kind, lot, out in shop.books.moves:
        if at < end:
            rows[lot.payer]["outstanding"] -= out
        if start <= at < end:
            _enter(rows[lot.payer], kind, lot, out)
    for row in rows.values():
        row["cost"] = (2 * row["cost"] + MICRO) // (2 * MICRO)
    return {payer: tuple(row.values()) for payer, row in rows.items()}


def _enter(row: dict[str, int], kind: str, lot: Lot, out: int) -> None:
    columns = {
        "spend": ("spent", 1), "capture": ("spent", 1), "refund_spent": ("returned", -1),
        "expire": ("expired", 1), "clawback": ("clawback", 1), "debt_offset": ("debt", 1),
        "transfer_in": ("transferred", -1), "transfer_out": ("transferred", -1),
        "earn": ("issued", -1), "adjust": ("issued", -1) if out < 0 else ("taken", 1),
    }  # fmt: skip
    column, sign = columns[kind]
    row[column] += sign * out
    if kind in ("spend", "capture", "refund_spent"):
        row["cost"] += out * lot.price


def _same(step: int, what: str, expected: Any, found: Any, *, by_member: bool = False) -> None:
    if _sorted(expected) == _sorted(found):
        return
    if not isinstance(expected, dict):
        raise Difference(step, what, expected, found)
    keys = [k for k in {**expected, **found} if _sorted(expected.get(k)) != _sorted(found.get(k))]
    left, right = ({k: side.get(k) for k in keys} for side in (expected, found))
    if by_member:
        left, right = _only_different(left, right)
    raise Difference(step, what, left, right, set(keys) if by_member else set())


def _sorted(value: Any) -> Any:
    """Lists of lots in an order of their own: the same lots, whatever was written first."""
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    return sorted(value, key=repr) if isinstance(value, list) else value


def _only_different(left: dict, right: dict) -> tuple[dict, dict]:
    """Of lists of lots those that only one side has."""
    for key in left:
        mine, theirs = left[key], right[key]
        if isinstance(mine, list) and isinstance(theirs, list):
            left[key] = [one for one in mine if one not in theirs]
            right[key] = [one for one in theirs if one not in mine]
    return left, right


# -- shrinking --------------------------------------------------------------------------------


def members_of(op: dict, shop: Shop | None = None) -> set[str]:
    """Members an operation names."""
    told = [op, op.get("order"), op.get("event"), *op.get("orders", [])]
    found = {
        one[key] for one in told if isinstance(one, dict) for key in ("member", "to") if key in one
    }
    if shop is not None and isinstance(op.get("order"), str) and op["order"] in shop.orders:
        found.add(shop.orders[op["order"]].told["member"])
    return {one for one in found if isinstance(one, str)}


def shrink(
    setup: dict, ops: Sequence[dict], first: Difference, *, tries: int = 60
) -> tuple[list[dict], Difference]:
    """A short history that still differs: chunks are left out as long as anything does."""
    kept, difference = list(ops[: first.step]), first
    size = max(1, len(kept) // 2)
    while tries and size:
        at = 0
        while at < len(kept) and tries:
            shorter = kept[:at] + kept[at + size :]
            tries -= 1
            found = _replay_safely(setup, shorter)
            if found is not None and _kind(found) == _kind(first):
                kept, difference = shorter[: found.step], found
            else:
                at += size
        size //= 2
    return kept, difference


def _kind(difference: Difference) -> str:
    return (
        difference.what.split("\n")[0].split(" of ")[0] if difference.members else difference.what
    )


def _replay_safely(setup: dict, ops: list[dict]) -> Difference | None:
    try:
        return replay(setup, ops, every=1 if len(ops) < 60 else EVERY)
    except (AssertionError, KeyError):
        return None  # without what was left out the history makes no sense


def report(seed: int, setup: dict, ops: Sequence[dict], difference: Difference) -> str:
    """What a person needs to understand a difference and see it again."""
    shown = [f"{i:4} {_short(op)}" for i, op in enumerate(ops, 1)]
    return "\n".join([
        f"seed {seed}, {setup['zone']}, day begins at {setup['starts']}, {setup['currency']}",
        str(difference), "history:", *shown,
        f"again: make model ARGS=\"--seed {seed} --steps {difference.step}\"",
    ])  # fmt: skip


def _short(op: dict) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat(timespec="seconds")
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(one) for one in value] if isinstance(value, list | tuple) else value

    return f"{op['do']} {plain({k: v for k, v in op.items() if k != 'do'})}"
