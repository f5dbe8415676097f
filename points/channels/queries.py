"""Who a key is.

A process remembers the callers it has seen. What it remembers is never believed by itself: it only
lets a view learn at once who calls, and ask together with its first question whether the key still
holds (`recall`), which saves a round trip.
"""

import uuid
from datetime import datetime, timedelta

import msgspec

from kernel.db import Ask, ask, connection
from points.channels.calculations import hash_key
from points.channels.errors import KeyInvalid
from points.channels.models import ApiKey

# A key's last use is good enough to the hour; writing it each time would make its row hot.
NOTE_USE_EVERY = timedelta(hours=1)


class Caller(msgspec.Struct, array_like=True, frozen=True):
    """A valid API key."""

    id: uuid.UUID
    prefix: str
    scopes: list[str]
    last_used_at: datetime | None


_caller = msgspec.json.Decoder(Caller)
_Key = tuple[str, bytes]
_remembered: dict[_Key, Caller] = {}
REMEMBERED_AT_MOST = 10_000


def identify(*, key: str, at: datetime) -> Caller:
    """The caller behind a key's text: one query. Raises KeyInvalid (also when revoked)."""
    name = _name(key)
    caller = ask(Ask("channels_identify(%s)", [name[1]], _read))[0]
    if caller is None:
        raise KeyInvalid()
    if _is_use_to_note(caller, at):
        ApiKey.objects.filter(pk=caller.id).update(last_used_at=at)
        caller = msgspec.structs.replace(caller, last_used_at=at)
    if len(_remembered) >= REMEMBERED_AT_MOST:
        _remembered.clear()
    _remembered[name] = caller
    return caller


def recall(*, key: str, at: datetime) -> tuple[Caller, Ask[None]] | None:
    """Who called with this key before, without a query; None when it is time to look again.

    With it comes what has to be asked before anything is read or written for this caller: whether
    the key still holds. Reading its answer raises KeyInvalid if it does not.
    """
    name = _name(key)
    caller = _remembered.get(name)
    if caller is None or _is_use_to_note(caller, at):
        return None

    def read(text: str | None) -> None:
        found = _read(text)
        if found is None or found.scopes != caller.scopes:
            _remembered.pop(name, None)
            raise KeyInvalid()

    return caller, Ask("channels_identify(%s)", [name[1]], read)


def _name(key: str) -> _Key:
    return connection.schema_name, hash_key(key)


def _is_use_to_note(caller: Caller, at: datetime) -> bool:
    return caller.last_used_at is None or caller.last_used_at < at - NOTE_USE_EVERY


def _read(text: str | None) -> Caller | None:
    return _caller.decode(text) if text else None
