"""One declaration per operation: it parses, checks, makes idempotent, answers and documents."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from kernel.api import bodies, idempotency
from kernel.api.problems import NotFound
from kernel.errors import DomainError
from kernel.shapes import Upload

Idempotency = Literal["required", "optional", "none"]


@dataclass(slots=True)
class Answer:
    """What an operation returns when the status is not its usual one."""

    body: object
    status: int


@dataclass(frozen=True, slots=True)
class Described:
    """All that the OpenAPI file says of one operation."""

    summary: str
    description: str
    body: type | None
    query: type | None
    answers: Mapping[int, type | None]
    refusals: tuple[type[DomainError], ...]
    idempotency: Idempotency
    scope: str | None


class _AlwaysJSON(BaseContentNegotiation):
    """Bodies are JSON whatever Accept says, as the contract has no other form."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0] if parsers else None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], "application/json"


class Endpoint(APIView):
    """Base of every API view. Surfaces subclass it with their authentication and scope check."""

    content_negotiation_class = _AlwaysJSON
    renderer_classes = (JSONRenderer,)
    parser_classes = ()
    credential: ClassVar[str] = "anonymous"

    def check_scope(self, scope: str | None) -> None:
        """Refuse when the caller's key or role lacks `scope`. Surfaces override it."""

    def credential_id(self) -> str:
        """Whose idempotency keys these are: one key's replays never answer another's."""
        return self.credential

    @classmethod
    def get_extra_path_types(cls) -> dict[str, type]:
        return {}


def operation(
    *,
    summary: str,
    answers: Mapping[int, type | None],
    description: str = "",
    body: type | None = None,
    query: type | None = None,
    refuses: Iterable[type[DomainError]] = (),
    idempotency_key: Idempotency = "none",
    scope: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., HttpResponse]]:
    """Turn `handler(self, request, [body], [query], **path)` into an HTTP method of an Endpoint.

    The first of `answers` is the usual status; a handler returns the body for it, or an Answer.
    """
    usual = next(iter(answers))

    def wrap(handler: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @functools.wraps(handler)
        def method(self: Endpoint, request: Request, **path: str) -> HttpResponse:
            self.check_scope(scope)
            if any("\x00" in value for value in path.values()):
                raise NotFound()  # no row is named so, and PostgreSQL would not even look
            key = None
            if idempotency_key != "none":
                key = idempotency.read_key(request, required=idempotency_key == "required")
            given: list[object] = []
            raw = b""
            if body is Upload:
                given.append(bodies.read_upload(request._request))
            elif body is not None:
                raw = bodies.read_bytes(request._request)
                given.append(bodies.decode(raw, body))
            if query is not None:
                given.append(bodies.query(request._request, query))

            def perform() -> HttpResponse:
                return respond(handler(self, request, *given, **path), usual)

            if key is None:
                return perform()
            place = f"{self.credential_id()} {request.method} {request.path}"[:200]
            return idempotency.once(scope=place, key=key, raw=raw, perform=perform)

        method.described = Described(  # type: ignore[attr-defined]
            summary, description, body, query, answers, tuple(refuses), idempotency_key, scope
        )
        return method

    return wrap


def respond(result: object, usual: int) -> HttpResponse:
    """An HTTP answer from what a handler returned; an answer that streams is one already."""
    status = usual
    if isinstance(result, HttpResponseBase):
        return cast(HttpResponse, result)
    if isinstance(result, Answer):
        status, result = result.status, result.body
    if result is None:
        return HttpResponse(status=status if status != 200 else 204)
    return HttpResponse(msgspec.json.encode(result), status=status, content_type="application/json")


def raw_request(request: Request) -> HttpRequest:
    """Django's own request behind DRF's."""
    return request._request
