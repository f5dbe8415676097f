"""What the channels call a member, and the fields a merchant adds to profiles."""

from rest_framework.request import Request

from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from points.interfaces import member_shapes as shapes
from points.interfaces import profiles
from points.interfaces.finding import find_member, require_id
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.schemas import MemberOut
from points.interfaces.partner.views.members import render_member
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
    def post(self, request: Request, body: shapes.IdentityIn, member_id: str) -> Answer:
        return profiles.link_identity(member_id=member_id, body=body, audit=self.audit)


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
    def delete(self, request: Request, member_id: str, identity_id: str) -> None:
        profiles.unlink_identity(
            member_id=member_id, identity_id=identity_id, audit=self.audit
        )  # fmt: skip


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
    def post(self, request: Request, body: shapes.MergeIn, member_id: str) -> MemberOut:
        # Not the member it leads to: told again, a merged one is still the one who was merged.
        loser = require_id(member_id, MemberNotFound)
        return render_member(
            profiles.merge(loser=loser, into=body.into, actor=self.actor, audit=self.audit)
        )


class MemberExport(PartnerEndpoint):
    """What is held of a person."""

    @operation(
        summary="Export everything held of a member",
        answers={200: shapes.MemberExportOut},
        refuses=[MemberNotFound],
        scope="members:read",
    )
    def get(self, request: Request, member_id: str) -> shapes.MemberExportOut:
        return profiles.export(find_member(member_id))


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
    def post(self, request: Request, body: shapes.ErasureIn, member_id: str) -> shapes.ErasureOut:
        return profiles.erase(
            member=find_member(member_id), body=body, actor=self.actor, audit=self.audit
        )


class MemberFields(PartnerEndpoint):
    """The merchant's own fields."""

    @operation(
        summary="List the fields of members' profiles",
        answers={200: shapes.MemberFieldItems},
        scope="members:read",
    )
    def get(self, request: Request) -> shapes.MemberFieldItems:
        return profiles.field_items()

    @operation(
        summary="Add a field to members' profiles",
        body=shapes.MemberFieldIn,
        answers={201: shapes.MemberFieldOut},
        refuses=[FieldTaken, FieldContradicts, KeyReused],
        idempotency_key="optional",
        scope="settings:write",
    )
    def post(self, request: Request, body: shapes.MemberFieldIn) -> shapes.MemberFieldOut:
        return profiles.add_field(body=body, audit=self.audit)


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
    def patch(
        self, request: Request, body: shapes.MemberFieldChange, field_code: str
    ) -> shapes.MemberFieldOut:
        return profiles.change_field(code=field_code, body=body, audit=self.audit)
