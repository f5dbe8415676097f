"""What an operation takes: form fields into values, refused as Stripe refuses them.

A shape is one of: TEXT, WHOLE, TRUTH, METADATA, `OneOf`, `Many`, `Fields`. The stand-in knows only
what it does something with: any other parameter is `parameter_unknown`, so that nobody relies on one
that would be ignored. tests/devstack/test_stripe_contract.py holds every shape against the types of
stripe-python.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from devstack.stripe_standin.errors import ApiError, invalid, missing, unknown

TEXT, WHOLE, TRUTH, METADATA = "text", "whole", "truth", "metadata"
_WHOLE = re.compile(r"-?\d{1,15}")
_PART = re.compile(r"\[([^\[\]]*)\]")
Shape = "str | OneOf | Many | Fields"


@dataclass(frozen=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Many:
    """A list."""

    of: Any


class Fields:
    """A group of parameters; `required` names those that must be there."""

    def __init__(self, *required: str, **shapes: Any) -> None:
        self.required, self.shapes = required, shapes


def listing(**filters: Any) -> Fields:
    """What every list takes, and these filters."""
    return Fields(
        limit=WHOLE, starting_after=TEXT, ending_before=TEXT, expand=Many(TEXT), **filters
    )


def read_form(text: str) -> dict[str, Any]:
    """`a[b][0][c]=1` as nested dicts; lists stay dicts by index until their shape is known."""
    tree: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=2000)
    except ValueError:
        raise ApiError("The body is no form.") from None
    for key, value in pairs:
        head, bracket, rest = key.partition("[")
        parts = [head, *_PART.findall(f"[{rest}")] if bracket else [head]
        _put(tree, parts, value)
    return tree


def _put(tree: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        tree = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid(parts[0], f"Invalid {parts[0]}.")
    tree[parts[-1] or str(len(tree))] = value


def take(shape: Any, value: Any, name: str = "") -> Any:
    """The value as its shape says. Raises ApiError naming the parameter."""
    if isinstance(shape, Fields):
        return _take_fields(shape, value, name)
    if isinstance(shape, Many):
        items = _dict(value, name, "array")
        return [take(shape.of, item, f"{name}[{index}]") for index, item in items.items()]
    if shape == METADATA:
        return _take_metadata(value, name)
    if not isinstance(value, str):
        raise invalid(name, f"Invalid {name}: must be a {shape}")
    if isinstance(shape, OneOf):
        if value not in shape.words:
            raise invalid(name, f"Invalid {name}: must be one of {', '.join(shape.words)}")
        return value
    return _SIMPLE[shape](value, name)


def _take_fields(shape: Fields, value: Any, name: str) -> dict[str, Any]:
    given = _dict(value, name, "object")
    taken = {}
    for key, inner in given.items():
        path = f"{name}[{key}]" if name else key
        if key not in shape.shapes:
            raise unknown(path)
        taken[key] = take(shape.shapes[key], inner, path)
    for key in shape.required:
        if taken.get(key) in (None, ""):
            raise missing(f"{name}[{key}]" if name else key)
    return taken


def _take_metadata(value: Any, name: str) -> dict[str, str]:
    pairs = {} if value == "" else _dict(value, name, "object")
    if len(pairs) > 50:
        raise invalid(name, "You can specify up to 50 keys of metadata.")
    for key, text in pairs.items():
        if not isinstance(text, str) or len(key) > 40 or len(text) > 500:
            raise invalid(
                f"{name}[{key}]", "Keys have up to 40 characters, values up to 500: both texts."
            )
    return pairs


def _dict(value: Any, name: str, noun: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(name, f"Invalid {noun}: {name}")
    return value


def _take_whole(value: str, name: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise invalid(name, f"Invalid integer: {value[:40]}", code="parameter_invalid_integer")
    return int(value)


def _take_truth(value: str, name: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(name, f"Invalid boolean: {value[:40]}")
    return value == "true"


def _take_text(value: str, name: str) -> str:
    if "\0" in value or len(value) > 5000:
        raise invalid(name, f"Invalid string: {name}")
    return value


_SIMPLE = {WHOLE: _take_whole, TRUTH: _take_truth, TEXT: _take_text}
