"""Merchants that are really committed, so that other connections and the owner's role see them."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def committed(_merchants, django_db_blocker) -> Iterator[None]:
    """Real commits in `public`; merchants and spares made by the test go away with it."""
    from django.db import connection, connections

    from tenants import schemas
    from tenants.models import Merchant, SpareSchema
    from tests.support.merchants import drop_merchant

    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        kept = set(Merchant.objects.values_list("pk", flat=True))
        try:
            yield
        finally:
            connection.set_schema_to_public()
            for merchant in Merchant.objects.exclude(pk__in=kept):
                drop_merchant(merchant)
            for spare in SpareSchema.objects.all():
                schemas.drop_schema(spare.schema_name)
                spare.delete()
            connections.close_all()


@pytest.fixture
def reserve(committed):
    """Reserves an address: `reserve("oolong")`."""
    from tenants.actions import reserve_merchant

    def make(slug, **fields):
        given = {"name": slug.title(), "owner_email": f"owner@{slug}.example", **fields}
        return reserve_merchant(slug=slug, **given)

    return make
