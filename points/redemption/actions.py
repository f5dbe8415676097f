"""The front door of redeeming: an item is taken, paid for, or given back.

What an item is stands in `offering`, how it is handed over in `handing`. Locks: the member's wallets,
points before cash; then the rows on which all buyers meet (variant, item), held for the shortest time.
"""

import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from kernel.db import Ask, ask, connection, find_row
from kernel.ids import new_id
from points.ledger import actions as ledger
from points.ledger.errors import HoldNotOpen, InsufficientPoints
from points.program.calculations import grace_until
from points.program.queries import ActiveProgram, get_program
from points.redemption.calculations import counted_since, last_moment, new_redemption_code
from points.redemption.choosing import Choice, check_audience, check_on_sale, choose_delivery
from points.redemption.errors import (
    InsufficientCash,
    ItemNotFound,
    LimitReached,
    NotAwaitingPayment,
    NotCancellable,
    NotFulfillable,
    OutOfStock,
    PaymentNeeded,
    PaymentTooLate,
    RedemptionNotFound,
    VariantNeeded,
    VariantNotFound,
)
from points.redemption.models import MallItem, MallVariant, Redemption
from points.redemption.offering import change_item, create_item, create_items

__all__ = [
    "Choice", "cancel_redemption", "change_item", "create_item", "create_items",
    "find_unpaid", "fulfil_redemption", "lock_redemption", "mark_paid", "redeem",
]  # fmt: skip

# What a new redemption says; the rest is the state of one that is new.
_RECORDED = (
    "id code member_id item_id variant_id quantity points price_cents currency address status"
    " transaction_id hold_id payment pay_by paid_at paid_by cash_transaction_id delivery"
    " valid_until created_at"
).split()
_NO_CHOICE = Choice()
Status, Payment = Redemption.Status, Redemption.Payment


@transaction.atomic(savepoint=False)
def redeem(
    *,
    member_id: uuid.UUID,
    item_id: uuid.UUID,
    quantity: int,
    at: datetime,
    actor: str,
    address: dict[str, str] | None = None,
    choice: Choice = _NO_CHOICE,
) -> Redemption:
    """Exchange points for an item: points, cash, limit and stock move together or not at all.

    The money part is paid by `choice.payment`: from the cash wallet, later (points are held until
    `choice.pay_by`, and it waits for `mark_paid`), or outside, by who calls. What the item gives by
    itself is delivered by the flow `redeemed`, in the same transaction.

    Raises ItemNotFound, NotOnSale, NotYourTier, NotYourSegment, VariantNeeded, VariantNotFound,
    DeliveryNotOffered, AddressNeeded, PaymentNeeded, OutOfStock, LimitReached, InsufficientCash,
    ledger.InsufficientPoints. The member's wallet is locked first, which also makes the limit
    race-free. It sets no savepoint: who wants to go on after a refusal calls it in a transaction of
    its own. Four statements for an item without variants, audience, period and money; each of these
    is one more.
    """
    item = find_row(MallItem, "id = %s", [item_id])
    if item is None:
        raise ItemNotFound()
    check_on_sale(item, quantity, at)
    variant = _variant_of(item, choice.variant_id)
    check_audience(item, member_id, at)
    redemption = _drafted(item, variant, quantity, choice, address)
    redemption.member_id, redemption.created_at = member_id, at
    _set_deadline(redemption, at)
    _take_points(redemption, choice, at, actor)
    _check_limit(item, member_id, quantity, at)
    if redemption.payment == Payment.WALLET:
        redemption.cash_transaction_id = _take_cash(redemption, at, actor)
    if redemption.payment in (Payment.WALLET, Payment.OUTSIDE):
        redemption.paid_at, redemption.paid_by = at, actor
    if not ask(_to_record(redemption))[0]:
        raise OutOfStock(stock=0)
    return redemption


@transaction.atomic
def mark_paid(*, redemption_id: uuid.UUID, at: datetime, actor: str) -> Redemption:
    """The money part of a redemption has come: the points held for it are spent, and it is pending.

    Paid before: nothing happens again. Points whose hold has run out are spent anew while the member
    still has them. Raises RedemptionNotFound, NotAwaitingPayment (cancelled meanwhile: the money is
    to go back), PaymentTooLate.
    """
    redemption = lock_redemption(redemption_id=redemption_id)
    if redemption.paid_at and redemption.status in (Status.PENDING, Status.FULFILLED):
        return redemption
    if redemption.status != Status.AWAITING_PAYMENT or redemption.hold_id is None:
        raise NotAwaitingPayment(status=redemption.status)
    redemption.transaction_id = _spend_held(redemption, redemption.hold_id, at, actor)
    redemption.status, redemption.paid_at, redemption.paid_by = Status.PENDING, at, actor
    redemption.valid_until = _valid_until(redemption.item, redemption.delivery, at)
    redemption.save(update_fields=["transaction_id", "status", "paid_at", "paid_by", "valid_until"])
    return redemption


def find_unpaid(*, at: datetime, limit: int) -> list[Redemption]:
    """Redemptions whose time to be paid is over, locked; those somebody works on are left out."""
    return list(
        Redemption.objects.select_for_update(skip_locked=True)
        .filter(status=Status.AWAITING_PAYMENT, pay_by__lte=at)
        .order_by("pk")[:limit]
    )


def lock_redemption(*, redemption_id: uuid.UUID) -> Redemption:
    """A redemption, locked until the caller's transaction ends: for who looks before it acts.

    Raises RedemptionNotFound."""
    found = find_row(Redemption, "id = %s", [redemption_id], lock=True)
    if found is None:
        raise RedemptionNotFound()
    return found


@transaction.atomic
def cancel_redemption(
    *,
    redemption_id: uuid.UUID,
    at: datetime,
    actor: str,
    reason: str = "",
    is_taken_back: bool = False,
) -> Redemption:
    """Undo a redemption: points and cash go back to their lots, the unit back into stock.

    Cancelled before: nothing happens again. A fulfilled one only when the caller takes back what was
    delivered, in the same transaction (`is_taken_back`). Money that was paid later or outside is not
    touched. Raises RedemptionNotFound, NotCancellable.
    """
    redemption = lock_redemption(redemption_id=redemption_id)
    if redemption.status == Status.CANCELLED:
        return redemption
    if redemption.status == Status.FULFILLED and not is_taken_back:
        raise NotCancellable(status=redemption.status)
    if redemption.status == Status.AWAITING_PAYMENT and redemption.hold_id:
        ledger.release_hold(hold=redemption.hold_id, at=at, actor=actor)
    else:
        _give_back(redemption, at, actor)
    redemption.status = Status.CANCELLED
    redemption.cancelled_at, redemption.cancelled_by = at, actor
    redemption.cancel_reason = reason
    redemption.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancel_reason"])
    ask(
        Ask(
            "redemption_put_back(%s, %s, %s)::text",
            [redemption.item_id, redemption.variant_id, redemption.quantity], str,
        )
    )  # fmt: skip
    return redemption


@transaction.atomic
def fulfil_redemption(
    *, redemption_id: uuid.UUID, at: datetime, actor: str, tracking: str = ""
) -> Redemption:
    """Mark a redemption as handed over or sent. Raises RedemptionNotFound, NotFulfillable."""
    redemption = lock_redemption(redemption_id=redemption_id)
    if redemption.status == Status.FULFILLED:
        return redemption
    if redemption.status != Status.PENDING:
        raise NotFulfillable(status=redemption.status)
    redemption.status = Status.FULFILLED
    redemption.fulfilled_at, redemption.fulfilled_by = at, actor
    redemption.tracking = tracking
    redemption.save(update_fields=["status", "fulfilled_at", "fulfilled_by", "tracking"])
    return redemption


def _drafted(
    item: MallItem,
    variant: MallVariant | None,
    quantity: int,
    choice: Choice,
    address: dict[str, str] | None,
) -> Redemption:
    """A redemption that is not stored yet; prices come from the item and its variant alone."""
    points, cents = item.price_points, item.price_cents
    if variant is not None:
        points = points if variant.price_points is None else variant.price_points
        cents = cents if variant.price_cents is None else variant.price_cents
    if cents and not choice.payment:
        raise PaymentNeeded(price_cents=cents * quantity)
    delivery = choose_delivery(item, choice.delivery, address)
    return Redemption(
        id=new_id(), code=new_redemption_code(), item=item, variant=variant, quantity=quantity,
        points=points * quantity, price_cents=cents * quantity,
        currency=connection.tenant.currency, delivery=delivery,
        address=None if delivery == MallItem.Ways.PICKUP else address,
        payment=choice.payment if cents else "",
    )  # fmt: skip


def _variant_of(item: MallItem, variant_id: uuid.UUID | None) -> MallVariant | None:
    if not item.has_variants:
        if variant_id is not None:
            raise VariantNotFound()
        return None
    if variant_id is None:
        raise VariantNeeded()
    found = find_row(
        MallVariant, "id = %s and item_id = %s and not is_retired", [variant_id, item.pk]
    )
    if found is None:
        raise VariantNotFound()
    return found


def _valid_until(item: MallItem, delivery: str, at: datetime) -> datetime | None:
    """The end of what can be collected, from when it is paid for."""
    if delivery != MallItem.Ways.PICKUP or item.pickup_days is None:
        return None
    return last_moment(item.pickup_days, at, get_program().calendar)


def _set_deadline(redemption: Redemption, at: datetime) -> None:
    redemption.valid_until = _valid_until(redemption.item, redemption.delivery, at)


def _take_points(redemption: Redemption, choice: Choice, at: datetime, actor: str) -> None:
    """Spend the points, or hold them while the money is still to come."""
    if redemption.payment == Payment.LATER:
        if choice.pay_by is None or choice.pay_by <= at:
            raise PaymentNeeded(price_cents=redemption.price_cents)
        redemption.status, redemption.pay_by = Status.AWAITING_PAYMENT, choice.pay_by
        redemption.hold_id = ledger.hold_points(
            member=redemption.member_id, points=redemption.points, reference=redemption.code,
            expires_in=choice.pay_by - at, at=at, actor=actor,
        )  # fmt: skip
        return
    redemption.transaction_id = _spend(redemption, at, actor)


def _spend(redemption: Redemption, at: datetime, actor: str) -> int:
    return ledger.spend(
        member=redemption.member_id, points=redemption.points,
        key=f"redemption:{redemption.pk}", at=at, actor=actor, source_type="redemption",
        source_id=redemption.pk, reference=redemption.code,
    ).transaction_id  # fmt: skip


def _spend_held(redemption: Redemption, hold: uuid.UUID, at: datetime, actor: str) -> int:
    try:
        return ledger.capture_hold(
            hold=hold, at=at, actor=actor, source_type="redemption", source_id=redemption.pk,
            reference=redemption.code,
        ).transaction_id  # fmt: skip
    except HoldNotOpen:
        try:
            return _spend(redemption, at, actor)
        except InsufficientPoints as refusal:
            raise PaymentTooLate(**refusal.facts) from None


def _take_cash(redemption: Redemption, at: datetime, actor: str) -> int:
    try:
        return ledger.spend(
            member=redemption.member_id, points=redemption.price_cents, unit="cash",
            key=f"redemption:{redemption.pk}:cash", at=at, actor=actor, source_type="redemption",
            source_id=redemption.pk, reference=redemption.code,
        ).transaction_id  # fmt: skip
    except InsufficientPoints as refusal:
        raise InsufficientCash(**refusal.facts) from None


def _give_back(redemption: Redemption, at: datetime, actor: str) -> None:
    """Points into their lots, with the grace the programme gives; cash into its own."""
    program = get_program()
    taken = {"cancelled": redemption.transaction_id, "cash-back": redemption.cash_transaction_id}
    for word, transaction_id in taken.items():
        if transaction_id is not None:
            _return(redemption, transaction_id, word, program, at, actor)


def _return(
    redemption: Redemption, transaction_id: int, word: str, program: ActiveProgram, at: datetime,
    actor: str,
) -> None:  # fmt: skip
    ledger.return_points(
        transaction_id=transaction_id, key=f"redemption:{redemption.pk}:{word}", at=at,
        actor=actor, source_type="redemption", source_id=redemption.pk, reference=redemption.code,
        grace_until=grace_until(program.settings.clawback, at, program.calendar),
    )  # fmt: skip


def _check_limit(item: MallItem, member_id: uuid.UUID, quantity: int, at: datetime) -> None:
    if item.per_member_limit is None:
        return
    since = None
    if item.per_member_period != MallItem.Period.EVER:
        since = counted_since(item.per_member_period, at, get_program().calendar)
    redeemed = ask(Ask("redemption_count(%s, %s, %s)", [item.pk, member_id, since], int))[0]
    if redeemed + quantity > item.per_member_limit:
        raise LimitReached(limit=item.per_member_limit, period=item.per_member_period)


def _to_record(redemption: Redemption) -> Ask[bool]:
    values: dict[str, Any] = {name: getattr(redemption, name) for name in _RECORDED}
    return Ask("redemption_record(%s)", [msgspec.json.encode(values).decode()], bool)
