"""`Idempotency-Key`: the same key and body gives the first answer again; another body is refused.

The answer is written last, in the transaction of the effect. A second request with the same key waits
there, on the unique index, until the first commits; then its own effect is rolled back and it
answers what the first answered: 64 at once get one effect and one answer. A refusal changes nothing
and is itself remembered.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from kernel.api.problems import from_domain
from kernel.errors import DomainError
from kernel.models import IdempotencyRecord

KEPT_DAYS = 30


class KeyRequired(DomainError):
    code, status = "api.idempotency_key_required", 400
    message = gettext_lazy("Send an Idempotency-Key header: this call moves value.")


class KeyInvalid(DomainError):
    code, status = "api.idempotency_key_invalid", 400
    message = gettext_lazy("An Idempotency-Key has 1 to 255 printable ASCII characters.")


class KeyReused(DomainError):
    code, status = "api.idempotency_key_reused", 422
    message = gettext_lazy("This Idempotency-Key was used with another body.")


def read_key(request: HttpRequest, *, required: bool) -> str | None:
    """The header's value. Raises KeyRequired, KeyInvalid."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        if required or key == "":
            raise KeyRequired()
        return None
    if len(key) > 255 or not key.isascii() or not key.isprintable():
        raise KeyInvalid()
    return key


def once(*, scope: str, key: str, raw: bytes, perform: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `perform` once per scope and key; answer again what it answered. Raises KeyReused."""
    digest = hashlib.sha256(raw).digest()
    if (again := _find_answer(scope, key, digest)) is not None:
        return again
    try:
        return _perform(scope, key, digest, perform)
    except _Raced:
        answer = _find_answer(scope, key, digest)
        assert answer is not None, "who was there first has committed"
        return answer


def _perform(
    scope: str, key: str, digest: bytes, perform: Callable[[], HttpResponse]
) -> HttpResponse:
    try:
        with transaction.atomic():
            answer = perform()
            _remember(scope, key, digest, answer)
    except DomainError as error:
        answer = from_domain(error)
        _remember(scope, key, digest, answer)
    return answer


class _Raced(Exception):
    """Another request with the same key has been answered meanwhile."""


def forget_old_records(*, at: datetime) -> int:
    """Drop answers older than `KEPT_DAYS` in the current merchant's schema; returns how many."""
    old = IdempotencyRecord.objects.filter(created_at__lt=at - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def _find_answer(scope: str, key: str, digest: bytes) -> HttpResponse | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select body_hash, status, content_type, answer from kernel_idempotencyrecord"
            " where scope = %s and key = %s",
            [scope, key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    body_hash, status, content_type, answer = row
    if bytes(body_hash) != digest:
        raise KeyReused()
    response = HttpResponse(bytes(answer), status=status, content_type=content_type)
    response["Idempotent-Replayed"] = "true"
    return response


def _remember(scope: str, key: str, digest: bytes, answer: HttpResponse) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into kernel_idempotencyrecord"
            " (scope, key, body_hash, status, content_type, answer, created_at)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (scope, key) do nothing",
            [
                scope, key, digest, answer.status_code, answer["Content-Type"], answer.content,
                datetime.now(UTC),
            ],
        )  # fmt: skip
        if cursor.rowcount == 0:
            raise _Raced()
