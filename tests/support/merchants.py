"""Merchants for tests, made by the product's own provisioning."""

from typing import Any

from django.db import connection

from tenants import actions, hosts, provisioning, schemas
from tenants.models import Merchant


def open_merchant(slug: str, **fields: Any) -> Merchant:
    """A ready merchant."""
    connection.set_schema_to_public()
    owner = f"owner@{slug}.example"
    merchant = actions.reserve_merchant(
        slug=slug, owner_email=owner, **{"name": slug.title(), **fields}
    )
    return provisioning.provision(merchant=merchant)


def drop_merchant(merchant: Merchant) -> None:
    """Remove a merchant and its schema."""
    connection.set_schema_to_public()
    merchant.domains.all().delete()
    merchant.memberships.all().delete()
    Merchant.objects.filter(pk=merchant.pk).delete()
    schemas.drop_schema(merchant.schema_name)
    hosts.forget()
