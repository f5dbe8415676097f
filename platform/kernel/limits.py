"""How often someone may try something: counters in Redis, per merchant, kept in windows that move.

Without Redis each process counts for itself: a limit that is a little too wide is better than none,
and better than a sign-in that is closed to everyone.
"""

import hashlib
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from kernel.api.problems import RateLimited

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `amount` within any `seconds`, counted apart for each scope."""

    scope: str
    amount: int
    seconds: int

    @property
    def item(self) -> RateLimitItemPerSecond:
        """The same in the library's words."""
        return RateLimitItemPerSecond(self.amount, self.seconds, namespace="jifen")


def load() -> None:
    """Load the library's way to Redis, before somebody waits for it."""
    _shared(settings.RATE_LIMIT_STORAGE)


def hit(rule: Rule, *who: str) -> None:
    """Count one try. Raises RateLimited when there were enough of them already."""
    if not _ask(lambda limiter: limiter.hit(rule.item, *_key(rule, who))):
        raise RateLimited(retry_after_seconds=_seconds_to_wait(rule, who))


def check(rule: Rule, *who: str) -> None:
    """Raises RateLimited when nothing is left, without counting."""
    if is_used_up(rule, *who):
        raise RateLimited(retry_after_seconds=_seconds_to_wait(rule, who))


def note(rule: Rule, *who: str) -> None:
    """Count one, and never mind whether it was one too many."""
    _ask(lambda limiter: limiter.hit(rule.item, *_key(rule, who)))


def is_used_up(rule: Rule, *who: str) -> bool:
    """Whether the next `hit` would be refused."""
    return not _ask(lambda limiter: limiter.test(rule.item, *_key(rule, who)))


def clear(rule: Rule, *who: str) -> None:
    """Forget the tries so far."""
    _ask(lambda limiter: limiter.clear(rule.item, *_key(rule, who)))


def client_address(request: HttpRequest) -> str:
    """Whose tries these are: an IPv4 address, or the /64 an IPv6 customer has to himself.

    What a caller writes into X-Forwarded-For is not believed: only the entries that our own
    `TRUSTED_PROXIES` appended count, from the right.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        header = request.headers.get("X-Forwarded-For", "")
        chain = [part.strip() for part in header.split(",") if part.strip()]
        if len(chain) >= settings.TRUSTED_PROXIES:
            address = chain[-settings.TRUSTED_PROXIES]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _key(rule: Rule, who: tuple[str, ...]) -> tuple[str, str, str]:
    """Scope, merchant, and a digest: addresses of people do not stand in Redis in clear."""
    digest = hashlib.sha256("\x1f".join(who).encode("utf-8", "replace")).hexdigest()[:32]
    return rule.scope, getattr(connection, "schema_name", None) or "public", digest


def _seconds_to_wait(rule: Rule, who: tuple[str, ...]) -> int:
    stats = _ask(lambda limiter: limiter.get_window_stats(rule.item, *_key(rule, who)))
    return max(1, min(rule.seconds, round(stats.reset_time - datetime.now(UTC).timestamp() + 0.5)))


def _ask(question: Callable[[MovingWindowRateLimiter], T]) -> T:
    try:
        return question(_shared(settings.RATE_LIMIT_STORAGE))
    except StorageError as error:
        log.warning("rate limits are counted in this process only: %s", error)
        return question(_own())


@cache
def _shared(uri: str) -> MovingWindowRateLimiter:
    options = {} if uri.startswith("memory") else {"socket_timeout": 2, "socket_connect_timeout": 2}
    return MovingWindowRateLimiter(storage_from_string(uri, wrap_exceptions=True, **options))


@cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())
