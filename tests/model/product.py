"""The real product behind the same operations: flows and actions on PostgreSQL, as the views call them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection
from django_tenants.utils import tenant_context

from kernel.errors import DomainError
from points.budget.calculations import BudgetTerms
from points.checkin.actions import make_up
from points.earning import actions as earning
from points.flows.books_checked import check_books
from points.flows.events_received import IncomingEvent, take_event
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_checked_in import check_member_in
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.order_completed import complete_order
from points.flows.order_received import Outcome, take_order, take_orders
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.flows.points_adjusted import adjust_points
from points.flows.points_transferred import transfer_points
from points.flows.time_moved import run_due_jobs
from points.insights.settlement import settlement
from points.ledger import actions as ledger
from points.ledger.queries import get_balances
from points.members.queries import get_member
from points.orders.models import OrderLine
from points.program.actions import change_program
from points.program.queries import get_program
from points.redemption.actions import cancel_redemption, create_item, redeem
from points.tiers.actions import create_tier
from points.tiers.queries import get_standings
from tenants.models import Merchant
from tests.model.lots import Refused
from tests.model.refunds import STEPS
from tests.support.merchants import drop_merchant, open_merchant

ACTOR = "model"


@contextmanager
def fresh_product(setup: dict) -> Iterator["Product"]:
    """A merchant of its own, inside its schema; dropped afterwards."""
    merchant = open_merchant(
        f"model{uuid.uuid4().hex[:12]}", currency=setup["currency"], timezone=setup["zone"]
    )
    try:
        with tenant_context(merchant):
            yield Product(setup, merchant)
    finally:
        drop_merchant(merchant)


class Product:
    """A shop on the real product; each operation answers as the model's does."""

    def __init__(self, setup: dict, merchant: Merchant) -> None:
        self.setup, self.merchant, self.now = setup, merchant, setup["start"]
        self.ids: dict[str, uuid.UUID] = {}
        change_program(changes=_plain(setup["settings"]), at=self.now)
        for code, threshold, factor in setup["ladder"]:
            create_tier(
                fields={
                    "code": code, "name_en": code, "threshold": threshold,
                    "benefits": {"earn_multiplier": factor},
                }, at=self.now,
            )  # fmt: skip
        for code, payer in setup["payers"].items():
            put_payer(code=code, name=code, unit_cost_micros=payer["price"],
                      terms=_terms(payer["budget"]), at=self.now)  # fmt: skip
        for rule in setup["rules"]:
            earning.create_rule(code=rule["code"], document=_document(rule), at=self.now)
            earning.publish_rule(code=rule["code"], effective_from=None, at=self.now, actor=ACTOR)
        for item in setup["items"]:
            fields = {
                "kind": "goods",
                "title_en": item["name"],
                "price_points": item["points"],
                "stock": item["stock"],
                "per_member_limit": item["limit"],
            }
            self.ids[item["name"]] = create_item(fields=fields, at=self.now).pk
        for member in setup["members"]:
            self.ids[member] = join_member(external_id=member, at=self.now).pk

    def do(self, op: dict) -> tuple:
        """Do one operation. Raises Refused."""
        try:
            return getattr(self, op["do"])(op)
        except DomainError as refusal:
            raise Refused(refusal.code) from None

    def _who(self, member: str) -> uuid.UUID:
        return get_member(member_id=self.ids[member]).pk

    def _named(self, op: dict) -> uuid.UUID:
        if op["name"] not in self.ids:
            raise Refused("unknown")
        return self.ids[op["name"]]

    # -- operations ---------------------------------------------------------------------------

    def _incoming(self, told: dict) -> IncomingOrder:
        return IncomingOrder(
            external_id=told["name"], member_external_id=told["member"],
            currency=self.setup["currency"], placed_at=told["placed_at"], status=told["status"],
            completed_at=told["completed_at"], shipping_cents=told["shipping"],
            tax_cents=told["tax"], discount_cents=told["discount"],
            hold_id=self.ids[told["hold"]] if told["hold"] else None,
            lines=[
                IncomingLine(
                    external_id=line["name"], quantity=line["quantity"],
                    amount_cents=line["cents"], category=line["category"],
                ) for line in told["lines"]
            ],
        )  # fmt: skip

    @staticmethod
    def _told(outcome: Outcome) -> tuple:
        if outcome.outcome == "conflict":
            return ("conflict",)
        if outcome.outcome == "refused":
            assert outcome.error
            return ("refused", outcome.error.code)
        return (outcome.outcome, outcome.points_earned)

    def order(self, op: dict) -> tuple:
        try:
            order = self._incoming(op["order"])
            return self._told(
                take_order(order=order, create_member=False, at=self.now, actor=ACTOR)
            )
        except DomainError as refusal:
            if refusal.code == "orders.conflict":
                return ("conflict",)
            raise

    def batch(self, op: dict) -> tuple:
        batch = [self._incoming(told) for told in op["orders"]]
        outcomes = take_orders(orders=batch, create_members=False, at=self.now, actor=ACTOR)
        return tuple(self._told(outcome) for outcome in outcomes)

    def complete(self, op: dict) -> tuple:
        order = complete_order(
            external_id=op["order"], completed_at=op["completed_at"], at=self.now, actor=ACTOR
        )
        return ("done", order.points_earned)

    def refund(self, op: dict) -> tuple:
        told = op["refund"]
        lines = told["lines"] and [
            IncomingRefundLine(external_id=name, quantity=quantity, amount_cents=cents)
            for name, quantity, cents in told["lines"]
        ]
        body = IncomingRefund(
            external_id=told["name"], refunded_at=told["at"], amount_cents=told["cents"],
            lines=lines, shortfall=told["shortfall"],
        )  # fmt: skip
        done = refund_order(external_id=op["order"], refund=body, at=self.now, actor=ACTOR)
        row, taken = done.refund, dict.fromkeys(STEPS, 0)
        for step in row.steps:
            if step["step"] in taken:
                taken[step["step"]] += step["points"]
        return (
            "new" if done.is_new else "known", row.points_due, *taken.values(),
            row.points_returned, row.cash_netted_cents,
        )  # fmt: skip

    def event(self, op: dict) -> tuple:
        told = op["event"]
        event = IncomingEvent(
            id=told["name"], type=told["type"], occurred_at=told["occurred_at"],
            member_external_id=told["member"], properties={"amount_cents": told["amount"]},
        )  # fmt: skip
        try:
            outcome = take_event(event=event, at=self.now, actor=ACTOR)
        except DomainError as refusal:
            if refusal.code == "earning.event_conflict":
                return ("conflict",)
            raise
        return (outcome.outcome, outcome.points_earned)

    def adjust(self, op: dict) -> tuple:
        adjust_points(
            member_id=self._who(op["member"]), points=op["points"], reason="model", at=self.now,
            actor=ACTOR, funding_source=op["payer"],
        )  # fmt: skip
        return ("done",)

    def hold(self, op: dict) -> tuple:
        self.ids[op["name"]] = ledger.hold_points(
            member=self._who(op["member"]), points=op["points"], reference="model",
            expires_in=timedelta(minutes=op["minutes"]), at=self.now, actor=ACTOR,
        )  # fmt: skip
        return ("done",)

    def capture(self, op: dict) -> tuple:
        done = ledger.capture_hold(hold=self._named(op), at=self.now, actor=ACTOR)
        return ("done", done.points)

    def release(self, op: dict) -> tuple:
        return ("done", ledger.release_hold(hold=self._named(op), at=self.now, actor=ACTOR))

    def redeem(self, op: dict) -> tuple:
        done = redeem(
            member_id=self._who(op["member"]), item_id=self.ids[op["item"]],
            quantity=op["quantity"], at=self.now, actor=ACTOR,
        )  # fmt: skip
        self.ids[op["name"]] = done.pk
        return ("done", done.points)

    def cancel(self, op: dict) -> tuple:
        cancel_redemption(redemption_id=self._named(op), at=self.now, actor=ACTOR)
        return ("done",)

    def visit(self, op: dict) -> tuple:
        row = check_member_in(member_id=self._who(op["member"]), at=self.now, actor=ACTOR)
        return ("done", row.streak, row.base_points + sum(one["points"] for one in row.milestones))

    def make_up(self, op: dict) -> tuple:
        day = get_program().calendar.day_of(self.now) - timedelta(days=op["back"])
        row = make_up(member_id=self._who(op["member"]), day=day, at=self.now, actor=ACTOR)
        return ("done", row.streak, row.base_points + sum(one["points"] for one in row.milestones))

    def transfer(self, op: dict) -> tuple:
        transfer_points(
            sender=self._who(op["member"]), receiver=self._who(op["to"]), points=op["points"],
            transfer_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{self.merchant.pk}{op['name']}"),
            at=self.now, actor=ACTOR,
        )  # fmt: skip
        return ("done",)

    def merge(self, op: dict) -> tuple:
        done = merge_members(
            loser=self.ids[op["member"]], into=self._who(op["to"]), at=self.now, actor=ACTOR
        )
        return ("done", done.is_new)

    def set(self, op: dict) -> tuple:
        change_program(changes=_plain(op["changes"]), at=self.now)
        return ("done",)

    def wait(self, op: dict) -> tuple:
        self.now = op["to"]
        if op["with_jobs"]:
            run_due_jobs(at=self.now)
        return ("done",)

    # -- what is in the books -----------------------------------------------------------------

    def balances(self, members: list[str]) -> dict[str, tuple]:
        """(available, pending, held, debt, earned for life) by member."""
        found = get_balances(members=[self.ids[m] for m in members], at=self.now)
        return {
            m: (b.available, b.pending, b.held, b.debt, b.lifetime_earned)
            for m in members if (b := found[self.ids[m]])
        }  # fmt: skip

    def lots(self) -> dict[str, list[tuple]]:
        """All lots of points by the member whose wallet they lie in."""
        names = {pk: name for name, pk in self.ids.items()}
        rows = _rows("""
            select w.member_id, l.granted_at, l.granted, l.remaining, l.held, l.expired, l.is_mature,
                   l.matures_at, l.expires_at, f.code, l.unit_cost_micros
              from ledger_lot l join ledger_wallet w on w.id = l.wallet_id and w.unit = 'points'
              join ledger_fundingsource f on f.id = l.funding_source_id order by l.id""")
        found: dict[str, list[tuple]] = {}
        for member, *lot in rows:
            found.setdefault(names[member], []).append(tuple(lot))
        return found

    def accounts(self) -> dict[str, int]:
        """The sums of the programme's accounts."""
        return dict(
            _rows("""
            select p.account, sum(p.amount)::bigint from ledger_posting p
              join ledger_transaction t on t.id = p.transaction_id
              join ledger_wallet w on w.id = t.wallet_id and w.unit = 'points'
             where p.account not in ('available', 'pending', 'held', 'debt')
             group by 1 having sum(p.amount) <> 0""")
        )

    def statement(self, month: str) -> dict[str, tuple]:
        """The settlement of a month by payer."""
        items = settlement(month=month, at=self.now).items
        return {
            one.funding_source: (
                one.issued_points, one.spent_points, one.returned_points, one.expired_points,
                one.clawed_back_points, one.taken_points, one.debt_points, one.transferred_points,
                one.outstanding_points, one.cost_cents,
            ) for one in items
        }  # fmt: skip

    def standing(self, members: list[str]) -> dict[str, tuple]:
        """(growth, tier) by member."""
        ids = [self.ids[m] for m in members]
        growth = get_balances(members=ids, at=self.now, unit="growth")
        tiers = get_standings(member_ids=ids)
        return {
            m: (
                growth[pk].available if (pk := self.ids[m]) in growth else 0,
                tiers[pk].code if pk in tiers else None,
            )
            for m in members
        }

    def order_lines(self) -> dict[tuple[str, str], tuple]:
        """(points, given back, refunded) of every line."""
        rows = OrderLine.objects.values_list(
            "order__external_id", "external_id", "points", "points_clawed_back", "refunded_cents"
        )
        return {(order, line): tuple(rest) for order, line, *rest in rows}

    def budgets(self) -> dict[tuple[str, Any], int]:
        """What is left in each payer's budget, by period."""
        rows = _rows("""
            select f.code, t.starts_on, coalesce((select sum(left_amount) from budget_potslot
                     where period_id = t.id), 0) + coalesce((select sum(amount)
                     from budget_potincome where period_id = t.id), 0), p.period
              from budget_potperiod t join budget_pot p on p.id = t.pot_id
              join ledger_fundingsource f on p.owner = 'funding:' || f.id""")
        return {
            (code, starts if period == "month" else None): int(left)
            for code, starts, left, period in rows
        }

    def broken(self) -> list[str]:
        """Invariants that do not hold."""
        return [f"{one.check}: {one.row_id} {one.detail}" for one in check_books()]


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _plain(settings: dict) -> dict:
    found: dict = msgspec.to_builtins(settings)
    checkin = found.get("checkin")
    if checkin and "milestones" in checkin:
        names = ("kind", "days", "points")
        checkin["milestones"] = [
            dict(zip(names, one, strict=True)) for one in checkin["milestones"]
        ]
    return found


def _terms(budget: dict | None) -> BudgetTerms | None:
    if budget is None:
        return None
    return BudgetTerms(
        points=budget.get("points"), rate=Decimal(budget["rate"]) if "rate" in budget else None,
        period=budget["period"], on_limit=budget["on_limit"],
    )  # fmt: skip


def _document(rule: dict) -> dict[str, Any]:
    reward = {name: value for name, value in rule["reward"].items() if name != "category"}
    if rule["reward"].get("category"):
        reward["lines"] = {"==": [{"var": "line.category"}, rule["reward"]["category"]]}
    document: dict[str, Any] = {
        "name": rule["code"], "trigger": rule["trigger"], "reward": reward,
        "limits": {
            "per_member": rule["times"], "per_member_points": rule["points_limit"],
            "total_points": rule["total"],
        },
        "funding_source": rule["payer"], "priority": rule["priority"],
        "stacking": rule["stacking"], "pending_days": rule["pending_days"],
    }  # fmt: skip
    if rule["least_cents"]:
        document["conditions"] = {">=": [{"var": "order.amount_cents"}, rule["least_cents"]]}
    return document
