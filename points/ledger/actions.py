"""The front door of the ledger: everything that changes a balance. No other module writes here.

Each call is one stored function in one round trip, atomic by itself and inside a caller's
transaction. `at` is business time. Amounts are whole points > 0 (minor units for cash).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from kernel.db import Ask, ask, connection
from kernel.ids import new_id
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
    "Clawback",
    "Grant",
    "Posted",
    "Restored",
    "add_funding_source",
    "ask_to_grant",
    "capture_hold",
    "claw_back",
    "grant",
    "hold_points",
    "lock_wallets",
    "open_wallets",
    "refresh_wallets",
    "release_hold",
    "return_points",
    "spend",
    "undo_clawback",
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


@dataclass(frozen=True, slots=True)
class Clawback:
    """How much each step of a clawback took; `uncovered` is what no step could take."""

    own_pending: int
    own_lots: int
    other_lots: int
    debt: int
    uncovered: int
    transaction_id: int | None
    is_new: bool

    @property
    def taken(self) -> int:
        """Points taken back, debt included."""
        return self.own_pending + self.own_lots + self.other_lots + self.debt


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
    answer = _call(
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
) -> uuid.UUID:
    """Set points aside until `at + expires_in`; returns the hold's id. Raises InsufficientPoints."""
    hold = new_id()
    answer = _call(
        "ledger_hold_points",
        {
            "member": member, "unit": "points", "amount": points, "hold_id": hold,
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
            "select ledger_capture(%s, %s, %s)", [hold, _json({**source, "actor": actor}), at]
        )
        answer = _answer(cursor)
    _refuse(answer)
    return Posted(answer["transaction_id"], answer["is_new"], answer["points"])


def release_hold(*, hold: uuid.UUID, at: datetime, actor: str) -> bool:
    """Give a hold back; True when this call did it. Raises HoldNotFound, HoldNotOpen (captured)."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_release(%s, %s, %s)", [hold, at, actor])
        answer = _answer(cursor)
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
) -> Posted:
    """Put spent points back into their lots with the old expiry; None means all that is left.

    Points whose lot has expired meanwhile come back and expire at once (rules.md §4), or live
    until `grace_until`. Raises ReturnTooLarge.
    """
    body = {
        "key": key, "amount": points, "source_type": source_type, "source_id": source_id,
        "reference": reference, "actor": actor, "grace_until": grace_until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select ledger_return(%s, %s, %s)", [transaction_id, _json(body), at])
        answer = _answer(cursor)
    _refuse(answer)
    return Posted(answer["transaction_id"], answer["is_new"], answer.get("returned", points or 0))


def claw_back(
    *,
    member: uuid.UUID,
    points: int,
    origin_id: uuid.UUID,
    key: str,
    at: datetime,
    actor: str,
    from_other_lots: bool,
    debt: bool,
    debt_limit: int | None,
    unit: str = "points",
    source_type: str = "",
    source_id: uuid.UUID | None = None,
    reference: str = "",
) -> Clawback:
    """Take earned points back in the four steps of rules.md §4, once per key.

    `origin_id` is the order whose lots go first. Nothing is skipped: what no step could take is
    in `uncovered`.
    """
    answer = _call(
        "ledger_clawback",
        {
            "member": member, "unit": unit, "amount": points, "origin_id": origin_id,
            "key": key, "from_other_lots": from_other_lots, "debt": debt,
            "debt_limit": debt_limit, "source_type": source_type, "source_id": source_id,
            "reference": reference, "actor": actor,
        },
        at,
    )  # fmt: skip
    steps = ("own_pending", "own_lots", "other_lots", "debt", "uncovered")
    return Clawback(
        **{step: answer.get(step, 0) for step in steps},
        transaction_id=answer["transaction_id"],
        is_new=answer["is_new"],
    )


class Restored(msgspec.Struct, frozen=True):
    """What undoing a clawback gave back; `rest` was owed, and later points have paid it."""

    restored: int
    rest: int


def undo_clawback(
    *,
    transaction_id: int,
    key: str,
    at: datetime,
    actor: str,
    source_type: str = "",
    source_id: uuid.UUID | None = None,
    reference: str = "",
    grace_until: datetime | None = None,
) -> Restored:
    """Give back what a clawback took, once: into its lots, and debt that is still owed is forgiven.

    What later points paid of the debt is told as `rest`, for the caller to grant anew: those points
    came from lots of their own. Told again it gives nothing.
    """
    body = {
        "key": key, "source_type": source_type, "source_id": source_id, "reference": reference,
        "actor": actor, "grace_until": grace_until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select ledger_undo_clawback(%s, %s, %s)", [transaction_id, _json(body), at])
        answer = _answer(cursor)
    return Restored(answer.get("restored", 0), answer.get("rest", 0))


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


def _call(function: str, body: dict[str, Any], at: datetime) -> dict[str, Any]:
    with refusing_merged(), connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", [_json(body), at])
        answer = _answer(cursor)
    if answer.get("is_same") is False:
        raise KeyConflict()
    return answer


def _answer(cursor: Any) -> dict[str, Any]:
    value = cursor.fetchone()[0]
    result: dict[str, Any] = msgspec.json.decode(value) if isinstance(value, str) else value
    return result


def _json(body: dict[str, Any]) -> str:
    return msgspec.json.encode(body).decode()


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
