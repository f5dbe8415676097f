"""One POST to a merchant's server: to the very address that was checked, with an end in sight.

Never follows a redirect, uses no proxy, reads no more than is kept. It touches no database, so it
may run in any thread.
"""

import ssl
import threading
import time
from contextlib import suppress
from functools import cache
from http.client import HTTPException

import msgspec
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from points.webhooks import addresses
from points.webhooks.calculations import GONE

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
KEPT_BYTES = 2_048
USER_AGENT = "Jifen-Webhooks/1"


class Response(msgspec.Struct, frozen=True):
    """How a try went. `error` is empty when it was accepted, else one of:

    not_allowed, unresolvable, connection, tls, timeout, redirect, gone, refused, secret, internal.
    """

    error: str
    duration_ms: int
    status: int | None = None
    body: str = ""
    retry_after_seconds: int | None = None


def post(*, url: str, body: bytes, headers: dict[str, str]) -> Response:
    """Send it; whatever goes wrong is an answer, never an exception."""
    start = time.monotonic()
    try:
        answer = _post(url, body, headers, deadline=start + TOTAL_SECONDS)
    except addresses.Refused:
        answer = Response("not_allowed", 0)
    except addresses.Unresolvable:
        answer = Response("unresolvable", 0)
    except NewConnectionError:  # before its parent, which is a timeout
        answer = Response("connection", 0)
    except (ConnectTimeoutError, ReadTimeoutError, TimeoutError):
        answer = Response("timeout", 0)
    except (SSLError, ssl.SSLError):
        answer = Response("tls", 0)
    except (HTTPError, HTTPException, OSError, ValueError):
        answer = Response("connection", 0)
    took = time.monotonic() - start
    if took >= TOTAL_SECONDS and answer.status is None:
        answer = Response("timeout", 0)
    return msgspec.structs.replace(answer, duration_ms=round(took * 1000))


def _post(url: str, body: bytes, headers: dict[str, str], *, deadline: float) -> Response:
    target = addresses.read_url(url)
    # Checked anew at every try, and called by this address: the name is not asked a second time.
    line = _connect(target, addresses.resolve(target), deadline)
    guard = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [line])
    guard.daemon = True
    guard.start()
    try:
        assert line.sock is not None
        line.sock.settimeout(max(0.1, deadline - time.monotonic()))
        sent = {
            "Host": target.host_header, "User-Agent": USER_AGENT,
            "Content-Type": "application/json", "Connection": "close", **headers,
        }  # fmt: skip
        line.request("POST", target.path, body, sent, preload_content=False)
        return _read(line)
    finally:
        guard.cancel()
        line.close()


def _connect(
    target: addresses.Target, found: list[str], deadline: float
) -> HTTPConnection | HTTPSConnection:
    """A line to the first of the checked addresses that answers; the others are tried in turn."""
    failure: Exception = addresses.Unresolvable()
    for address in found:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        line = _line(target, address, min(CONNECT_SECONDS, left))
        try:
            line.connect()
        except (NewConnectionError, ConnectTimeoutError, OSError) as error:
            line.close()
            failure = error
            continue
        return line
    raise failure


def _line(
    target: addresses.Target, address: str, seconds: float
) -> HTTPConnection | HTTPSConnection:
    """Goes to the address; the certificate must be the name's."""
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=seconds)
    return HTTPSConnection(
        address, target.port, timeout=seconds, ssl_context=_tls(),
        server_hostname=target.host,
    )  # fmt: skip


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _cut(line: HTTPConnection) -> None:
    """Ends a line whose other side trickles: each byte in time, and the whole never."""
    if line.sock is not None:
        with suppress(OSError):
            line.sock.shutdown(2)


def _read(line: HTTPConnection) -> Response:
    answer = line.getresponse()
    try:
        text = answer.read(KEPT_BYTES, decode_content=False)
    except (HTTPError, HTTPException, OSError, ValueError):
        text = b""  # the status has been told; what follows is only for the log
    wait = answer.headers.get("Retry-After", "")
    return Response(
        _judge(answer.status), 0, answer.status,
        text.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 8 else None,
    )  # fmt: skip


def _judge(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "gone"
    return "redirect" if 300 <= status < 400 else "refused"
