"""Many callers at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections
from django_tenants.utils import tenant_context

from tenants.models import Merchant


def together(count: int, job: Callable[[int], Any], *, merchant: Merchant) -> list[Any]:
    """Run `job(i)` in threads released by one barrier, each inside the merchant's schema.

    Results in order; an exception is a result, for the test to judge.
    """
    barrier, results = threading.Barrier(count), [None] * count

    def run(i: int) -> None:
        try:
            with tenant_context(merchant):
                barrier.wait(timeout=30)
                results[i] = job(i)
        except Exception as error:
            results[i] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
