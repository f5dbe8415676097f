"""A checked condition: groups, negations and comparisons."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from points.conditions.fields import Field, Operator

# value: the fact itself · day: the local day of a moment · days_ago: local days between a date or
# moment and now, 0 today, below 0 in the future.
Look = Literal["value", "day", "days_ago"]

# Operators whose JSON Logic form differs from their name here.
_WRITTEN: dict[Operator, str] = {"between": "<=", "inside": "<", "has": "in"}


class Comparison(msgspec.Struct, frozen=True):
    """A field compared with a literal. `wanted` is the literal ready to compare with (an int,
    Decimal, str, bool, date, datetime, or a tuple of them); `literal` is it as JSON. `path` leads to
    it in the canonical tree."""

    path: str
    field: Field
    operator: Operator
    look: Look
    wanted: object
    literal: object


class Group(msgspec.Struct, frozen=True):
    """All (`and`) or at least one (`or`) of its parts."""

    operator: Literal["and", "or"]
    parts: tuple["Node", ...]


class Negation(msgspec.Struct, frozen=True):
    """The opposite of its part."""

    part: "Node"


class Always(msgspec.Struct, frozen=True):
    """Holds for everything: the tree `true`."""


Node = Comparison | Group | Negation | Always


class Condition(msgspec.Struct, frozen=True):
    """A condition that was checked. `tree` is its canonical JSON Logic form (parsing that gives the
    same condition), `comparisons` its leaves in reading order."""

    root: Node
    tree: object
    comparisons: tuple[Comparison, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Names of the facts it needs."""
        return frozenset(one.field.name for one in self.comparisons)


def condition_of(root: Node) -> Condition:
    """A condition of these nodes, each comparison told its place."""
    root = _placed(root, "")
    return Condition(root, tree_of(root), tuple(_comparisons(root)))


def _placed(node: Node, path: str) -> Node:
    match node:
        case Group():
            inside = f"{path}{node.operator}."
            return Group(
                node.operator,
                tuple(_placed(part, f"{inside}{i}.") for i, part in enumerate(node.parts)),
            )
        case Negation():
            return Negation(_placed(node.part, f"{path}!.0."))
        case Comparison():
            written = _WRITTEN.get(node.operator, node.operator)
            return msgspec.structs.replace(node, path=path + written)
        case _:
            return node


def tree_of(node: Node) -> object:
    """The canonical JSON Logic form of a node."""
    match node:
        case Group():
            return {node.operator: [tree_of(part) for part in node.parts]}
        case Negation():
            return {"!": [tree_of(node.part)]}
        case Comparison():
            return _written(node)
        case Always():
            return True


def _written(one: Comparison) -> object:
    var: object = {"var": one.field.name}
    if one.look == "days_ago":
        var = {"days_ago": [var]}
    literal = one.literal
    if one.operator in ("between", "inside"):
        assert isinstance(literal, list)
        values = [literal[0], var, literal[1]]
    elif one.operator == "has":
        values = [literal, var]
    else:
        values = [var, literal]
    return {_WRITTEN.get(one.operator, one.operator): values}


def _comparisons(node: Node) -> Iterator[Comparison]:
    match node:
        case Group():
            for part in node.parts:
                yield from _comparisons(part)
        case Negation():
            yield from _comparisons(node.part)
        case Comparison():
            yield node
