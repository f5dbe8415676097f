"""Every write to merchants and what belongs to them."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from kernel import context
from kernel.db import connection
from tenants import hosts, provisioning
from tenants.errors import SlugTaken
from tenants.models import AuditEvent, Merchant


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
