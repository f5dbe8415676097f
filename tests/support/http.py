"""HTTP clients that speak to the application in the process, as a merchant's host."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django_tenants.utils import tenant_context

from points.channels.actions import create_api_key
from tenants.models import Merchant


class Answer:
    """Status, headers and JSON of a response."""

    def __init__(self, response: Any) -> None:
        self.response, self.status, self.headers = response, response.status_code, response.headers
        self.raw = b"".join(response.streaming_content) if response.streaming else response.content

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else None

    @property
    def code(self) -> str:
        return str(self.json.get("code", "")) if isinstance(self.json, dict) else ""

    def __repr__(self) -> str:
        return f"{self.status} {self.raw[:400]!r}"


class Http:
    """A caller of one host; `headers` go with every call."""

    def __init__(self, host: str, **headers: str) -> None:
        self.host, self.headers, self.client = host, headers, Client(raise_request_exception=False)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        idem: str | None = None,
        **headers: str,
    ) -> Answer:
        """`idem` is the Idempotency-Key; pass `idem="new"` for a fresh one."""
        sent = {
            "Host": self.host,
            **self.headers,
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        if idem is not None:
            sent["Idempotency-Key"] = uuid.uuid4().hex if idem == "new" else idem
        data = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        response = self.client.generic(
            method, path, data, content_type="application/json", headers=sent
        )
        return Answer(response)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PUT", path, body, **options)

    def upload(
        self, path: str, contents: bytes, name: str = "photo.jpg", field: str = "file"
    ) -> Answer:
        """A file, as a page's form sends it."""
        edge = "edge-of-a-form"
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
        body = f"--{edge}\r\n{head}\r\n\r\n".encode() + contents + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        headers = {"Host": self.host, **self.headers}
        return Answer(self.client.generic("POST", path, body, content_type=kind, headers=headers))

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)


def host_of(merchant: Merchant) -> str:
    """The host a merchant's storefront has."""
    return f"{merchant.slug}.localhost"


def partner_client(merchant: Merchant, *scopes: str) -> Http:
    """The partner API with a new key (all scopes unless named)."""
    with tenant_context(merchant):
        _, key = create_api_key(name="test", scopes=scopes or ("*",), at=datetime.now(UTC))
    return Http(host_of(merchant), Authorization=f"Bearer {key}")
