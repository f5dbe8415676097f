"""The operations. Parse, call one action or query, answer."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from rest_framework.authentication import CSRFCheck
from rest_framework.request import Request

from kernel import limits
from kernel.api import Endpoint, operation
from kernel.api.endpoint import raw_request
from kernel.api.problems import CsrfFailed, InvalidBody, RateLimited
from kernel.ids import parse_id
from portal import actions, queries
from portal.api.bodies import (
    AddressAnswer,
    ProgressAnswer,
    SessionAnswer,
    SessionBody,
    SignupAnswer,
    SignupBody,
    StepAnswer,
    UserAnswer,
    VerificationBody,
    WorkplaceAnswer,
)
from portal.errors import (
    AlreadyVerified,
    CodeExpired,
    CodeUsedUp,
    CodeWrong,
    PasswordNeeded,
    SignupExpired,
    SignupNotFound,
    TooManyCodes,
)
from tenants import hosts
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken
from users.errors import EmailTaken, PasswordRefused, WrongCredentials
from users.models import User

LOOKUPS_FROM_ADDRESS = limits.Rule("address-lookup", 600, 600)


class PlatformEndpoint(Endpoint):
    """A call that brings a session must bring the page's CSRF token too; others need none."""

    credential = "platform"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        django_request = raw_request(request)
        if settings.SESSION_COOKIE_NAME in django_request.COOKIES:
            check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
            check.process_request(django_request)
            if check.process_view(django_request, None, (), {}):  # type: ignore[arg-type]
                raise CsrfFailed()


class Address(PlatformEndpoint):
    """`/addresses/{slug}`"""

    @operation(
        summary="Look up whether an address is free",
        answers={200: AddressAnswer},
        refuses=[RateLimited],
    )
    def get(self, request: Request, slug: str) -> AddressAnswer:
        limits.hit(LOOKUPS_FROM_ADDRESS, limits.client_address(raw_request(request)))
        at = datetime.now(UTC)
        reason = queries.reason_against(slug, at=at)
        if reason is None:
            return AddressAnswer(available=True, suggestions=[])
        suggestions = queries.list_suggestions(slug, at=at)
        return AddressAnswer(available=False, reason=reason, suggestions=suggestions)


class Signups(PlatformEndpoint):
    """`/signups`"""

    @operation(
        summary="Sign a merchant up",
        description="Reserves the address for 24 hours and mails a six-digit code. The answer is"
        " the same whether or not the e-mail address has an account; the mail tells its owner.",
        body=SignupBody,
        answers={201: SignupAnswer},
        refuses=[InvalidBody, SlugInvalid, SlugReserved, SlugTaken, PasswordRefused, RateLimited],
    )
    def post(self, request: Request, body: SignupBody) -> SignupAnswer:
        signup = actions.start_signup(
            **msgspec.structs.asdict(body),
            address=limits.client_address(raw_request(request)),
            at=datetime.now(UTC),
        )
        return SignupAnswer(id=str(signup.pk))


class SignupState(PlatformEndpoint):
    """`/signups/{id}`"""

    @operation(
        summary="See how far a sign-up is",
        answers={200: ProgressAnswer},
        refuses=[SignupNotFound],
    )
    def get(self, request: Request, signup_id: str) -> ProgressAnswer:
        return _progress(signup_id)


class Verification(PlatformEndpoint):
    """`/signups/{id}/verification`"""

    @operation(
        summary="Confirm the e-mail address",
        description="Provisioning starts. The same call again changes nothing. If the address has"
        " an account already, its password is needed as well.",
        body=VerificationBody,
        answers={202: ProgressAnswer},
        refuses=[
            SignupNotFound, SignupExpired, CodeWrong, CodeUsedUp, CodeExpired, PasswordNeeded,
            WrongCredentials, EmailTaken, RateLimited,
        ],
    )  # fmt: skip
    def post(self, request: Request, body: VerificationBody, signup_id: str) -> ProgressAnswer:
        actions.verify_signup(
            signup_id=parse_id(signup_id),
            code=body.code,
            password=body.password,
            address=limits.client_address(raw_request(request)),
            at=datetime.now(UTC),
        )
        return _progress(signup_id)


class Codes(PlatformEndpoint):
    """`/signups/{id}/codes`"""

    @operation(
        summary="Ask for another code",
        description="Once a minute, up to five times. The codes before it are no longer valid.",
        answers={202: None},
        refuses=[SignupNotFound, SignupExpired, AlreadyVerified, TooManyCodes, RateLimited],
    )
    def post(self, request: Request, signup_id: str) -> None:
        actions.resend_code(
            signup_id=parse_id(signup_id),
            address=limits.client_address(raw_request(request)),
            at=datetime.now(UTC),
        )


class Sessions(PlatformEndpoint):
    """`/sessions`"""

    @operation(
        summary="Sign in as staff on the base domain",
        body=SessionBody,
        answers={201: SessionAnswer},
        refuses=[WrongCredentials, RateLimited, CsrfFailed],
    )
    def post(self, request: Request, body: SessionBody) -> SessionAnswer:
        user = actions.sign_in(
            request=raw_request(request), email=body.email, password=body.password,
            at=datetime.now(UTC),
        )  # fmt: skip
        return _session(user)

    @operation(summary="Sign out", answers={204: None}, refuses=[CsrfFailed])
    def delete(self, request: Request) -> None:
        actions.sign_out(request=raw_request(request), at=datetime.now(UTC))


def _progress(signup_id: str) -> ProgressAnswer:
    signup = queries.get_signup(parse_id(signup_id))
    progress = queries.get_progress(signup)
    return ProgressAnswer(
        id=str(signup.pk),
        status=progress.status,
        progress=progress.percent,
        steps=[StepAnswer(code=s.code, title=str(s.title), state=s.state) for s in progress.steps],
        storefront_url=progress.storefront_url,
        console_url=progress.console_url,
    )


def _session(user: User) -> SessionAnswer:
    return SessionAnswer(
        user=UserAnswer(id=str(user.pk), email=user.email, name=user.name),
        merchants=[
            WorkplaceAnswer(
                slug=one.merchant.slug,
                name=one.merchant.name,
                role=one.role,
                storefront_url=hosts.storefront_url(one.merchant.slug),
                console_url=queries.console_url(one.merchant.slug),
            )
            for one in queries.list_memberships(user)
        ],
    )
