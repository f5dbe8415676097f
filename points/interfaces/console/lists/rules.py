"""Earning rules as the console shows them: with names, words and what they can ask for."""

from collections.abc import Mapping, Sequence

import msgspec
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from points.conditions import Condition, ConditionInvalid
from points.conditions.fields import Choice, Field
from points.earning.facts import LINE_SCHEMA, schema_of
from points.earning.models import Award
from points.earning.rules import conditions_of
from points.interfaces.console.lists.ledger import name_actors
from points.interfaces.console.lists.orders import name_members
from points.interfaces.console.schemas.rules import (
    RuleAward,
    RuleFields,
    RuleSheet,
    RuleVersionRow,
)
from points.interfaces.explaining_rules import explain_refusal
from points.interfaces.rule_shapes import RuleDetailOut
from points.interfaces.segment_shapes import condition_schema, summary
from points.program.queries import get_program
from points.tiers.queries import list_tiers

# Headings of the fields: the word before the first dot of their names.
_GROUPS: Mapping[str, Promise] = {
    "order": _("Order"),
    "line": _("Line of the order"),
    "checkin": _("Check-in"),
    "member": _("Member"),
    "clock": _("Time"),
}


def rule_sheet(detail: RuleDetailOut) -> RuleSheet:
    """A rule with its conditions in words and who published what. At most three queries."""
    names = name_actors(one.published_by for one in detail.versions)
    whole, lines = _words(detail)
    fields = {**msgspec.structs.asdict(detail), "versions": [
        RuleVersionRow(
            **msgspec.structs.asdict(one), published_by_name=names.get(one.published_by)
        )
        for one in detail.versions
    ]}  # fmt: skip
    return RuleSheet(**fields, condition_words=whole, lines_words=lines)


def _words(detail: RuleDetailOut) -> tuple[str | None, str | None]:
    document = detail.draft or detail.document
    if document is None:
        return None, None
    try:
        conditions = conditions_of(document)
    except ConditionInvalid:
        return None, None
    currency = get_program().currency
    whole, lines = (_said(one, currency) for one in conditions)
    return whole, lines


def _said(condition: Condition | None, currency: str) -> str | None:
    return summary(condition, currency=currency) if condition else None


def rule_fields(trigger: str) -> RuleFields:
    """What a rule with this trigger can ask for; tiers by their names. One query."""
    language = get_language() or "en"
    tiers = tuple(Choice(row.code, row.name(language)) for row in list_tiers())
    schema = schema_of(trigger)
    return RuleFields(
        whole=condition_schema(
            [_offered(one, tiers) for one in schema], _GROUPS, next(iter(schema.wildcards), None)
        ),
        lines=condition_schema([_offered(one, ()) for one in LINE_SCHEMA], _GROUPS),
    )


def _offered(field: Field, tiers: tuple[Choice, ...]) -> Field:
    """A field under its heading; the tier is chosen, not typed, where there are tiers."""
    grouped = msgspec.structs.replace(field, group=field.name.partition(".")[0])
    if field.name != "member.tier" or not tiers:
        return grouped
    return msgspec.structs.replace(grouped, kind="choice", choices=tiers)


def rule_awards(rows: Sequence[Award]) -> list[RuleAward]:
    """Awards with the names of their members. One query."""
    members = name_members(row.member_id for row in rows)
    return [
        RuleAward(
            id=row.pk, status=row.status,  # type: ignore[arg-type]
            member=members[row.member_id],
            planned_points=row.planned_points, granted_points=row.granted_points,
            is_coupon=row.planned_points == 0,
            reason=row.reason, detail=explain_refusal(row.reason), source_type=row.source_type,
            source_id=row.source_id, version=row.version, occurred_at=row.occurred_at,
        )
        for row in rows
    ]  # fmt: skip
