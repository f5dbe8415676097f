"""Which language a request is answered in: the cookie, then Accept-Language, then the merchant's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from kernel.bilingual import unpack

CODES = ("zh-hans", "en")


class LanguageMiddleware:
    """Activates the language for the request and says so in Content-Language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = language_of(request)
        translation.activate(code)
        request.LANGUAGE_CODE = code
        try:
            response = self.get_response(request)
        finally:
            translation.deactivate()
        response.setdefault("Content-Language", code)
        return response


def language_of(request: HttpRequest) -> str:
    """One of `CODES`. Any Chinese is answered in simplified Chinese."""
    header = request.headers.get("Accept-Language", "")
    accepted = [code for code, _ in parse_accept_lang_header(header)]
    is_api = request.path.startswith("/api/")
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    # An API caller says what it wants in the header; a person's choice is in the cookie.
    wishes = [*accepted, cookie] if is_api else [cookie, *accepted]
    for wish in wishes:
        if wish.startswith("zh"):
            return "zh-hans"
        if wish.startswith("en"):
            return "en"
    if is_api:
        return "en"
    merchant = getattr(request, "merchant", None)
    return merchant.locale if merchant and merchant.locale in CODES else "zh-hans"


def in_language(text: str) -> str:
    """A name of `bilingual.pack` in the language of now."""
    return unpack(text, translation.get_language() or "en")
