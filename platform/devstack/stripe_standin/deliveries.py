"""Sending events: signed as Stripe signs, tried again with growing pauses, or only when told to."""

import hashlib
import hmac
import http.client
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from devstack.stripe_standin.call import clock
from devstack.stripe_standin.store import Store, shown

# Stripe goes on for three days; a laptop is closed by then.
PAUSES = (1, 3, 10, 30, 60, 300, 900, 3600)
ANSWER_SECONDS = 10


def sign(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header."""
    signed = b"%d.%s" % (timestamp, payload)
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def send(event: dict[str, Any], endpoint: dict[str, Any], timestamp: int | None = None) -> str:
    """Post one event; the answer's status, or why there was none."""
    payload = json.dumps(shown(event), indent=2).encode()
    parts = urlsplit(endpoint["url"])
    line = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=ANSWER_SECONDS)
    moment = int(clock()) if timestamp is None else timestamp
    headers = {
        "Host": parts.netloc, "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": sign(payload, endpoint["_secret"], moment),
    }  # fmt: skip
    try:
        line.request("POST", parts.path or "/", payload, headers)
        return str(line.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"[:200]
    finally:
        line.close()


class Courier(threading.Thread):
    """One thread that sends what is due, in the order in which it happened, and does what is due."""

    def __init__(self, store: Store, do_due: Callable[[], None]) -> None:
        super().__init__(name="courier", daemon=True)
        self._store, self._do_due = store, do_due
        self._wake, self._is_over = threading.Event(), False

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def stop(self) -> None:
        """End, after the delivery under way."""
        self._is_over = True
        self._wake.set()
        self.join(timeout=ANSWER_SECONDS + 1)

    def run(self) -> None:
        """Until it is stopped."""
        while not self._is_over:
            self._do_due()
            if not self._send_next():
                self._wake.wait(0.5)
                self._wake.clear()

    def _send_next(self) -> bool:
        with self._store.work():
            row = self._store.db.execute(
                "select * from delivery where state = 'waiting' and due <= ? order by due, seq",
                (clock(),),
            ).fetchone()
            if row is None:
                return False
            pair = load_pair(self._store, row["event"], row["endpoint"])
        answer = send(*pair) if pair else "the endpoint is gone"
        with self._store.work():
            note(self._store, dict(row), answer, is_gone=pair is None)
        return True


def load_pair(
    store: Store, event: str, endpoint: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """An event and an endpoint, while both are there."""
    rows = store.db.execute("select body from object where id in (?, ?)", (event, endpoint))
    found = {body["object"]: body for body in (json.loads(row["body"]) for row in rows)}
    if len(found) < 2:
        return None
    return found["event"], found["webhook_endpoint"]


def note(store: Store, row: dict[str, Any], answer: str, *, is_gone: bool = False) -> None:
    """What became of a delivery: delivered, to be tried again, or given up."""
    attempts = row["attempts"] + 1
    due, state = clock(), "waiting"
    if answer.startswith("2"):
        state = "delivered"
    elif is_gone or attempts > len(PAUSES):
        state = "failed"
    else:
        due += PAUSES[attempts - 1]
    store.db.execute(
        "update delivery set attempts = ?, due = ?, state = ?, answer = ?"
        " where seq = ? and state in ('waiting', 'held')",
        (attempts, due, state, answer, row["seq"]),
    )
