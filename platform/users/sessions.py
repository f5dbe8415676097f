"""Sessions that know where they were opened: a cookie of one merchant opens nothing at another.

`SESSION_ENGINE = "users.sessions"`. The scope is part of the look-up, so that a session key taken
to another host is simply not found there.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from kernel.db import connection
from users.models import StaffSession

PLATFORM = "platform"


def current_scope() -> str:
    """The merchant whose host this is, else the platform."""
    tenant = connection.tenant
    return str(tenant.pk) if getattr(tenant, "pk", None) else PLATFORM


class SessionStore(DatabaseStore):
    """Django's database sessions, each stamped with its scope."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _validate_session_key(self, key: str | None) -> bool:
        """Only what a key can be is looked up; a quoted cookie may hold NUL, which no query may."""
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()

    def _get_session_from_db(self) -> Any:
        session = super()._get_session_from_db()  # type: ignore[misc]
        if session is not None and session.scope != current_scope():
            self._session_key = None
            return None
        return session

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        session: StaffSession = super().create_model_instance(data)  # type: ignore[assignment]
        session.scope = current_scope()
        return session
