"""What every console endpoint shares: the session, permissions, the audit trail."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from rest_framework.authentication import BaseAuthentication

from kernel import context
from kernel.api import Endpoint
from kernel.db import connection
from points.flows import audited
from points.interfaces.console.authentication import Staff, StaffAuthentication
from points.interfaces.console.errors import PermissionMissing
from tenants.actions import set_brand
from tenants.models import AuditEvent, Merchant


class ConsoleEndpoint(Endpoint):
    """Base of the console API's views."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (StaffAuthentication,)
    request: Any

    @property
    def staff(self) -> Staff:
        """Who calls."""
        found: Staff = self.request.auth
        return found

    def check_scope(self, scope: str | None) -> None:
        if scope is not None and not self.staff.may(scope):
            raise PermissionMissing(role=self.staff.role, permission=scope)

    def credential_id(self) -> str:
        return self.staff.actor

    def audit(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Note what was done, in the caller's transaction.

        Dated by the real clock: when somebody pressed the button, whatever a test clock says.
        """
        audited.record(
            action=action, subject=subject, before=before, after=after,
            actor=self.staff.actor, actor_name=self.staff.name, at=datetime.now(UTC),
        )  # fmt: skip

    def change_brand(self, changes: dict[str, Any]) -> Merchant:
        """Change the merchant's row and note it. Both lie in the public schema, so that the note
        needs no outbox."""
        before = Merchant.objects.get(pk=connection.tenant.pk)
        with transaction.atomic():
            merchant = set_brand(merchant=before, **changes)
            AuditEvent.objects.create(
                merchant_id=merchant.pk, actor=self.staff.actor, actor_name=self.staff.name,
                action="brand.changed", subject=f"merchant:{merchant.pk}",
                before={name: getattr(before, name) for name in changes}, after=changes,
                request_id=context.request_id(), occurred_at=datetime.now(UTC),
            )  # fmt: skip
        return merchant
