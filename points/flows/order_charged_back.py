"""The bank takes a payment back, or gives it again when the dispute is won.

A chargeback is told with a number of its own. All that is left of the order counts as refunded, and
everything it earned goes back, owed if need be whatever the settings say of debt (ADR 0040). Points
the order was paid with come back only if the programme says so. A dispute that is won restores it:
each lot, the debt, the lines.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kernel.ids import new_id
from kernel.shapes import Body, Moment, Slugish, check_moments, fingerprint_of
from points.earning.actions import follow_order
from points.flows import commission, growth
from points.flows.coupons_taken_back import take_coupons_back
from points.flows.order_refunded import give_back
from points.flows.refund_steps import (
    Refunded,
    count_revenue,
    count_spent,
    due_of_lines,
    key_of,
    lock_order,
    name_of,
    return_spent,
    spent_of,
    store,
    take_back,
)
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.queries import default_funding_source, get_balance
from points.orders import actions as orders
from points.orders import queries as order_queries
from points.orders.errors import ChargebackNotFound
from points.orders.models import Order, OrderLine, Refund
from points.program.calculations import expires_at, grace_until, idle_rule
from points.program.queries import ActiveProgram, get_program

# What the ledger's entries of a dispute that was won say they come from.
WON = "chargeback_won"


class IncomingChargeback(Body, kw_only=True):
    """A chargeback as a channel tells it: all that is left of the payment."""

    external_id: Slugish
    charged_back_at: Moment

    def __post_init__(self) -> None:
        check_moments(self.charged_back_at)


@transaction.atomic
def charge_back_order(
    *,
    external_id: str,
    chargeback: IncomingChargeback,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Refunded:
    """Take a chargeback, once per (order, external id); told again equal gives the first result.

    Raises OrderNotFound, OrderAmbiguous, RefundConflict.
    """
    fingerprint = fingerprint_of(chargeback)
    order, known = lock_order(
        external_id=external_id, channel=channel, kind=Refund.Kind.CHARGEBACK,
        number=chargeback.external_id, fingerprint=fingerprint,
    )  # fmt: skip
    if known is not None:
        return known
    program, lines = get_program(), order_queries.list_lines(order_id=order.pk)
    spent_before = spent_of(order)
    row = Refund(
        id=new_id(), order=order, kind=Refund.Kind.CHARGEBACK, fingerprint=fingerprint,
        external_id=chargeback.external_id, refunded_at=chargeback.charged_back_at,
        received_at=at, amount_cents=_left(order),
        lines=[
            {
                "external_id": line.external_id,
                "quantity": line.quantity - line.refunded_quantity,
                "amount_cents": line.amount_cents - line.refunded_cents,
            }
            for line in lines
        ],
    )  # fmt: skip
    for line, part in zip(lines, row.lines, strict=True):
        give_back(line, part["quantity"], part["amount_cents"])
    order.refunded_cents += row.amount_cents
    take_coupons_back(order, row, at=at, actor=actor)
    if program.settings.clawback.chargeback_returns_spent:
        return_spent(order, lines, row, program=program, at=at, actor=actor)
    due = due_of_lines(order, lines, program)
    take_back(order, row, due, program=program, at=at, actor=actor)
    done = store(order, lines, row, spent_before, program=program, at=at, actor=actor)
    follow_order(order_id=order.pk, at=at)
    return done


@transaction.atomic
def reverse_chargeback(
    *,
    external_id: str,
    chargeback_id: str,
    reversed_at: datetime,
    at: datetime,
    actor: str,
    channel: str | None = None,
) -> Refunded:
    """The dispute is won: what the chargeback did is undone. Reversed before: nothing again.

    Points go back to the lots they were taken from (one that is over expires again at once, or lives
    as long as the grace says), debt is forgiven, and debt that later points have paid is granted
    anew. Points the chargeback returned are spent on the order again, as far as there are any.
    Raises OrderNotFound, OrderAmbiguous, ChargebackNotFound.
    """
    order = order_queries.get_order(external_id=external_id, channel=channel, lock=True)
    row = Refund.objects.filter(
        order=order, kind=Refund.Kind.CHARGEBACK, external_id=chargeback_id
    ).first()
    if row is None:
        raise ChargebackNotFound()
    if row.reversal is not None:
        return Refunded(row, is_new=False)
    program, lines = get_program(), order_queries.list_lines(order_id=order.pk)
    spent_before = spent_of(order)
    restored = _restore(order, row, program, at=at, actor=actor)
    spent_again = _spend_again(order, row, at=at, actor=actor)
    _undo_on_lines(lines, row)
    row.reversal = {
        "reversed_at": reversed_at.isoformat(), "restored_points": restored,
        "spent_again_points": spent_again, "left_with_member_points": row.points_returned,
    }  # fmt: skip
    order.refunded_cents -= row.amount_cents
    orders.save_lines(order=order, lines=lines)
    orders.save_sums(order=order)
    follow_order(order_id=order.pk, at=at)
    row.save()
    count_spent(order, spent_before)
    count_revenue(order, spent_before, program=program, at=at)
    growth.follow_reversal(order=order, refund=name_of(row), program=program, at=at, actor=actor)
    commission.follow_order(order=order, at=at, actor=actor)
    return Refunded(row, is_new=True)


def _left(order: Order) -> int:
    """Minor units of the order, in the prices of its lines, that were not refunded yet."""
    whole = order.goods_cents + order.shipping_cents + order.tax_cents
    return max(0, whole - order.refunded_cents)


def _restore(order: Order, row: Refund, program: ActiveProgram, *, at: datetime, actor: str) -> int:
    """Points that go back to the member, owed ones included."""
    if row.clawback_transaction_id is None:
        return 0
    done = clawing.undo_clawback(
        transaction_id=row.clawback_transaction_id, key=key_of(order, row, "won"), at=at,
        actor=actor, grace_until=grace_until(program.settings.clawback, at, program.calendar),
        source_type=WON, source_id=row.pk, reference=order.external_id,
    )  # fmt: skip
    if done.rest:
        payer = default_funding_source()
        grant = ledger.Grant(
            member=order.member_id, amount=done.rest, key=key_of(order, row, "won:rest"),
            kind="clawback", occurred_at=at, funding_source_id=payer.id,
            account=f"issuance:{payer.code}", unit_cost_micros=payer.unit_cost_micros,
            expires_at=expires_at(program.settings.expiry, at, program.calendar),
            idle_rule=idle_rule(program.settings.expiry, program.calendar),
            source_type=WON, source_id=row.pk, reference=order.external_id,
        )  # fmt: skip
        ledger.grant(grants=[grant], at=at, actor=actor)
    order.points_clawed_back -= row.points_clawed_back
    row.points_clawed_back = row.points_debt = row.points_due = 0
    row.clawback_transaction_id = None
    return done.restored + done.rest


def _spend_again(order: Order, row: Refund, *, at: datetime, actor: str) -> int:
    """Points the chargeback had returned pay for the order again: as many as the member has.

    A later refund returns those of this new spending: of the first all had come back.
    """
    available = get_balance(member=order.member_id, at=at).available if row.points_returned else 0
    points = min(row.points_returned, available)
    if points == 0:
        return 0
    spent = ledger.spend(
        member=order.member_id, points=points, key=key_of(order, row, "won:spent"), at=at,
        actor=actor, source_type=WON, source_id=row.pk, reference=order.external_id,
    )  # fmt: skip
    order.spend_transaction_id = spent.transaction_id
    order.points_returned -= points
    row.points_returned -= points
    if row.points_returned == 0:
        row.offset_shares = None
    return points


def _undo_on_lines(lines: Sequence[OrderLine], row: Refund) -> None:
    by_name = {line.external_id: line for line in lines}
    for part in row.lines:
        line = by_name[part["external_id"]]
        line.refunded_quantity -= part["quantity"]
        line.refunded_cents -= part["amount_cents"]
        line.points_clawed_back -= part.get("points", 0)
