"""From a JSON Logic tree to a checked condition, or to the place where it is wrong."""

from datetime import datetime
from typing import Literal, NoReturn

import msgspec

from points.conditions.errors import ConditionInvalid
from points.conditions.fields import (
    MAX_NAME,
    OPERATORS,
    OPERATORS_OF_DAYS_AGO,
    Field,
    Operator,
    Schema,
)
from points.conditions.literals import (
    EXPECTED,
    MAX_LIST,
    kind_of_literal,
    read_days,
    read_literal,
)
from points.conditions.tree import (
    Always,
    Comparison,
    Condition,
    Group,
    Look,
    Negation,
    Node,
    condition_of,
)

MAX_DEPTH = 6
MAX_COMPARISONS = 50

_GROUPS: dict[str, Literal["and", "or"]] = {"and": "and", "or": "or"}
_MIRRORED: dict[str, Operator] = {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
_RANGES: dict[str, Operator] = {"<=": "between", "<": "inside"}


class Operand(msgspec.Struct, frozen=True):
    """A field as a comparison names it."""

    name: str
    is_days_ago: bool


def parse(*, tree: object, schema: Schema) -> Condition:
    """Check a tree. Raises ConditionInvalid with the path of the first fault, and nothing else."""
    if tree is True:
        return condition_of(Always())
    return condition_of(_Reader(schema).read(tree, (), 1))


class _Reader:
    """Reads one tree, counting its comparisons."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.comparisons = 0

    def read(self, tree: object, path: tuple[str, ...], depth: int) -> Node:
        if depth > MAX_DEPTH:
            _refuse(path, "too_deep", most=MAX_DEPTH)
        operator, value = _only_item(tree, path)
        path = (*path, operator)
        if operator in _GROUPS:
            return self._group(_GROUPS[operator], value, path, depth)
        if operator == "!":
            part = value[0] if isinstance(value, list) and len(value) == 1 else value
            where = (*path, "0") if part is not value else path
            return Negation(self.read(part, where, depth + 1))
        return self._comparison(operator, value, path)

    def _group(
        self, operator: Literal["and", "or"], value: object, path: tuple[str, ...], depth: int
    ) -> Group:
        if not isinstance(value, list):
            _refuse(path, "wrong_number", operator=operator)
        if not value:
            _refuse(path, "empty_list")
        parts = (self.read(part, (*path, str(i)), depth + 1) for i, part in enumerate(value))
        return Group(operator, tuple(parts))

    def _comparison(self, operator: str, value: object, path: tuple[str, ...]) -> Comparison:
        self.comparisons += 1
        if self.comparisons > MAX_COMPARISONS:
            _refuse(path, "too_many_comparisons", most=MAX_COMPARISONS)
        if operator == "var":  # a yes-or-no field standing alone
            operand = _operand({"var": value}, path)
            assert operand is not None
            return self._checked(operand, "==", True, path)
        if operator not in (*_MIRRORED, "in", "starts_with"):
            _refuse(path, "unknown_operator", operator=operator[:MAX_NAME])
        if not isinstance(value, list):
            _refuse(path, "wrong_number", operator=operator)
        return self._checked(*_sides(operator, value, path), path)

    def _checked(
        self, operand: Operand, operator: Operator, literal: object, path: tuple[str, ...]
    ) -> Comparison:
        field = self._field(operand, operator, literal, path)
        allowed = OPERATORS_OF_DAYS_AGO if operand.is_days_ago else OPERATORS[field.kind]
        if operator not in allowed or operand.is_days_ago and field.kind not in ("date", "moment"):
            shown = "days_ago" if operand.is_days_ago else operator
            _refuse(path, "operator_does_not_fit", operator=shown, name=field.name)
        return _compared(field, operator, literal, operand.is_days_ago, path)

    def _field(
        self, operand: Operand, operator: Operator, literal: object, path: tuple[str, ...]
    ) -> Field:
        name = operand.name
        if found := self.schema.get(name):
            return found
        wildcard = self.schema.wildcard_of(name)
        if wildcard is None:
            _refuse(path, "unknown_field", name=name[:MAX_NAME])
        kind = "texts" if operator == "has" else kind_of_literal(literal)
        if kind is None:
            expected = ", ".join((EXPECTED["text"], EXPECTED["number"], EXPECTED["boolean"]))
            _refuse(path, "value_does_not_fit", name=name, expected=expected)
        return Field(name, kind, name.removeprefix(wildcard.prefix), group=wildcard.group)


def _only_item(tree: object, path: tuple[str, ...]) -> tuple[str, object]:
    if not isinstance(tree, dict) or len(tree) != 1:
        _refuse(path, "not_a_condition")
    operator, value = next(iter(tree.items()))
    if not isinstance(operator, str):
        _refuse(path, "not_a_condition")
    return operator, value


def _sides(
    operator: str, values: list[object], path: tuple[str, ...]
) -> tuple[Operand, Operator, object]:
    """Field, operator, literal, with the field brought to the left."""
    operands = [_operand(value, path) for value in values[:3]]
    if len(values) == 3 and operator in _RANGES:
        if operands[1] is None or operands[0] or operands[2]:
            _refuse(path, "field_expected")
        return operands[1], _RANGES[operator], [values[0], values[2]]
    if len(values) != 2:
        _refuse(path, "wrong_number", operator=operator)
    left, right = operands
    if left is not None and right is None:
        return left, _left_handed(operator), values[1]
    if left is None and right is not None and operator != "starts_with":
        return right, "has" if operator == "in" else _MIRRORED[operator], values[0]
    _refuse(path, "field_expected")


def _left_handed(operator: str) -> Operator:
    if operator == "in":
        return "in"
    return "starts_with" if operator == "starts_with" else _MIRRORED[_MIRRORED[operator]]


def _operand(value: object, path: tuple[str, ...]) -> Operand | None:
    """The field a value names, or None when it is a literal."""
    if not isinstance(value, dict):
        return None
    operator, inner = _only_item(value, path)
    inner = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
    if operator == "days_ago":
        if not isinstance(inner, dict) or "days_ago" in inner:
            _refuse(path, "field_expected")
        field = _operand(inner, path)
        assert field is not None
        return Operand(field.name, True)
    if operator != "var":
        _refuse(path, "unknown_operator", operator=operator[:MAX_NAME])
    if not isinstance(inner, str):
        _refuse(path, "field_expected")
    return Operand(inner, False)


def _compared(
    field: Field, operator: Operator, literal: object, is_days_ago: bool, path: tuple[str, ...]
) -> Comparison:
    where = ".".join(path)
    read = read_days if is_days_ago else read_literal
    if operator in ("in", "between", "inside"):
        if not isinstance(literal, list):
            _refuse(path, "value_does_not_fit", name=field.name, expected="[…]")
        if not literal:
            _refuse(path, "empty_list")
        if len(literal) > MAX_LIST:
            _refuse(path, "list_too_long", most=MAX_LIST)
        values = [read(one, field=field, path=where) for one in literal]
        if operator == "in":  # each value once, in the order given
            firsts = [i for i, one in enumerate(values) if values.index(one) == i]
            values, literal = [values[i] for i in firsts], [literal[i] for i in firsts]
        wanted: object = tuple(values)
    else:
        wanted = read(literal, field=field, path=where)
    _check_meaning(operator, wanted, path)
    look = _look_of(field, wanted, is_days_ago, path)
    return Comparison("", field, operator, look, wanted, literal)


def _check_meaning(operator: Operator, wanted: object, path: tuple[str, ...]) -> None:
    if operator == "starts_with" and wanted == "":
        _refuse(path, "empty_text")
    if operator in ("between", "inside"):
        assert isinstance(wanted, tuple)
        low, high = wanted
        if type(low) is type(high) and low > high:
            _refuse(path, "empty_range")


def _look_of(field: Field, wanted: object, is_days_ago: bool, path: tuple[str, ...]) -> Look:
    """A moment compared with days is looked at by its local day."""
    if is_days_ago:
        return "days_ago"
    if field.kind != "moment":
        return "value"
    ends = wanted if isinstance(wanted, tuple) else (wanted,)
    are_instants = {isinstance(one, datetime) for one in ends}
    if len(are_instants) > 1:  # one end a day, the other an instant
        _refuse(path, "value_does_not_fit", name=field.name, expected=EXPECTED["moment"])
    return "value" if are_instants.pop() else "day"


def _refuse(path: tuple[str, ...], reason: str, **facts: object) -> NoReturn:
    raise ConditionInvalid(path=".".join(path) or ".", reason=reason, **facts)
