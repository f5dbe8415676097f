"""What the channels call a member, the shop's own fields, merging, export and erasure."""

from django.db import transaction
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.ids import parse_id
from points.flows.member_erased import erase_member
from points.flows.member_export import export_member
from points.flows.members_merged import merge_members
from points.interfaces import member_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.schemas.members import MemberOut
from points.interfaces.console.views.members import find_member, render_member
from points.members import actions
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
from points.members.models import MemberField
from points.members.queries import get_by_external_id, list_fields


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
    @transaction.atomic
    def post(self, request: Request, body: shapes.IdentityIn, member_id: str) -> Answer:
        member = find_member(member_id)
        made, is_new = actions.link_identity(
            member_id=member.pk, channel=body.channel, external_id=body.external_id, at=clock.now()
        )
        if is_new:
            channel = {"channel": body.channel}
            self.audit("member.identity_linked", f"member:{member.pk}", after=channel)
        return Answer(shapes.identity(made), 201 if is_new else 200)


class IdentityRemoval(ConsoleEndpoint):
    """Taking a number off."""

    @operation(
        summary="Unlink a member from a channel",
        answers={204: None},
        refuses=[MemberNotFound, IdentityNotFound, *CHANGING],
        scope="members:write",
    )
    @transaction.atomic
    def delete(self, request: Request, member_id: str, identity_id: str) -> None:
        member, parsed = find_member(member_id), parse_id(identity_id)
        if parsed is None:
            raise IdentityNotFound()
        gone = actions.unlink_identity(member_id=member.pk, identity_id=parsed)
        channel = {"channel": gone.channel}
        self.audit("member.identity_unlinked", f"member:{member.pk}", before=channel)


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
    @transaction.atomic
    def post(self, request: Request, body: shapes.MergeByNumberIn, member_id: str) -> MemberOut:
        loser = find_member(member_id)
        into = get_by_external_id(external_id=body.into_external_id)
        done = merge_members(loser=loser.pk, into=into.pk, at=clock.now(), actor=self.staff.actor)
        after = {"into": str(into.pk)}
        self.audit("member.merged", f"member:{loser.pk}", after=after)
        return render_member(done.member, sees_contacts=True)


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
        return shapes.export(export_member(member_id=member.pk, at=clock.now()))


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
    @transaction.atomic
    def post(self, request: Request, body: shapes.ErasureIn, member_id: str) -> shapes.ErasureOut:
        member = erase_member(
            member_id=find_member(member_id).pk, forfeit=body.forfeit, at=clock.now(),
            actor=self.staff.actor,
        )  # fmt: skip
        after = {"forfeit": body.forfeit}
        self.audit("member.erased", f"member:{member.pk}", after=after)
        assert member.erased_at is not None
        return shapes.ErasureOut(member_id=member.pk, erased_at=member.erased_at)


class MemberFields(ConsoleEndpoint):
    """The shop's own fields."""

    @operation(
        summary="List the fields of members' profiles",
        answers={200: shapes.MemberFieldItems},
        refuses=[*READING],
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.MemberFieldItems:
        rows = list_fields(with_retired=True)
        return shapes.MemberFieldItems(items=[_field(row) for row in rows])

    @operation(
        summary="Add a field to members' profiles",
        body=shapes.MemberFieldIn,
        answers={201: shapes.MemberFieldOut},
        refuses=[FieldTaken, FieldContradicts, *CHANGING],
        scope="settings:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.MemberFieldIn) -> shapes.MemberFieldOut:
        settings = shapes.field_settings(body)
        row = actions.add_field(code=body.code, kind=body.kind, at=clock.now(), settings=settings)
        self.audit("member_field.added", f"member_field:{row.code}", after=settings)
        return _field(row)


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
    @transaction.atomic
    def patch(
        self, request: Request, body: shapes.MemberFieldChange, field_code: str
    ) -> shapes.MemberFieldOut:
        changes = shapes.field_settings(body)
        row = actions.change_field(code=field_code, changes=changes, at=clock.now())
        self.audit("member_field.changed", f"member_field:{row.code}", after=changes)
        return _field(row)


def _field(row: MemberField) -> shapes.MemberFieldOut:
    return shapes.field(row, get_language() or "en")
