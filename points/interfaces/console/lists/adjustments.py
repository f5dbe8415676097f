"""Adjustments as the person signed in sees them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kernel.money import exponent
from points.adjustments.models import Adjustment
from points.insights.calculations import liability_cents
from points.interfaces.adjustment_shapes import request
from points.interfaces.console.authentication import Staff
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.rendering import unknown_member
from points.interfaces.console.schemas.adjustments import AdjustmentRow
from points.ledger.queries import Balance, get_balances
from points.program.queries import get_program


def render_adjustments(
    rows: Sequence[Adjustment], *, staff: Staff, at: datetime
) -> list[AdjustmentRow]:
    """With members, worth at face value, and what members have now where it still matters.

    Up to four queries: programme, members, keys that asked, balances of those that wait.
    """
    if not rows:
        return []
    program = get_program()
    per_unit = program.settings.face_value_points_per_unit
    names = name_members(row.member_id for row in rows)
    waiting = [row.member_id for row in rows if row.status_at(at) == Adjustment.Status.WAITING]
    balances = get_balances(members=waiting, at=at) if waiting else {}
    keys = name_actors(row.requested_by for row in rows if row.requested_by.startswith("key:"))
    return [
        AdjustmentRow(
            **_told(row, keys, at),
            member=names.get(row.member_id) or unknown_member(row.member_id),
            worth_cents=liability_cents(
                row.points, points_per_unit=per_unit, exponent=exponent(program.currency)
            ),
            available=_available(row, balances, at),
            can_decide=_can_decide(row, staff, at),
        )
        for row in rows
    ]


def _told(row: Adjustment, keys: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """The adjustment itself; a key by the name it has."""
    told = msgspec.structs.asdict(request(row, at=at))
    return {**told, "requested_by_name": keys.get(row.requested_by, row.requested_by_name)}


def _available(row: Adjustment, balances: Mapping[uuid.UUID, Balance], at: datetime) -> int | None:
    if row.status_at(at) != Adjustment.Status.WAITING:
        return None
    return balances.get(row.member_id, Balance()).available


def _can_decide(row: Adjustment, staff: Staff, at: datetime) -> bool:
    is_open = row.status_at(at) == Adjustment.Status.WAITING
    return is_open and staff.may("points:approve") and row.requested_by != staff.actor
