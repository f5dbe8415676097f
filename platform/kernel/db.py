"""The database connection as this house knows it.

django-tenants adds `tenant`, `schema_name`, `set_tenant` and `set_schema_to_public` to Django's
connection; type checkers know only Django's own.
"""

from typing import Any

from django.db import connection as _connection

connection: Any = _connection
