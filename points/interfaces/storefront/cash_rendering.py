"""Cash from rows to answers, in the language of the request."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from points.cash.accounts import find_account
from points.cash.calculations import mask_account
from points.cash.models import RedPacketShare, Withdrawal
from points.cash.queries import CashTerms, PacketState
from points.interfaces import wording
from points.interfaces.cash_shapes import red_packet as of_staff
from points.interfaces.storefront import cash_schemas as schemas
from points.interfaces.storefront.rendering import language
from points.ledger.models import Transaction
from points.members.calculations import mask_name
from points.members.queries import list_names

# Providers whose account the member types; at WeChat it is known.
_TYPED = (Withdrawal.Provider.MANUAL, Withdrawal.Provider.STRIPE)


def cash(terms: CashTerms, *, on_its_way: int, latest: Withdrawal | None) -> schemas.CashOut:
    """The wallet; whom the last withdrawal went to, so that it need not be typed again."""
    payout: Any = terms.payout
    typed = latest is not None and latest.provider == payout and payout in _TYPED
    return schemas.CashOut(
        is_open=terms.enabled, cash_cents=terms.available_cents, held_cents=terms.held_cents,
        on_its_way_cents=on_its_way, available_points=terms.available_points,
        points_per_unit=terms.points_per_unit, min_points=terms.min_points,
        step_points=terms.step_points, max_points=terms.max_points, max_cents=terms.max_cents,
        left_cents=terms.left_cents, can_withdraw=terms.withdrawals, payout=payout,
        min_withdrawal_cents=terms.min_withdrawal_cents,
        max_withdrawal_cents=terms.max_withdrawal_cents,
        payee_name=(latest.payee_name or None) if typed and latest else None,
        payee_account=(latest.payee_account or None) if typed and latest else None,
    )  # fmt: skip


def transaction(row: Transaction) -> schemas.CashTransactionOut:
    """A line of the cash ledger."""
    return schemas.CashTransactionOut(
        id=str(row.pk), kind=row.kind, amount_cents=row.amount,
        balance_after_cents=row.balance_after, occurred_at=row.occurred_at,
        reason=wording.reason(row), order_external_id=wording.order_of(row),
    )  # fmt: skip


def withdrawals(rows: Sequence[Withdrawal]) -> list[schemas.MyWithdrawalOut]:
    """With what WeChat needs where it waits for the member: at most one query."""
    waiting = any(_package(row) for row in rows)
    account = find_account() if waiting else None
    return [_withdrawal(row, account.shown if account else None) for row in rows]


def _withdrawal(row: Withdrawal, account: dict[str, str] | None) -> schemas.MyWithdrawalOut:
    status: Any = row.status
    package = _package(row)
    return schemas.MyWithdrawalOut(
        id=row.pk, amount_cents=row.cents, status=status, provider=row.provider,
        payee_name=row.payee_name or None,
        payee_account=mask_account(row.payee_account) if row.payee_account else None,
        requested_at=row.requested_at, closed_at=row.closed_at,
        decision_note=row.decision_note or None,
        can_cancel=row.status == Withdrawal.Status.REQUESTED,
        accept=schemas.AcceptOut(mchid=account["mchid"], appid=account["appid"], package=package)
        if account and package
        else None,
    )  # fmt: skip


def _package(row: Withdrawal) -> str:
    """What WeChat gave for the member to accept with; nothing once it is settled."""
    is_waiting = row.details.get("provider_state") == "WAIT_USER_CONFIRM"
    is_paying = row.status == Withdrawal.Status.PAYING
    return str(row.details.get("package_info", "")) if is_waiting and is_paying else ""


def red_packet(
    state: PacketState, at: datetime, *, is_for_me: bool, my_cents: int | None
) -> schemas.MyRedPacketOut:
    """A red packet for one member."""
    told = of_staff(state, at)
    return schemas.MyRedPacketOut(
        id=told.id, title=state.packet.title(language()), kind=told.kind, status=told.status,
        total_cents=told.total_cents, shares_count=told.shares_count,
        taken_count=told.taken_count, taken_cents=told.taken_cents, ends_at=told.ends_at,
        is_for_me=is_for_me, my_cents=my_cents,
    )  # fmt: skip


def takers(
    rows: Sequence[RedPacketShare], *, me: uuid.UUID, luckiest: int | None
) -> list[schemas.TakerOut]:
    """Who took what, by masked names: one query."""
    names = list_names(members=[row.member_id for row in rows if row.member_id])
    return [
        schemas.TakerOut(
            name=mask_name(names[row.member_id][1]) or None if row.member_id in names else None,
            amount_cents=row.cents, taken_at=row.taken_at, is_me=row.member_id == me,
            is_luckiest=row.pk == luckiest and row.red_packet.kind == "random",
        )
        for row in rows
        if row.member_id and row.taken_at
    ]  # fmt: skip
