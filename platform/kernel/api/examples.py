"""Examples for the OpenAPI files, from the schemas themselves: plausible, and the same each time."""

from typing import Any

_BY_NAME: dict[str, object] = {
    "external_id": "20261031-8",
    "member_external_id": "mei",
    "channel": "shop",
    "currency": "CNY",
    "name": "Mei",
    "phone": "13800000001",
    "email": "mei@example.com",
    "sku": "TEA-100",
    "category": "tea",
    "reference": "till-2-0815",
    "reason": "Welcome back",
    "code": "merchant",
    "title": "Mug",
    "title_zh": "马克杯",
    "title_en": "Mug",
    "image": "2615",
    "birthday": "1995-02-03",
    "tags": ["tea"],
    "slug": "tea-house",
    "locale": "zh-hans",
    "timezone": "Asia/Shanghai",
    "points": 110,
    "quantity": 1,
    "amount_cents": 11000,
    "price_points": 800,
    "next": None,
}
_ID = "01a20077-438c-767c-86e5-9c0bfbe1af05"
_MOMENT = "2026-10-31T10:00:00+08:00"


def example_of(schema: dict[str, Any], components: dict[str, Any], name: str = "") -> Any:
    """An instance of a schema; the field's name chooses among what would fit."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    if "default" in schema and name not in _BY_NAME and schema["default"] is not None:
        return schema["default"]
    if "anyOf" in schema:
        options = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return example_of(options[0], components, name)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {key: example_of(value, components, key) for key, value in properties.items()}
    if name in _BY_NAME and schema.get("type") in ("string", "integer", "array", None):
        return _BY_NAME[name]
    if schema.get("type") == "array":
        return [example_of(schema["items"], components)] if "items" in schema else []
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> Any:
    match schema.get("type"), schema.get("format"):
        case "string", "uuid":
            return _ID
        case "string", "date-time":
            return _MOMENT
        case "string", "date":
            return "2026-10-31"
        case "string", _:
            return "text"
        case "integer", _:
            return max(0, schema.get("minimum", 0))
        case "number", _:
            return 0.5
        case "boolean", _:
            return False
    return None
