"""Signing in."""

import uuid
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernel.shapes import Body


class Credentials(Body):
    email: Annotated[str, Meta(min_length=3, max_length=254, examples=["owner@tea.example"])]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class Nothing(Body):
    """A body without fields."""


class UserOut(Struct, kw_only=True):
    id: uuid.UUID
    email: str
    name: str


class SessionOut(Struct, kw_only=True):
    """Who is signed in at this merchant."""

    user: UserOut
    role: Literal["owner", "admin", "marketer", "support", "analyst"]
    permissions: list[str]
