"""Something of the points mall is redeemed, paid, given up or taken back.

`points.redemption` moves points, cash and stock; what joins it to other apps is here. Coupons, red
packets, gift codes and benefits are delivered by themselves, in the transaction that spends the points
for them, and so exactly once: all of it, or nothing. A delivery is named by its redemption, so that
the receiving app knows it again as well.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from kernel.bilingual import pack
from points.cash import actions as cash
from points.coupons import actions as coupons
from points.coupons.queries import get_template
from points.ledger.queries import get_funding_source
from points.program.queries import get_program
from points.redemption import actions, handing
from points.redemption.actions import Choice
from points.redemption.errors import AlreadyDelivered, AskTheShop, ItemContradicts
from points.redemption.models import MallItem, Redemption
from points.shop import order_actions as payments

SOURCE = "redemption"
_SWEEP = 100
Kind = MallItem.Kind


@transaction.atomic(savepoint=False)
def redeem(
    *,
    member_id: uuid.UUID,
    item_id: uuid.UUID,
    quantity: int,
    at: datetime,
    actor: str,
    address: dict[str, str] | None = None,
    choice: Choice | None = None,
) -> Redemption:
    """Exchange points for an item, and deliver what it gives by itself.

    Raises as `actions.redeem`, and what refuses the delivery: coupons.TemplateNotActive,
    TemplateOver, TemplateExhausted, MemberLimitReached, TemplateNotFound. Nothing has moved then.
    """
    wanted = choice or Choice()
    if wanted.payment == Redemption.Payment.LATER and wanted.pay_by is None:
        minutes = get_program().settings.shop.hold_minutes
        wanted = msgspec.structs.replace(wanted, pay_by=at + timedelta(minutes=minutes))
    made = actions.redeem(
        member_id=member_id, item_id=item_id, quantity=quantity, at=at, actor=actor,
        address=address, choice=wanted,
    )  # fmt: skip
    return _deliver(made, at, actor)


@transaction.atomic
def mark_paid(*, redemption_id: uuid.UUID, at: datetime, actor: str, note: str = "") -> Redemption:
    """The shop has the money part: its people or its system say so. Points are spent, and what it
    gives is delivered.

    Paid before: nothing happens again. Raises as `become_paid`; nothing has moved then, and the money
    is to go back.
    """
    before = actions.lock_redemption(redemption_id=redemption_id)
    paid = become_paid(redemption_id=redemption_id, at=at, actor=actor)
    if before.status == Redemption.Status.AWAITING_PAYMENT:
        payments.keep_paid_at_shop(redemption=paid, note=note, at=at, actor=actor)
    return paid


@transaction.atomic
def become_paid(*, redemption_id: uuid.UUID, at: datetime, actor: str) -> Redemption:
    """The money part has come, whoever has it. Paid before: nothing happens again.

    Raises as `actions.mark_paid` and as the delivery in `redeem`.
    """
    return _deliver(actions.mark_paid(redemption_id=redemption_id, at=at, actor=actor), at, actor)


def give_up_unpaid(*, at: datetime) -> int:
    """Cancel redemptions nobody paid for in time, at most 100; how many. Points, stock and limit are
    free again, and pages to pay at are closed."""
    with transaction.atomic():
        late = actions.find_unpaid(at=at, limit=_SWEEP)
        for row in late:
            actions.cancel_redemption(redemption_id=row.pk, at=at, actor="system", reason="unpaid")
        if late:
            payments.let_go_of_payments(redemption_ids=[row.pk for row in late])
        return len(late)


@transaction.atomic
def give_up(*, redemption_id: uuid.UUID, reason: str, at: datetime, actor: str) -> Redemption:
    """Cancel a redemption that cannot be paid any more. Raises as `actions.cancel_redemption`."""
    cancelled = actions.cancel_redemption(
        redemption_id=redemption_id, at=at, actor=actor, reason=reason
    )
    payments.let_go_of_payments(redemption_ids=[redemption_id])
    return cancelled


@transaction.atomic
def cancel(
    *,
    redemption_id: uuid.UUID,
    at: datetime,
    actor: str,
    reason: str = "",
    by_member: bool = False,
) -> Redemption:
    """Undo a redemption: points, cash and stock go back, coupons that were not used are voided. Money
    that a provider took goes back through it; what was paid at the shop, the shop hands back.

    Cancelled before: nothing happens again. Raises RedemptionNotFound, NotCancellable,
    AlreadyDelivered (a gift code, a red packet, a benefit that was used or is over), AskTheShop (a
    member, when money was paid to the shop), coupons.CouponUsed, CouponExpired, CouponLocked.
    """
    redemption = actions.lock_redemption(redemption_id=redemption_id)
    is_delivered = bool(redemption.delivered)
    if redemption.status != Redemption.Status.CANCELLED:
        _refuse_cancelling(redemption, at, by_member)
    cancelled = actions.cancel_redemption(
        redemption_id=redemption_id, at=at, actor=actor, reason=reason, is_taken_back=is_delivered
    )
    if codes := cancelled.delivered.get("coupons"):
        # Told again, each is voided already.
        coupons.void(codes=codes, at=at, actor=actor, reason=reason)
    if cancelled.payment == Redemption.Payment.LATER:
        payments.let_go_of_payments(redemption_ids=[redemption_id])
    return cancelled


def check_delivery(*, item: MallItem) -> None:
    """What an item gives has to be there: the coupon template, the payer of a red packet.

    Raises coupons.TemplateNotFound, ledger.FundingSourceNotFound. A draft may still lack it.
    """
    if item.kind == Kind.COUPON and item.coupon_template:
        get_template(code=item.coupon_template)
    if item.kind == Kind.RED_PACKET:
        get_funding_source(code=item.funding_source)


def _refuse_cancelling(redemption: Redemption, at: datetime, by_member: bool) -> None:
    if redemption.can_cancel(at, by_member=by_member):
        return
    if by_member and redemption.can_cancel(at, by_member=False):
        raise AskTheShop()
    if redemption.delivered:
        raise AlreadyDelivered(kind=redemption.item.kind)


def _deliver(redemption: Redemption, at: datetime, actor: str) -> Redemption:
    """Hand out what its kind gives by itself, once it is paid for; goods wait for somebody."""
    deliver = _DELIVERIES.get(redemption.item.kind)
    if deliver is None or redemption.status != Redemption.Status.PENDING:
        return redemption
    return handing.mark_delivered(
        redemption=redemption, delivered=deliver(redemption, at, actor), at=at
    )


def _issue_coupons(redemption: Redemption, at: datetime, actor: str) -> dict[str, Any]:
    """One coupon for each unit; the first is named by the redemption alone."""
    names = [f"{redemption.pk}{f':{n}' if n else ''}" for n in range(redemption.quantity)]
    issued = coupons.issue(
        template_code=redemption.item.coupon_template,
        issues=[coupons.CouponIssue(redemption.member_id, SOURCE, name) for name in names],
        at=at, actor=actor,
    )  # fmt: skip
    return {"coupons": [one.coupon.code for one in issued if one.coupon is not None]}


def _give_red_packet(redemption: Redemption, at: datetime, actor: str) -> dict[str, Any]:
    item = redemption.item
    cents = (item.red_packet_cents or 0) * redemption.quantity
    if not cents:
        raise ItemContradicts(field="red_packet_cents")
    gift = cash.Gift(
        member=redemption.member_id, cents=cents, source=SOURCE, source_id=redemption.pk,
        funding_source=item.funding_source, reference=redemption.code,
        note=pack(item.title_zh, item.title_en),
    )  # fmt: skip
    given = cash.give(gifts=[gift], at=at, actor=actor)[0]
    return {"cents": cents, "transaction_id": str(given.transaction_id)}


def _take_gift_codes(redemption: Redemption, at: datetime, actor: str) -> dict[str, Any]:
    return handing.take_gift_codes(redemption=redemption, at=at)


def _start_benefit(redemption: Redemption, at: datetime, actor: str) -> dict[str, Any]:
    return handing.start_benefit(redemption=redemption, at=at)


_DELIVERIES: dict[str, Callable[[Redemption, datetime, str], dict[str, Any]]] = {
    Kind.COUPON: _issue_coupons,
    Kind.RED_PACKET: _give_red_packet,
    Kind.GIFT_CODE: _take_gift_codes,
    Kind.BENEFIT: _start_benefit,
}
