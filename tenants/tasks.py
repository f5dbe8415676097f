"""Platform tasks around merchants: provisioning, spares, and what was left lying."""

from datetime import UTC, datetime, timedelta
from typing import Any

from celery import shared_task

from tenants import provisioning
from tenants.models import Merchant

ATTEMPTS = 5


@shared_task(bind=True, platform=True, time_limit=120)
def provision_merchant(self: Any, merchant_id: str) -> None:
    """Provision one merchant, then refill the spares."""
    merchant = Merchant.objects.get(pk=merchant_id)
    provisioning.provision(merchant=merchant)
    provisioning.keep_spares()


@shared_task(platform=True, time_limit=60)
def sweep_provisioning() -> int:
    """Pick up merchants whose worker or message was lost; after five tries people must look."""
    stale = datetime.now(UTC) - timedelta(seconds=20)
    waiting = Merchant.objects.filter(
        status__in=(Merchant.Status.PROVISIONING, Merchant.Status.FAILED),
        attempts__lt=ATTEMPTS,
        created_at__lt=stale,
    )
    for merchant in waiting:
        provision_merchant.delay(str(merchant.pk))
    provisioning.keep_spares()
    return len(waiting)
