"""The database connection as this house knows it, and asking it several things at once.

django-tenants adds `tenant`, `schema_name`, `set_tenant` and `set_schema_to_public` to Django's
connection; type checkers know only Django's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from django.db import connection as _connection

connection: Any = _connection

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Ask(Generic[A]):
    """One call of a stored function, not yet made: the call, its values, how to read the answer."""

    call: str
    values: Sequence[object]
    read: Callable[[Any], A]


@overload
def ask(a: Ask[A], /) -> tuple[A]: ...
@overload
def ask(a: Ask[A], b: Ask[B], /) -> tuple[A, B]: ...
@overload
def ask(a: Ask[A], b: Ask[B], c: Ask[C], /) -> tuple[A, B, C]: ...
@overload
def ask(a: Ask[A], b: Ask[B], c: Ask[C], d: Ask[D], /) -> tuple[A, B, C, D]: ...


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
