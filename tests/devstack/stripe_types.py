"""stripe-python's annotations as a contract: what an answer, and a request, must lie within."""

import builtins
import importlib
import types
from decimal import Decimal
from typing import (
    Any,
    ClassVar,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
)

import stripe
import stripe.checkout
import stripe.params
import stripe.params.checkout
from stripe import StripeObject

from devstack.stripe_standin import params as shapes


class _Elsewhere:
    """A type of a part of Stripe that the stand-in has nothing of; no value of ours fits it."""


class _Names(dict):
    """Names as stripe's modules see them while types are checked."""

    def __init__(self, runtime: dict[str, Any]) -> None:
        self.runtime = {**vars(builtins), **runtime}

    def __missing__(self, name: str) -> Any:
        # Some modules call a class `XResource` where X is a name of their own.
        for wanted in (name, name.removesuffix("Resource")):
            for module in (stripe, stripe.checkout, stripe.params, stripe.params.checkout):
                try:
                    return getattr(module, wanted)
                except AttributeError:
                    continue
        if name in self.runtime:
            raise KeyError(name)
        return _Elsewhere


def hints_of(cls: type) -> dict[str, Any]:
    """Annotations of one of stripe's classes, resolved, without the class's own machinery."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("stripe.") and base is not StripeObject:
            found |= base.__dict__.get("__annotations__", {})
    namespace = vars(importlib.import_module(cls.__module__))
    return {
        name: _resolve(hint, namespace)
        for name, hint in found.items()
        if not name.startswith("_") and get_origin(_resolve(hint, namespace)) is not ClassVar
    }


def _resolve(hint: Any, namespace: dict[str, Any]) -> Any:
    while isinstance(hint, str | ForwardRef):
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        hint = eval(text, dict(namespace), _Names(namespace))  # stripe's own annotations
    return hint


def find_params(name: str) -> type:
    """`checkout.SessionCreateParams` of stripe.params."""
    module, _, last = name.rpartition(".")
    return getattr(stripe.params.checkout if module else stripe.params, last)


def object_class(name: str) -> type:
    """The class that answers with this `object` word."""
    special = {"item": stripe.LineItem, "checkout.session": stripe.checkout.Session}
    return special.get(name) or getattr(stripe, "".join(w.title() for w in name.split("_")))


def answer_faults(value: Any, cls: type, path: str) -> list[str]:
    """Where an object's JSON leaves its type: unknown keys, missing ones, other types and words."""
    hints = hints_of(cls)
    faults = [f"{path}.{key}: no such key of {cls.__qualname__}" for key in value.keys() - hints]
    faults += [
        f"{path}.{key}: missing in {cls.__qualname__}"
        for key, hint in hints.items()
        if not value.get("deleted") and key not in value and type(None) not in get_args(hint)
    ]
    for key in value.keys() & hints:
        faults += value_faults(value[key], hints[key], f"{path}.{key}", cls)
    return faults


def value_faults(value: Any, hint: Any, path: str, inside: type) -> list[str]:
    """The same for one value."""
    namespace = vars(importlib.import_module(inside.__module__))
    hint = _resolve(hint, namespace)
    arms = [_resolve(arm, namespace) for arm in get_args(hint)] if _is_union(hint) else [hint]
    words = [word for arm in arms if get_origin(arm) is Literal for word in get_args(arm)]
    if isinstance(value, str) and words:
        return [] if value in words else [f"{path}: {value!r} is none of {words}"]
    tried = [_arm_faults(value, arm, path, inside) for arm in arms]
    return [] if [] in tried else min(tried, key=len)


def _arm_faults(value: Any, hint: Any, path: str, inside: type) -> list[str]:
    if hint is Any or (value is None and hint in (None, type(None))):
        return []
    origin = get_origin(hint)
    if isinstance(value, list) and origin is list:
        (item,) = get_args(hint)
        return [
            f
            for n, one in enumerate(value)
            for f in value_faults(one, item, f"{path}[{n}]", inside)
        ]
    if isinstance(value, dict):
        target = origin or hint
        if target is stripe.ListObject:
            return [
                f
                for one in value["data"]
                for f in answer_faults(one, object_class(one["object"]), path)
            ]
        if isinstance(target, type) and target.__name__ in ("UntypedStripeObject", "dict"):
            is_fine = get_args(hint)[-1] is Any or all(isinstance(v, str) for v in value.values())
            return [] if is_fine else [f"{path}: no texts"]
        if isinstance(target, type) and issubclass(target, StripeObject):
            return answer_faults(value, target, path)
    if origin is Literal:
        return [] if value in get_args(hint) else [f"{path}: {value!r} is no {hint}"]
    plain = {str: str, int: int, bool: bool, float: float, Decimal: str}
    if hint in plain and type(value) is plain[hint]:
        return []
    return [f"{path}: {value!r} is no {hint}"]


def shape_faults(shape: Any, hint: Any, path: str, module: str) -> list[str]:
    """Where the parameters that the stand-in takes leave those that stripe-python sends."""
    namespace = vars(importlib.import_module(module))
    hint = _resolve(hint, namespace)
    while get_origin(hint) in (NotRequired, Required):
        hint = _resolve(get_args(hint)[0], namespace)
    arms = [_resolve(arm, namespace) for arm in get_args(hint)] if _is_union(hint) else [hint]
    tried = [_shape_arm_faults(shape, arm, arms, path, module) for arm in arms]
    return [] if [] in tried else min(tried, key=len)


def _shape_arm_faults(shape: Any, hint: Any, arms: list[Any], path: str, module: str) -> list[str]:
    origin = get_origin(hint)
    if isinstance(shape, shapes.Fields) and hasattr(hint, "__required_keys__"):
        return fields_faults(shape, hint, path)
    if isinstance(shape, shapes.Many) and origin is list:
        return shape_faults(shape.of, get_args(hint)[0], f"{path}[]", module)
    if isinstance(shape, shapes.OneOf) and origin is Literal:
        extra = set(shape.words) - set(get_args(hint))
        return [f"{path}: {sorted(extra)} are no words of Stripe's"] if extra else []
    has_words = any(get_origin(arm) is Literal and "" not in get_args(arm) for arm in arms)
    plain = {shapes.TEXT: str, shapes.WHOLE: int, shapes.TRUTH: bool}
    if hint in plain.values() and not (hint is str and has_words):
        fits = shape in plain and plain[shape] is hint
        # A list of our own words where Stripe takes any text is only narrower.
        return (
            []
            if fits or (hint is str and isinstance(shape, shapes.OneOf))
            else [f"{path}: {shape}"]
        )
    if shape == shapes.METADATA and origin is dict:
        return []
    return [f"{path}: {shape} does not fit {hint}"]


def fields_faults(shape: shapes.Fields, typed: type, path: str) -> list[str]:
    """A group of parameters against a TypedDict."""
    known = {
        name: hint for base in reversed(typed.__mro__) for name, hint in
        base.__dict__.get("__annotations__", {}).items()
    }  # fmt: skip
    faults = [
        f"{path}.{key}: Stripe knows no such parameter" for key in shape.shapes.keys() - known
    ]
    faults += [
        f"{path}.{key}: Stripe requires it, the stand-in does not"
        for key in typed.__required_keys__ - set(shape.required)
    ]
    for key in shape.shapes.keys() & known:
        faults += shape_faults(shape.shapes[key], known[key], f"{path}.{key}", typed.__module__)
    return faults


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)
