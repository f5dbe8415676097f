"""The member's own page."""

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.problems import CsrfFailed, NotSignedIn
from points.interfaces.storefront import reading, schemas
from points.interfaces.storefront.base import MemberEndpoint
from points.members.actions import change_member
from points.members.models import Member
from points.program.queries import get_program


class Me(MemberEndpoint):
    """Who is signed in, and what is theirs. GET: 5 queries."""

    @operation(
        summary="Get the member who is signed in",
        answers={200: schemas.MeOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.MeOut:
        return me_of(self.member)

    @operation(
        summary="Change name or birthday",
        body=schemas.MeChange,
        answers={200: schemas.MeOut},
        refuses=[NotSignedIn, CsrfFailed],
    )
    def patch(self, request: Request, body: schemas.MeChange) -> schemas.MeOut:
        changes: dict[str, object] = {}
        if body.name is not msgspec.UNSET:
            changes["name"] = (body.name or "").strip()
        if body.birthday is not msgspec.UNSET:
            changes["birthday"] = body.birthday
        if not changes:
            return me_of(self.member)
        return me_of(change_member(member_id=self.member.pk, changes=changes))


def me_of(member: Member) -> schemas.MeOut:
    """The answer of every call that shows the member to himself, in 4 queries."""
    at = clock.now()
    holdings = reading.get_holdings(member=member.pk, at=at)
    return reading.read_me(member=member, holdings=holdings, program=get_program(), at=at)
