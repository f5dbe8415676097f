"""Background work inside merchants' schemas."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from celery import shared_task

from kernel import clock, outbox
from kernel.api.idempotency import forget_old_records
from points.flows.books_checked import check_books
from points.flows.time_moved import run_due_jobs
from points.ledger.expiring import forget_old_notices
from points.members import sign_in
from tenants.context import tenant_context
from tenants.models import Merchant

log = logging.getLogger(__name__)


@shared_task(platform=True, time_limit=600)
def run_due_jobs_everywhere() -> int:
    """What is due at each merchant in business, and its outbox.

    Merchants in test mode wait for their own clock to be moved.
    """

    def work(merchant: Merchant) -> None:
        outbox.relay(at=datetime.now(UTC))
        if merchant.mode == Merchant.Mode.LIVE:
            run_due_jobs(at=datetime.now(UTC))

    return _at_each_merchant(work)


@shared_task(platform=True, time_limit=3_600)
def prove_books_everywhere() -> int:
    """Every night each merchant's ledger proves itself; a finding is an error in the log."""

    def work(merchant: Merchant) -> None:
        for finding in check_books():
            log.error("not true that %s: %s (%s)", finding.check, finding.row_id, finding.detail)

    return _at_each_merchant(work)


@shared_task(platform=True, time_limit=600)
def forget_old_records_everywhere() -> int:
    """Answers kept for Idempotency-Keys, sign-in codes and sessions that ran out, old notices."""

    def work(merchant: Merchant) -> None:
        now = datetime.now(UTC)
        forget_old_records(at=now)
        sign_in.forget_expired(at=now)
        # Days of points are days of the shop's own clock, which in test mode may stand elsewhere.
        forget_old_notices(at=clock.now())

    return _at_each_merchant(work)


def _at_each_merchant(work: Callable[[Merchant], None]) -> int:
    """Work in each merchant's schema; one that fails is logged and stops no other."""
    done = 0
    for merchant in Merchant.objects.filter(status=Merchant.Status.READY).iterator():
        try:
            with tenant_context(merchant):
                work(merchant)
            done += 1
        except Exception:
            log.exception("background work of %s failed", merchant.schema_name)
    return done
