"""Taking earned points back, and giving back what was taken: the part of the ledger's front door that
refunds and chargebacks come through.

One stored function in one round trip, atomic by itself and inside a caller's transaction.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kernel.db import connection
from points.ledger.calling import answer_of, call, to_json


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
    answer = call(
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
        cursor.execute(
            "select ledger_undo_clawback(%s, %s, %s)", [transaction_id, to_json(body), at]
        )
        answer = answer_of(cursor)
    return Restored(answer.get("restored", 0), answer.get("rest", 0))
