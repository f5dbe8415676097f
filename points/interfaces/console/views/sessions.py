"""Signing in to and out of the console."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import auth
from rest_framework.request import Request

from kernel import clock, limits
from kernel.api import operation
from kernel.api.endpoint import raw_request
from kernel.api.problems import CsrfFailed, NotFound, NotSignedIn, RateLimited
from kernel.errors import DomainError
from points.flows import audited
from points.interfaces.console.authentication import Staff, check_csrf, find_role, role_of
from points.interfaces.console.base import SURFACE, ConsoleEndpoint, note_of_staff
from points.interfaces.console.rendering import staff_session
from points.interfaces.console.schemas.session import Credentials, Nothing, SessionOut
from points.members.calculations import mask_email
from tenants.models import Membership, Role
from users.actions import sign_out, verify_password
from users.errors import NoMembership, WrongCredentials
from users.models import User


class SessionView(ConsoleEndpoint):
    """Who is signed in."""

    @operation(
        summary="Get the session",
        answers={200: SessionOut},
        refuses=[NotSignedIn, NoMembership],
    )
    def get(self, request: Request) -> SessionOut:
        return staff_session(self.staff)


class Sessions(ConsoleEndpoint):
    """Opening and closing a session on this host."""

    authentication_classes = ()

    @operation(
        summary="Sign in",
        description="Opens a session at this merchant for a user who works there.",
        body=Credentials,
        answers={201: SessionOut},
        refuses=[WrongCredentials, NoMembership, RateLimited, CsrfFailed],
    )
    def post(self, request: Request, body: Credentials) -> SessionOut:
        check_csrf(raw_request(request))
        try:
            user = verify_password(
                email=body.email,
                password=body.password,
                address=limits.client_address(raw_request(request)),
            )
            return _open(request, user, "staff.signed_in")
        except (WrongCredentials, NoMembership) as refusal:
            _note_failure(body.email, refusal)
            raise

    @operation(summary="Sign out", answers={204: None}, refuses=[CsrfFailed])
    def delete(self, request: Request) -> None:
        check_csrf(raw_request(request))
        user = auth.get_user(raw_request(request))  # a view without authentication forgot it
        if isinstance(user, User) and (role := find_role(user)):
            staff = Staff(user, role)
            note_of_staff(staff, "staff.signed_out", staff.actor)
        sign_out(request=raw_request(request))


class DemoSessions(ConsoleEndpoint):
    """Trying the console without a password; there is no such thing outside the demo."""

    authentication_classes = ()

    @operation(
        summary="Sign in as the owner, in the demo",
        body=Nothing,
        answers={201: SessionOut},
        refuses=[NotFound, CsrfFailed],
    )
    def post(self, request: Request, body: Nothing) -> SessionOut:
        if not settings.DEMO_SIGN_IN:
            raise NotFound()
        check_csrf(raw_request(request))
        owner = (
            Membership.objects.filter(
                merchant=raw_request(request).merchant,  # type: ignore[attr-defined]
                role=Role.OWNER,
                user__is_active=True,
            )
            .select_related("user")
            .order_by("created_at")
            .first()
        )
        if owner is None:
            raise NotFound()
        return _open(request, owner.user, "staff.demo_signed_in")


def _open(request: Request, user: User, action: str) -> SessionOut:
    """A session for somebody who works here, noted. Raises NoMembership, and then opens none."""
    staff = Staff(user, role_of(user))
    auth.login(raw_request(request), user)
    note_of_staff(staff, action, staff.actor)
    return staff_session(staff)


def _note_failure(email: str, refusal: DomainError) -> None:
    """Somebody was turned away. Who is not known: the address typed is noted, masked; tries that
    the limits refuse before a password is looked at are not."""
    audited.record(
        action="staff.sign_in_failed", subject="", before=None, after={"reason": refusal.code},
        actor="unknown", actor_name=mask_email(email.strip()), surface=SURFACE,
        at=datetime.now(UTC), business_at=clock.now(),
    )  # fmt: skip
