"""Bodies and answers of extensions of expiry, alike on every surface."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import Body
from points.ledger.expiring import Reach
from points.ledger.models import WalletWalk

LATEST = dt.date(2199, 1, 1)


class ExtensionTerms(Body, kw_only=True):
    """Until the end of which local day points live; `ending_by` keeps those that end by then."""

    until: dt.date
    ending_by: dt.date | None = None

    def __post_init__(self) -> None:
        if self.until > LATEST or (self.ending_by is not None and self.ending_by > LATEST):
            raise ValueError("the year must lie before 2199")


class ExtensionIn(ExtensionTerms, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ExtensionPreviewOut(msgspec.Struct, kw_only=True):
    members: int
    lots: int
    points: int
    first_expires_at: dt.datetime | None


class ExtensionOut(msgspec.Struct, kw_only=True):
    """`running` while the background work goes on; the counts are what was moved so far."""

    id: uuid.UUID
    status: Literal["running", "done"]
    member_id: uuid.UUID | None
    expires_at: dt.datetime
    reason: str
    members: int
    lots: int
    points: int
    started_at: dt.datetime
    finished_at: dt.datetime | None


class ExtensionItems(msgspec.Struct, kw_only=True):
    items: list[ExtensionOut]


def preview(reach: Reach) -> ExtensionPreviewOut:
    """What would be moved."""
    return ExtensionPreviewOut(
        members=reach.members, lots=reach.lots, points=reach.points,
        first_expires_at=reach.first_at,
    )  # fmt: skip


def extension(walk: WalletWalk) -> ExtensionOut:
    """An extension and how far it is."""
    told = walk.details
    return ExtensionOut(
        id=walk.pk, status="done" if walk.finished_at else "running",
        member_id=uuid.UUID(told["member"]) if told["member"] else None,
        expires_at=dt.datetime.fromisoformat(told["until"]), reason=told["reason"],
        members=walk.wallets, lots=walk.lots, points=walk.points,
        started_at=walk.started_at, finished_at=walk.finished_at,
    )  # fmt: skip


def noted(walk: WalletWalk) -> dict[str, Any]:
    """What the audit trail keeps of an extension."""
    told = walk.details
    return {"extension_id": str(walk.pk)} | {
        name: told[name] for name in ("until", "member", "ending_by", "reason")
    }
