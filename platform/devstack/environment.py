"""Which servers the stack uses: its own, or those that the environment names.

What the environment names stays in use until `down`, so that a plain `up` from another shell
restarts what has died and changes nothing else.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from devstack.errors import StackError
from devstack.runfolder import RunFolder, default_run_dir

DATABASE = "jifen"
DEFAULT_PORT = 8000
EMBEDDED = "JIFEN_EMBEDDED"
# Settings of services outside the stack.
EXTERNAL = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "REDIS_URL")
STRIPE = ("STRIPE_API_KEY", "STRIPE_API_BASE", "STRIPE_CONNECT_WEBHOOK_SECRET")
PASSED_ON = (*STRIPE, "JIFEN_BASE_DOMAIN")
FORGOTTEN_ON_DOWN = (*EXTERNAL, *PASSED_ON, "JIFEN_PORT", EMBEDDED)


def read_given() -> dict[str, str]:
    """What the caller set: by now Django's settings have added the values of `.run/env`."""
    try:
        words = Path("/proc/self/environ").read_bytes().split(b"\0")
        environ = dict(os.fsdecode(word).partition("=")[::2] for word in words)
    except OSError:
        # Elsewhere a value that equals the file's is taken for the file's.
        loaded = RunFolder(default_run_dir()).read_env()
        environ = {name: text for name, text in os.environ.items() if loaded.get(name) != text}
    names = (*EXTERNAL, *PASSED_ON, "JIFEN_PORT", "SECRET_KEY")
    return {name: environ[name] for name in names if environ.get(name)}


@dataclass(frozen=True)
class Wishes:
    """The caller's settings, above those that the running stack was started with."""

    given: Mapping[str, str]
    remembered: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Value given now, else the one remembered, unless that led to a server of our own."""
        if name in self.given:
            return self.given[name]
        owner = _server_of(name)
        if owner and owner in self.remembered.get(EMBEDDED, "").split(","):
            return None
        return self.remembered.get(name)

    def get_port(self) -> int | None:
        """The port that the caller insists on."""
        value = self.given.get("JIFEN_PORT")
        if value is None:
            return None
        if not value.isdecimal() or not 0 < int(value) < 65_536:
            raise StackError(f"JIFEN_PORT must be a port number, not {value!r}.")
        return int(value)

    def get_password(self, name: str) -> str:
        """Password in the address of our own server, made up the first time."""
        is_ours = "postgres" in self.remembered.get(EMBEDDED, "").split(",")
        url = self.remembered.get(name, "") if is_ours else ""
        return unquote(urlsplit(url).password or "") or secrets.token_urlsafe(24)

    def get_stripe(self) -> dict[str, str]:
        """Settings of the Stripe that the caller names by a key or an address; none: the stand-in."""
        found = {name: value for name in STRIPE if (value := self.get(name))}
        return found if found.keys() & {"STRIPE_API_KEY", "STRIPE_API_BASE"} else {}

    def get_webhook_secret(self) -> str:
        """What our own stand-in signs with, made up the first time."""
        is_ours = "stripe" in self.remembered.get(EMBEDDED, "").split(",")
        known = self.remembered.get("STRIPE_CONNECT_WEBHOOK_SECRET", "") if is_ours else ""
        given = self.given.get("STRIPE_CONNECT_WEBHOOK_SECRET")
        return given or known or f"whsec_{secrets.token_hex(16)}"

    def get_secret_key(self) -> str:
        """Django's SECRET_KEY, made up the first time."""
        known = self.given.get("SECRET_KEY") or self.remembered.get("SECRET_KEY")
        return known or secrets.token_urlsafe(48)


def forget_external(values: Mapping[str, str]) -> dict[str, str]:
    """What is worth keeping of the file `env` when the stack goes down: SECRET_KEY."""
    return {name: value for name, value in values.items() if name not in FORGOTTEN_ON_DOWN}


def derive_cache_url(broker_url: str) -> str | None:
    """Second database of a Redis broker; None when the broker is no Redis."""
    parts = urlsplit(broker_url)
    if parts.scheme not in ("redis", "rediss"):
        return None
    return urlunsplit(parts._replace(path="/1"))


def find_endpoint(url: str) -> tuple[str, int]:
    """Host and port that an address leads to."""
    parts = urlsplit(url)
    defaults = {"postgres": 5432, "postgresql": 5432, "http": 80, "https": 443}
    default = defaults.get(parts.scheme, 6379)
    return parts.hostname or "localhost", parts.port or default


def _server_of(name: str) -> str:
    if name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        return "postgres"
    if name in STRIPE:
        return "stripe"
    return "redis" if name in ("CELERY_BROKER_URL", "REDIS_URL") else ""
