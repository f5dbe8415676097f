"""Background work inside merchants' schemas."""

import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kernel import clock, outbox
from kernel.api.idempotency import forget_old_records
from points.cash.queries import has_payouts_due
from points.flows.books_checked import check_books
from points.flows.jobs import run_job
from points.flows.payouts_sent import pay_out
from points.flows.shop_moved import look_around as look_around_payments
from points.flows.time_moved import run_due_jobs
from points.flows.webhooks_delivered import deliver_webhooks
from points.imports import actions as imports
from points.jobs import actions as jobs
from points.ledger.expiring import forget_old_notices
from points.members import sign_in
from points.webhooks.actions import forget_old_deliveries
from points.webhooks.queries import look_around
from tenants.context import tenant_context
from tenants.models import Merchant

log = logging.getLogger(__name__)
WEBHOOKS = "points.flows.tasks.deliver_webhooks"
PAYMENTS = "points.flows.tasks.look_at_payments"
WEBHOOKS_SECONDS = 20
LISTENERS = "webhook-listeners"
LISTENERS_SECONDS = 120
JOB_HOURS = 6
PAYOUTS = "points.flows.tasks.pay_out"


@shared_task(platform=True, time_limit=600)
def run_due_jobs_everywhere() -> int:
    """What is due at each merchant in business, its outbox, and jobs nobody works on.

    Merchants in test mode wait for their own clock to be moved. Who has webhooks is remembered for
    `tell_listeners`.
    """
    listeners = []

    def work(merchant: Merchant) -> None:
        outbox.relay(at=datetime.now(UTC))
        if _send_what_is_due():
            listeners.append(str(merchant.pk))
        for job_id in jobs.sweep_jobs(at=datetime.now(UTC)):
            jobs.dispatch_job(job_id=job_id)
        if has_payouts_due(at=clock.now()):
            send_payouts()
        if merchant.mode == Merchant.Mode.LIVE:
            run_due_jobs(at=datetime.now(UTC))
        look_around_payments(at=clock.now(), now=datetime.now(UTC))

    done = _at_each_merchant(work)
    with suppress(RedisError):  # without it they wait for the next sweep
        cache.set(LISTENERS, listeners, LISTENERS_SECONDS)
    return done


@shared_task(platform=True, time_limit=60)
def tell_listeners() -> int:
    """Between two sweeps: merchants with webhooks do not wait half a minute for their outbox.

    Costs one look into the cache where nobody has any; without the cache the sweep does it all.
    """

    def work(merchant: Merchant) -> None:
        outbox.hand_out(at=datetime.now(UTC))
        _send_what_is_due()

    listeners = cache.get(LISTENERS) or []
    return _at_each_merchant(work, among=listeners) if listeners else 0


def _send_what_is_due() -> bool:
    """Whether anybody listens here; what is due is sent by a task of its own."""
    listens, is_due = look_around(at=datetime.now(UTC))
    if is_due:
        send_webhooks()
    return listens


@shared_task(name=WEBHOOKS, time_limit=120)
def deliver_webhooks_of_merchant() -> int:
    """Send what is due of one merchant, for a while; the sweep calls again for what is left."""
    return deliver_webhooks(tell_time=lambda: datetime.now(UTC), seconds=WEBHOOKS_SECONDS)


def send_webhooks() -> None:
    """Ask for the current merchant's webhooks to be sent now. Without a broker the sweep will."""
    try:
        deliver_webhooks_of_merchant.apply_async(expires=25)
    except OperationalError:
        log.warning("no broker; webhooks wait for the next sweep")


@shared_task(name=PAYMENTS, time_limit=120)
def look_at_payments_of_merchant() -> int:
    """Read payments and refunds of one merchant at their providers, those whose turn it is."""
    return look_around_payments(at=clock.now(), now=datetime.now(UTC))


def look_at_payments() -> None:
    """Ask for that now. Without a broker the sweep will."""
    try:
        look_at_payments_of_merchant.apply_async(expires=25)
    except OperationalError:
        log.warning("no broker; payments wait for the next sweep")


@shared_task(name=PAYOUTS, time_limit=300)
def pay_out_of_merchant() -> int:
    """Ask payout providers for what is due at one merchant; the sweep calls again for what is left."""
    return pay_out(tell_time=clock.now, real_time=lambda: datetime.now(UTC))


def send_payouts() -> None:
    """Ask for the current merchant's payouts now. Without a broker the sweep will."""
    try:
        pay_out_of_merchant.apply_async(expires=25)
    except OperationalError:
        log.warning("no broker; payouts wait for the next sweep")


# A job may last longer than the broker waits for it to be acknowledged: the message is then handed out
# again and finds the job taken, as the row decides.
@shared_task(name=jobs.RUN_JOB, time_limit=JOB_HOURS * 3_600)
def run_job_of_merchant(job_id: str) -> bool:
    """Run one job of one merchant to its end; False: somebody else does, or it is over."""
    return run_job(job_id=uuid.UUID(job_id), tell_time=lambda: datetime.now(UTC))


@shared_task(platform=True, time_limit=3_600)
def prove_books_everywhere() -> int:
    """Every night each merchant's ledger proves itself; a finding is an error in the log."""

    def work(merchant: Merchant) -> None:
        for finding in check_books():
            log.error("not true that %s: %s (%s)", finding.check, finding.row_id, finding.detail)

    return _at_each_merchant(work)


@shared_task(platform=True, time_limit=600)
def forget_old_records_everywhere() -> int:
    """Answers kept for Idempotency-Keys, old webhook deliveries, jobs, notices and rows of imports,
    members' sign-in codes and sessions that ran out."""

    def work(merchant: Merchant) -> None:
        now = datetime.now(UTC)
        forget_old_records(at=now)
        forget_old_deliveries(at=now)
        jobs.forget_old_jobs(at=now)
        imports.forget_old_rows(at=clock.now())
        sign_in.forget_expired(at=now)
        # Days of points are days of the shop's own clock, which in test mode may stand elsewhere.
        forget_old_notices(at=clock.now())

    return _at_each_merchant(work)


def _at_each_merchant(
    work: Callable[[Merchant], None], *, among: Sequence[str] | None = None
) -> int:
    """Work in the schema of each merchant, or of those `among`; one that fails is logged and stops
    no other."""
    done = 0
    merchants = Merchant.objects.filter(status=Merchant.Status.READY)
    if among is not None:
        merchants = merchants.filter(pk__in=among)
    for merchant in merchants.iterator():
        try:
            with tenant_context(merchant):
                work(merchant)
            done += 1
        except Exception:
            log.exception("background work of %s failed", merchant.schema_name)
    return done
