"""From the Host header to the schema everything else runs in."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import set_urlconf
from django.utils import translation

from kernel.api.problems import Busy, NotFound, from_domain
from kernel.db import connection
from kernel.errors import DomainError
from kernel.language import language_of
from tenants import hosts
from tenants.calculations import normalise_host
from tenants.errors import MerchantNotReady, MerchantSuspended
from tenants.models import Merchant

View = Callable[[HttpRequest], HttpResponse]


class ProbesMiddleware:
    """`/healthz` and `/readyz` on any host, before any host is looked up."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        if request.path == "/readyz":
            return _readiness()
        return self.get_response(request)


class MerchantMiddleware:
    """Sets the schema and the URL map by the host; refuses hosts that lead nowhere.

    An unknown host gets a 404 that names no one. A merchant whose schema is not ready is refused
    before any of its tables could be looked for, as a missing one would be found in `public`.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()
        host = normalise_host(request.META.get("HTTP_HOST", ""))
        try:
            if host == settings.BASE_DOMAIN:
                return self._serve(request, None)
            try:
                merchant = hosts.merchant_of(host)
            except (OperationalError, InterfaceError):
                return self._refuse(request, Busy(retry_after_seconds=1))
            if merchant is None:
                return self._refuse(request, NotFound())
            if merchant.status == Merchant.Status.SUSPENDED:
                return self._refuse(request, MerchantSuspended())
            if merchant.status != Merchant.Status.READY:
                return self._refuse(request, MerchantNotReady())
            return self._serve(request, merchant)
        finally:
            connection.set_schema_to_public()
            set_urlconf(None)

    def _serve(self, request: HttpRequest, merchant: Merchant | None) -> HttpResponse:
        request.merchant = merchant  # type: ignore[attr-defined]
        request.tenant = merchant  # type: ignore[attr-defined]
        urls = settings.ROOT_URLCONF if merchant else settings.PUBLIC_SCHEMA_URLCONF
        request.urlconf = urls
        set_urlconf(urls)
        if merchant is not None:
            connection.set_tenant(merchant)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        if request.path.startswith("/api/"):
            with translation.override(language_of(request)):
                return from_domain(error)
        # The language is chosen further in, where this request never gets.
        with translation.override(language_of(request)):
            page = render(request, "tenants/refused.html", {"error": error}, status=error.status)
        if isinstance(error, MerchantNotReady):
            page["Retry-After"] = "2"
        return page


def _readiness() -> HttpResponse:
    """Ready when this process reaches its database and its cache."""
    checks = {"database": _database_answers, "cache": _cache_answers}
    failed = {name: str(error)[:200] for name, check in checks.items() if (error := check())}
    return JsonResponse(
        {"ready": not failed, "failed": sorted(failed)}, status=503 if failed else 200
    )


def _database_answers() -> Exception | None:
    try:
        connection.set_schema_to_public()
        with connections["default"].cursor() as cursor:
            cursor.execute("select 1")
    except Exception as error:
        return error
    return None


def _cache_answers() -> Exception | None:
    try:
        cache.get("readyz")
    except Exception as error:
        return error
    return None
