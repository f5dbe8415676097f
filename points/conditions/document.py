"""The language as a JSON Schema, for editors and other systems (docs/api/conditions.schema.json)."""

from typing import Any

from points.conditions.fields import MAX_NAME
from points.conditions.literals import LARGEST, MAX_LIST, MAX_TEXT
from points.conditions.parsing import MAX_COMPARISONS, MAX_DEPTH

_REF = "#/$defs/"
_EQUAL = ("==", "!=")


def json_schema() -> dict[str, Any]:
    """The shape of a tree. Fields, their kinds, depth and number of comparisons are checked by the
    server alone."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Condition",
        "description": (
            f"JSON Logic, a checked subset: nested at most {MAX_DEPTH} deep, at most"
            f" {MAX_COMPARISONS} comparisons. `true` holds for everything."
        ),
        "anyOf": [{"const": True}, _ref("condition")],
        "$defs": {
            "condition": {"anyOf": [*_groups(), *_comparisons(), _ref("var")]},
            "var": _only("var", {"anyOf": [_ref("name"), _list(_ref("name"))]}),
            "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
            "daysAgo": _only("days_ago", {"anyOf": [_ref("var"), _list(_ref("var"))]}),
            "operand": {"anyOf": [_ref("var"), _ref("daysAgo")]},
            "number": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
            "text": {"type": "string", "maxLength": MAX_TEXT},
            "value": {"anyOf": [{"type": "boolean"}, _ref("number"), _ref("text")]},
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF + name}


def _only(operator: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [operator],
        "properties": {operator: value},
        "additionalProperties": False,
    }


def _list(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "prefixItems": list(items), "minItems": len(items), "items": False}


def _groups() -> list[dict[str, Any]]:
    many = {"type": "array", "minItems": 1, "maxItems": MAX_COMPARISONS, "items": _ref("condition")}
    opposite = {"anyOf": [_ref("condition"), _list(_ref("condition"))]}
    return [_only("and", many), _only("or", many), _only("!", opposite)]


def _comparisons() -> list[dict[str, Any]]:
    sides = [_list(_ref("operand"), _ref("value")), _list(_ref("value"), _ref("operand"))]
    ranged = _list(_ref("value"), _ref("operand"), _ref("value"))
    values = {"type": "array", "minItems": 1, "maxItems": MAX_LIST, "items": _ref("value")}
    within = [_list(_ref("var"), values), _list(_ref("text"), _ref("var"))]
    return [
        *(_only(one, {"anyOf": sides}) for one in (*_EQUAL, ">", ">=")),
        *(_only(one, {"anyOf": [*sides, ranged]}) for one in ("<", "<=")),
        _only("in", {"anyOf": within}),
        _only("starts_with", _list(_ref("var"), _ref("text"))),
    ]
