"""Building blocks of request and answer bodies: msgspec structs, so that one definition validates,
types and documents (ADR 0004)."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec

# Far below 2^63, so that sums over a merchant's whole life cannot overflow a bigint.
LARGEST_AMOUNT = 1_000_000_000_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Cents = Annotated[
    int, msgspec.Meta(ge=0, le=LARGEST_AMOUNT, description="Money in minor units of the currency")
]
Points = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_AMOUNT, description="Whole points")]
Moment = Annotated[datetime, msgspec.Meta(tz=True, description="ISO 8601 with an offset")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Slugish = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A request body: unknown fields are refused, because a misspelt one would be lost."""


class Page(msgspec.Struct, kw_only=True):
    """Query parameters of every list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, msgspec.Meta(max_length=300)] | None = None


def given(change: msgspec.Struct) -> dict[str, Any]:
    """The fields of a change that were sent; the others are `UNSET`."""
    values = msgspec.structs.asdict(change)
    return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def fingerprint_of(told: msgspec.Struct) -> str:
    """Short hash of everything that was said; the order of a mapping's keys does not count."""
    packed = msgspec.msgpack.encode(told, order="deterministic")
    return hashlib.blake2b(packed, digest_size=12).hexdigest()


def check_moments(*moments: datetime | None) -> None:
    """Refuse moments no clock arithmetic survives; called from `__post_init__`.

    Raises ValueError outside 1970–2200, which msgspec turns into a validation error.
    """
    for moment in moments:
        if moment is not None and not EARLIEST <= moment < LATEST:
            raise ValueError("the year must lie between 1970 and 2199")


T = TypeVar("T")


class CsvFile(str):
    """Stands among an operation's answers for a file of `text/csv`, which no struct describes."""

    __slots__ = ()


class Upload(msgspec.Struct):
    """An operation's body that is one file, sent as the field `file` of a multipart form."""

    raw: bytes
    name: str


class Items(msgspec.Struct, kw_only=True):
    """One page of a list; concrete lists subclass it with the type of their items."""

    next: str | None
