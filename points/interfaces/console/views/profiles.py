"""What the channels call a member, the shop's own fields, merging, export and erasure."""

from django.db import transaction
from rest_framework.request import Request

from kernel.api import Answer, operation
from points.interfaces import member_shapes as shapes
from points.interfaces import profiles
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.schemas.members import MemberOut
from points.interfaces.console.views.members import render_member
from points.interfaces.finding import find_member
from points.members.errors import (
    ErasureRefused,
    FieldContradicts,
    FieldNotFound,
    FieldTaken,
    IdentityNotFound,
    IdentityOfApi,
    IdentityTaken,
    MemberErased,
    MemberMerged,
    MemberNotFound,
    MergedElsewhere,
    MergeIntoItself,
)
from points.members.queries import get_by_external_id


class MemberIdentities(ConsoleEndpoint):
    """Numbers a member has in the shop's channels."""

    @operation(
        summary="Link a member to a channel",
        body=shapes.IdentityIn,
        answers={201: shapes.IdentityOut, 200: shapes.IdentityOut},
        refuses=[
            MemberNotFound, MemberMerged, MemberErased, IdentityOfApi, IdentityTaken, *CHANGING,
        ],
        scope="members:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.IdentityIn, member_id: str) -> Answer:
        return profiles.link_identity(member_id=member_id, body=body, audit=self.audit)


class IdentityRemoval(ConsoleEndpoint):
    """Taking a number off."""

    @operation(
        summary="Unlink a member from a channel",
        answers={204: None},
        refuses=[MemberNotFound, IdentityNotFound, *CHANGING],
        scope="members:write",
    )
    def delete(self, request: Request, member_id: str, identity_id: str) -> None:
        profiles.unlink_identity(
            member_id=member_id, identity_id=identity_id, audit=self.audit
        )  # fmt: skip


class MemberMerge(ConsoleEndpoint):
    """Two records of one person."""

    @operation(
        summary="Merge a member into another",
        description="By the other's member number. It cannot be undone.",
        body=shapes.MergeByNumberIn,
        answers={200: MemberOut},
        refuses=[
            MemberNotFound, MergeIntoItself, MergedElsewhere, MemberErased, MemberMerged,
            *CHANGING,
        ],
        scope="members:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MergeByNumberIn, member_id: str) -> MemberOut:
        loser, into = find_member(member_id), get_by_external_id(external_id=body.into_external_id)
        survivor = profiles.merge(
            loser=loser.pk, into=into.pk, actor=self.staff.actor, audit=self.audit
        )  # fmt: skip
        return render_member(survivor, sees_contacts=True)


class MemberExport(ConsoleEndpoint):
    """What is held of a person."""

    @operation(
        summary="Export everything held of a member",
        answers={200: shapes.MemberExportOut},
        refuses=[MemberNotFound, *READING],
        scope="members:write",
    )
    @transaction.atomic
    def get(self, request: Request, member_id: str) -> shapes.MemberExportOut:
        member = find_member(member_id)
        self.audit("member.exported", f"member:{member.pk}")
        return profiles.export(member)


class MemberErasure(ConsoleEndpoint):
    """Forgetting a person."""

    @operation(
        summary="Erase a member's personal data",
        description="It cannot be undone. Sums of orders and of the ledger stay.",
        body=shapes.ErasureIn,
        answers={200: shapes.ErasureOut},
        refuses=[MemberNotFound, MemberMerged, ErasureRefused, *CHANGING],
        scope="members:write",
    )
    def post(self, request: Request, body: shapes.ErasureIn, member_id: str) -> shapes.ErasureOut:
        return profiles.erase(
            member=find_member(member_id), body=body, actor=self.staff.actor, audit=self.audit
        )


class MemberFields(ConsoleEndpoint):
    """The shop's own fields."""

    @operation(
        summary="List the fields of members' profiles",
        answers={200: shapes.MemberFieldItems},
        refuses=[*READING],
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.MemberFieldItems:
        return profiles.field_items()

    @operation(
        summary="Add a field to members' profiles",
        body=shapes.MemberFieldIn,
        answers={201: shapes.MemberFieldOut},
        refuses=[FieldTaken, FieldContradicts, *CHANGING],
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.MemberFieldIn) -> shapes.MemberFieldOut:
        return profiles.add_field(body=body, audit=self.audit)


class MemberFieldView(ConsoleEndpoint):
    """One of the shop's own fields."""

    @operation(
        summary="Change a field of members' profiles",
        description="Values that members have stay. A retired field takes no more values.",
        body=shapes.MemberFieldChange,
        answers={200: shapes.MemberFieldOut},
        refuses=[FieldNotFound, FieldContradicts, *CHANGING],
        scope="settings:write",
    )
    def patch(
        self, request: Request, body: shapes.MemberFieldChange, field_code: str
    ) -> shapes.MemberFieldOut:
        return profiles.change_field(code=field_code, body=body, audit=self.audit)
