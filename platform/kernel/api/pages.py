"""Cursor pages: a list is cut by the sort key of its last row, so that rows arriving meanwhile
neither repeat nor hide one."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from kernel.api.problems import InvalidCursor

T = TypeVar("T")


def encode_cursor(key: object) -> str:
    """Opaque text of a sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key, enc_hook=str)).decode().rstrip("=")


def decode_cursor(cursor: str | None, into: Any) -> Any:
    """The sort key in a cursor, typed; None for the first page. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=into)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise InvalidCursor() from None


def cut(
    rows: Sequence[T], limit: int, key: Callable[[T], object]
) -> tuple[Sequence[T], str | None]:
    """Of `limit + 1` rows read, the page and the cursor of the next one (None: no more)."""
    if len(rows) <= limit:
        return rows, None
    page = rows[:limit]
    return page, encode_cursor(key(page[-1]))
