"""Tasks that know whose they are.

A task of a merchant carries the merchant's id in a header; it runs in that schema or not at all. A
task without the header is refused unless it is marked as the platform's, because a connection left
in `public` would quietly read the wrong tables.
"""

from typing import Any, ClassVar

from celery import Task, current_app
from django.db import close_old_connections
from django_tenants.utils import tenant_context

from kernel import context
from kernel.db import connection
from tenants.errors import WrongTenant
from tenants.models import Merchant

HEADER = "jifen_merchant"


class HouseTask(Task):
    """Base of every task (`app.Task`)."""

    platform: ClassVar[bool] = False
    acks_late = True
    reject_on_worker_lost = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        if not self.platform:
            merchant = connection.tenant
            if not isinstance(merchant, Merchant):
                raise WrongTenant(f"{self.name} was sent from no merchant's schema")
            options["headers"] = {**(options.get("headers") or {}), HEADER: str(merchant.pk)}
        return super().apply_async(args, kwargs, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not connection.in_atomic_block:  # called in a process that is in a transaction
            close_old_connections()
        connection.set_schema_to_public()
        context.begin(who=f"task:{self.name}")
        try:
            if self.platform:
                return super().__call__(*args, **kwargs)
            with tenant_context(self._merchant()):
                return super().__call__(*args, **kwargs)
        finally:
            connection.set_schema_to_public()

    def _merchant(self) -> Merchant:
        headers = getattr(self.request, "headers", None) or {}
        given = headers.get(HEADER) or getattr(self.request, HEADER, None)
        merchant = Merchant.objects.filter(pk=given).first() if given else None
        if merchant is None or merchant.status != Merchant.Status.READY:
            raise WrongTenant(f"{self.name}: no merchant in business for {given!r}")
        return merchant


def send_by_name(name: str, *args: object) -> None:
    """Send a task of the current merchant that the caller may not import, as it lies above it.

    Raises kombu's OperationalError without a broker.
    """
    merchant = connection.tenant
    if not isinstance(merchant, Merchant):
        raise WrongTenant(f"{name} was sent from no merchant's schema")
    current_app.send_task(name, args=args, headers={HEADER: str(merchant.pk)})
