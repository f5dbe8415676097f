"""Bodies and answers of profiles: identities, the merchant's own fields, merging, erasing."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import Body, Slugish, given
from points.flows.member_export import FORMAT, Export
from points.members.models import Member, MemberField, MemberIdentity

FieldName = Annotated[str, msgspec.Meta(max_length=60)]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)")]
ChannelName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
# Values of the merchant's own fields by code; in a change null removes one.
Custom = Annotated[dict[Code, Any], msgspec.Meta(max_length=100)]
Kind = Literal["text", "whole", "date", "choice", "boolean"]
Editor = Literal["staff", "member"]


class IdentityIn(Body, kw_only=True):
    channel: ChannelName
    external_id: Slugish


class IdentityOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    channel: str
    external_id: str
    linked_at: datetime


class ChoiceShape(Body, kw_only=True):
    code: Code
    name_zh: FieldName = ""
    name_en: FieldName = ""


Choices = Annotated[list[ChoiceShape], msgspec.Meta(max_length=100)]
Position = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class MemberFieldIn(Body, kw_only=True):
    code: Code
    kind: Kind
    name_zh: FieldName = ""
    name_en: FieldName = ""
    choices: Choices = []
    edited_by: Editor = "staff"
    is_required: bool = False
    position: Position = 0


class MemberFieldChange(Body, kw_only=True):
    """Only what is named changes; the kind never does, as values of it exist."""

    name_zh: FieldName | msgspec.UnsetType = msgspec.UNSET
    name_en: FieldName | msgspec.UnsetType = msgspec.UNSET
    choices: Choices | msgspec.UnsetType = msgspec.UNSET
    edited_by: Editor | msgspec.UnsetType = msgspec.UNSET
    is_required: bool | msgspec.UnsetType = msgspec.UNSET
    position: Position | msgspec.UnsetType = msgspec.UNSET
    is_retired: bool | msgspec.UnsetType = msgspec.UNSET


class MemberFieldOut(msgspec.Struct, kw_only=True):
    code: str
    kind: Kind
    name: Annotated[str, msgspec.Meta(description="In the reader's language")]
    name_zh: str
    name_en: str
    choices: list[ChoiceShape]
    edited_by: Editor
    is_required: bool
    position: int
    is_retired: bool


class MemberFieldItems(msgspec.Struct, kw_only=True):
    items: list[MemberFieldOut]


class MergeIn(Body, kw_only=True):
    into: Annotated[uuid.UUID, msgspec.Meta(description="The member who stays")]


class MergeByNumberIn(Body, kw_only=True):
    into_external_id: Annotated[Slugish, msgspec.Meta(description="Number of the member who stays")]


class ErasureIn(Body, kw_only=True):
    """`forfeit` lets points go that are still there; without it they keep the member."""

    forfeit: bool = False


class ErasureOut(msgspec.Struct, kw_only=True):
    member_id: uuid.UUID
    erased_at: datetime


class MemberExportOut(msgspec.Struct, kw_only=True):
    """Everything held of a person. `data` has a list of rows for each part."""

    format: str
    exported_at: datetime
    member: dict[str, Any]
    merged_external_ids: list[str]
    data: dict[str, list[dict[str, Any]]]


def export(found: Export) -> MemberExportOut:
    """A person's data."""
    return MemberExportOut(
        format=FORMAT, exported_at=found.exported_at, member=found.member,
        merged_external_ids=found.merged_external_ids, data=found.data,
    )  # fmt: skip


def identity(row: MemberIdentity) -> IdentityOut:
    """What a channel calls a member."""
    return IdentityOut(
        id=row.pk, channel=row.channel, external_id=row.external_id, linked_at=row.linked_at
    )


def field(row: MemberField, language: str) -> MemberFieldOut:
    """A definition, with its name in a language."""
    return MemberFieldOut(
        code=row.code, kind=row.kind, name=row.name(language), name_zh=row.name_zh,  # type: ignore[arg-type]
        name_en=row.name_en, choices=[ChoiceShape(**one) for one in row.choices],
        edited_by=row.edited_by, is_required=row.is_required, position=row.position,  # type: ignore[arg-type]
        is_retired=row.retired_at is not None,
    )  # fmt: skip


def field_settings(body: MemberFieldIn | MemberFieldChange) -> dict[str, Any]:
    """What was sent of a definition, JSON-ready, without code and kind."""
    sent = given(body)
    values = {name: value for name, value in sent.items() if name not in ("code", "kind")}
    if "choices" in values:
        values["choices"] = msgspec.to_builtins(values["choices"])
    return values


def by_member(rows: Iterable[MemberIdentity]) -> dict[uuid.UUID, list[MemberIdentity]]:
    """Identities of many members, by member."""
    found: dict[uuid.UUID, list[MemberIdentity]] = {}
    for row in rows:
        found.setdefault(row.member_id, []).append(row)
    return found


def consent(row: Member) -> bool:
    """Whether the member agreed to get e-mails."""
    return row.email_consent_at is not None
