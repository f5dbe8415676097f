"""Signing in and out."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock, limits
from kernel.api import operation
from kernel.api.endpoint import raw_request, respond
from kernel.api.problems import CsrfFailed, NotFound, RateLimited
from points.flows.member_signed_in import sign_in_member
from points.flows.referral_claimed import join_by_code
from points.interfaces.storefront import reading, schemas
from points.interfaces.storefront.base import StorefrontEndpoint, end_session, start_session
from points.interfaces.storefront.device import Device, read_device, set_device
from points.members import sign_in
from points.members.errors import (
    AddressInvalid,
    CodeExpired,
    CodeNotSent,
    CodeWrong,
    SmsNotAvailable,
)
from points.members.models import Member
from points.members.queries import find_liveliest_member
from points.program.queries import get_program


class SignInCodes(StorefrontEndpoint):
    """Codes for signing in."""

    @operation(
        summary="Send a sign-in code",
        description="The answer is the same whether or not such a member exists.",
        body=schemas.CodeIn,
        answers={202: schemas.CodeOut},
        refuses=[AddressInvalid, SmsNotAvailable, CodeNotSent, RateLimited, CsrfFailed],
    )
    def post(self, request: Request, body: schemas.CodeIn) -> schemas.CodeOut:
        place = limits.client_address(raw_request(request))
        sign_in.request_code(address=body.address, place=place, at=datetime.now(UTC))
        return schemas.CodeOut(
            expires_in_seconds=int(sign_in.CODE_VALID_FOR.total_seconds()),
            resend_in_seconds=int(sign_in.RESEND_AFTER.total_seconds()),
        )


class Sessions(StorefrontEndpoint):
    """The session of this browser."""

    @operation(
        summary="Sign in with a code",
        description="Who is not a member yet becomes one. Sets the session cookie.",
        body=schemas.SessionIn,
        answers={201: schemas.MeOut},
        refuses=[AddressInvalid, CodeWrong, CodeExpired, RateLimited, CsrfFailed],
    )
    def post(self, request: Request, body: schemas.SessionIn) -> HttpResponse:
        signed_in = sign_in_member(
            address=body.address, code=body.code, name=(body.name or "").strip(),
            place=limits.client_address(raw_request(request)), locale=get_language() or "",
            at=datetime.now(UTC), joined_at=clock.now(),
        )  # fmt: skip
        device = read_device(raw_request(request))
        if signed_in.is_new:  # after joining, so that a code that is refused keeps nobody out
            join_by_code(
                member_id=signed_in.member.pk, code=body.referral_code, source="sign_up",
                at=clock.now(), device_hash=device.hash, seen_here=device.members,
            )  # fmt: skip
        return welcome(request, signed_in.member, signed_in.token, device)

    @operation(summary="Sign out", answers={204: None}, refuses=[CsrfFailed])
    def delete(self, request: Request) -> HttpResponse:
        response = respond(None, 204)
        end_session(raw_request(request), response)
        return response


class DemoSessions(StorefrontEndpoint):
    """Signing in without a code, on demonstration stacks only."""

    @operation(
        summary="Sign in as a demonstration member",
        description="The member with the most orders. Not found outside a demonstration.",
        body=schemas.Empty,
        answers={201: schemas.MeOut},
        refuses=[NotFound, CsrfFailed],
    )
    def post(self, request: Request, body: schemas.Empty) -> HttpResponse:
        member = find_liveliest_member() if settings.DEMO_SIGN_IN else None
        if member is None:
            raise NotFound()
        token = sign_in.open_session(member=member, at=datetime.now(UTC))
        return welcome(request, member, token, read_device(raw_request(request)))


def welcome(request: Request, member: Member, token: str, device: Device) -> HttpResponse:
    """201 with the member's own page, the session cookie, and what the browser shall remember."""
    at = clock.now()
    holdings = reading.get_holdings(member=member.pk, at=at)
    me = reading.read_me(member=member, holdings=holdings, program=get_program(), at=at)
    response = respond(me, 201)
    start_session(raw_request(request), response, token)
    set_device(raw_request(request), response, device.knowing(member))
    return response
