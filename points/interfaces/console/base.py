"""What every console endpoint shares: the session, permissions, the audit trail."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from rest_framework.authentication import BaseAuthentication

from kernel import clock, context
from kernel.api import Endpoint
from kernel.db import connection
from kernel.ids import new_id
from points.audit.actions import add_entry
from points.audit.calculations import changed
from points.flows import audited
from points.interfaces.console.authentication import Staff, StaffAuthentication
from points.interfaces.console.errors import PermissionMissing
from tenants.actions import set_brand
from tenants.models import AuditEvent, Merchant

SURFACE = "console"
T = TypeVar("T")


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
        note_of_staff(self.staff, action, subject, before=before, after=after)

    def change_brand(self, changes: dict[str, Any]) -> Merchant:
        """Change the merchant's row and note it there, then in the merchant's own log.

        The row lies in the public schema, the log does not: two transactions, as no single one may
        write both (ADR 0043).
        """
        merchant: Merchant = Merchant.objects.get(pk=connection.tenant.pk)
        before, after = changed({name: getattr(merchant, name) for name in changes}, changes)
        if not after:
            return merchant
        return self.change_public(
            partial(set_brand, merchant=merchant, **after), action="brand.changed",
            subject=f"merchant:{merchant.pk}", before=before, after=after,
        )  # fmt: skip

    def change_public(
        self,
        change: Callable[[], T],
        *,
        action: str,
        subject: str,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> T:
        """Change something of the public schema and note it there, in one transaction, then in the
        merchant's own log."""
        entry, now = new_id(), datetime.now(UTC)
        with transaction.atomic():
            result = change()
            AuditEvent.objects.create(
                id=entry, merchant_id=connection.tenant.pk, actor=self.staff.actor,
                actor_name=self.staff.name, action=action, subject=subject,
                before=before, after=after, request_id=context.request_id(), occurred_at=now,
            )  # fmt: skip
        add_entry(
            entry_id=entry, action=action, subject=subject, before=before, after=after,
            actor=self.staff.actor, actor_name=self.staff.name, actor_role=self.staff.role,
            surface=SURFACE, request_id=context.request_id(), at=now, business_at=clock.now(),
        )  # fmt: skip
        return result


def note_of_staff(
    staff: Staff,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note what somebody did, in the caller's transaction."""
    audited.record(
        action=action, subject=subject, before=before, after=after, actor=staff.actor,
        actor_name=staff.name, actor_role=staff.role, surface=SURFACE, at=datetime.now(UTC),
        business_at=clock.now(),
    )  # fmt: skip
