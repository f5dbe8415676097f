"""Every write of the points mall."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from kernel.db import Ask, ask, connection, find_row
from kernel.ids import new_id
from points.ledger import actions as ledger
from points.program.calculations import grace_until
from points.program.queries import get_program
from points.redemption.calculations import new_redemption_code
from points.redemption.errors import (
    ItemIncomplete,
    ItemNotFound,
    LimitReached,
    NotCancellable,
    NotFulfillable,
    NotOnSale,
    OutOfStock,
    RedemptionNotFound,
)
from points.redemption.models import MallItem, Redemption

# What a new redemption says; the rest is the state of one that is pending.
_RECORDED = (
    "id code member_id item_id quantity points price_cents currency address transaction_id"
    " created_at"
).split()


def create_item(*, fields: dict[str, Any], at: datetime) -> MallItem:
    """Add an item to the mall. Raises ItemIncomplete without any title."""
    return create_items(items=[fields], at=at)[0]


def create_items(*, items: Sequence[dict[str, Any]], at: datetime) -> list[MallItem]:
    """Add items in one statement, all or none. Raises ItemIncomplete without any title."""
    rows = [MallItem(created_at=at, **fields) for fields in items]
    if not all(row.title_zh or row.title_en for row in rows):
        raise ItemIncomplete()
    return MallItem.objects.bulk_create(rows)


@transaction.atomic
def change_item(*, item_id: uuid.UUID, changes: dict[str, Any]) -> MallItem:
    """Change an item; redemptions made keep their price. Raises ItemNotFound, ItemIncomplete."""
    item = MallItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise ItemNotFound()
    for field, value in changes.items():
        setattr(item, field, value)
    if not (item.title_zh or item.title_en):
        raise ItemIncomplete()
    item.save(update_fields=list(changes))
    return item


@transaction.atomic(savepoint=False)
def redeem(
    *,
    member_id: uuid.UUID,
    item_id: uuid.UUID,
    quantity: int,
    at: datetime,
    actor: str,
    address: dict[str, str] | None = None,
) -> Redemption:
    """Exchange points for an item: points, limit and stock move together or not at all.

    Raises ItemNotFound, NotOnSale, OutOfStock, LimitReached, ledger.InsufficientPoints.
    The member's wallet is locked first, which also makes the limit race-free; the item's row, on
    which all buyers meet, is touched last and held for the shortest time. It sets no savepoint: who
    wants to go on after a refusal calls it in a transaction of its own.
    """
    item = find_row(MallItem, "id = %s", [item_id])
    if item is None:
        raise ItemNotFound()
    _check_on_sale(item, quantity, at)
    redemption = Redemption(
        id=new_id(), code=new_redemption_code(), member_id=member_id, item=item,
        quantity=quantity, points=item.price_points * quantity,
        price_cents=item.price_cents * quantity, currency=connection.tenant.currency,
        address=address, created_at=at,
    )  # fmt: skip
    spent = ledger.spend(
        member=member_id, points=redemption.points, key=f"redemption:{redemption.pk}", at=at,
        actor=actor, source_type="redemption", source_id=redemption.pk,
        reference=redemption.code,
    )  # fmt: skip
    _check_limit(item, member_id, quantity)
    redemption.transaction_id = spent.transaction_id
    if not ask(_to_record(redemption))[0]:
        raise OutOfStock(stock=0)
    return redemption


@transaction.atomic
def cancel_redemption(
    *, redemption_id: uuid.UUID, at: datetime, actor: str, reason: str = ""
) -> Redemption:
    """Undo a pending redemption: points go back to their lots, the unit back into stock.

    Cancelled before: nothing happens again. Raises RedemptionNotFound, NotCancellable.
    """
    redemption = _locked(redemption_id)
    if redemption.status == Redemption.Status.CANCELLED:
        return redemption
    if redemption.status != Redemption.Status.PENDING:
        raise NotCancellable(status=redemption.status)
    program = get_program()
    ledger.return_points(
        transaction_id=redemption.transaction_id, key=f"redemption:{redemption.pk}:cancelled",
        at=at, actor=actor, source_type="redemption", source_id=redemption.pk,
        reference=redemption.code,
        grace_until=grace_until(program.settings.clawback, at, program.calendar),
    )  # fmt: skip
    redemption.status = Redemption.Status.CANCELLED
    redemption.cancelled_at, redemption.cancelled_by = at, actor
    redemption.cancel_reason = reason
    redemption.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancel_reason"])
    MallItem.objects.filter(pk=redemption.item_id).update(
        stock=F("stock") + redemption.quantity,
        redeemed_count=F("redeemed_count") - redemption.quantity,
    )
    return redemption


@transaction.atomic
def fulfil_redemption(
    *, redemption_id: uuid.UUID, at: datetime, actor: str, tracking: str = ""
) -> Redemption:
    """Mark a redemption as handed over or sent. Raises RedemptionNotFound, NotFulfillable."""
    redemption = _locked(redemption_id)
    if redemption.status == Redemption.Status.FULFILLED:
        return redemption
    if redemption.status != Redemption.Status.PENDING:
        raise NotFulfillable(status=redemption.status)
    redemption.status = Redemption.Status.FULFILLED
    redemption.fulfilled_at, redemption.fulfilled_by = at, actor
    redemption.tracking = tracking
    redemption.save(update_fields=["status", "fulfilled_at", "fulfilled_by", "tracking"])
    return redemption


def _check_on_sale(item: MallItem, quantity: int, at: datetime) -> None:
    """A first look without a lock; stock is decided when it is taken."""
    if (
        item.status != MallItem.Status.ON_SALE
        or (item.on_sale_from and at < item.on_sale_from)
        or (item.on_sale_until and at >= item.on_sale_until)
    ):
        raise NotOnSale()
    if item.stock is not None and item.stock < quantity:
        raise OutOfStock(stock=item.stock)


def _check_limit(item: MallItem, member_id: uuid.UUID, quantity: int) -> None:
    if item.per_member_limit is None:
        return
    redeemed = ask(Ask("redemption_count(%s, %s)", [item.pk, member_id], int))[0]
    if redeemed + quantity > item.per_member_limit:
        raise LimitReached(limit=item.per_member_limit)


def _to_record(redemption: Redemption) -> Ask[bool]:
    values = {name: getattr(redemption, name) for name in _RECORDED}
    return Ask("redemption_record(%s)", [msgspec.json.encode(values).decode()], bool)


def _locked(redemption_id: uuid.UUID) -> Redemption:
    found = find_row(Redemption, "id = %s", [redemption_id], lock=True)
    if found is None:
        raise RedemptionNotFound()
    return found
