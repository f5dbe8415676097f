"""Goods of a shop order come back: asked for, decided, and then everything moves at once.

In one transaction, in the order of ADR 0056: coupons return · the loyalty side takes earned
points back and returns those that paid (`refund_order`) · cash returns into its lots · the refund is
written down · pieces go back into stock. Money that came through a provider follows it
(`shop_refund_paid`): it is owed from here on, whatever the network does.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from kernel import outbox
from points.coupons import actions as coupons
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.flows.shop_records import CHANNEL, line_name, reference_of, told_of
from points.ledger import actions as ledger
from points.ledger.models import Unit
from points.orders.queries import get_order
from points.program.calculations import return_window_end
from points.program.queries import get_program
from points.referral.queries import of_orders
from points.shop import actions as catalogue
from points.shop import order_actions as orders
from points.shop import order_queries as queries
from points.shop.order_errors import (
    RefundBeyond,
    RefundState,
    RefundWindowClosed,
    ShopOrderState,
)
from points.shop.order_models import ShopOrder, ShopOrderLine, ShopRefund
from points.shop.refunding import GivenBack, cash_share, give_back

Status = ShopOrder.Status
REFUNDABLE = (Status.PAID, Status.SHIPPED, Status.COMPLETED)


@transaction.atomic
def request_refund(
    *, order_id: uuid.UUID, member_id: uuid.UUID, pieces: Mapping[int, int], reason: str,
    at: datetime, actor: str,
) -> ShopRefund:  # fmt: skip
    """A member wants to give pieces (position → quantity) back.

    Raises ShopOrderNotFound, ShopOrderState, RefundWindowClosed, RefundBeyond, RefundOpen.
    """
    order = queries.get_shop_order(order_id=order_id, member=member_id, lock=True)
    _check_refundable(order)
    program = get_program()
    days = program.settings.earning.return_window_days
    if order.completed_at and at >= return_window_end(days, order.completed_at, program.calendar):
        raise RefundWindowClosed()
    return _requested(order, pieces, reason=reason, at=at, actor=actor)


@transaction.atomic
def withdraw_refund(
    *, refund_id: uuid.UUID, member_id: uuid.UUID, at: datetime, actor: str
) -> ShopRefund:
    """The member thinks better of it. Raises RefundNotFound, RefundState."""
    refund, _ = _locked(refund_id, member=member_id)
    _decide(refund, ShopRefund.Status.WITHDRAWN, at=at, actor=actor, note="")
    return refund


@transaction.atomic
def reject_refund(*, refund_id: uuid.UUID, note: str, at: datetime, actor: str) -> ShopRefund:
    """The shop says no, and why. Raises RefundNotFound, RefundState."""
    refund, order = _locked(refund_id)
    _decide(refund, ShopRefund.Status.REJECTED, at=at, actor=actor, note=note)
    _tell("shop_refund.rejected", refund, order, at)
    return refund


@transaction.atomic
def refund_at_once(
    *, order_id: uuid.UUID, pieces: Mapping[int, int], reason: str, shipping_cents: int | None,
    is_restocked: bool, at: datetime, now: datetime, actor: str,
) -> ShopRefund:  # fmt: skip
    """The shop gives back without being asked. Raises what `approve_refund` does, and RefundOpen."""
    order = queries.get_shop_order(order_id=order_id, lock=True)
    _check_refundable(order)
    refund = _requested(order, pieces, reason=reason, at=at, actor=actor)
    return approve_refund(
        refund_id=refund.pk, pieces=None, shipping_cents=shipping_cents,
        is_restocked=is_restocked, note="", at=at, now=now, actor=actor,
    )  # fmt: skip


@transaction.atomic
def approve_refund(
    *, refund_id: uuid.UUID, pieces: Mapping[int, int] | None, shipping_cents: int | None,
    is_restocked: bool, note: str, at: datetime, now: datetime, actor: str,
) -> ShopRefund:  # fmt: skip
    """The shop says yes, perhaps to other pieces than were asked for.

    `shipping_cents` None: all of it when everything comes back before it was sent, else nothing.
    Raises RefundNotFound, RefundState, ShopOrderState, RefundBeyond.
    """
    refund, order = _locked(refund_id)
    _check_refundable(order)
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    parts = give_back(lines, pieces or _pieces(refund))
    is_whole = _is_whole(lines, parts)
    shipping = _shipping(order, shipping_cents, is_whole=is_whole)
    paid = sum(part.paid_cents for part in parts) + shipping
    cash = cash_share(
        cash_cents=order.cash_cents, payable_cents=order.payable_cents,
        before_cents=order.refunded_cents, now_cents=paid,
    )  # fmt: skip
    returned = _return_coupons(order, refund, at=at, actor=actor) if is_whole else []
    if cash:
        _lock_wallets(order)
    _refund_points(order, refund, parts, shipping, at=at, actor=actor)
    if cash:
        assert order.cash_transaction_id is not None
        ledger.return_points(
            transaction_id=order.cash_transaction_id, points=cash, key=f"shop_refund:{refund.pk}",
            at=at, actor=actor, source_type="shop_refund", source_id=refund.pk,
            reference=order.number,
        )  # fmt: skip
    orders.mark_given_back(
        order_id=order.pk, pieces=[(part.position, part.quantity) for part in parts]
    )
    _write_down(refund, order, parts, is_whole=is_whole, at=at, actor=actor, changes={
        "decision_note": note, "shipping_cents": shipping, "paid_cents": paid, "cash_cents": cash,
        "points": sum(part.points for part in parts),
        "offset_cents": sum(part.offset_cents for part in parts),
        "coupons_returned": returned, "coupon_shares": _coupon_shares(order, parts),
        "is_restocked": is_restocked,
        "look_at": now if paid > cash else None,
    })  # fmt: skip
    if is_restocked:
        by_position = {line.position: line.variant_id for line in lines}
        catalogue.put_back_stock(
            items={by_position[part.position]: part.quantity for part in parts}
        )
    return refund


def _requested(
    order: ShopOrder, pieces: Mapping[int, int], *, reason: str, at: datetime, actor: str
) -> ShopRefund:
    lines = queries.lines_of(order_ids=[order.pk])[order.pk]
    if not pieces:
        raise RefundBeyond(position=0, left=0)
    give_back(lines, pieces)
    refund = orders.add_refund(
        order=order, reason=reason, at=at, actor=actor,
        lines=[{"position": place, "quantity": count} for place, count in sorted(pieces.items())],
    )  # fmt: skip
    _tell("shop_refund.requested", refund, order, at)
    return refund


def _locked(
    refund_id: uuid.UUID, *, member: uuid.UUID | None = None
) -> tuple[ShopRefund, ShopOrder]:
    """A request that waits for its answer, and its order, which is what is locked."""
    found = queries.get_refund(refund_id=refund_id, member=member)
    order = queries.get_shop_order(order_id=found.order_id, lock=True)
    refund = queries.get_refund(refund_id=refund_id)
    if refund.status != ShopRefund.Status.REQUESTED:
        raise RefundState(status=refund.status)
    return refund, order


def _decide(refund: ShopRefund, status: str, *, at: datetime, actor: str, note: str) -> None:
    orders.decide_refund(refund=refund, status=status, at=at, actor=actor, note=note)


def _check_refundable(order: ShopOrder) -> None:
    if order.status not in REFUNDABLE:
        raise ShopOrderState(status=order.status)


def _pieces(refund: ShopRefund) -> dict[int, int]:
    return {part["position"]: part["quantity"] for part in refund.lines}


def _is_whole(lines: Sequence[ShopOrderLine], parts: Sequence[GivenBack]) -> bool:
    """Whether nothing of the order is left with the buyer after this."""
    left = sum(line.quantity - line.refunded_quantity for line in lines)
    return left == sum(part.quantity for part in parts)


def _shipping(order: ShopOrder, asked_cents: int | None, *, is_whole: bool) -> int:
    """Shipping that goes back now, never more than is left of it."""
    before = sum(
        refund.shipping_cents for refund in queries.refunds_of(order_ids=[order.pk])[order.pk]
    )
    left = order.shipping_cents - before
    if asked_cents is None:
        return left if is_whole and order.status == Status.PAID else 0
    if asked_cents > left:
        raise RefundBeyond(position=0, left=left)
    return asked_cents


def _return_coupons(order: ShopOrder, refund: ShopRefund, *, at: datetime, actor: str) -> list[str]:
    if not order.coupons:
        return []
    back = coupons.give_back(
        codes=[one["code"] for one in order.coupons], reference=reference_of(order.number),
        at=at, actor=actor,
    )  # fmt: skip
    return [one.coupon.code for one in back if one.is_returned]


def _lock_wallets(order: ShopOrder) -> None:
    """Cash moves in several wallets: the buyer's, and those of whom commission is taken back. All are
    locked now, in their order, behind the buyer's points as everywhere (ADR 0056)."""
    told = get_order(external_id=order.number, channel=CHANNEL)
    others = [one.member_id for one in of_orders(order_ids=[told.pk])]
    ledger.lock_wallets(members=[order.member_id])
    ledger.lock_wallets(members=[order.member_id, *others], unit=Unit.CASH)


def _coupon_shares(order: ShopOrder, parts: Sequence[GivenBack]) -> list[dict[str, object]]:
    """What the payers of the coupons no longer bear."""
    shares: Counter[str] = Counter()
    for i, coupon in enumerate(order.coupons):
        shares[coupon["funding_source"]] += sum(part.coupon_parts[i] for part in parts)
    return [{"funding_source": code, "cents": cents} for code, cents in shares.items() if cents]


def _refund_points(
    order: ShopOrder, refund: ShopRefund, parts: Sequence[GivenBack], shipping: int, *,
    at: datetime, actor: str,
) -> None:  # fmt: skip
    """What the pieces earned is taken back; the points stored with them return."""
    refund_order(
        external_id=order.number, channel=CHANNEL, at=at, actor=actor,
        refund=IncomingRefund(
            external_id=str(refund.pk), refunded_at=at,
            amount_cents=sum(part.goods_cents for part in parts) + shipping,
            lines=[
                IncomingRefundLine(
                    external_id=line_name(part.position), quantity=part.quantity,
                    amount_cents=part.goods_cents,
                )
                for part in parts
            ],
        ),
        returned_points=sum(part.points for part in parts),
    )  # fmt: skip


def _write_down(
    refund: ShopRefund, order: ShopOrder, parts: Sequence[GivenBack], *, is_whole: bool,
    at: datetime, actor: str, changes: dict[str, object],
) -> None:  # fmt: skip
    is_owed = changes["look_at"] is not None
    status = ShopRefund.Status.PAYING if is_owed else ShopRefund.Status.DONE
    note = str(changes.pop("decision_note"))
    lines = [
        {"position": part.position, "quantity": part.quantity, "paid_cents": part.paid_cents,
         "points": part.points, "offset_cents": part.offset_cents}
        for part in parts
    ]  # fmt: skip
    orders.decide_refund(
        refund=refund, status=status, at=at, actor=actor, note=note, lines=lines,
        done_at=None if is_owed else at, **changes,
    )  # fmt: skip
    state = Status.REFUNDED if is_whole else order.status
    refunded = order.refunded_cents + refund.paid_cents
    orders.move_to(
        order=order, status=state, at=at, actor=actor, note="refund", refunded_cents=refunded
    )
    _tell("shop_refund.approved", refund, order, at)


def _tell(topic: str, refund: ShopRefund, order: ShopOrder, at: datetime) -> None:
    payload = {
        **told_of(order), "refund_id": str(refund.pk), "paid_cents": refund.paid_cents,
        "cash_cents": refund.cash_cents, "points": refund.points,
    }  # fmt: skip
    outbox.tell(topic=topic, subject=str(order.member_id), payload=payload, at=at)
