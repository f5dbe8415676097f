"""Which tables belong in which schema: shared apps in `public`, tenant apps in merchants' schemas."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections


class SchemaRouter:
    """Allows a migration by the schema the connection is in; both roles' aliases may migrate."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        connection: Any = connections[db]
        public = connection.schema_name in (None, "public")
        allowed = settings.SHARED_APPS if public else settings.TENANT_APPS
        return apps.get_app_config(app_label).name in allowed
