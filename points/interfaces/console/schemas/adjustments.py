"""Adjustments that wait for a second person, and what is left of one's own limit."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernel.shapes import Body, Items, Page
from points.interfaces.adjustment_shapes import AdjustmentRequestOut
from points.interfaces.console.schemas.common import MemberRef


class AdjustmentListQuery(Page):
    status: Literal["waiting", "executed", "rejected", "expired"] | None = None


class AdjustmentRow(AdjustmentRequestOut, kw_only=True):
    """`worth_cents` at face value, `available` now while it waits; `can_decide`: by the reader."""

    member: MemberRef
    worth_cents: int
    available: int | None
    can_decide: bool


class AdjustmentItems(Items):
    items: list[AdjustmentRow]


class ApprovalIn(Body):
    note: Annotated[str, Meta(max_length=500)] = ""


class RejectionIn(Body):
    note: Annotated[str, Meta(min_length=1, max_length=500)]

    def __post_init__(self) -> None:
        if not self.note.strip():
            raise ValueError("note may not be blank")


class AllowanceOut(Struct, kw_only=True):
    """What the reader may still adjust today (null: no limit), above what a second person must
    approve (null: never), and how many wait for the reader to decide."""

    approval_above_points: int | None
    daily_points: int | None
    used_points: int
    left_points: int | None
    waiting: int
