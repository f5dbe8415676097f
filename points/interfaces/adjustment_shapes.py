"""Queries and answers of adjustments, alike on every surface."""

import uuid
from datetime import datetime
from typing import Literal, cast

import msgspec

from kernel.shapes import Items, Page
from points.adjustments.models import Adjustment

Status = Literal["waiting", "executed", "rejected", "expired"]


class AdjustmentQuery(Page, kw_only=True):
    status: Status | None = None
    member_id: uuid.UUID | None = None


class AdjustmentRequestOut(msgspec.Struct, kw_only=True):
    """An adjustment with who asked and who decided. `transaction_id` is null until it is executed."""

    id: uuid.UUID
    member_id: uuid.UUID
    points: int
    reason: str
    funding_source: str
    status: Status
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    decision_note: str | None
    transaction_id: str | None


class AdjustmentRequestItems(Items, kw_only=True):
    items: list[AdjustmentRequestOut]


def request(row: Adjustment, *, at: datetime) -> AdjustmentRequestOut:
    """An adjustment as it stands at a moment."""
    return AdjustmentRequestOut(
        id=row.pk, member_id=row.member_id, points=row.points, reason=row.reason,
        funding_source=row.funding_source or "merchant",
        status=cast(Status, row.status_at(at)), requested_by=row.requested_by,
        requested_by_name=row.requested_by_name, requested_at=row.requested_at,
        expires_at=row.expires_at, decided_by=row.decided_by or None,
        decided_by_name=row.decided_by_name or None, decided_at=row.decided_at,
        decision_note=row.decision_note or None,
        transaction_id=str(row.transaction_id) if row.transaction_id else None,
    )  # fmt: skip


def facts(row: Adjustment) -> dict[str, object]:
    """What the audit log says of an adjustment, beside who and when."""
    told: dict[str, object] = {
        "points": row.points, "reason": row.reason, "adjustment_id": str(row.pk),
    }  # fmt: skip
    if row.transaction_id:
        told["transaction_id"] = str(row.transaction_id)
    if row.decided_by:
        told["requested_by"] = row.requested_by
        told["note"] = row.decision_note
    return told
