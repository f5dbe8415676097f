"""The same question for a database: a condition as parameterised SQL (PostgreSQL)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from kernel.clock import Calendar
from points.conditions.judging import Moment
from points.conditions.tree import Comparison, Condition, Group, Negation, Node

Params = list[object]
_DAY = timedelta(days=1)


class Column(msgspec.Struct, frozen=True):
    """Where a field is found: an SQL expression (a per cent sign written `%%`) and its parameters.

    Types: whole, money bigint · number numeric · text, choice text · boolean · date · moment
    timestamptz · texts a jsonb array. NULL is a missing fact.
    """

    sql: str
    params: Sequence[object] = ()


def to_sql(
    condition: Condition, columns: Mapping[str, Column], *, at: datetime, calendar: Calendar
) -> tuple[str, Params]:
    """A boolean expression that means what `judge` means. NULL counts as false, as in WHERE.

    `columns` has an entry for each of `condition.fields`. Comparisons with days become half-open
    ranges of moments, so that an index on the column serves them.
    """
    return _node(condition.root, columns, Moment(at, calendar))


def _node(node: Node, columns: Mapping[str, Column], now: Moment) -> tuple[str, Params]:
    match node:
        case Comparison():
            return _comparison(node, columns[node.field.name], now)
        case Group():
            parts = [_node(part, columns, now) for part in node.parts]
            text = f" {node.operator} ".join(sql for sql, _ in parts)
            return f"({text})", [value for _, params in parts for value in params]
        case Negation():
            # Only here would NULL, not being false, turn a "no" into no answer.
            sql, params = _node(node.part, columns, now)
            return f"not coalesce({sql}, false)", params
        case _:
            return "true", []


def _comparison(one: Comparison, column: Column, now: Moment) -> tuple[str, Params]:
    if one.look != "value":
        return _by_day(one, column, now)
    wanted = one.wanted
    match one.operator:
        case "between" | "inside":
            assert isinstance(wanted, tuple)
            low, high = (">=", "<=") if one.operator == "between" else (">", "<")
            return _joined("and", column, (low, wanted[0]), (high, wanted[1]))
        case "in":
            assert isinstance(wanted, tuple)
            return f"({column.sql} = any(%s))", [*column.params, list(wanted)]
        case "has":
            as_json = json.dumps([wanted], ensure_ascii=False)
            return f"({column.sql} @> %s::jsonb)", [*column.params, as_json]
        case "starts_with":
            return f"starts_with({column.sql}, %s)", [*column.params, wanted]
        case "!=":
            return _joined("and", column, ("<>", wanted))
        case _:
            return _joined("and", column, ("=" if one.operator == "==" else one.operator, wanted))


def _by_day(one: Comparison, column: Column, now: Moment) -> tuple[str, Params]:
    """A comparison of local days, as the range of days that pass it."""
    first, last = _days_that_pass(one, now)
    tests: list[tuple[str, object]] = []
    if one.field.kind == "date":
        tests += [(">=", first)] if first else []
        tests += [("<=", last)] if last else []
    else:
        tests += [(">=", now.calendar.start_of(first))] if first else []
        tests += [("<", now.calendar.end_of(last))] if last else []
    sql, params = _joined("and", column, *tests)
    return (f"(not {sql})", params) if one.operator == "!=" else (sql, params)


def _days_that_pass(one: Comparison, now: Moment) -> tuple[date | None, date | None]:
    """First and last day of the range, None where it is open; of `!=`, the range left out."""
    operator: str = one.operator
    wanted = one.wanted
    if one.look == "days_ago":
        # Fewer days ago is a later day: the order turns round.
        operator = _TURNED.get(operator, operator)
        if isinstance(wanted, tuple):
            wanted = tuple(now.today - timedelta(days=days) for days in reversed(wanted))
        else:
            assert isinstance(wanted, int)
            wanted = now.today - timedelta(days=wanted)
    if isinstance(wanted, tuple):
        inward = _DAY if operator == "inside" else timedelta()
        return wanted[0] + inward, wanted[1] - inward
    assert isinstance(wanted, date)
    match operator:
        case "<":
            return None, wanted - _DAY
        case "<=":
            return None, wanted
        case ">":
            return wanted + _DAY, None
        case ">=":
            return wanted, None
        case _:
            return wanted, wanted


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _joined(word: str, column: Column, *tests: tuple[str, object]) -> tuple[str, Params]:
    text = f" {word} ".join(f"{column.sql} {operator} %s" for operator, _ in tests)
    return f"({text})", [value for _, wanted in tests for value in (*column.params, wanted)]
