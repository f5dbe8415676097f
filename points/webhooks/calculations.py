"""Signatures, the waits between tries, and what a delivery's outcome means."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

# After the first try, the second, …: ten tries in 71 h 35 min 30 s (docs/concepts/webhooks.md).
WAITS = (
    timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=18),
    timedelta(hours=22),
)  # fmt: skip
JITTER_RATE = 0.1
LONGEST_WAIT = timedelta(hours=24)
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"
PREVIOUS_SECRET_VALID = timedelta(hours=24)
GIVES_UP_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)
ENDPOINTS_AT_MOST = 20
# Requests to one endpoint at the same time; one alone while it fails.
WIDTH = 4
LEASE = timedelta(seconds=60)
GONE = 410


def new_secret() -> str:
    """`whsec_` and 256 bits of chance in base64, as Standard Webhooks has it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers_of(
    *, secrets: Sequence[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks; `timestamp` in seconds since 1970.

    While a secret is being changed both sign, the new one first.
    """
    signatures = [
        sign(secret=secret, message_id=message_id, timestamp=timestamp, body=body)
        for secret in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def wait_after(
    *, failures: int, chance: float, asked_seconds: int | None = None
) -> timedelta | None:
    """How long to wait after so many failed tries; None: it was the last.

    `chance` in [0, 1) moves it by up to ±10 %, so that what failed together does not come again
    together. A receiver's Retry-After makes the wait longer, up to a day, never shorter.
    """
    if failures > len(WAITS):
        return None
    wait = WAITS[failures - 1] * (1 + JITTER_RATE * (2 * chance - 1))
    if asked_seconds is not None:
        wait = max(wait, min(timedelta(seconds=asked_seconds), LONGEST_WAIT))
    return wait
