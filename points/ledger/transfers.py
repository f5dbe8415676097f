"""Points passing from wallet to wallet: the part of the ledger's front door with two members in it.

One stored function in one round trip, atomic by itself and inside a caller's transaction.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kernel.db import Ask, ask, connection
from points.ledger.actions import Posted
from points.ledger.errors import InsufficientPoints, KeyConflict, TransferLimitReached
from points.members.errors import refusing_merged


class Limit(msgspec.Struct, frozen=True):
    """At most so many points given away since a moment; `period` names it in the refusal."""

    period: str
    since: datetime
    points: int


def transfer(
    *,
    sender: uuid.UUID,
    receiver: uuid.UUID,
    points: int,
    transfer_id: uuid.UUID,
    limits: Sequence[Limit],
    at: datetime,
    actor: str,
) -> Posted:
    """Give points of one member to another, once per transfer id; the sender's transaction.

    Drawn in the order of rules.md §2; what is drawn keeps its expiry, payer and cost. The
    receiver's debt is paid first. Both wallets are locked in order of id. Raises
    InsufficientPoints, TransferLimitReached (nothing has moved then) and KeyConflict.
    """
    answer = _call(
        "ledger_transfer",
        {
            "sender": sender, "receiver": receiver, "unit": "points", "amount": points,
            "key": f"transfer:{transfer_id}", "limits": limits, "source_type": "transfer",
            "source_id": transfer_id, "reference": "", "actor": actor,
            "fingerprint": f"{sender}:{receiver}:{points}",
        },
        at,
    )  # fmt: skip
    match answer.get("refused"):
        case "insufficient":
            raise InsufficientPoints(needed=points, available=answer["available"])
        case "limit":
            raise TransferLimitReached(
                period=answer["period"], limit=answer["limit"], left=answer["left"]
            )
    if not answer["is_same"]:
        raise KeyConflict()
    return Posted(answer["transaction_id"], answer["is_new"], points)


def merge_wallets(
    *, loser: uuid.UUID, survivor: uuid.UUID, merge_id: uuid.UUID, at: datetime, actor: str
) -> None:
    """Pour all wallets of one member into another's: lots with their dates, pending and held
    points, debt. All are locked in order of id. Raises MemberMerged when either was merged before.
    """
    body = {
        "loser": loser, "survivor": survivor, "key": f"merge:{merge_id}", "source_type": "merge",
        "source_id": merge_id, "actor": actor,
    }  # fmt: skip
    with refusing_merged(), connection.cursor() as cursor:
        text = msgspec.json.encode(body).decode()
        cursor.execute("select ledger_merge(%s, %s)", [text, at])


def forfeit(*, member: uuid.UUID, only_look: bool, at: datetime, actor: str) -> int:
    """All a member still has, in every unit, goes to breakage: free, pending and held points.

    `only_look` moves nothing. The member's wallets are locked either way; returns how much there
    was. Raises MemberMerged.
    """
    body = {
        "member": member, "key": f"erasure:{member}", "source_type": "erasure",
        "source_id": member, "actor": actor, "only_look": only_look,
    }  # fmt: skip
    return int(_call("ledger_forfeit", body, at)["owned"])


def given_away(*, member: uuid.UUID, since: Sequence[datetime], unit: str = "points") -> list[int]:
    """Whole points a member has given to others since each of these moments, in one query.

    What a member who was merged into this one had given counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce((select -sum(t.amount) from ledger_transaction t"
            "  where t.wallet_id in (select ledger_wallets_of(%s, %s)) and t.occurred_at >= s.moment"
            "    and t.kind = 'transfer_out' and t.source_type = 'transfer'), 0)"
            " from unnest(%s::timestamptz[]) with ordinality as s(moment, place) order by s.place",
            [member, unit, list(since)],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _call(function: str, body: dict[str, Any], at: datetime) -> dict[str, Any]:
    values = [msgspec.json.encode(body).decode(), at]
    with refusing_merged():
        return ask(Ask(f"{function}(%s, %s)", values, _answer.decode))[0]


_answer = msgspec.json.Decoder(dict[str, Any])
