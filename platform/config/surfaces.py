"""The four HTTP surfaces as OpenAPI documents."""

from importlib import import_module
from typing import Any

from kernel.api.openapi import document

_SESSION = {"session": {"type": "apiKey", "in": "cookie", "name": "jf_staff"}}
_MEMBER = {"session": {"type": "apiKey", "in": "cookie", "name": "jf_member"}}
_KEY = {"key": {"type": "http", "scheme": "bearer", "description": "An API key, `jf_…`"}}

# name → (title, description, prefix, module and attribute of the URL patterns, security)
_SURFACES: dict[str, tuple[str, str, str, str, str, dict[str, Any]]] = {
    "partner": (
        "Jifen partner API",
        "For a merchant's other systems: mall, till, CRM. On the merchant's own host.",
        "/api/v1/", "points.interfaces.partner.urls", "urlpatterns", _KEY,
    ),
    "storefront": (
        "Jifen storefront API",
        "For the storefront a merchant's members use.",
        "/api/storefront/v1/", "points.interfaces.storefront.urls", "api_urlpatterns", _MEMBER,
    ),
    "console": (
        "Jifen console API",
        "For the console a merchant's staff use.",
        "/api/console/v1/", "points.interfaces.console.urls", "api_urlpatterns", _SESSION,
    ),
    "platform": (
        "Jifen platform API",
        "Signing up and signing in, on the platform's base domain.",
        "/api/platform/v1/", "portal.api.urls", "urlpatterns", _SESSION,
    ),
}  # fmt: skip


def documents() -> dict[str, dict[str, Any]]:
    """Surface → OpenAPI 3.1 document."""
    return {
        name: document(
            title=title,
            description=description,
            prefix=prefix,
            patterns=getattr(import_module(module), attribute),
            security=security,
        )
        for name, (title, description, prefix, module, attribute, security) in _SURFACES.items()
    }
