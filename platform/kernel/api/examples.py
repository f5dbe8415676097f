"""Examples for the OpenAPI files, from the schemas themselves: plausible, and the same each time."""

from typing import Any

from kernel.api.example_structs import BY_STRUCT, ITEMS_LIKE
from kernel.api.example_values import BY_NAME, DAY, ID, MOMENT

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
    "object": dict, "null": type(None),
}  # fmt: skip


def example_of(
    schema: dict[str, Any], components: dict[str, Any], name: str = "", struct: str = ""
) -> Any:
    """An instance of a schema; the field's name and its struct choose among what would fit.

    For a whole body `struct` is the view, and `name` is `body` or `answer`.
    """
    if "$ref" in schema:
        inner = schema["$ref"].rpartition("/")[2]
        example = example_of(components[inner], components, struct=inner)
        laid_over = BY_STRUCT.get(struct, {}).get(name)
        if isinstance(laid_over, dict):
            example.update({key: laid_over[key] for key in example if key in laid_over})
        return example
    if like := ITEMS_LIKE.get((struct, name)):
        return [example_of(components[like], components, struct=like)]
    for value in _candidates(schema, name, struct):
        if _fits(value, schema):
            return value
    if "anyOf" in schema:
        options = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return example_of(options[0], components, name, struct)
    return _made(schema, components, name, struct)


def _candidates(schema: dict[str, Any], name: str, struct: str) -> list[Any]:
    """Values for a field, best first: of its struct, declared with it, of its name, its default."""
    of_struct, of_name = (
        [values[name]] if name in values else [] for values in (BY_STRUCT.get(struct, {}), BY_NAME)
    )
    default = [schema["default"]] if schema.get("default") is not None else []
    return [*of_struct, *schema.get("examples", ()), *of_name, *default]


def _fits(value: object, schema: dict[str, Any]) -> bool:
    if not schema:  # anything
        return True
    if "anyOf" in schema:
        return any(_fits(value, option) for option in schema["anyOf"])
    kind = schema.get("type")
    if kind is None or not isinstance(value, _TYPES[kind]):
        return "enum" in schema and value in schema["enum"]
    if isinstance(value, bool) and kind != "boolean":
        return False
    return value in schema.get("enum", [value]) and (schema.get("format") != "uuid" or value == ID)


def _made(schema: dict[str, Any], components: dict[str, Any], name: str, struct: str) -> Any:
    """Without a fitting value: the parts of an object or a list, or what its type says."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"), schema.get("format"):
        case "object", _:
            fields = schema.get("properties", {})
            return {key: example_of(part, components, key, struct) for key, part in fields.items()}
        case "array", _:
            return [example_of(schema["items"], components)] if "items" in schema else []
        case "string", "uuid":
            return ID
        case "string", "date":
            return DAY
        case "string", form:
            return MOMENT if form == "date-time" or name.endswith("_at") else "text"
        case "integer", _:
            return max(0, schema.get("minimum", 0))
        case "number", _:
            return 0.5
        case "boolean", _:
            return False
    return None
