"""Shapes that several answers share."""

import uuid
from typing import Annotated

from msgspec import Meta, Struct

Search = Annotated[str, Meta(max_length=120)]
Text = Annotated[str, Meta(max_length=200)]


class MemberRef(Struct, kw_only=True):
    id: uuid.UUID
    external_id: str
    name: str | None


class PointsOut(Struct, kw_only=True):
    available: int
    pending: int
    held: int
    debt: int
    lifetime_earned: int
