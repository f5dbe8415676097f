"""Straight to the partner API."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, resolve

from kernel.content_policy import NOTHING

PREFIX = "/api/v1/"
View = Callable[[HttpRequest], HttpResponseBase]


class PartnerMiddleware:
    """Calls the partner API's views at once: sessions, CSRF tokens and page policies are for
    callers with cookies. What no view is found for goes the usual way."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):  # what DRF itself answers to OPTIONS
            response = response.render()
        response.headers["Content-Security-Policy"] = NOTHING
        return response
