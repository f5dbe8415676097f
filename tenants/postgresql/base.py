"""`ENGINE = "tenants.postgresql"`.

PostgreSQL 18 reports `search_path` to the client whenever it changes, also when a rollback takes it
back or a pooler hands over another session. So each cursor compares what the server last said with
what the merchant needs, at no round trip, and sets it only when they differ. Older servers do not
report it: there the path is set anew whenever the tenant changed or a transaction was rolled back.
"""

from typing import Any

from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantWrapper


class DatabaseWrapper(TenantWrapper):
    """Adds the check; everything else is django-tenants'."""

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.connection is None or self._setting_search_path:
            return
        reported = self.connection.get_parameter_status("search_path")
        wanted = ", ".join(self._get_cursor_search_paths())
        if reported is not None:
            if reported == wanted:
                return
            self.search_path_set_schemas = None  # or the parent trusts what it set last
        elif self.search_path_set_schemas:
            return
        super()._handle_search_path(cursor)
