"""Which addresses may be called: public ones only, whatever a URL or a name server says.

A merchant's URL is called from inside our network, so it could be used to reach what only we can
reach (SSRF). The rules stand in docs/concepts/webhooks.md.
"""

import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

import msgspec
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = (443, 8443, 9443)
LONGEST_URL = 2_000
RESOLVING_SECONDS = 5.0

# Beyond what `is_global` refuses: addresses that carry an IPv4 address which a gateway may unpack
# (6to4, Teredo, NAT64, IPv4-compatible), anycast relays, and a cloud's public-looking metadata host.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "192.88.99.0/24", "168.63.129.16/32", "2002::/16", "2001::/23", "64:ff9b::/96",
        "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10",
    )
]  # fmt: skip

RULES: dict[str, str | Promise] = {
    "malformed": gettext_lazy("it is not a complete URL."),
    "scheme": gettext_lazy("it must begin with https://."),
    "credentials": gettext_lazy("it may not hold a user name or password."),
    "fragment": gettext_lazy("it may not hold a #fragment."),
    "port": gettext_lazy("use port 443, 8443 or 9443."),
    "address": gettext_lazy("it leads to an address that is not public."),
}


class Refused(Exception):
    """An address that may not be called; `rule` is a key of `RULES`."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class Unresolvable(Exception):
    """The name has no address now, or its name server is too slow."""


class Target(msgspec.Struct, frozen=True):
    """A URL in parts. `host` is a name or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the receiver's web server knows itself by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _usual(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole, in its normal form."""
        return f"{self.scheme}://{self.host_header}{self.path}"


Resolver = Callable[[str, int], list[str]]


def read_url(text: str) -> Target:
    """The parts of a URL that may be called as far as its text goes. Raises Refused.

    Plain http and other ports only where loopback is allowed, that is on a developer's machine.
    """
    if len(text) > LONGEST_URL or any(ord(sign) <= 32 or ord(sign) == 127 for sign in text):
        raise Refused("malformed")
    try:
        parts = parse_url(text)
    except (LocationParseError, UnicodeError, ValueError):
        raise Refused("malformed") from None
    _check_parts(parts, is_lenient=settings.WEBHOOKS_ALLOW_LOOPBACK)
    assert parts.host is not None and parts.scheme is not None
    host = parts.host.strip("[]").rstrip(".")
    if not host or "%" in host:
        raise Refused("malformed")
    port = parts.port or _usual(parts.scheme)
    return Target(scheme=parts.scheme, host=host, port=port, path=parts.request_uri)


def resolve(target: Target, *, ask: Resolver | None = None) -> list[str]:
    """The addresses of a target, all of them allowed. Raises Refused, Unresolvable.

    One that is not public refuses the name as a whole: an honest receiver has none, and a name that
    answers with both kinds hopes that we check one and call the other.
    """
    try:
        found = _in_time(ask or _ask_system, target)
    except (OSError, UnicodeError, Late):
        raise Unresolvable() from None
    if not found:
        raise Unresolvable()
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    if not all(is_allowed(address) for address in addresses):
        raise Refused("address")
    return list(dict.fromkeys(str(address) for address in addresses))


def is_allowed(address: Address) -> bool:
    """Public, or loopback where the settings allow it."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if settings.WEBHOOKS_ALLOW_LOOPBACK and plain.is_loopback:
        return True
    return is_public(plain)


def is_public(address: Address) -> bool:
    """Whether anybody in the world could call it, and it is what it seems to be."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(mapped)
    in_never = any(address in network for network in _NEVER if network.version == address.version)
    return (
        address.is_global and not in_never and not address.is_multicast
        and not address.is_reserved and not address.is_unspecified
    )  # fmt: skip


def _check_parts(parts: Url, *, is_lenient: bool) -> None:
    if not parts.host or not parts.scheme:
        raise Refused("malformed")
    if parts.scheme != "https" and not (is_lenient and parts.scheme == "http"):
        raise Refused("scheme")
    if parts.auth is not None:
        raise Refused("credentials")
    if parts.fragment is not None:
        raise Refused("fragment")
    if not is_lenient and (parts.port or _usual(parts.scheme)) not in PORTS:
        raise Refused("port")


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _in_time(ask: Resolver, target: Target) -> list[str]:
    """The system's resolver knows no time limit of its own: past ours it is left alone."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="resolve")
    try:
        return pool.submit(ask, target.host, target.port).result(RESOLVING_SECONDS)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask_system(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[4][0]) for where in found]
