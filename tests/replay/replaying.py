"""Telling a shop's documents over HTTP, and computing beside what every member must have.

A cancellation names no invoice: what it gives back is looked for among what its customer bought, the
latest first, by code and price, as integrators do; what is found nowhere is left out and counted.
The reference is the model of the rules (`tests.model.shop`), which shares no code with the product.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from tests.model.shop import Shop
from tests.replay.documents import DISCOUNT, ZONE, Document

API = "/api/v1"
BATCH = 500
SETTINGS: dict[str, Any] = {
    "earning": {
        "basis": "goods_paid", "step_cents": 100, "points_per_step": 1, "rounding": "floor",
        "grant_on": "completion", "pending_days": 0, "excluded_categories": [],
    },
    "expiry": {"policy": "rolling", "months": 12},
    "clawback": {
        "share": "by_line", "from_other_lots": True, "debt": True, "debt_limit_points": None,
        "return_grace_days": 0,
    },
}  # fmt: skip
Call = Callable[[str, str, Any], tuple[int, Any]]


@dataclass
class Result:
    """What was told and what came of it."""

    counts: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{number:,} {name}" for name, number in self.counts.items())
        return f"{told}; {len(self.wrong)} differ"


@dataclass
class _Bought:
    """A line somebody bought, and what of it is left."""

    order: str
    line: str
    price: int
    left: int


class Replay:
    """One replay into one merchant; `call(method, path, body)` answers (status, JSON)."""

    def __init__(self, call: Call, documents: Sequence[Document]) -> None:
        self.call, self.documents, self.result = call, documents, Result()
        self.bought: dict[tuple[str, str], list[_Bought]] = defaultdict(list)
        members = sorted({one.customer for one in documents if one.customer})
        self.shop = Shop({
            "zone": str(ZONE), "starts": 0, "digits": 2, "start": documents[0].at,
            "settings": SETTINGS | {
                "face_value_points_per_unit": 100, "tiers": {}, "offset": {"points_per_unit": 100},
            },
            "ladder": [], "rules": [], "payers": {}, "items": [], "members": members,
        })  # fmt: skip

    def run(self, tick: Callable[[int], None] = lambda n: None) -> Result:
        """Tell everything day by day, then compare every member."""
        self._must("PATCH", "/program", SETTINGS)
        for _, of_day in groupby(self.documents, key=lambda one: one.at.date()):
            documents = list(of_day)
            self._day(documents)
            tick(len(documents))
        self._compare()
        return self.result

    def _must(
        self, method: str, path: str, body: Any = None, good: Iterable[int] = (200, 201)
    ) -> Any:
        status, answer = self.call(method, API + path, body)
        if status not in good:
            raise AssertionError(f"{method} {path}: {status} {str(answer)[:600]}")
        return answer

    def _clock(self, now: datetime) -> None:
        self._must("POST", "/test-clock", {"now": now.isoformat(), "run_jobs": False})
        self.shop.now = now

    def _day(self, documents: list[Document]) -> None:
        """One business day: the clock stands at its end, invoices first or cancellations, as they came."""
        day = documents[0].at.date()
        self._clock(
            datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=23, minutes=59)
        )
        for cancels, group in groupby(documents, key=lambda one: one.is_cancellation):
            some = list(group)
            if cancels:
                for document in some:
                    self._cancel(document)
            else:
                self._invoices(some)

    # -- invoices -----------------------------------------------------------------------------

    def _invoices(self, documents: list[Document]) -> None:
        orders = [(one, _order_of(one)) for one in documents]
        for start in range(0, len(orders), BATCH):
            some = orders[start : start + BATCH]
            body = {"orders": [_body(order) for _, order in some], "create_members": True}
            results = self._must("POST", "/orders/batch", body)["results"]
            for (document, order), told in zip(some, results, strict=True):
                self._note_order(document, order, told)

    def _note_order(self, document: Document, order: dict, told: dict) -> None:
        if document.customer is None:
            self.result.counts["invoices of nobody"] += 1
            if told["outcome"] != "refused" or told["code"] != "api.invalid_body":
                self.result.wrong.append(f"{document.number} of nobody: {told}")
            return
        self.result.counts["invoices"] += 1
        self.result.counts["lines"] += len(order["lines"])
        outcome, points = self.shop.order({"order": order})
        if (told["outcome"], told["points_earned"]) != (outcome, points):
            self.result.wrong.append(f"{document.number}: {told}, expected {points}")
        for line, row in zip(order["lines"], _goods(document), strict=True):
            key = document.customer, row.code
            self.bought[key].append(
                _Bought(order["name"], line["name"], row.price_cents, row.quantity)
            )

    # -- cancellations ------------------------------------------------------------------------

    def _cancel(self, document: Document) -> None:
        if document.customer is None:
            self.result.counts["cancellations of nobody"] += 1
            return
        self.result.counts["cancellations"] += 1
        parts: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
        for row in document.rows:
            for bought, pieces in self._found(
                document.customer, row.code, row.price_cents, -row.quantity
            ):
                parts[bought.order].append((bought.line, pieces, pieces * bought.price))
        for order, lines in parts.items():
            self._refund(order, document, _joined(lines))

    def _found(
        self, customer: str, code: str, price: int, pieces: int
    ) -> Iterator[tuple[_Bought, int]]:
        for bought in reversed(self.bought[customer, code]):
            if pieces and bought.left and bought.price == price:
                some = min(pieces, bought.left)
                bought.left -= some
                pieces -= some
                yield bought, some
        if pieces:
            self.result.counts["pieces never bought here"] += pieces

    def _refund(self, order: str, document: Document, lines: list[tuple[str, int, int]]) -> None:
        cents = sum(part for _, _, part in lines)
        body = {
            "external_id": document.number, "refunded_at": document.at.isoformat(),
            "amount_cents": cents,
            "lines": [
                {"external_id": name, "quantity": pieces, "amount_cents": part}
                for name, pieces, part in lines
            ],
        }  # fmt: skip
        told = self._must("POST", f"/orders/{order}/refunds", body)
        self.result.counts["refunds"] += 1
        _, due, *_ = self.shop.refund({"order": order, "refund": {
            "name": document.number, "at": document.at, "cents": cents, "lines": lines,
            "shortfall": "debt",
        }})  # fmt: skip
        if told["points"]["clawed_back"] != due:
            self.result.wrong.append(
                f"{document.number} of {order}: {told['points']}, expected {due}"
            )

    # -- comparing ----------------------------------------------------------------------------

    def _compare(self) -> None:
        """Every member's points, read from the list of members."""
        self.shop.settle_all()
        path: str | None = "/members?limit=100"
        found: dict[str, tuple] = {}
        while path:
            page = self._must("GET", path)
            for one in page["items"]:
                points = one["points"]
                found[one["external_id"]] = (
                    points["available"], points["pending"], points["held"], points["debt"],
                    points["lifetime_earned"],
                )  # fmt: skip
            path = f"/members?limit=100&cursor={page['next']}" if page["next"] else None
        for member, wallet in self.shop.wallets.items():
            expected = (wallet.available, wallet.pending, wallet.held, wallet.debt, wallet.lifetime)
            self.result.counts["members"] += 1
            self.result.counts["points available"] += wallet.available
            self.result.counts["points owed"] += wallet.debt
            if found.get(member, (0, 0, 0, 0, 0)) != expected:
                self.result.wrong.append(f"{member}: {found.get(member)}, expected {expected}")


def _goods(document: Document) -> list:
    return [row for row in document.rows if row.code != DISCOUNT]


def _order_of(document: Document) -> dict:
    """The invoice as the model has orders; a discount line is a discount of the order."""
    off = sum(row.price_cents for row in document.rows if row.code == DISCOUNT)
    lines = [
        {"name": str(i), "quantity": row.quantity, "cents": row.quantity * row.price_cents, "category": "",
         "sku": row.code}
        for i, row in enumerate(_goods(document), 1)
    ]  # fmt: skip
    return {
        "name": document.number, "member": document.customer, "placed_at": document.at,
        "status": "completed", "completed_at": document.at, "lines": lines, "hold": None,
        "shipping": 0, "tax": 0, "discount": off,
    }  # fmt: skip


def _body(order: dict) -> dict:
    named = {"member_external_id": order["member"]} if order["member"] else {}
    return {
        "external_id": order["name"], "currency": "GBP", "status": "completed", **named,
        "placed_at": order["placed_at"].isoformat(),
        "completed_at": order["completed_at"].isoformat(), "discount_cents": order["discount"],
        "lines": [
            {
                "external_id": line["name"], "sku": line["sku"], "quantity": line["quantity"],
                "amount_cents": line["cents"],
            } for line in order["lines"]
        ],
    }  # fmt: skip


def _joined(lines: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """A line named twice in one cancellation is one part of the refund."""
    sums: dict[str, tuple[int, int]] = {}
    for name, pieces, cents in lines:
        had = sums.get(name, (0, 0))
        sums[name] = had[0] + pieces, had[1] + cents
    return [(name, *both) for name, both in sums.items()]
