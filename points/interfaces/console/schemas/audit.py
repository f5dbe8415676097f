"""The audit log, and the people it is about."""

import uuid
from datetime import datetime
from typing import Any

from msgspec import Struct

from kernel.shapes import Items


class ChangeOut(Struct, kw_only=True):
    """One field: `earning.step_cents`, its value before and after (null where there was none)."""

    field: str
    old: Any
    new: Any


class EntryRow(Struct, kw_only=True):
    """`subject_name` is what the subject is called now; null when it is gone or has no name."""

    id: uuid.UUID
    occurred_at: datetime
    business_at: datetime
    actor: str
    actor_name: str
    actor_role: str
    surface: str
    action: str
    subject: str
    subject_name: str | None
    changes: list[ChangeOut]
    request_id: str


class EntryItems(Items):
    items: list[EntryRow]


class StaffRow(Struct, kw_only=True):
    """Who works here. `used_points` is what the person adjusted today, waiting requests included;
    `left_points` is null where there is no daily limit."""

    id: uuid.UUID
    name: str
    email: str
    role: str
    joined_at: datetime
    used_points: int
    left_points: int | None
    is_me: bool


class StaffItems(Items):
    items: list[StaffRow]
