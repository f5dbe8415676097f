"""The database connection as this house knows it, and asking it several things at once.

django-tenants adds `tenant`, `schema_name`, `set_tenant` and `set_schema_to_public` to Django's
connection; type checkers know only Django's own.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, overload

import msgspec
from django.db import connection as _connection
from django.db.models import Model

connection: Any = _connection

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
M = TypeVar("M", bound=Model)


class Ask(msgspec.Struct, Generic[A], frozen=True):
    """One call of a stored function, not yet made: the call, its values, how to read the answer."""

    call: str
    values: Sequence[object]
    read: Callable[[Any], A]

    def then(self, change: "Callable[[A], B]") -> "Ask[B]":
        """The same call with another reading of its answer."""
        return Ask(self.call, self.values, lambda answer: change(self.read(answer)))


# In the place of a call that is not needed this time.
NOTHING: Ask[None] = Ask("null", (), lambda _: None)


@overload
def ask(a: Ask[A], /) -> tuple[A]: ...
@overload
def ask(a: Ask[A], b: Ask[B], /) -> tuple[A, B]: ...
@overload
def ask(a: Ask[A], b: Ask[B], c: Ask[C], /) -> tuple[A, B, C]: ...
@overload
def ask(a: Ask[A], b: Ask[B], c: Ask[C], d: Ask[D], /) -> tuple[A, B, C, D]: ...
@overload
def ask(a: Ask[A], b: Ask[B], c: Ask[C], d: Ask[D], e: Ask[E], /) -> tuple[A, B, C, D, E]: ...


def ask(*asked: Ask[Any]) -> tuple[Any, ...]:
    """Make several calls in one round trip, from left to right; the answers in that order.

    Each app words its own `Ask`; a flow that needs several puts them together here. A call sees
    what those before it have written.
    """
    sql = "select " + ", ".join(one.call for one in asked)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for one in asked for value in one.values])
        row = cursor.fetchone()
    return tuple(one.read(value) for one, value in zip(asked, row, strict=True))


def find_row(
    model: type[M], where: str, values: Sequence[object], *, lock: bool = False
) -> M | None:
    """The first row of a model's table for which a piece of SQL holds, or None.

    For reads on hot paths: composing the same query anew each time takes Django five times as long
    as sending it.
    """
    select, names, readers = _shape(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{select} where {where} limit 1{' for update' if lock else ''}", values)
        row = cursor.fetchone()
    if row is None:
        return None
    found = list(row)
    for place, read in readers:
        found[place] = read(found[place], None, connection)
    return model.from_db(connection.alias, names, found)


@cache
def _shape(model: type[Model]) -> tuple[str, list[str], list[tuple[int, Callable[..., Any]]]]:
    fields: list[Any] = list(model._meta.concrete_fields)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    readers = [
        (place, field.from_db_value)
        for place, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    ]
    return f'select {columns} from "{model._meta.db_table}"', [f.attname for f in fields], readers
