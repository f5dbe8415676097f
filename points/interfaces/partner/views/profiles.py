"""What the channels call a member, and the fields a merchant adds to profiles."""

from django.db import transaction
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.ids import parse_id
from points.flows.member_erased import erase_member
from points.flows.member_export import export_member
from points.flows.members_merged import merge_members
from points.interfaces import member_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.schemas import MemberOut
from points.interfaces.partner.views.members import find_member, render_member
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
from points.members.queries import list_fields


class MemberIdentities(PartnerEndpoint):
    """Identities of a member, one or more a channel."""

    @operation(
        summary="Link a member to a channel",
        description="Orders of that channel then find the member by this number. Linked before: 200"
        " and the same answer.",
        body=shapes.IdentityIn,
        answers={201: shapes.IdentityOut, 200: shapes.IdentityOut},
        refuses=[
            MemberNotFound, MemberMerged, MemberErased, IdentityOfApi, IdentityTaken, KeyReused,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: shapes.IdentityIn, member_id: str) -> Answer:
        member = find_member(member_id)
        made, is_new = actions.link_identity(
            member_id=member.pk, channel=body.channel, external_id=body.external_id, at=clock.now()
        )
        if is_new:
            linked = {"channel": made.channel}
            self.audit("member.identity_linked", f"member:{member.pk}", after=linked)
        return Answer(shapes.identity(made), 201 if is_new else 200)


class IdentityRemoval(PartnerEndpoint):
    """Taking an identity off."""

    @operation(
        summary="Unlink a member from a channel",
        description="Orders taken before keep their member.",
        answers={204: None},
        refuses=[MemberNotFound, IdentityNotFound, KeyReused],
        idempotency_key="optional",
        scope="members:write",
    )
    @transaction.atomic
    def delete(self, request: Request, member_id: str, identity_id: str) -> None:
        parsed = parse_id(identity_id)
        member = find_member(member_id)
        if parsed is None:
            raise IdentityNotFound()
        actions.unlink_identity(member_id=member.pk, identity_id=parsed)
        gone = {"identity": str(parsed)}
        self.audit("member.identity_unlinked", f"member:{member.pk}", before=gone)


class MemberMerge(PartnerEndpoint):
    """Two records of one person."""

    @operation(
        summary="Merge a member into another",
        description="Points with their dates, debts, holds, orders, redemptions and check-ins are"
        " united for ever; the merged member's id and external id go on leading to the one who"
        " stays. Merged so before: the same answer, and nothing happens.",
        body=shapes.MergeIn,
        answers={200: MemberOut},
        refuses=[
            MemberNotFound, MergeIntoItself, MergedElsewhere, MemberErased, MemberMerged, KeyReused,
        ],
        idempotency_key="optional",
        scope="members:write",
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, body: shapes.MergeIn, member_id: str) -> MemberOut:
        loser = parse_id(member_id)
        if loser is None:
            raise MemberNotFound()
        done = merge_members(loser=loser, into=body.into, at=clock.now(), actor=self.actor)
        if done.is_new:
            into = {"into": str(done.member.pk)}
            self.audit("member.merged", f"member:{loser}", after=into)
        return render_member(done.member)


class MemberExport(PartnerEndpoint):
    """What is held of a person."""

    @operation(
        summary="Export everything held of a member",
        answers={200: shapes.MemberExportOut},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> shapes.MemberExportOut:
        member = find_member(member_id)
        return shapes.export(export_member(member_id=member.pk, at=clock.now()))


class MemberErasure(PartnerEndpoint):
    """Forgetting a person."""

    @operation(
        summary="Erase a member's personal data",
        description="Name, addresses, birthday, numbers, own fields, tags and notes go, sign-in"
        " ends; sums stay. Refused while there are points, holds or open redemptions, unless"
        " `forfeit` lets them go. Erased before: the same answer.",
        body=shapes.ErasureIn,
        answers={200: shapes.ErasureOut},
        refuses=[MemberNotFound, MemberMerged, ErasureRefused, KeyReused],
        idempotency_key="optional",
        scope="members:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.ErasureIn, member_id: str) -> shapes.ErasureOut:
        member = find_member(member_id)
        was_erased = member.erased_at is not None
        member = erase_member(
            member_id=member.pk, forfeit=body.forfeit, at=clock.now(), actor=self.actor
        )
        if not was_erased:
            forfeit = {"forfeit": body.forfeit}
            self.audit("member.erased", f"member:{member.pk}", after=forfeit)
        assert member.erased_at is not None
        return shapes.ErasureOut(member_id=member.pk, erased_at=member.erased_at)


class MemberFields(PartnerEndpoint):
    """The merchant's own fields."""

    @operation(
        summary="List the fields of members' profiles",
        answers={200: shapes.MemberFieldItems},
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.MemberFieldItems:
        rows = list_fields(with_retired=True)
        return shapes.MemberFieldItems(items=[_field(row) for row in rows])

    @operation(
        summary="Add a field to members' profiles",
        body=shapes.MemberFieldIn,
        answers={201: shapes.MemberFieldOut},
        refuses=[FieldTaken, FieldContradicts, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.MemberFieldIn) -> shapes.MemberFieldOut:
        settings = shapes.field_settings(body)
        row = actions.add_field(code=body.code, kind=body.kind, at=clock.now(), settings=settings)
        self.audit("member_field.added", f"member_field:{row.code}", after=settings)
        return _field(row)


class MemberFieldView(PartnerEndpoint):
    """One of the merchant's own fields."""

    @operation(
        summary="Change a field of members' profiles",
        description="Values that members have stay. A retired field takes no more values.",
        body=shapes.MemberFieldChange,
        answers={200: shapes.MemberFieldOut},
        refuses=[FieldNotFound, FieldContradicts, KeyReused],
        idempotency_key="optional",
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
