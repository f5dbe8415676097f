"""Withdrawals and shares with the members' names, as the person signed in sees them."""

from collections.abc import Sequence

import msgspec

from points.cash.models import Withdrawal
from points.interfaces.cash_shapes import RedPacketShareItems, withdrawal
from points.interfaces.console.authentication import Staff
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.rendering import unknown_member
from points.interfaces.console.schemas.cash import ShareRow, ShareRows, WithdrawalRow

Status, Provider = Withdrawal.Status, Withdrawal.Provider


def render_withdrawals(rows: Sequence[Withdrawal], *, staff: Staff) -> list[WithdrawalRow]:
    """With members and names of keys: at most two queries. Who may not decide sees the last signs of
    accounts alone."""
    names = name_members(row.member_id for row in rows)
    keys = name_actors(row.requested_by for row in rows if row.requested_by.startswith("key:"))
    decides = staff.may("cash:approve")
    return [
        WithdrawalRow(
            **msgspec.structs.asdict(withdrawal(row, in_full=decides)),
            member=names.get(row.member_id) or unknown_member(row.member_id),
            requested_by_name=keys.get(row.requested_by, row.requested_by_name),
            decided_by_name=row.decided_by_name or None,
            can_decide=decides and _is_open(row) and row.requested_by != staff.actor,
            can_pay=decides and row.status == Status.APPROVED and row.provider == Provider.MANUAL,
        )
        for row in rows
    ]


def _is_open(row: Withdrawal) -> bool:
    """Asked for; or approved and not paid by hand yet, when a no still takes the yes back."""
    by_hand = row.status == Status.APPROVED and row.provider == Provider.MANUAL
    return row.status == Status.REQUESTED or by_hand


def name_takers(found: RedPacketShareItems) -> ShareRows:
    """Shares with the members' names: one query more."""
    names = name_members(row.member_id for row in found.items)
    items = [
        ShareRow(
            **msgspec.structs.asdict(row),
            member=names.get(row.member_id) or unknown_member(row.member_id),
        )
        for row in found.items
    ]
    return ShareRows(items=items, next=found.next)
