"""Entering a merchant's schema, and keeping its objects from another's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django_tenants.utils import tenant_context as _tenant_context

from kernel.db import connection
from tenants.errors import MerchantNotReady
from tenants.models import Merchant


@contextmanager
def tenant_context(merchant: Merchant) -> Iterator[Merchant]:
    """Run the body in the merchant's schema; put back what was there before, on this thread.

    Raises MerchantNotReady unless the schema is complete.
    """
    if merchant.status not in (Merchant.Status.READY, Merchant.Status.SUSPENDED):
        raise MerchantNotReady()
    with _tenant_context(merchant):
        yield merchant


def tenant_on_commit(do: Callable[[], object]) -> None:
    """`transaction.on_commit` that runs in the schema of now, not of whoever commits later."""
    merchant = connection.tenant

    def run() -> None:
        with _tenant_context(merchant):
            do()

    transaction.on_commit(run)
