"""Who is at the console: a session of this host, and a membership in this merchant."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from kernel import context
from kernel.api.problems import CsrfFailed, NotSignedIn
from kernel.db import connection
from points.interfaces.console.permissions import PERMISSIONS
from tenants.models import Membership
from users.errors import NoMembership
from users.models import User


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in user and the role at this merchant."""

    user: User
    role: str

    @property
    def permissions(self) -> tuple[str, ...]:
        """All that the role may do."""
        return PERMISSIONS.get(self.role, ())

    def may(self, permission: str) -> bool:
        """Whether the role has a permission."""
        return permission in self.permissions

    @property
    def actor(self) -> str:
        """Who is written into the ledger."""
        return f"staff:{self.user.pk}"

    @property
    def name(self) -> str:
        """The name colleagues know."""
        return self.user.name or self.user.email


class StaffAuthentication(BaseAuthentication):
    """Session, then membership, then the CSRF token of whatever could change something.

    Three queries: session, user, membership (all in the public schema). Raises NotSignedIn,
    NoMembership, CsrfFailed.
    """

    def authenticate(self, request: Request) -> tuple[User, Staff]:
        staff = find_staff(request._request)
        if staff is None:
            raise NotSignedIn()
        context.set_actor(staff.actor)
        check_csrf(request._request)
        return staff.user, staff

    def authenticate_header(self, request: Request) -> str:
        return "Session"


def find_staff(request: HttpRequest) -> Staff | None:
    """Who the session belongs to, or None. Raises NoMembership for a user who left."""
    user = request.user
    if not user.is_authenticated:
        return None
    return Staff(user, role_of(user))


def role_of(user: User) -> str:
    """The role at the merchant of this host. Raises NoMembership."""
    role = find_role(user)
    if role is None:
        raise NoMembership()
    return role


def find_role(user: User) -> str | None:
    """The role at the merchant of this host, or None for somebody who does not work there."""
    found = Membership.objects.filter(merchant_id=connection.tenant.pk, user_id=user.pk)
    return found.values_list("role", flat=True).first()


def check_csrf(request: HttpRequest) -> None:
    """Refuse an unsafe call that does not carry this site's own token. Raises CsrfFailed."""
    check = CSRFCheck(_go_on)
    check.process_request(request)
    if check.process_view(request, _go_on, (), {}) is not None:
        raise CsrfFailed()


def _go_on(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
