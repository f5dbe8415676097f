"""What refunds, exchanges and chargebacks have in common: what is due, and where it is taken from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from kernel.db import ask
from kernel.money import exponent
from points.budget.actions import ask_to_count_revenue, ask_to_return
from points.earning.calculations import clawback_due
from points.flows import commission, growth
from points.flows.offset_shares import returned_to
from points.ledger import actions as ledger
from points.ledger import clawing
from points.members.models import Member
from points.orders.actions import save_refund
from points.orders.calculations import (
    charged_cents,
    cumulative_share,
    offset_value_cents,
    source_key,
    spread_refund,
)
from points.orders.errors import RefundConflict
from points.orders.models import Order, OrderLine, Refund
from points.orders.queries import get_order
from points.program.calculations import grace_until
from points.program.queries import ActiveProgram

STEPS = ("own_pending", "own_lots", "other_lots", "debt", "uncovered")


@dataclass(frozen=True, slots=True)
class Refunded:
    """The stored refund, and whether this call made it."""

    refund: Refund
    is_new: bool


def lock_order(
    *, external_id: str, channel: str | None, kind: Refund.Kind, number: str, fingerprint: str
) -> tuple[Order, Refunded | None]:
    """The order, and what came of it when this number of this kind was told before.

    Raises OrderNotFound, OrderAmbiguous; RefundConflict when other contents were told.
    """
    order = get_order(external_id=external_id, channel=channel, lock=True)
    known = Refund.objects.filter(order=order, kind=kind, external_id=number).first()
    if known is None:
        return order, None
    if known.fingerprint != fingerprint:
        raise RefundConflict()
    return order, Refunded(known, is_new=False)


def store(
    order: Order,
    lines: Sequence[OrderLine],
    row: Refund,
    spent_before: int,
    *,
    program: ActiveProgram,
    at: datetime,
    actor: str,
    is_revenue_counted: bool = False,
) -> Refunded:
    """All steps are done: keep them; the member's sum and growth follow, and revenue if it has not."""
    save_refund(order=order, lines=lines, refund=row)
    count_spent(order, spent_before)
    if not is_revenue_counted:
        count_revenue(order, spent_before, program=program, at=at)
    growth.follow_refund(order=order, refund=name_of(row), program=program, at=at, actor=actor)
    commission.follow_order(order=order, at=at, actor=actor)
    return Refunded(row, is_new=True)


def name_of(row: Refund) -> str:
    """Its number among all that came back of the order, as growth knows it; those of refunds are as
    they were before there were other kinds."""
    is_plain = row.kind == Refund.Kind.REFUND
    return row.external_id if is_plain else f"{row.kind}:{row.external_id}"


def spent_of(order: Order) -> int:
    """What the member's sum still counts of an order: at the end nothing, and never less.

    Refunds are told in the prices of the lines; a coupon made the order cheaper than those.
    """
    return max(0, charged_cents(order) - order.refunded_cents)


def count_spent(order: Order, before: int) -> None:
    """The member's sum follows what changed on the order."""
    if change := spent_of(order) - before:
        Member.objects.filter(pk=order.member_id).update(spent_cents=F("spent_cents") + change)


def count_revenue(order: Order, before: int, *, program: ActiveProgram, at: datetime) -> None:
    """Budgets that live of revenue follow what changed on the order."""
    if change := spent_of(order) - before:
        ask(ask_to_count_revenue(cents=change, day=program.calendar.day_of(at)))


def key_of(order: Order, row: Refund, part: str) -> str:
    """Natural key of a posting; those of refunds are as they were before there were other kinds."""
    return source_key(row.kind, order.channel, order.external_id, row.external_id, part)


def due_of_lines(
    order: Order, lines: Sequence[OrderLine], program: ActiveProgram
) -> dict[str, int]:
    """Points that now belong back, noted on the lines: line → points; the lines are not saved."""
    if program.settings.clawback.share == "proportional":
        refunded = sum(line.refunded_cents for line in lines)
        already = sum(line.points_clawed_back for line in lines)
        total = cumulative_share(order.points_earned, refunded, order.goods_cents, already)
        per_line = spread_refund(total, [line.points - line.points_clawed_back for line in lines])
    else:
        per_line = clawback_due(
            [line.points for line in lines],
            [line.amount_cents for line in lines],
            [line.refunded_cents for line in lines],
            [line.points_clawed_back for line in lines],
        )
    due = {}
    for line, points in zip(lines, per_line, strict=True):
        if points > 0:  # below 0: what later refunds took of a bonus that came with the payment
            line.points_clawed_back += points
            due[line.external_id] = points
    return due


def take_back(
    order: Order,
    row: Refund,
    due: Mapping[str, int],
    *,
    program: ActiveProgram,
    at: datetime,
    actor: str,
    net: bool = False,
    leg: str = "clawback",
) -> None:
    """Claw back what is due of each line, step by step, and note it on refund and order.

    A chargeback may take from all lots and leave any debt (ADR 0040); for the rest the settings
    decide. `net`: no debt; what no step could take is kept back from the cash.
    """
    points = sum(due.values())
    row.points_due += points
    for part in row.lines:
        if part["external_id"] in due:
            part["points"] = due[part["external_id"]]
    if points == 0:
        return
    rules, is_forced = program.settings.clawback, row.kind == Refund.Kind.CHARGEBACK
    taken = clawing.claw_back(
        member=order.member_id, points=points, origin_id=order.pk, at=at, actor=actor,
        key=key_of(order, row, leg),
        from_other_lots=is_forced or rules.from_other_lots,
        debt=is_forced or (rules.debt and not net),
        debt_limit=None if is_forced else rules.debt_limit_points,
        source_type=row.kind, source_id=row.pk, reference=order.external_id,
    )  # fmt: skip
    if net:
        _net(row, taken.uncovered, program, order.currency)
    if taken.transaction_id is not None:
        ask(ask_to_return(transaction_id=taken.transaction_id, program=program, at=at))
    row.clawback_transaction_id = taken.transaction_id
    row.points_clawed_back += taken.taken
    row.points_debt += taken.debt
    row.points_uncovered += taken.uncovered
    add_steps(row, {step: getattr(taken, step) for step in STEPS})
    order.points_clawed_back += taken.taken


def add_steps(row: Refund, steps: Mapping[str, int]) -> None:
    """Keep what moved, in its order; steps of 0 are none."""
    row.steps = [
        *row.steps,
        *({"step": step, "points": points} for step, points in steps.items() if points),
    ]


def return_spent(
    order: Order,
    lines: Sequence[OrderLine],
    row: Refund,
    *,
    program: ActiveProgram,
    at: datetime,
    actor: str,
    agreed: int | None = None,
) -> None:
    """Points the order was paid with go back: `agreed` ones where the seller keeps them line by
    line, else by the share of goods refunded so far."""
    if order.spend_transaction_id is None:
        return
    refunded = sum(line.refunded_cents for line in lines)
    due = cumulative_share(order.offset_points, refunded, order.goods_cents, order.points_returned)
    due = due if agreed is None else agreed
    if due == 0:
        return
    back = ledger.return_points(
        transaction_id=order.spend_transaction_id, points=due, at=at, actor=actor,
        key=key_of(order, row, "return"), source_type=row.kind, source_id=row.pk,
        reference=order.external_id,
        grace_until=grace_until(program.settings.clawback, at, program.calendar),
    )  # fmt: skip
    row.points_returned = due
    row.offset_shares = returned_to(order, transaction_id=back.transaction_id)
    order.points_returned += due


def _net(row: Refund, uncovered: int, program: ActiveProgram, currency: str) -> None:
    """What could not be taken is kept back from the cash, at face value, at most the cash."""
    worth = program.settings.face_value_points_per_unit
    value = offset_value_cents(uncovered, worth, exponent(currency))
    row.cash_netted_cents = min(row.amount_cents, value)
