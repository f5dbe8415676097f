"""The front door of the ledger: everything that changes a balance. No other module writes here.

Each call is one stored function in one round trip, atomic by itself and inside a caller's
transaction. `at` is business time. Amounts are whole points > 0 (minor units for cash).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from kernel.db import Ask, ask, connection
from kernel.ids import new_id
from points.ledger.calling import answer_of, call, to_json
from points.ledger.errors import (
    HoldNotFound,
    HoldNotOpen,
    InsufficientPoints,
    KeyConflict,
    ReturnTooLarge,
)
from points.ledger.models import FundingSource
from points.members.errors import MemberMerged, refusing_merged

__all__ = [
    "Grant",
    "Posted",
    "add_funding_source",
    "ask_to_grant",
    "capture_hold",
    "grant",
    "hold_points",
    "lock_wallets",
    "open_wallets",
    "refresh_wallets",
    "release_hold",
    "return_points",
    "spend",
]


class Grant(msgspec.Struct, kw_only=True, frozen=True):
    """One thing given to one member, once for its natural key `key`. `is_waiting`: matures when its
    order says so (`maturing`); `idle_rule`: lives by activity."""

    member: uuid.UUID
    amount: int
    key: str
    occurred_at: datetime
    funding_source_id: int
    account: str
    kind: str = "earn"
    unit: str = "points"
    fingerprint: str = ""
    matures_at: datetime | None = None
    is_waiting: bool = False
    expires_at: datetime | None = None
    idle_rule: str | None = None
    unit_cost_micros: int = 0
    source_type: str = ""
    source_id: uuid.UUID | None = None
    reference: str = ""
    note: str = ""


class Posted(msgspec.Struct, frozen=True):
    """What a posting did: its transaction, and whether this call made it.

    `left`: what a grant left in its lot, less than granted when a debt was paid from it."""

    transaction_id: int
    is_new: bool
    points: int = 0
    left: int = 0


def grant(*, grants: Sequence[Grant], at: datetime, actor: str) -> list[Posted]:
    """Give points, many at once; a key known before gives its first transaction again.

    Raises KeyConflict when a key comes back with another fingerprint. Wallets are locked in order
    of id; debt is paid first. One round trip for any number of items.
    """
    if not grants:
        return []
    # A savepoint is two more round trips; only contents to compare can lead to a conflict.
    comparable = any(item.fingerprint for item in grants)
    with refusing_merged(), transaction.atomic(savepoint=comparable):
        return ask(ask_to_grant(grants=grants, at=at, actor=actor))[0]


def ask_to_grant(*, grants: Sequence[Grant], at: datetime, actor: str) -> Ask[list[Posted]]:
    """`grant`, to be asked together with other things, in the caller's transaction."""
    values = [msgspec.json.encode(grants).decode(), at, actor]
    return Ask("ledger_grant(%s, %s, %s)", values, _read_granted)


def _read_granted(text: str) -> list[Posted]:
    rows = _granted.decode(text)
    if not all(is_same for _tx, _is_new, is_same, _left in rows):
        raise KeyConflict()
    return [Posted(tx, is_new, left=left) for tx, is_new, _is_same, left in rows]


_granted = msgspec.json.Decoder(list[tuple[int, bool, bool, int]])


def spend(
    *,
    member: uuid.UUID,
    points: int,
    key: str,
    at: datetime,
    actor: str,
    kind: str = "spend",
    account: str = "redemption",
    unit: str = "points",
    source_type: str = "",
    source_id: uuid.UUID | None = None,
    reference: str = "",
    note: str = "",
    fingerprint: str = "",
) -> Posted:
    """Take points from the lots in the order of rules.md §2, once per key.

    Raises InsufficientPoints (nothing has moved then) and KeyConflict.
    """
    answer = call(
        "ledger_spend",
        {
            "member": member, "unit": unit, "amount": points, "key": key, "kind": kind,
            "account": account, "source_type": source_type, "source_id": source_id,
            "reference": reference, "note": note, "actor": actor, "fingerprint": fingerprint,
        },
        at,
    )  # fmt: skip
    _refuse(answer, needed=points)
    return Posted(answer["transaction_id"], answer["is_new"], points)


def hold_points(
    *,
    member: uuid.UUID,
    points: int,
    reference: str,
    expires_in: timedelta,
    at: datetime,
    actor: str,
    unit: str = "points",
) -> uuid.UUID:
    """Set points (or minor units of `cash`) aside until `at + expires_in`; returns the hold's id.

    Raises InsufficientPoints.
    """
    hold = new_id()
    answer = call(
        "ledger_hold_points",
        {
            "member": member, "unit": unit, "amount": points, "hold_id": hold,
            "key": f"hold:{hold}", "source_type": "hold", "source_id": hold,
            "reference": reference, "actor": actor, "expires_at": at + expires_in,
        },
        at,
    )  # fmt: skip
    _refuse(answer, needed=points)
    return hold


def capture_hold(
    *,
    hold: uuid.UUID,
    at: datetime,
    actor: str,
    source_type: str = "hold",
    source_id: uuid.UUID | None = None,
    reference: str = "",
) -> Posted:
    """Spend what a hold set aside; captured before gives the first result again.

    Raises HoldNotFound, and HoldNotOpen when it was released or ran out.
    """
    source = {"source_type": source_type, "source_id": source_id or hold, "reference": reference}
    with connection.cursor() as cursor:
        cursor.execute(
            "select ledger_capture(%s, %s, %s)", [hold, to_json({**source, "actor": actor}), at]
        )
        answer = answer_of(cursor)
    _refuse(answer)
    return Posted(answer["transaction_id"], answer["is_new"], answer["points"])


def release_hold(*, hold: uuid.UUID, at: datetime, actor: str) -> bool:
    """Give a hold back; True when this call did it. Raises HoldNotFound, HoldNotOpen (captured)."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_release(%s, %s, %s)", [hold, at, actor])
        answer = answer_of(cursor)
    _refuse(answer)
    return bool(answer["is_new"])


def return_points(
    *,
    transaction_id: int,
    key: str,
    at: datetime,
    actor: str,
    points: int | None = None,
    source_type: str = "",
    source_id: uuid.UUID | None = None,
    reference: str = "",
    grace_until: datetime | None = None,
    kind: str = "refund_spent",
) -> Posted:
    """Put spent points back into their lots with the old expiry; None means all that is left.

    Points whose lot has expired meanwhile come back and expire at once (rules.md §4), or live
    until `grace_until`. `kind`: `payout_return` for cash that was not paid out after all. Raises
    ReturnTooLarge.
    """
    body = {
        "key": key, "amount": points, "source_type": source_type, "source_id": source_id,
        "reference": reference, "actor": actor, "grace_until": grace_until, "kind": kind,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select ledger_return(%s, %s, %s)", [transaction_id, to_json(body), at])
        answer = answer_of(cursor)
    _refuse(answer)
    return Posted(answer["transaction_id"], answer["is_new"], answer.get("returned", points or 0))


def refresh_wallets(*, at: datetime, after: int = 0, limit: int = 10_000) -> tuple[int, int]:
    """Book what is due in up to `limit` wallets behind `after`: (how many were due, the last, where
    the walk goes on). Balances are right without it: it writes down what holds already. Wallets that
    somebody else works on refresh themselves.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "with due as (select id from ledger_wallet where id > %s and next_change_at <= %s"
            " order by id limit %s for update skip locked)"
            " select ledger_refresh(coalesce(array_agg(id), '{}'), %s), max(id) from due",
            [after, at, limit, at],
        )
        refreshed, last = cursor.fetchone()
        return int(refreshed or 0), int(last or after)


def open_wallets(*, members: Sequence[uuid.UUID], unit: str = "points") -> None:
    """Make wallets at zero: a row that is not there cannot be locked. Existing ones stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_wallet"
            " (member_id, unit, available, pending, held, debt, lifetime_earned)"
            " select unnest(%s::uuid[]), %s, 0, 0, 0, 0, 0 on conflict (member_id, unit) do nothing",
            [sorted(members), unit],
        )


def lock_wallets(*, members: Sequence[uuid.UUID], unit: str = "points") -> None:
    """Lock wallets in order of their ids until the caller's transaction ends.

    For flows that move points of several members in several calls. Raises MemberMerged.
    """
    which, locked = "where member_id = any(%s::uuid[]) and unit = %s", "order by id for update"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select merged_into_id from ledger_wallet {which} {locked}", [list(members), unit]
        )
        if any(row != (None,) for row in cursor.fetchall()):
            raise MemberMerged()


def add_funding_source(
    *, code: str, name: str, at: datetime, unit_cost_micros: int = 0
) -> tuple[FundingSource, bool]:
    """A new payer of points, or the one that has the code already; also whether it is new."""
    return FundingSource.objects.get_or_create(
        code=code,
        defaults={"name": name, "unit_cost_micros": unit_cost_micros, "created_at": at},
    )


def _refuse(answer: dict[str, Any], *, needed: int = 0) -> None:
    match answer.get("refused"):
        case "insufficient":
            raise InsufficientPoints(needed=needed, available=answer["available"])
        case "not_found":
            raise HoldNotFound()
        case "not_open":
            raise HoldNotOpen(status=answer["status"])
        case "too_large":
            raise ReturnTooLarge(returnable=answer["returnable"])
