"""Who a key is."""

import uuid
from datetime import datetime, timedelta

import msgspec

from kernel.db import Ask, ask
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


def identify(*, key: str, at: datetime) -> Caller:
    """The caller behind a key's text: one query. Raises KeyInvalid (also when revoked)."""
    caller = ask(Ask("channels_identify(%s)", [hash_key(key)], _read))[0]
    if caller is None:
        raise KeyInvalid()
    if caller.last_used_at is None or caller.last_used_at < at - NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=caller.id).update(last_used_at=at)
    return caller


def _read(text: str | None) -> Caller | None:
    return _caller.decode(text) if text else None
