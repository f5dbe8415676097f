"""How anything that goes wrong becomes RFC 9457 `application/problem+json`."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions as drf

from kernel import context
from kernel.errors import DomainError

CONTENT_TYPE = "application/problem+json"
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<key>key in )?\$(?P<path>[^`]*)`)?$", re.S)
_FIELD = re.compile(r"field `(?P<field>[^`]+)`")


class InvalidJSON(DomainError):
    code, status = "api.invalid_json", 400
    message = gettext_lazy("The body is not valid JSON: %(reason)s")


class UnreadableText(DomainError):
    code, status = "api.unreadable_text", 400
    message = gettext_lazy("Text may not hold NUL or half of a surrogate pair.")


class InvalidBody(DomainError):
    code, status = "api.invalid_body", 400
    message = gettext_lazy("%(field)s: %(reason)s")


class InvalidCursor(DomainError):
    code, status = "api.invalid_cursor", 400
    message = gettext_lazy("The cursor is not one this list gave out.")


class TooLarge(DomainError):
    code, status = "api.too_large", 413
    message = gettext_lazy("The body may have at most %(limit_bytes)s bytes.")


class UnsupportedMediaType(DomainError):
    code, status = "api.unsupported_media_type", 415
    message = gettext_lazy("Send the body as application/json.")


class FileMissing(DomainError):
    code, status = "api.file_missing", 400
    message = gettext_lazy("Send one file, as the field “file” of a multipart form.")


class NotFound(DomainError):
    code, status = "api.not_found", 404
    message = gettext_lazy("There is nothing here.")


class NotSignedIn(DomainError):
    code, status = "api.not_signed_in", 401
    message = gettext_lazy("Sign in first.")


class CsrfFailed(DomainError):
    code, status = "api.csrf_failed", 403
    message = gettext_lazy("Reload the page and try again.")


class RateLimited(DomainError):
    code, status = "api.rate_limited", 429
    message = gettext_lazy("Too many tries. Wait %(retry_after_seconds)s seconds.")


class Busy(DomainError):
    code, status = "api.busy", 503
    message = gettext_lazy("The service is busy; nothing was changed. Try again in a moment.")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    facts: Mapping[str, object] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """One problem answer. `title` is the HTTP phrase, `detail` is for people."""
    body: dict[str, object] = {
        "type": f"https://jifen.dev/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "facts": dict(facts or {}),
        "request_id": context.request_id(),
    }
    if errors is not None:
        body["errors"] = errors
    return HttpResponse(
        msgspec.json.encode(body, enc_hook=str), status=status, content_type=CONTENT_TYPE
    )


def from_domain(error: DomainError) -> HttpResponse:
    """A refusal of the business, with its own status, code and facts."""
    errors = None
    if error.facts.keys() >= {"field", "reason"}:
        errors = [
            {
                "field": str(error.facts["field"]),
                "code": "invalid",
                "detail": str(error.facts["reason"]),
            }
        ]
    answer = problem(error.status, error.code, str(error), facts=error.facts, errors=errors)
    if "retry_after_seconds" in error.facts:
        answer["Retry-After"] = str(error.facts["retry_after_seconds"])
    return answer


def invalid_body(error: msgspec.ValidationError) -> InvalidBody:
    """Names the field: `lines[0].amount_cents`, from msgspec's `… - at `$.lines[0].amount_cents``."""
    matched = _AT.match(str(error))
    assert matched is not None
    path = (matched["path"] or "").lstrip(".").replace("[...]", "[]")
    if named := _FIELD.search(matched["what"]):
        path = f"{path}.{named['field']}".lstrip(".")
    return InvalidBody(field=path[:200] or "body", reason=matched["what"][:300])


def exception_handler(exc: Exception, about: dict[str, Any]) -> HttpResponse | None:
    """For DRF: every expected failure as a problem; None (a bug) goes on to Django's 500."""
    if isinstance(exc, DomainError):
        answer = from_domain(exc)
        if exc.status == 401 and (scheme := _scheme(about)):
            answer["WWW-Authenticate"] = scheme
        return answer
    if isinstance(exc, Http404 | drf.NotFound):
        return from_domain(NotFound())
    if isinstance(exc, RequestDataTooBig):
        return from_domain(TooLarge(limit_bytes=0))
    if isinstance(exc, OperationalError | InterfaceError):
        return from_domain(Busy(retry_after_seconds=1))
    if isinstance(exc, drf.PermissionDenied | PermissionDenied):
        return problem(403, "api.forbidden", _("This is not allowed."))
    if isinstance(exc, drf.APIException):
        code = str(getattr(exc, "default_code", "error"))
        return problem(exc.status_code, f"api.{code}", str(exc.detail))
    return None


def _scheme(about: dict[str, Any]) -> str | None:
    """How the view that refused wants to be spoken to (RFC 9110 §15.5.2)."""
    view, request = about.get("view"), about.get("request")
    found: str | None = view.get_authenticate_header(request) if view and request else None
    return found


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: no stack trace, only the id to ask about."""
    return problem(500, "api.internal_error", _("Something went wrong on our side."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404 for API paths."""
    return from_domain(NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A state-changing call came without this site's own token."""
    return problem(403, "api.csrf_failed", _("Reload the page and try again."))
