"""The HTTP server: one thread for each connection, on the loopback address alone."""

import json
import re
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from devstack.stripe_standin.api import Answer, Api, Request, path_of
from devstack.stripe_standin.call import Call
from devstack.stripe_standin.control import Control
from devstack.stripe_standin.deliveries import Courier
from devstack.stripe_standin.due import do_due
from devstack.stripe_standin.endpoints import install_endpoint
from devstack.stripe_standin.errors import ApiError
from devstack.stripe_standin.faults import Faults
from devstack.stripe_standin.pages import Shown, visit_checkout, visit_setup
from devstack.stripe_standin.store import Store

BODY_LIMIT = 1_000_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


class StandIn:
    """One stand-in with its state in `folder`; `port` 0 takes any free one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._http = _Server(("127.0.0.1", port), partial(_Handler, self))
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.store = Store(folder / "stripe.sqlite3")
        self.faults = Faults()
        self.api = Api(self.store, self.url)
        self.control = Control(self.store, self.url, self.faults)
        self.courier = Courier(self.store, partial(do_due, self.store, self.url))
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def deliver_to(self, url: str, secret: str) -> None:
        """Send the events of connected accounts to this address."""
        with self.store.work():
            install_endpoint(Call(self.store, self.url), url, secret)

    def start(self) -> None:
        """Answer from now on."""
        self.courier.start()
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; nothing is forgotten."""
        self._http.shutdown()
        self._http.server_close()
        self.courier.stop()
        self.store.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # five, the default, is too few for a race


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stripe-standin"
    # One packet for head and body: in two, each answer would wait 40 ms for the client's receipt.
    wbufsize = -1

    def __init__(self, stand_in: StandIn, *args: Any) -> None:
        self.stand_in = stand_in
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """One line a request, without the body."""
        print(self.command, self.path.partition("?")[0], *args[1:2], flush=True)  # noqa: T201

    def _serve(self) -> None:
        path, query = path_of(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT:
            self.close_connection = True
            return self._send(413, b"", "text/plain")
        body = self.rfile.read(length).decode(errors="replace")
        if not re.fullmatch(r"(127\.0\.0\.1|localhost)(:\d+)?", self.headers.get("Host", "")):
            return self._send(421, b"This machine only.\n", "text/plain")
        if path == "/readyz":
            return self._send(200, b"ok\n", "text/plain")
        if path.startswith("/_control/"):
            return self._serve_control(path, body)
        if path.startswith(("/c/pay/", "/setup/")):
            return self._serve_page(path, body)
        return self._serve_api(Request(self.command, path, query, self._lower_headers(), body))

    def _serve_api(self, request: Request) -> None:
        fault = self.stand_in.faults.take(request.method, request.path)
        if fault and fault.mode == "error":
            error = ApiError("An unknown error occurred", status=fault.status, kind="api_error")
            return self._send_json(Answer(error.status, error.body()))
        if fault and fault.mode == "slow":
            time.sleep(fault.seconds)
        answer = self.stand_in.api.answer(request)
        self.stand_in.courier.wake()
        if fault and fault.mode == "lost":
            self.close_connection = True
            return None
        return self._send_json(answer)

    def _serve_control(self, path: str, body: str) -> None:
        try:
            result = self.stand_in.control.answer(self.command, path, json.loads(body or "{}"))
            answer = Answer(200, result)
        except ApiError as error:
            answer = Answer(error.status, error.body())
        except (ValueError, TypeError, KeyError) as error:
            answer = Answer(400, ApiError(f"{type(error).__name__}: {error}").body())
        self.stand_in.courier.wake()
        self._send_json(answer)

    def _serve_page(self, path: str, body: str) -> None:
        form = dict(parse_qsl(body)) if self.command == "POST" else None
        accepted = self.headers.get("Accept-Language", "")
        store, url = self.stand_in.store, self.stand_in.url
        words = path.strip("/").split("/")
        if words[0] == "c":
            shown = visit_checkout(store, url, words[-1], form, accepted)
        elif len(words) == 3:
            shown = visit_setup(store, url, words[1], words[2], form, accepted)
        else:
            shown = Shown(404)
        self.stand_in.courier.wake()
        extra = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        if shown.location:
            extra["Location"] = shown.location
        self._send(shown.status, shown.html.encode(), "text/html; charset=utf-8", extra)

    def _lower_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _send_json(self, answer: Answer) -> None:
        body = json.dumps(answer.body, indent=2).encode()
        self._send(answer.status, body, "application/json", answer.headers)

    def _send(
        self, status: int, body: bytes, kind: str, extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
