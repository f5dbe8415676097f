"""Which merchant a host name leads to, remembered in the process for a few seconds.

Reading the domain row costs a millisecond a request; a merchant's row hardly ever changes. A change
is seen at once in the process that made it and within `SECONDS_KEPT` in the others.
"""

import time
from threading import Lock

from django.conf import settings

from tenants.models import Domain, Merchant

SECONDS_KEPT = 3.0
LARGEST = 4_096
_known: dict[str, tuple[float, Merchant]] = {}
_lock = Lock()


def merchant_of(host: str) -> Merchant | None:
    """The merchant a normalised host leads to, or None. The object is shared: do not change it."""
    found = _known.get(host)
    if found and found[0] > time.monotonic():
        return found[1]
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    if domain is None:
        return None
    merchant: Merchant = domain.tenant
    if merchant.status == Merchant.Status.READY:
        _remember(host, merchant)
    return merchant


def forget(host: str | None = None) -> None:
    """Drop what is remembered of one host, or of all."""
    with _lock:
        if host is None:
            _known.clear()
        else:
            _known.pop(host, None)


def storefront_host(slug: str) -> str:
    """The host a slug gets on the base domain."""
    return f"{slug}.{settings.BASE_DOMAIN}"


def storefront_url(slug: str) -> str:
    """The address a merchant tells its customers, with the port of this installation."""
    return f"{settings.PUBLIC_SCHEME}://{storefront_host(slug)}{settings.PUBLIC_PORT_SUFFIX}/"


def _remember(host: str, merchant: Merchant) -> None:
    with _lock:
        if len(_known) >= LARGEST:
            _known.clear()
        _known[host] = (time.monotonic() + SECONDS_KEPT, merchant)
