"""`ENGINE = "tenants.postgresql"`.

PostgreSQL 18 reports `search_path` to the client whenever it changes, also when a rollback takes it
back or a pooler hands over another session. So each cursor compares what the server last said with
what the merchant needs, at no round trip, and sets it only when they differ. Older servers do not
report it: there the path is set anew whenever the tenant changed or a transaction was rolled back.
"""

import select
from typing import Any

from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantWrapper


class DatabaseWrapper(TenantWrapper):
    """Adds the checks; everything else is django-tenants'."""

    health_check_done: bool
    # The search path last worked out, and for which schema: asked for at every cursor.
    _path_for: tuple[str, bool] | None = None
    _path = ""

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.connection is None or self._setting_search_path:
            return
        reported = self.connection.get_parameter_status("search_path")
        wanted = self._wanted_path()
        if reported is not None:
            if reported == wanted:
                return
            self.search_path_set_schemas = None  # or the parent trusts what it set last
        elif self.search_path_set_schemas:
            return
        super()._handle_search_path(cursor)

    def _wanted_path(self) -> str:
        key = self.schema_name, self.include_public_schema
        if key != self._path_for:
            self._path_for, self._path = key, ", ".join(self._get_cursor_search_paths())
        return self._path

    def close_if_health_check_failed(self) -> None:
        """Before the first query of a request: is the server still at the other end?

        A server that went away has closed the socket, which then has its end to read. A socket with
        nothing to read is in order, and asking over it would be one more round trip a request.
        """
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        if _is_quiet(self.connection):
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()


def _is_quiet(connection: Any) -> bool:
    if connection.closed:
        return False
    looked_at = select.poll()
    looked_at.register(connection.fileno(), select.POLLIN)
    return not looked_at.poll(0)
