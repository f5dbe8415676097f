"""Deliveries leave the house: claimed from the table, sent side by side, noted as they come back.

Only the sending runs in threads; claims and notes stay on the caller's connection. A receiver that
is slow holds its own few lines, never those of others, and a process that dies here loses nothing:
its claims run out after a minute.
"""

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from django.db import transaction

from kernel.sealing import SealBroken, unseal
from points.flows import audited
from points.webhooks import actions, sending
from points.webhooks.actions import PURPOSE, Claim, Try
from points.webhooks.calculations import headers_of
from points.webhooks.catalogue import write_body

# Requests in the air of one merchant, over all its endpoints.
LINES = 32
log = logging.getLogger(__name__)
Flying = dict[Future[sending.Response], Claim]


def deliver_webhooks(*, tell_time: Callable[[], datetime], seconds: float) -> int:
    """Send what is due in the current merchant's schema; returns how many tries were made.

    After `seconds` it takes nothing new and ends when the last has come back, at most 20 s later.
    """
    stop, made = time.monotonic() + seconds, 0
    flying: Flying = {}
    with ThreadPoolExecutor(LINES, thread_name_prefix="webhook") as pool:
        while True:
            if time.monotonic() < stop and len(flying) < LINES:
                _launch(pool, flying, tell_time())
            if not flying:
                return made
            landed, _ = wait(flying, timeout=1, return_when=FIRST_COMPLETED)
            if landed:
                _note([_result(flying.pop(one), one) for one in landed], tell_time())
                made += len(landed)


def _launch(pool: ThreadPoolExecutor, flying: Flying, at: datetime) -> None:
    for claim in actions.claim_deliveries(at=at, most=LINES - len(flying)):
        flying[pool.submit(_send, claim, int(at.timestamp()))] = claim


def _send(claim: Claim, timestamp: int) -> sending.Response:
    """In a thread: sign and post, without the database."""
    body = write_body(topic=claim.topic, occurred_at=claim.occurred_at, data=claim.data)
    try:
        secrets = [
            unseal(sealed, purpose=PURPOSE)
            for sealed in (claim.sealed_secret, claim.sealed_previous)
            if sealed
        ]
    except SealBroken:
        return sending.Response("secret", 0)
    headers = headers_of(
        secrets=secrets, message_id=str(claim.event_id), timestamp=timestamp, body=body
    )
    return sending.post(url=claim.url, body=body, headers=headers)


def _result(claim: Claim, landed: Future[sending.Response]) -> Try:
    try:
        response = landed.result()
    except Exception:
        # A fault of ours; it counts as a try, or it would come again every minute for ever.
        log.exception("webhook delivery %s could not be sent", claim.id)
        response = sending.Response("internal", 0)
    return Try(
        claim=claim, error=response.error, duration_ms=response.duration_ms,
        status=response.status, body=response.body,
        retry_after_seconds=response.retry_after_seconds,
    )  # fmt: skip


@transaction.atomic
def _note(tries: Iterable[Try], at: datetime) -> None:
    """Record them; the owner finds in the audit log what was disabled."""
    for one in actions.record_tries(tries=list(tries), at=at):
        audited.record(
            action="webhook_endpoint.auto_disabled",
            subject=f"webhook_endpoint:{one.endpoint_id}",
            before={"status": "enabled"},
            after={"status": "auto_disabled", "url": one.url, "reason": one.reason},
            actor="system", actor_name="Jifen", at=at,
        )  # fmt: skip
