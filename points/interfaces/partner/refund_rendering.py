"""Refunds, exchanges and chargebacks as answers."""

from datetime import UTC, datetime

from points.flows.order_refunded import RefundQuote
from points.interfaces.partner import refund_schemas as schemas
from points.orders.models import Refund


def refund(row: Refund, order_external_id: str) -> schemas.RefundOut:
    """A refund and what became of the points."""
    return schemas.RefundOut(
        id=row.pk, external_id=row.external_id, order_external_id=order_external_id,
        refunded_at=_utc(row.refunded_at), amount_cents=row.amount_cents, points=_points(row),
        steps=_steps(row), cash_netted_cents=row.cash_netted_cents,
    )  # fmt: skip


def quote(found: RefundQuote) -> schemas.RefundQuoteOut:
    """What a refund would do."""
    row = found.refund
    return schemas.RefundQuoteOut(
        amount_cents=row.amount_cents, cash_netted_cents=row.cash_netted_cents,
        cash_cents=row.amount_cents - row.cash_netted_cents, points=_points(row),
        steps=_steps(row), available=found.available, debt=found.debt,
    )  # fmt: skip


def exchange(row: Refund, order_external_id: str) -> schemas.ExchangeOut:
    """An exchange: what came back, what went out, the difference."""
    came = sum(part["amount_cents"] for part in row.lines)
    went = sum(part["amount_cents"] for part in row.replacements)
    moved = {one["step"]: one["points"] for one in row.steps}
    return schemas.ExchangeOut(
        id=row.pk, external_id=row.external_id, order_external_id=order_external_id,
        exchanged_at=_utc(row.refunded_at),
        returned=[
            schemas.ExchangedLineOut(
                external_id=part["external_id"], quantity=part["quantity"],
                amount_cents=part["amount_cents"],
            )
            for part in row.lines
        ],
        replacements=[schemas.ReplacementOut(**part) for part in row.replacements],
        cash_back_cents=max(0, came - went), cash_due_cents=max(0, went - came),
        points_moved=moved.get("moved", 0), points_earned=moved.get("earned", 0),
        points=_points(row), steps=_steps(row),
    )  # fmt: skip


def chargeback(row: Refund, order_external_id: str) -> schemas.ChargebackOut:
    """A chargeback, won or not."""
    told = row.reversal
    return schemas.ChargebackOut(
        id=row.pk, external_id=row.external_id, order_external_id=order_external_id,
        charged_back_at=_utc(row.refunded_at), amount_cents=row.amount_cents, points=_points(row),
        steps=_steps(row),
        reversal=schemas.ReversalOut(
            **{**told, "reversed_at": _utc(datetime.fromisoformat(told["reversed_at"]))}
        ) if told else None,
    )  # fmt: skip


def _points(row: Refund) -> schemas.RefundPoints:
    return schemas.RefundPoints(
        clawed_back=row.points_clawed_back, returned=row.points_returned, debt=row.points_debt,
        uncovered=row.points_uncovered,
    )  # fmt: skip


def _steps(row: Refund) -> list[schemas.RefundStep]:
    return [schemas.RefundStep(**step) for step in row.steps]


def _utc(moment: datetime) -> datetime:
    """As the database gives it back, so that the first answer and later ones are the same text."""
    return moment.astimezone(UTC)
