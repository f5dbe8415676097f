"""Webhook endpoints: where events go. Only addresses of this machine are taken."""

import re
from typing import Any
from urllib.parse import urlsplit

from devstack.stripe_standin.call import VERSION, Call, new_key
from devstack.stripe_standin.errors import invalid

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|[a-z0-9-]+\.localhost)")


def create_endpoint(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """An endpoint; its secret is told in this answer and never again."""
    _check_url(asked["url"])
    secret = f"whsec_{new_key('x', 32)[2:]}"
    endpoint = {
        "id": new_key("we"), "object": "webhook_endpoint",
        "api_version": asked.get("api_version", VERSION), "application": None,
        "created": call.now, "description": asked.get("description"),
        "enabled_events": asked["enabled_events"], "livemode": False,
        "metadata": asked.get("metadata", {}), "status": "enabled", "url": asked["url"],
        "_connect": asked.get("connect", False), "_secret": secret,
    }  # fmt: skip
    call.store.add(endpoint, call.platform)
    return {**endpoint, "secret": secret}


def update_endpoint(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Change where it leads, what it hears, or turn it off."""
    endpoint = call.get("webhook_endpoint", key)
    if "url" in asked:
        _check_url(asked["url"])
    if "disabled" in asked:
        endpoint["status"] = "disabled" if asked.pop("disabled") else "enabled"
    endpoint["metadata"] |= asked.pop("metadata", {})
    return call.save(endpoint | asked)


def delete_endpoint(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Remove it; what waits for it is not sent."""
    call.get("webhook_endpoint", key)
    call.store.remove(key)
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


def install_endpoint(call: Call, url: str, secret: str) -> None:
    """The endpoint that the development stack asks for, the same one at every start."""
    _check_url(url)
    wanted = {"url": url, "_secret": secret, "status": "enabled", "api_version": VERSION}
    for endpoint in call.store.select("webhook_endpoint", ""):
        if endpoint["metadata"].get("of") == "development":
            call.save(endpoint | wanted)
            return
    made = create_endpoint(
        call,
        {"url": url, "enabled_events": ["*"], "connect": True,
         "description": "Connected accounts", "metadata": {"of": "development"}},
    )  # fmt: skip
    del made["secret"]
    call.save(made | wanted)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "http" or not _LOOPBACK.fullmatch(parts.hostname or ""):
        raise invalid(
            "url", "The stand-in delivers over http to this machine alone.", code="url_invalid"
        )
