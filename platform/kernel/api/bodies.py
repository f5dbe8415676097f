"""From bytes and query strings to structs. Any bad input ends here, as a 4xx with a code."""

import json
import re
from functools import cache
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException

from kernel.api.problems import (
    FileMissing,
    InvalidBody,
    InvalidJSON,
    TooLarge,
    UnreadableText,
    UnsupportedMediaType,
    invalid_body,
)
from kernel.shapes import Upload

T = TypeVar("T")
LIMIT_BYTES = 8 * 1024 * 1024
# Boundaries and headers of a multipart form.
_AROUND_A_FILE = 16 * 1024
# Looking for repeated keys costs a second parse; batches are written by programs, not by hand.
REPEATED_KEYS_LIMIT_BYTES = 64 * 1024
_NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def read_bytes(request: HttpRequest, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The raw JSON body. Raises TooLarge, UnsupportedMediaType."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit_bytes:
        raise TooLarge(limit_bytes=limit_bytes)
    if (request.content_type or "").lower() != "application/json":
        raise UnsupportedMediaType()
    try:
        return request.body
    except RawPostDataException as error:
        raise InvalidJSON(reason="the body was cut off") from error


def read_upload(request: HttpRequest, *, limit_bytes: int = LIMIT_BYTES) -> Upload:
    """The file of a multipart form. Raises TooLarge, UnsupportedMediaType, FileMissing."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit_bytes + _AROUND_A_FILE:
        raise TooLarge(limit_bytes=limit_bytes)
    if (request.content_type or "").lower() != "multipart/form-data":
        raise UnsupportedMediaType()
    try:
        file = request.FILES.get("file")
    except (MultiPartParserError, SuspiciousOperation, OSError) as error:
        raise FileMissing() from error
    if file is None:
        raise FileMissing()
    if (file.size or 0) > limit_bytes:
        raise TooLarge(limit_bytes=limit_bytes)
    return Upload(file.read(), file.name or "")


def decode(raw: bytes, into: type[T]) -> T:
    """A body as a struct of type `into`. Raises InvalidJSON, InvalidBody, UnreadableText."""
    if into not in _decoders:
        _decoders[into] = msgspec.json.Decoder(into)
    # The pattern is slow on a large body; looking for the bare letters first is not.
    if (b"\\u0000" in raw or b"\x00" in raw) and _NUL.search(raw):
        raise UnreadableText()
    try:
        parsed: T = _decoders[into].decode(raw)
        if len(raw) <= REPEATED_KEYS_LIMIT_BYTES:
            json.loads(raw, object_pairs_hook=_refuse_repeated_keys)
    except msgspec.ValidationError as error:
        raise invalid_body(error) from None
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise UnreadableText() from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise InvalidJSON(reason=str(error)[:200] or "nested too deeply") from None
    return parsed


def query(request: HttpRequest, into: type[T]) -> T:
    """The query string as a struct; numbers and booleans are read from their text."""
    values = dict(request.GET.items())
    if unknown := sorted(values.keys() - _names(into)):  # type: ignore[arg-type]
        raise InvalidBody(field=unknown[0][:60], reason="unknown parameter")
    if any("\x00" in value for value in values.values()):
        raise UnreadableText()
    try:
        return msgspec.convert(values, into, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_body(error) from None


@cache
def _names(struct: Any) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(struct))


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
