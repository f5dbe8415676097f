"""Handing over: what an item gives by itself, and what is shown at the counter."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kernel.db import Ask, ask, find_row
from kernel.sealing import unseal
from points.program.queries import get_program
from points.redemption.calculations import last_moment, written_code
from points.redemption.errors import (
    AlreadyHandedOver,
    NotForPickup,
    OutOfStock,
    PickupCodeWrong,
    PickupOver,
    RedemptionNotFound,
)
from points.redemption.models import GiftCode, MallItem, Redemption
from points.redemption.offering import SEALED_FOR

Status = Redemption.Status


def mark_delivered(
    *, redemption: Redemption, delivered: Mapping[str, Any], at: datetime
) -> Redemption:
    """Write down what a redemption gave by itself; it is fulfilled then. In the caller's
    transaction, which made it or locked it."""
    changes = {
        "delivered": dict(delivered), "status": Status.FULFILLED, "fulfilled_at": at,
        "fulfilled_by": "system", "valid_until": redemption.valid_until,
    }  # fmt: skip
    Redemption.objects.filter(pk=redemption.pk).update(**changes)
    for name, value in changes.items():
        setattr(redemption, name, value)
    return redemption


def start_benefit(*, redemption: Redemption, at: datetime) -> dict[str, Any]:
    """A benefit begins to be good; what of it is written down with the redemption."""
    item = redemption.item
    redemption.valid_until = last_moment(item.benefit_days, at, get_program().calendar)
    return {"benefit": {"zh": item.benefit_zh, "en": item.benefit_en}}


def take_gift_codes(*, redemption: Redemption, at: datetime) -> dict[str, Any]:
    """One code from the item's pool for each unit, exactly once. Raises OutOfStock."""
    taken = ask(
        Ask(
            "redemption_take_codes(%s, %s, %s, %s)",
            [redemption.item_id, redemption.pk, redemption.quantity, at], int,
        )
    )[0]  # fmt: skip
    if taken < redemption.quantity:
        raise OutOfStock(stock=0)
    return {"gift_codes": taken}


def reveal_gift_codes(*, redemption: Redemption) -> list[str]:
    """The codes of a redemption, opened: for the member they belong to and for nobody else."""
    rows = GiftCode.objects.filter(redemption=redemption).order_by("pk")
    return [unseal(row.sealed, purpose=SEALED_FOR) for row in rows]


def find_at_counter(*, code: str, lock: bool = False) -> Redemption:
    """The redemption a member shows, however the code was typed. Raises PickupCodeWrong."""
    found = find_row(Redemption, "code = %s", [written_code(code)], lock=lock)
    if found is None:
        raise PickupCodeWrong()
    return found


@transaction.atomic
def verify_pickup(*, code: str, at: datetime, actor: str) -> Redemption:
    """Hand over what is collected, or use a benefit, exactly once.

    Raises PickupCodeWrong, NotForPickup (why: shipped, delivered, unpaid, cancelled),
    AlreadyHandedOver, PickupOver; nothing has changed then.
    """
    redemption = find_at_counter(code=code, lock=True)
    check_pickup(redemption, at)
    if redemption.is_benefit:
        redemption.used_at, redemption.used_by = at, actor
        redemption.save(update_fields=["used_at", "used_by"])
        return redemption
    redemption.status = Status.FULFILLED
    redemption.fulfilled_at, redemption.fulfilled_by = at, actor
    redemption.save(update_fields=["status", "fulfilled_at", "fulfilled_by"])
    return redemption


def check_pickup(redemption: Redemption, at: datetime) -> None:
    """Whether it can be handed over at the counter now. Raises as `verify_pickup`."""
    done_at = redemption.used_at if redemption.is_benefit else redemption.fulfilled_at
    if redemption.delivery == MallItem.Ways.SHIP and redemption.address:
        raise NotForPickup(why="shipped")
    if redemption.delivered and not redemption.is_benefit:
        raise NotForPickup(why="delivered")
    if redemption.status == Status.CANCELLED:
        raise NotForPickup(why="cancelled")
    if redemption.status == Status.AWAITING_PAYMENT:
        raise NotForPickup(why="unpaid")
    if done_at is not None:
        raise AlreadyHandedOver(at=done_at.isoformat())
    if redemption.valid_until is not None and at >= redemption.valid_until:
        raise PickupOver(until=redemption.valid_until.isoformat())


def use_benefit(*, redemption_id: uuid.UUID, at: datetime, actor: str) -> Redemption:
    """Mark a benefit as used from the list of redemptions. Raises RedemptionNotFound and as
    `verify_pickup`."""
    found = find_row(Redemption, "id = %s", [redemption_id])
    if found is None:
        raise RedemptionNotFound()
    if not found.is_benefit:
        raise NotForPickup(why="delivered")
    return verify_pickup(code=found.code, at=at, actor=actor)
