"""The one HTML page behind every address of the storefront, and what a phone needs to install it.

The page carries the answers its first screen would otherwise fetch, so it belongs to one visitor
and is never cached.
"""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from kernel import clock
from points.interfaces.document import merchant_document
from points.interfaces.storefront import mall_schemas, reading
from points.interfaces.storefront.base import member_of
from points.program.queries import get_program
from tenants.models import Merchant

# Ground of the page behind the cards; shown by a phone while the shop starts.
GROUND = "#f6f7f9"


@require_safe
@ensure_csrf_cookie
@cache_control(no_store=True, private=True)
def shell(request: HttpRequest, path: str = "") -> HttpResponse:
    """The storefront's page. 6 queries for a member, 2 for a visitor."""
    merchant: Merchant = request.merchant  # type: ignore[attr-defined]
    language = get_language() or "en"
    document = bootstrap(request, merchant, language)
    context = {
        "merchant": merchant, "theme": merchant.theme, "bootstrap": document,
        "html_lang": "zh-Hans" if language.startswith("zh") else "en",
    }  # fmt: skip
    return render(request, "storefront/index.html", context)


def bootstrap(request: HttpRequest, merchant: Merchant, language: str) -> dict[str, Any]:
    """What the page knows before its first call: shop, visitor, first page of the mall."""
    at = clock.now()
    program = get_program()
    member = member_of(request)
    me, available = None, None
    if member is not None:
        holdings = reading.get_holdings(member=member.pk, at=at)
        me = reading.read_me(member=member, holdings=holdings, program=program, at=at)
        available = holdings.points.available
    mall = reading.read_mall(
        query=mall_schemas.MallQuery(), member=member, available=available, at=at
    )
    return {
        "surface": "storefront",
        "merchant": merchant_document(merchant, program, language),
        "locale": language,
        "csrf_token": get_token(request),
        "member": msgspec.to_builtins(me),
        "session": None,
        "features": {
            "demo_sign_in": settings.DEMO_SIGN_IN, "transfers": program.settings.transfers.enabled,
            "cash": program.settings.cash.enabled,
            "referral": program.settings.referral.is_on or program.settings.distribution.is_on,
        },
        "prefetch": {"mall_items": msgspec.to_builtins(mall)},
    }  # fmt: skip


@require_safe
@cache_control(public=True, max_age=300)
def manifest(request: HttpRequest) -> JsonResponse:
    """Name, colours and icon under which a phone keeps the shop on its home screen."""
    merchant: Merchant = request.merchant  # type: ignore[attr-defined]
    document = {
        "id": "/", "name": merchant.name, "short_name": merchant.name[:12],
        "lang": "zh-Hans" if merchant.locale.startswith("zh") else "en",
        "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": GROUND, "theme_color": merchant.theme["brand"],
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }  # fmt: skip
    return JsonResponse(
        document,
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
@cache_control(public=True, max_age=300)
def icon(request: HttpRequest) -> HttpResponse:
    """The shop's sign: its logo, or the first letter of its name, on its colour."""
    merchant: Merchant = request.merchant  # type: ignore[attr-defined]
    theme = merchant.theme
    sign = escape(merchant.logo or merchant.name[:1])
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
        f'<rect width="512" height="512" rx="112" fill={quoteattr(theme["brand"])}/>'
        '<text x="256" y="256" font-size="272" font-family="system-ui, sans-serif"'
        ' text-anchor="middle" dominant-baseline="central"'
        f" fill={quoteattr(theme['on_brand'])}>{sign}</text></svg>"
    )
    return HttpResponse(drawing, content_type="image/svg+xml")
