"""Every write to merchants and what belongs to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kernel import context
from kernel.db import connection
from tenants import hosts, provisioning
from tenants.calculations import payment_account_status
from tenants.errors import PaymentAccountTaken, SlugTaken
from tenants.models import AuditEvent, Merchant, PaymentAccount


def reserve_merchant(
    *,
    slug: str,
    name: str,
    owner_email: str,
    owner_user_id: object = None,
    template: str = "blank",
    locale: str = "zh-hans",
    currency: str = "CNY",
    timezone: str = "Asia/Shanghai",
    mode: str = Merchant.Mode.LIVE,
    brand_color: str = "#1f6feb",
    logo: str = "",
) -> Merchant:
    """Take an address for a merchant to be. Raises SlugInvalid, SlugReserved, SlugTaken.

    Two at once for one address: the database lets one through.
    """
    connection.set_schema_to_public()
    provisioning.check_slug(slug=slug)
    try:
        with transaction.atomic():
            return Merchant.objects.create(
                slug=slug, name=name, owner_email=owner_email, owner_user_id=owner_user_id,
                template=template, locale=locale, currency=currency, timezone=timezone,
                mode=mode, brand_color=brand_color, logo=logo,
            )  # fmt: skip
    except IntegrityError:
        raise SlugTaken(slug=slug) from None


def suspend_merchant(*, merchant: Merchant) -> None:
    """Close the doors: pages say so, the API answers 403. Nothing is deleted."""
    Merchant.objects.filter(pk=merchant.pk).update(status=Merchant.Status.SUSPENDED)
    hosts.forget()


def resume_merchant(*, merchant: Merchant) -> None:
    """Open a suspended merchant's doors again."""
    Merchant.objects.filter(pk=merchant.pk, status=Merchant.Status.SUSPENDED).update(
        status=Merchant.Status.READY
    )
    hosts.forget()


def set_brand(*, merchant: Merchant, **fields: str) -> Merchant:
    """Change name, colour, logo or the point's name; seen by other processes within seconds."""
    fresh = Merchant.objects.get(pk=merchant.pk)
    for field, value in fields.items():
        setattr(fresh, field, value)
    fresh.full_clean(exclude=["schema_name", "owner_user"])
    fresh.save(update_fields=list(fields))
    hosts.forget()
    return fresh


@transaction.atomic
def keep_payment_account(
    *,
    merchant_id: UUID,
    provider: str,
    account_id: str,
    charges_enabled: bool,
    details_submitted: bool,
    livemode: bool,
    at: datetime,
    is_connecting: bool = False,
) -> PaymentAccount:
    """Keep what the provider said of a merchant's account at that moment.

    A disconnected account stays so unless `is_connecting`, which also disconnects any other account
    of the merchant there. Nothing older overwrites what was said later. Raises PaymentAccountTaken.
    """
    # Two at once for one merchant wait here; the second finds the row of the first.
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)
    row = PaymentAccount.objects.filter(provider=provider, account_id=account_id).first()
    if row is None:
        row = PaymentAccount(
            merchant_id=merchant_id, provider=provider, account_id=account_id, created_at=at,
            checked_at=at, status=PaymentAccount.Status.PENDING,
        )  # fmt: skip
    if str(row.merchant_id) != str(merchant_id):
        raise PaymentAccountTaken(account_id=account_id)
    if row.checked_at > at:
        return row
    if is_connecting:
        disconnect_payment_account(
            merchant_id=merchant_id, provider=provider, but=account_id, at=at
        )
    if is_connecting or row.status != PaymentAccount.Status.DISCONNECTED:
        row.status = payment_account_status(charges_enabled, details_submitted)
    row.charges_enabled, row.details_submitted = charges_enabled, details_submitted
    row.livemode, row.checked_at = livemode, at
    row.save()
    return row


@transaction.atomic
def disconnect_payment_account(
    *, merchant_id: UUID, provider: str, at: datetime, but: str = ""
) -> int:
    """Send no new payments to a merchant's account (all of them, `but` one); how many there were.

    The rows stay: refunds of earlier payments still go through them.
    """
    rows = PaymentAccount.objects.filter(merchant_id=merchant_id, provider=provider)
    connected = rows.exclude(status=PaymentAccount.Status.DISCONNECTED).exclude(account_id=but)
    return connected.update(status=PaymentAccount.Status.DISCONNECTED, checked_at=at)


def note_platform_action(
    *,
    action: str,
    actor: str,
    actor_name: str,
    at: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    """Note in the platform's trail what happened on the base domain, at no merchant's."""
    AuditEvent.objects.create(
        action=action, actor=actor, actor_name=actor_name, after=after, occurred_at=at,
        request_id=context.request_id(),
    )  # fmt: skip
