"""Identifiers: UUIDv7 for what the API shows, so that they sort by the time they were made."""

import uuid

from uuid_utils.compat import uuid7

__all__ = ["new_id", "parse_id"]


def new_id() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562 §5.7)."""
    return uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """The UUID written in canonical form, or None: an id that is none is simply not found."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
