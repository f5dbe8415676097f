"""Fields a condition may speak of: their names, kinds, and what each kind can be compared by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec
from django.utils.functional import Promise

# whole: integer · money: integer, minor units · number: decimal · choice: one of a fixed set ·
# date: a day · moment: an instant with its time zone · texts: a set of texts, as tags are.
Kind = Literal[
    "whole", "money", "number", "text", "choice", "boolean", "date", "moment", "texts"
]  # fmt: skip
Operator = Literal[
    "==", "!=", "<", "<=", ">", ">=", "between", "inside", "in", "has", "starts_with"
]  # fmt: skip

_EQUAL: tuple[Operator, ...] = ("==", "!=")
_ORDER: tuple[Operator, ...] = ("<", "<=", ">", ">=", "between", "inside")

# Texts are not put in order: Python and a database's collation would disagree.
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    "whole": (*_EQUAL, *_ORDER, "in"),
    "money": (*_EQUAL, *_ORDER, "in"),
    "number": (*_EQUAL, *_ORDER, "in"),
    "text": (*_EQUAL, "in", "starts_with"),
    "choice": (*_EQUAL, "in"),
    "boolean": _EQUAL,
    "date": (*_EQUAL, *_ORDER),
    "moment": (*_EQUAL, *_ORDER),
    "texts": ("has",),
}
OPERATORS_OF_DAYS_AGO: tuple[Operator, ...] = (*_EQUAL, *_ORDER)

MAX_NAME = 100


class Choice(msgspec.Struct, frozen=True):
    """One value of a `choice` field, and what people call it."""

    value: str
    label: str | Promise


class Field(msgspec.Struct, frozen=True):
    """One fact a condition may ask for; `group` is the heading it is offered under."""

    name: str
    kind: Kind
    label: str | Promise
    choices: tuple[Choice, ...] = ()
    group: str = ""

    def label_of(self, value: str) -> str:
        """What people call a choice; a value that is no longer one stands for itself."""
        return next((str(one.label) for one in self.choices if one.value == value), value)


class Wildcard(msgspec.Struct, frozen=True):
    """Free properties under a prefix (`event.properties.`): the kind is that of the literal a
    property is compared with, so a property of another kind never matches."""

    prefix: str
    group: str = ""


class Schema:
    """The fields one kind of condition may use."""

    def __init__(self, fields: Iterable[Field], wildcards: Iterable[Wildcard] = ()) -> None:
        self._fields = {field.name: field for field in fields}
        self.wildcards = tuple(wildcards)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def get(self, name: str) -> Field | None:
        """The field of this name; None for free properties and unknown names."""
        return self._fields.get(name)

    def wildcard_of(self, name: str) -> Wildcard | None:
        """The group a free property belongs to."""
        if len(name) > MAX_NAME:
            return None
        fits = (one for one in self.wildcards if name.startswith(one.prefix) and name != one.prefix)
        return next(fits, None)
