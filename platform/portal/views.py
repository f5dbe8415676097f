"""The portal's pages. Each works without JavaScript; what scripts add is comfort."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kernel import context as request_context
from kernel import limits
from kernel.api import problems
from kernel.errors import DomainError
from kernel.language import CODES
from portal import actions, calculations, queries
from portal.choices import DEFAULTS, ROLES, TEMPLATE_CONTENTS, TEMPLATE_PICTURES
from portal.errors import PasswordNeeded, SignupNotFound
from portal.forms import CodeForm, SignInForm, SignupForm
from tenants import hosts
from tenants.models import Role
from users.errors import WrongCredentials
from users.models import User

EMAIL_COOKIE = "jf_signup"
YEAR_SECONDS = 365 * 24 * 3600
DAY_SECONDS = 24 * 3600
# What the calculator begins with: a point per unit spent, a hundred points worth one unit.
EXAMPLE = {
    "members": 1000,
    "spend_per_member": Decimal(200),
    "points_per_unit": Decimal(1),
    "face_value": Decimal("0.01"),
    "redemption_rate": Decimal("0.3"),
}


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """What it is, what it costs per point, how to begin."""
    context = {
        "example": EXAMPLE,
        "cost": calculations.programme_cost(**EXAMPLE),  # type: ignore[arg-type]
        "pictures": _product_pictures(),
    }
    return _page(request, "portal/landing.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """The card that begins a shop."""
    if request.method == "GET":
        form = SignupForm(initial={**DEFAULTS[_language()], "slug": request.GET.get("slug", "")})
        return _sign_up_page(request, form)
    form = SignupForm(request.POST)
    if not form.is_valid():
        return _sign_up_page(request, form)
    try:
        made = actions.start_signup(
            **form.cleaned_data, address=limits.client_address(request), at=datetime.now(UTC)
        )
    except DomainError as error:
        form.refuse(error)
        return _sign_up_page(request, form)
    response = redirect("portal:signup", signup_id=made.pk)
    _remember_email(response, made.pk, made.email)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def signup(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """One address from the code to the ready shop: it shows what comes next."""
    try:
        found = queries.get_signup(signup_id)
    except SignupNotFound:
        raise Http404 from None
    progress = queries.get_progress(found)
    if progress.status == "unverified":
        return _code_page(request, signup_id)
    if request.method == "POST":
        return redirect("portal:signup", signup_id=signup_id)
    context = {"progress": progress, "merchant": found.merchant, "signup_id": signup_id}
    page = "portal/ready.html" if progress.status == "ready" else "portal/progress.html"
    return _page(request, page, context)


@require_POST
def resend(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Another code, then back to where it is typed."""
    try:
        actions.resend_code(
            signup_id=signup_id,
            address=limits.client_address(request),
            at=datetime.now(UTC),
        )
    except SignupNotFound:
        raise Http404 from None
    except DomainError as error:
        context = _code_context(request, signup_id, CodeForm())
        return _page(request, "portal/code.html", {**context, "refusal": error})
    return redirect(reverse("portal:signup", args=[signup_id]) + "?sent=1")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in on the base domain, to find the way to one's shops."""
    if request.user.is_authenticated:
        return redirect("portal:shops")
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.sign_in(request=request, **form.cleaned_data, at=datetime.now(UTC))
            return redirect("portal:shops")
        except DomainError as error:
            form.refuse(error)
    return _page(request, "portal/sign_in.html", {"form": form})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the session, back to the front page."""
    actions.sign_out(request=request, at=datetime.now(UTC))
    return redirect("portal:landing")


@never_cache
@require_GET
def shops(request: HttpRequest) -> HttpResponse:
    """The merchants this user works for, with the way to their consoles."""
    if not isinstance(request.user, User):
        return redirect("portal:sign_in")
    rows = [
        {
            "role": ROLES[Role(one.role)],
            "merchant": one.merchant,
            "storefront_url": hosts.storefront_url(one.merchant.slug),
            "console_url": queries.console_url(one.merchant.slug),
        }
        for one in queries.list_memberships(request.user)
    ]
    return _page(request, "portal/shops.html", {"rows": rows})


@csrf_exempt  # it moves nothing but the language, and so needs no cookie on the public pages
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of this browser."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = redirect(target)
    if (code := request.POST.get("language")) in CODES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=YEAR_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A page for people, a problem for programs."""
    if request.path.startswith("/api/"):
        return problems.not_found(request, exception)
    return _page(request, "portal/404.html", {}, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The same when it is our fault; the id helps to find it."""
    if request.path.startswith("/api/"):
        return problems.server_error(request)
    return _page(request, "portal/500.html", {"request_id": request_context.request_id()}, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: a form of ours that was open for too long, or somebody else's."""
    if request.path.startswith("/api/") or getattr(request, "merchant", None) is not None:
        return problems.csrf_failure(request, reason)
    return _page(request, "portal/stale.html", {}, 403)


def _page(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


def _sign_up_page(request: HttpRequest, form: SignupForm) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "templates": [_template_choice(radio) for radio in form["template"]],
        "host_suffix": f".{settings.BASE_DOMAIN}",
    }
    return _page(request, "portal/sign_up.html", context)


def _template_choice(radio: Any) -> tuple[Any, str, object]:
    """A radio button of the form, the address of its picture, and what the template brings."""
    name = radio.data["value"]
    return radio, f"pictures/emoji/{TEMPLATE_PICTURES[name]}.webp", TEMPLATE_CONTENTS[name]


def _code_page(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    context = _code_context(request, signup_id, form)
    if form.is_valid():
        try:
            actions.verify_signup(
                signup_id=signup_id,
                code=form.cleaned_data["code"],
                password=form.cleaned_data["password"] or None,
                address=limits.client_address(request),
                at=datetime.now(UTC),
            )
            return redirect("portal:signup", signup_id=signup_id)
        except DomainError as error:
            form.refuse(error)
            context["asks_password"] = isinstance(error, PasswordNeeded | WrongCredentials)
    return _page(request, "portal/code.html", context)


def _code_context(request: HttpRequest, signup_id: UUID, form: CodeForm) -> dict[str, object]:
    return {
        "form": form,
        "signup_id": signup_id,
        "email": _remembered_email(request, signup_id),
        "was_sent_again": "sent" in request.GET,
        "minutes": int(calculations.CODE_VALID_FOR.total_seconds() // 60),
    }


def _remember_email(response: HttpResponse, signup_id: UUID, email: str) -> None:
    """In the browser that typed it, so that the page can show it to nobody else."""
    response.set_cookie(
        EMAIL_COOKIE,
        signing.dumps([str(signup_id), email], salt=EMAIL_COOKIE),
        max_age=DAY_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path=reverse("portal:signup", args=[signup_id]),
    )


def _remembered_email(request: HttpRequest, signup_id: UUID) -> str:
    try:
        kept_id, email = signing.loads(
            request.COOKIES.get(EMAIL_COOKIE, ""), salt=EMAIL_COOKIE, max_age=DAY_SECONDS
        )
    except (signing.BadSignature, ValueError):
        return ""
    return email if kept_id == str(signup_id) else ""


def _language() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def _product_pictures() -> dict[str, str]:
    """Screenshots of the product in the page's language, where there are any."""
    names = {shot: f"pictures/product/{shot}.{_language()}.webp" for shot in ("phone", "console")}
    return {shot: name for shot, name in names.items() if finders.find(name)}
