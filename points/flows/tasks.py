"""Background work inside merchants' schemas."""

import logging
from datetime import UTC, datetime

from celery import shared_task

from kernel import outbox
from points.flows.time_moved import run_due_jobs
from tenants.context import tenant_context
from tenants.models import Merchant

log = logging.getLogger(__name__)


@shared_task(platform=True, time_limit=600)
def run_due_jobs_everywhere() -> int:
    """What is due at each merchant in business, and its outbox; one that fails stops no other.

    Merchants in test mode wait for their own clock to be moved.
    """
    done = 0
    for merchant in Merchant.objects.filter(status=Merchant.Status.READY).iterator():
        try:
            with tenant_context(merchant):
                outbox.relay(at=datetime.now(UTC))
                if merchant.mode == Merchant.Mode.LIVE:
                    run_due_jobs(at=datetime.now(UTC))
            done += 1
        except Exception:
            log.exception("due jobs of %s failed", merchant.schema_name)
    return done
