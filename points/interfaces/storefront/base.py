"""What every storefront endpoint shares: the member's session, the CSRF check, the actor."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from kernel import context
from kernel.api import Endpoint
from kernel.api.problems import CsrfFailed, NotFound, NotSignedIn
from points.flows import audited
from points.members import sign_in
from points.members.models import Member

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_LONGEST_TOKEN = 100


class MemberAuthentication(BaseAuthentication):
    """The session cookie, valid in the schema of the host it came to."""

    def authenticate(self, request: Request) -> tuple[None, Member] | None:
        member = member_of(request._request)
        return None if member is None else (None, member)

    def authenticate_header(self, request: Request) -> str:
        return "Cookie"


class StorefrontEndpoint(Endpoint):
    """Base of the storefront's views; visitors who are not signed in may call it.

    Every change needs the CSRF token, also from visitors: a stranger's page could otherwise sign
    them in as somebody else.
    """

    authentication_classes = (MemberAuthentication,)
    is_for_members: ClassVar[bool] = False
    request: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.is_for_members and self.visitor is None:
            raise NotSignedIn()
        if request.method not in _SAFE:
            check_csrf(request._request)

    @property
    def visitor(self) -> Member | None:
        """The member who is signed in, if anybody is."""
        member: Member | None = self.request.auth
        return member


class MemberEndpoint(StorefrontEndpoint):
    """Base of the views for members who are signed in."""

    is_for_members = True

    def credential_id(self) -> str:
        return self.actor

    @property
    def member(self) -> Member:
        """The member who is signed in; there is one, or the call was refused."""
        member: Member = self.request.auth
        return member

    @property
    def actor(self) -> str:
        """Who is written into the ledger."""
        return f"member:{self.member.pk}"

    def audit(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Note what the member did, in the caller's transaction; dated by the real clock."""
        audited.record(
            action=action, subject=subject, before=before, after=after, actor=self.actor,
            actor_name="member", at=datetime.now(UTC),
        )  # fmt: skip


class NoSuchEndpoint(Endpoint):
    """Whatever is asked below the API's root and does not exist."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound()


def member_of(request: HttpRequest) -> Member | None:
    """Whose session the cookie opens, in one query; none without a cookie."""
    token = request.COOKIES.get(settings.MEMBER_COOKIE_NAME, "")
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    member = sign_in.find_session(token=token, at=datetime.now(UTC))
    if member is not None:
        context.set_actor(f"member:{member.pk}")
    return member


def check_csrf(request: HttpRequest) -> None:
    """Raises CsrfFailed unless the call carries this site's own token."""
    check = CSRFCheck(_go_on)
    check.process_request(request)
    if check.process_view(request, _go_on, (), {}) is not None:
        raise CsrfFailed()


def _go_on(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def start_session(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Give the browser its session, and a new CSRF token with it."""
    response.set_cookie(
        settings.MEMBER_COOKIE_NAME, token, max_age=sign_in.SESSION_VALID_FOR,
        secure=request.is_secure(), httponly=True, samesite="Lax",
    )  # fmt: skip
    rotate_token(request)


def end_session(request: HttpRequest, response: HttpResponse) -> None:
    """Close the session and take the cookie back."""
    token = request.COOKIES.get(settings.MEMBER_COOKIE_NAME, "")
    if token:
        sign_in.sign_out(token=token)
    response.set_cookie(
        settings.MEMBER_COOKIE_NAME, "", max_age=0, expires="Thu, 01 Jan 1970 00:00:00 GMT",
        secure=request.is_secure(), httponly=True, samesite="Lax",
    )  # fmt: skip
