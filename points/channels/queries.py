"""Who a key is."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from points.channels.calculations import hash_key
from points.channels.errors import KeyInvalid
from points.channels.models import ApiKey

# A key's last use is good enough to the hour; writing it each time would make its row hot.
NOTE_USE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A valid API key."""

    id: uuid.UUID
    prefix: str
    scopes: list[str]


def identify(*, key: str, at: datetime) -> Caller:
    """The caller behind a key's text: one query. Raises KeyInvalid (also when revoked)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, prefix, scopes #>> '{}', last_used_at from channels_apikey"
            " where key_hash = %s and revoked_at is null",
            [hash_key(key)],
        )
        row = cursor.fetchone()
    if row is None:
        raise KeyInvalid()
    found, prefix, scopes, last_used_at = row
    if last_used_at is None or last_used_at < at - NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=found).update(last_used_at=at)
    return Caller(found, prefix, _scopes(scopes))


def _scopes(text: str) -> list[str]:
    return [scope for scope in text.strip("[]").replace('"', "").split(", ") if scope]
