"""A member's browser at one merchant: it keeps cookies and sends the CSRF token."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context

from points.members import sign_in
from points.members.models import Member
from tenants.models import Merchant
from tests.support.http import Answer, Http, host_of

API = "/api/storefront/v1"


class Browser(Http):
    """Calls the storefront API; paths are those below `/api/storefront/v1`.

    After each call the connection is back in the merchant's schema, for the test's own look.
    """

    def __init__(self, merchant: Merchant, language: str = "en") -> None:
        super().__init__(host_of(merchant), Accept_Language=language)
        self.headers = {"Accept-Language": language}
        self.merchant = merchant
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """One call, as the page's own script makes it."""
        if method != "GET" and "X_CSRFToken" not in options:
            options["X_CSRFToken"] = self.csrf
        try:
            return super().call(method, API + path, body, **options)
        finally:
            connection.set_tenant(self.merchant)

    def open(self, path: str = "/", **headers: str) -> Answer:
        """A page, as the address bar asks for it."""
        try:
            return Http.call(self, "GET", path, **headers)
        finally:
            connection.set_tenant(self.merchant)

    @property
    def csrf(self) -> str:
        """The token the page gave; opened when there is none yet."""
        if settings.CSRF_COOKIE_NAME not in self.client.cookies:
            self.open("/")
        return str(self.client.cookies[settings.CSRF_COOKIE_NAME].value)

    @property
    def session(self) -> str:
        """The session cookie, empty when there is none."""
        cookie = self.client.cookies.get(settings.MEMBER_COOKIE_NAME)
        return str(cookie.value) if cookie else ""

    def warm_up(self) -> None:
        """One call that counts for nothing: host and schema are known from then on."""
        self.get("/mall-items")

    def enter(self, member: Member) -> "Browser":
        """Signed in as this member, without the way through a code."""
        with tenant_context(self.merchant):
            token = sign_in.open_session(member=member, at=datetime.now(UTC))
        self.client.cookies[settings.MEMBER_COOKIE_NAME] = token
        return self
