"""What a log line or a problem answer says about the request it belongs to."""

import contextvars
import logging
import re
import uuid
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_actor: contextvars.ContextVar[str] = contextvars.ContextVar("actor", default="")
BODILESS = (204, 304)
_GIVEN = re.compile(r"^[A-Za-z0-9_-]{8,64}$")


def request_id() -> str:
    """Id of the request or task under way, or an empty string."""
    return _request_id.get()


def actor() -> str:
    """Who acts: `key:<prefix>`, `staff:<id>`, `member:<id>`, `task:<name>`; never a name or phone."""
    return _actor.get()


def set_actor(who: str) -> None:
    """Called by authentication, once it knows."""
    _actor.set(who)


def begin(given_id: str = "", who: str = "") -> None:
    """Start a fresh context; an id given by the caller is kept when it is a plain token."""
    _request_id.set(given_id if _GIVEN.match(given_id) else uuid.uuid4().hex)
    _actor.set(who)


class RequestContextMiddleware:
    """Gives each request an id, answers with it, and forgets the last request's actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin(request.headers.get("X-Request-Id", ""))
        response = self.get_response(request)
        response["X-Request-Id"] = request_id()
        if not (response.streaming or response.status_code in BODILESS):
            # Without it the server would have to send the body in chunks.
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class ContextFilter(logging.Filter):
    """Adds request id, merchant schema and actor to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        record.merchant = getattr(connection, "schema_name", "") or ""
        record.actor = actor()
        return True
