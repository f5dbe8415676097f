"""Bodies and answers of segments and their condition language, alike on every surface."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kernel.shapes import Body, Items, Name
from points.conditions import OPERATORS, Condition, Field, Kind, Wildcard, describe
from points.conditions.fields import OPERATORS_OF_DAYS_AGO
from points.segments.facts import GROUPS
from points.segments.models import Segment
from points.segments.queries import condition_of

SegmentCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)", description="Small letters, digits, - and _"
    ),
]
Tree = Annotated[Any, msgspec.Meta(description="JSON Logic, see conditions.schema.json")]
Description = Annotated[str, msgspec.Meta(max_length=500)]


class SegmentIn(Body, kw_only=True):
    code: SegmentCode
    name: Name
    description: Description = ""
    condition: Tree


class SegmentChange(Body, kw_only=True):
    name: Name | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    condition: Tree | msgspec.UnsetType = msgspec.UNSET


class PreviewIn(Body, kw_only=True):
    condition: Tree


class SegmentOut(msgspec.Struct, kw_only=True):
    """`summary` is the condition in words, null when it speaks of a field that is gone; then it
    holds for nobody."""

    code: str
    name: str
    description: str
    condition: Tree
    summary: str | None
    version: int
    members_count: int
    created_at: datetime
    changed_at: datetime


class SegmentItems(Items, kw_only=True):
    items: list[SegmentOut]


class ChoiceOut(msgspec.Struct, kw_only=True):
    value: str
    label: str


class FieldOut(msgspec.Struct, kw_only=True):
    """A field of conditions; `operators_of_days_ago` for dates and moments, else empty."""

    name: str
    kind: str
    label: str
    group: str
    operators: list[str]
    operators_of_days_ago: list[str]
    choices: list[ChoiceOut]


class FieldGroupOut(msgspec.Struct, kw_only=True):
    code: str
    label: str


class FreePropertiesOut(msgspec.Struct, kw_only=True):
    """Properties under a prefix that callers name as they like. `kinds`: as what one can be
    compared; their `name` is the prefix, their `label` says what the kind is."""

    prefix: str
    label: str
    kinds: list[FieldOut]


class ConditionSchemaOut(msgspec.Struct, kw_only=True):
    groups: list[FieldGroupOut]
    fields: list[FieldOut]
    free: FreePropertiesOut | None = None


def segment(row: Segment, members_count: int, *, currency: str) -> SegmentOut:
    """A segment with how many are in it now."""
    condition = condition_of(row)
    return SegmentOut(
        code=row.code, name=row.name, description=row.description, condition=row.condition,
        summary=summary(condition, currency=currency) if condition else None,
        version=row.version, members_count=members_count,
        created_at=row.created_at.astimezone(UTC), changed_at=row.changed_at.astimezone(UTC),
    )  # fmt: skip


def summary(condition: Condition, *, currency: str) -> str:
    """The condition in words of the caller's language."""
    return describe(condition, currency=currency, language=get_language() or "en")


def condition_schema(
    fields: Sequence[Field],
    groups: Mapping[str, Promise] = GROUPS,
    wildcard: Wildcard | None = None,
) -> ConditionSchemaOut:
    """What a builder of conditions offers, under the headings of `groups`."""
    used = dict.fromkeys(field.group for field in fields)
    return ConditionSchemaOut(
        groups=[FieldGroupOut(code=one, label=str(groups.get(one, one))) for one in used],
        fields=[_field(field) for field in fields],
        free=_free(wildcard) if wildcard else None,
    )


# A property has the kind of what it is compared with (`Wildcard`); these can be written down.
_FREE_KINDS: tuple[tuple[Kind, Promise], ...] = (
    ("text", _("Text")),
    ("number", _("Number")),
    ("boolean", _("Yes or no")),
    ("texts", _("Several texts")),
)


def _free(wildcard: Wildcard) -> FreePropertiesOut:
    return FreePropertiesOut(
        prefix=wildcard.prefix, label=gettext("Property of the event"),
        kinds=[_field(Field(wildcard.prefix, kind, label)) for kind, label in _FREE_KINDS],
    )  # fmt: skip


def _field(field: Field) -> FieldOut:
    has_days = field.kind in ("date", "moment")
    return FieldOut(
        name=field.name, kind=field.kind, label=str(field.label), group=field.group,
        operators=list(OPERATORS[field.kind]),
        operators_of_days_ago=list(OPERATORS_OF_DAYS_AGO) if has_days else [],
        choices=[ChoiceOut(value=one.value, label=str(one.label)) for one in field.choices],
    )  # fmt: skip


def trace(row: Segment) -> dict[str, object]:
    """What the audit log keeps of a segment."""
    return {"name": row.name, "condition": row.condition, "version": row.version}
