"""Making and revoking API keys."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from points.channels.calculations import SCOPES, hash_key, new_key
from points.channels.errors import KeyNotFound, ScopeUnknown
from points.channels.models import ApiKey


def create_api_key(
    *, name: str, scopes: Sequence[str], at: datetime, actor: str = ""
) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown this once. Raises ScopeUnknown."""
    for scope in scopes:
        if scope not in SCOPES:
            raise ScopeUnknown(scope=scope[:60])
    key = new_key()
    made = ApiKey.objects.create(
        name=name, prefix=key[:10], key_hash=hash_key(key), scopes=list(scopes),
        created_at=at, created_by=actor,
    )  # fmt: skip
    return made, key


def revoke_api_key(*, key_id: uuid.UUID, at: datetime) -> ApiKey:
    """Make a key useless from now on; revoked before stays as it was. Raises KeyNotFound."""
    ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=at)
    found = ApiKey.objects.filter(pk=key_id).first()
    if found is None:
        raise KeyNotFound()
    return found
