"""What the console shows of earning rules beside what both APIs show."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Items
from points.interfaces import rule_shapes, segment_shapes
from points.interfaces.console.schemas.common import MemberRef


class RuleVersionRow(rule_shapes.VersionOut, kw_only=True):
    """A version with the name of who published it."""

    published_by_name: str | None


class RuleSheet(rule_shapes.RuleOut, kw_only=True):
    """One rule. The words are those of the draft's conditions, or of what is in force without one;
    null when there are none, or when they speak of a field that is gone."""

    condition_words: str | None
    lines_words: str | None
    versions: list[RuleVersionRow]


class RuleFieldsQuery(msgspec.Struct, kw_only=True):
    trigger: Annotated[str, msgspec.Meta(max_length=70)]


class RuleFields(msgspec.Struct, kw_only=True):
    """What conditions of a rule, and of the lines it counts, can speak of."""

    whole: segment_shapes.ConditionSchemaOut
    lines: segment_shapes.ConditionSchemaOut


class RuleAward(msgspec.Struct, kw_only=True):
    """What a rule gave a member, or why not; `source_id` is the order for the type `order`.
    With `is_coupon` it is one coupon, and no points."""

    id: uuid.UUID
    member: MemberRef
    status: Literal["granted", "refused", "claimable"]
    planned_points: int
    granted_points: int
    is_coupon: bool
    reason: str
    detail: str
    source_type: str
    source_id: uuid.UUID
    version: int
    occurred_at: dt.datetime


class RuleAwardItems(Items, kw_only=True):
    items: list[RuleAward]
