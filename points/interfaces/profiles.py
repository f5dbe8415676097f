"""Profiles as every surface handles them: identities, merging, erasing, the merchant's own fields.

The writers run in a transaction of their own, so that a change and its note stand or fall together.
Told again, what was done before leaves no second note.
"""

import uuid

from django.db import transaction
from django.utils.translation import get_language

from kernel import clock
from kernel.api import Answer
from points.flows.member_erased import erase_member
from points.flows.member_export import export_member
from points.flows.members_merged import merge_members
from points.interfaces import member_shapes as shapes
from points.interfaces.finding import find_member, require_id
from points.interfaces.noting import Audit
from points.members import actions
from points.members.errors import IdentityNotFound
from points.members.models import Member, MemberField
from points.members.queries import list_fields


@transaction.atomic
def link_identity(*, member_id: str, body: shapes.IdentityIn, audit: Audit) -> Answer:
    """Link a member to a channel: 201, linked before 200.

    Raises MemberNotFound, MemberMerged, MemberErased, IdentityOfApi, IdentityTaken.
    """
    member = find_member(member_id)
    made, is_new = actions.link_identity(
        member_id=member.pk, channel=body.channel, external_id=body.external_id, at=clock.now()
    )
    if is_new:
        audit("member.identity_linked", _subject(member), after={"channel": made.channel})
    return Answer(shapes.identity(made), 201 if is_new else 200)


@transaction.atomic
def unlink_identity(*, member_id: str, identity_id: str, audit: Audit) -> None:
    """Raises MemberNotFound, IdentityNotFound."""
    member = find_member(member_id)
    gone = actions.unlink_identity(
        member_id=member.pk, identity_id=require_id(identity_id, IdentityNotFound)
    )
    audit("member.identity_unlinked", _subject(member), before={"channel": gone.channel})


@transaction.atomic
def merge(*, loser: uuid.UUID, into: uuid.UUID, actor: str, audit: Audit) -> Member:
    """Unite a member with another; the one who stays. What it raises stands with the flow."""
    done = merge_members(loser=loser, into=into, at=clock.now(), actor=actor)
    if done.is_new:
        audit("member.merged", f"member:{loser}", after={"into": str(done.member.pk)})
    return done.member


def export(member: Member) -> shapes.MemberExportOut:
    """Everything held of a member."""
    return shapes.export(export_member(member_id=member.pk, at=clock.now()))


@transaction.atomic
def erase(*, member: Member, body: shapes.ErasureIn, actor: str, audit: Audit) -> shapes.ErasureOut:
    """Forget a person. Raises MemberMerged, ErasureRefused."""
    erased = erase_member(
        member_id=member.pk, forfeit=body.forfeit, at=clock.now(), actor=actor
    )  # fmt: skip
    assert erased.erased_at is not None
    if member.erased_at is None:
        audit("member.erased", _subject(erased), after={"forfeit": body.forfeit})
    return shapes.ErasureOut(member_id=erased.pk, erased_at=erased.erased_at)


def field_items() -> shapes.MemberFieldItems:
    """The merchant's own fields, retired ones too. One query."""
    return shapes.MemberFieldItems(items=[_field(row) for row in list_fields(with_retired=True)])


@transaction.atomic
def add_field(*, body: shapes.MemberFieldIn, audit: Audit) -> shapes.MemberFieldOut:
    """A field more. Raises FieldTaken, FieldContradicts."""
    settings = shapes.field_settings(body)
    row = actions.add_field(code=body.code, kind=body.kind, at=clock.now(), settings=settings)
    audit("member_field.added", f"member_field:{row.code}", after=settings)
    return _field(row)


@transaction.atomic
def change_field(
    *, code: str, body: shapes.MemberFieldChange, audit: Audit
) -> shapes.MemberFieldOut:
    """Change what was named. Raises FieldNotFound, FieldContradicts."""
    changes = shapes.field_settings(body)
    row = actions.change_field(code=code, changes=changes, at=clock.now())
    audit("member_field.changed", f"member_field:{row.code}", after=changes)
    return _field(row)


def _field(row: MemberField) -> shapes.MemberFieldOut:
    return shapes.field(row, get_language() or "en")


def _subject(member: Member) -> str:
    return f"member:{member.pk}"
