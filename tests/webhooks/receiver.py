"""A merchant's server on this machine: keeps what it was sent and answers as it was told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What to answer: status, headers, body; `delay` seconds late, `trickle` seconds a byte."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    delay: float = 0
    trickle: float = 0


@dataclass
class Request:
    """One request as it came in, with how many others were inside at that moment."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_once: int


class Receiver:
    """`requests` in the order in which they came; `replies(request)` decides the answer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: Callable[[Request], Reply] = lambda _: Reply()
        self._lock, self._inside = threading.Lock(), 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def answer(self, **fields: Any) -> None:
        """Answer everything like this from now on."""
        self.replies = lambda _: Reply(**fields)

    def wait(self, count: int) -> None:
        """Until so many requests have come in."""
        deadline = time.monotonic() + 10
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.requests) >= count, self.requests

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        return Handler

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        with self._lock:
            self._inside += 1
            headers = {name.lower(): value for name, value in handler.headers.items()}
            request = Request(handler.path, headers, body, self._inside)
            self.requests.append(request)
        try:
            reply = self.replies(request)
            time.sleep(reply.delay)
            with self._lock:  # before the answer: who has it may look at once
                self._inside -= 1
            self._write(handler, reply)
        except OSError:
            pass  # the caller has hung up

    def _write(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        if reply.trickle:
            for sign in handler._headers_buffer[-1]:  # type: ignore[attr-defined]
                handler.wfile.write(bytes([sign]))
                time.sleep(reply.trickle)
        handler.end_headers()
        handler.wfile.write(reply.body)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens, for the body of a `with`."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver._server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver._server.shutdown()
        receiver._server.server_close()
        thread.join()
