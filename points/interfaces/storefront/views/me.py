"""The member's own page."""

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.problems import CsrfFailed, NotSignedIn
from points.flows.occasions import reward_profile
from points.interfaces import profiles
from points.interfaces.member_shapes import ErasureIn, ErasureOut, MemberExportOut
from points.interfaces.storefront import reading, rendering, schemas
from points.interfaces.storefront.base import MemberEndpoint
from points.members.actions import change_member
from points.members.calculations import is_profile_complete
from points.members.errors import (
    BirthdayFixed,
    CustomInvalid,
    ErasureRefused,
    MemberErased,
    MemberMerged,
)
from points.members.models import Member
from points.members.queries import list_fields
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
        summary="Change my profile",
        description="A birthday is entered once; of `custom` only the fields named change.",
        body=schemas.MeChange,
        answers={200: schemas.MeOut},
        refuses=[NotSignedIn, CsrfFailed, BirthdayFixed, CustomInvalid, MemberMerged, MemberErased],
    )
    def patch(self, request: Request, body: schemas.MeChange) -> schemas.MeOut:
        changes: dict[str, object] = {}
        if body.name is not msgspec.UNSET:
            changes["name"] = (body.name or "").strip()
        if body.birthday is not msgspec.UNSET:
            changes["birthday"] = body.birthday
        if body.email_consent is not msgspec.UNSET:
            changes["email_consent"] = body.email_consent
        if body.custom is not msgspec.UNSET:
            changes["custom"] = body.custom
        if not changes:
            return me_of(self.member)
        changed = change_member(
            member_id=self.member.pk, changes=changes, at=clock.now(), by_member=True
        )
        reward_profile(member=changed, at=clock.now(), actor=self.actor)
        return me_of(changed)


class Profile(MemberEndpoint):
    """The shop's own fields. GET: 2 queries."""

    @operation(
        summary="Look at the shop's own fields of my profile",
        answers={200: schemas.ProfileOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.ProfileOut:
        fields, member = list_fields(), self.member
        return schemas.ProfileOut(
            fields=[rendering.profile_field(row, member.custom.get(row.code)) for row in fields],
            is_complete=is_profile_complete(
                name=member.name, birthday=member.birthday, custom=member.custom, fields=fields
            ),
        )


class MyExport(MemberEndpoint):
    """All that the shop holds of the member."""

    @operation(
        summary="Download everything the shop holds of me",
        answers={200: MemberExportOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> MemberExportOut:
        return profiles.export(self.member)


class MyErasure(MemberEndpoint):
    """The member wants to be forgotten."""

    @operation(
        summary="Erase my data",
        description="Signs out everywhere. Points that are still there are refused to be lost"
        " unless `forfeit` says so.",
        body=ErasureIn,
        answers={200: ErasureOut},
        refuses=[NotSignedIn, CsrfFailed, ErasureRefused, MemberMerged],
    )
    def post(self, request: Request, body: ErasureIn) -> ErasureOut:
        return profiles.erase(
            member=self.member, body=body, actor=self.actor, audit=self.audit
        )  # fmt: skip


def me_of(member: Member) -> schemas.MeOut:
    """The answer of every call that shows the member to himself, in 4 queries."""
    at = clock.now()
    holdings = reading.get_holdings(member=member.pk, at=at)
    return reading.read_me(member=member, holdings=holdings, program=get_program(), at=at)
