"""What the audit log kept of conditions, in words: trees say little to the people who read it."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from points.audit.calculations import Fields
from points.conditions import ConditionInvalid, Schema, Wildcard, describe, parse
from points.earning.facts import (
    CHECKIN_FIELDS,
    CLOCK_FIELDS,
    LINE_SCHEMA,
    MEMBER_FIELDS,
    ORDER_FIELDS,
    PROPERTIES,
)
from points.segments import facts

# A note holds what differs, so that a rule's trigger may not stand beside its conditions: they are
# read with the fields of all triggers, whose names are each other's nowhere.
_RULES = Schema(
    (*ORDER_FIELDS, *CHECKIN_FIELDS, *MEMBER_FIELDS, *CLOCK_FIELDS), [Wildcard(PROPERTIES)]
)
# Where conditions stand in a note, and with which fields they are read.
_PLACES: tuple[tuple[tuple[str, ...], Callable[[], Schema]], ...] = (
    (("conditions",), lambda: _RULES),
    (("reward", "lines"), lambda: LINE_SCHEMA),
    (("condition",), facts.schema),
)


def word_conditions(fields: Fields | None, *, currency: str) -> Fields | None:
    """The fields with conditions as sentences of the language of now.

    One that can no longer be read (its field is gone) stays as it was noted.
    """
    if fields is None:
        return None
    for path, schema_of in _PLACES:
        fields = _worded(fields, path, schema_of, currency)
    return fields


def _worded(
    fields: Fields, path: tuple[str, ...], schema_of: Callable[[], Schema], currency: str
) -> Fields:
    name, *rest = path
    value = fields.get(name)
    if not isinstance(value, dict):
        return fields
    if rest:
        return {**fields, name: _worded(value, tuple(rest), schema_of, currency)}
    return {**fields, name: _words(value, schema_of(), currency)}


def _words(tree: dict[str, Any], schema: Schema, currency: str) -> object:
    try:
        condition = parse(tree=tree, schema=schema)
    except ConditionInvalid:
        return tree
    return describe(condition, currency=currency, language=get_language() or "en")
