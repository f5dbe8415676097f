"""OpenAPI 3.1 from what the operations declare (`Described`) and the schemas of their structs.

The declaration that checks a request is the one that is documented, so the two cannot part.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from enum import Enum
from http import HTTPStatus
from typing import Any, get_args

import msgspec
from django.urls import URLPattern, URLResolver
from django.utils import translation

from kernel.api import idempotency, problems
from kernel.api.endpoint import Described
from kernel.api.example_values import CSV
from kernel.api.examples import example_of
from kernel.errors import DomainError
from kernel.shapes import CsvFile, Upload

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/{name}"


def document(
    *, title: str, description: str, prefix: str, patterns: Iterable[Any], security: dict[str, Any]
) -> dict[str, Any]:
    """The whole OpenAPI document of one surface, ready to be written as YAML."""
    found = list(_operations(patterns))
    components = _components(described for _, _, described, _ in found)
    paths: dict[str, dict[str, Any]] = {}
    with translation.override("en"):
        for path, method, described, view in found:
            item = paths.setdefault(prefix + path, {})
            item[method] = _operation(path, method, described, view, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": description},
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in security],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": security,
            "schemas": dict(sorted({**components, "Problem": _PROBLEM}.items())),
        },
    }


def _operations(
    patterns: Iterable[Any], at: str = ""
) -> Iterator[tuple[str, str, Described, type]]:
    for pattern in patterns:
        route = at + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _operations(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None) or getattr(
                pattern.callback, "cls", None
            )
            for method in METHODS:
                described = getattr(getattr(view, method, None), "described", None)
                if view is not None and described is not None:
                    yield _PARAMETER.sub(r"{\1}", route), method, described, view


def _components(all_described: Iterable[Described]) -> dict[str, Any]:
    bodies: list[Any] = []
    answers: list[Any] = []
    for described in all_described:
        bodies += [described.body] if described.body not in (None, Upload) else []
        answers += [kind for kind in described.answers.values() if kind not in (None, CsvFile)]
    kept = list(dict.fromkeys([*bodies, *answers]))
    _, components = msgspec.json.schema_components(kept, ref_template=REF, schema_hook=_hook)
    _promise_fields(components, set(_structs(answers)) - set(_structs(bodies)))
    return dict(components)


def _promise_fields(components: dict[str, Any], answered: Iterable[type[msgspec.Struct]]) -> None:
    """An answer tells every field, also one that has a default: none of them is optional."""
    for kind in answered:
        if not kind.__struct_config__.omit_defaults:
            schema = components[kind.__name__]
            schema["required"] = list(schema["properties"])


def _structs(kinds: Iterable[Any]) -> Iterator[type[msgspec.Struct]]:
    """The structs among these types and all inside them."""
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield kind
            yield from _structs(field.type for field in msgspec.structs.fields(kind))
        else:
            yield from _structs(get_args(kind))


def _operation(
    path: str, method: str, described: Described, view: type, components: dict[str, Any]
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "operationId": f"{method}{view.__name__.removesuffix('View')}",
        "tags": [path.strip("/").split("/")[0]],
        "summary": described.summary,
    }
    if described.description:
        answer["description"] = described.description
    if described.scope:
        answer["x-scope"] = described.scope
    if parameters := list(_parameters(path, described)):
        answer["parameters"] = parameters
    if described.body is Upload:
        answer["requestBody"] = _UPLOAD
    elif described.body is not None:
        schema = _schema(described.body)
        example = example_of(schema, components, "body", view.__name__)
        answer["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    answer["responses"] = {
        **{str(s): _success(s, body, components, view) for s, body in described.answers.items()},
        **_refusals(described),
    }
    return answer


def _parameters(path: str, described: Described) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if described.idempotency != "none":
        yield {
            "name": "Idempotency-Key", "in": "header",
            "required": described.idempotency == "required",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }  # fmt: skip
    if described.query is None:
        return
    for field in msgspec.structs.fields(described.query):
        schema = msgspec.json.schema(field.type, schema_hook=_hook, ref_template=REF)
        yield {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": schema,
        }


def _success(
    status: int, body: type | None, components: dict[str, Any], view: type
) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if body is CsvFile:
        answer["content"] = {"text/csv": {"schema": {"type": "string"}, "example": CSV}}
    elif body is not None:
        schema = _schema(body)
        example = example_of(schema, components, "answer", view.__name__)
        answer["content"] = {"application/json": {"schema": schema, "example": example}}
    return answer


def _refusals(described: Described) -> dict[str, Any]:
    """Every problem the operation can answer, by status, with its codes as examples."""
    refusals: list[type[DomainError]] = [*described.refusals]
    if described.body is Upload:
        refusals += [problems.FileMissing, problems.TooLarge, problems.UnsupportedMediaType]
    elif described.body is not None:
        refusals += [problems.InvalidJSON, problems.InvalidBody, problems.UnreadableText]
        refusals += [problems.TooLarge, problems.UnsupportedMediaType]
    elif described.query is not None:
        refusals += [problems.InvalidBody]
    if described.idempotency == "required":
        refusals += [idempotency.KeyRequired, idempotency.KeyReused]
    if described.idempotency != "none":
        refusals += [idempotency.KeyInvalid]
    by_status: dict[int, dict[str, Any]] = {}
    for refusal in dict.fromkeys(refusals):
        examples = by_status.setdefault(refusal.status, {})
        examples[refusal.code] = {"summary": str(refusal.message)}
    for status, code in ((401, "unauthorised"), (403, "forbidden")):
        by_status.setdefault(status, {code: {"summary": HTTPStatus(status).phrase}})
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {
                problems.CONTENT_TYPE: {
                    "schema": {"$ref": REF.format(name="Problem")},
                    "examples": examples,
                }
            },
        }
        for status, examples in sorted(by_status.items())
    }


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF, schema_hook=_hook)
    return dict(schema)


def _hook(kind: type) -> dict[str, Any]:
    if kind is msgspec.Raw:
        return {"type": "object"}
    if kind is uuid.UUID:
        return {"type": "string", "format": "uuid"}
    if issubclass(kind, Enum):  # Django's choices, which msgspec does not know as enums
        return {"type": "string", "enum": [member.value for member in kind]}
    raise NotImplementedError(kind)  # how a hook tells msgspec that it knows no such type either


_UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
            "example": {"file": "the bytes of photo.jpg"},
        }
    },
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `detail` is for people, in their language.",
    "required": ["type", "title", "status", "code", "detail", "facts", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "facts": {"type": "object", "additionalProperties": True},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
