"""The one HTML page behind every address of the console.

It carries who is signed in, so it belongs to one browser and is never cached.
"""

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from points.interfaces.console.authentication import Staff, find_staff
from points.interfaces.console.rendering import staff_session
from points.interfaces.document import merchant_document
from points.program.queries import get_program
from tenants.models import Merchant
from users.errors import NoMembership


@require_safe
@ensure_csrf_cookie
@cache_control(no_store=True, private=True)
def console(request: HttpRequest) -> HttpResponse:
    """The console's page. One query for a visitor, four for staff who are signed in."""
    merchant: Merchant = request.merchant  # type: ignore[attr-defined]
    language = get_language() or "en"
    staff = _staff(request)
    context = {
        "merchant": merchant, "theme": merchant.theme, "is_signed_in": staff is not None,
        "bootstrap": _bootstrap(request, merchant, staff, language),
        "html_lang": "zh-Hans" if language.startswith("zh") else "en",
    }  # fmt: skip
    return render(request, "console/index.html", context)


def _bootstrap(
    request: HttpRequest, merchant: Merchant, staff: Staff | None, language: str
) -> dict[str, Any]:
    """What the page knows before its first call."""
    program = get_program()
    return {
        "surface": "console",
        "merchant": merchant_document(merchant, program, language),
        "locale": language,
        "csrf_token": get_token(request),
        "member": None,
        "session": msgspec.to_builtins(staff_session(staff)) if staff else None,
        "features": {
            "demo_sign_in": settings.DEMO_SIGN_IN, "cash": program.settings.cash.enabled,
        },
        "prefetch": {},
    }  # fmt: skip


def _staff(request: HttpRequest) -> Staff | None:
    """Who is signed in; a user who no longer works here sees the sign-in form like anybody."""
    try:
        return find_staff(request)
    except NoMembership:
        return None
