from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    label = "tenants"
    verbose_name = "Merchants"

    def ready(self) -> None:
        """Stop django-tenants from listening to the deletes of every model.

        It would drop the schema of a deleted merchant, which ours never does (`auto_drop_schema`).
        While anybody listens, Django reads all rows of a delete and sorts them by their keys, which
        it cannot do with binary ones; else a delete is one statement.
        """
        from django_tenants import signals

        signals.post_delete.disconnect(signals.tenant_delete_callback)
