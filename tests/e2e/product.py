"""The whole product for the end-to-end tests: started by its own launcher, spoken to over HTTP."""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from secrets import token_hex
from typing import Any

from devstack.environment import EXTERNAL, PASSED_ON
from devstack.runfolder import RunFolder, pick_free_port
from tests.bench.stack import run_manage

ROOT = Path(__file__).resolve().parents[2]
APPS = ("storefront", "console", "portal")
CODE = re.compile(r"\b\d{6}\b")
PATIENCE = 20.0
# Names that would lead the launcher to servers of the test process.
NOT_INHERITED = (
    *EXTERNAL,
    *PASSED_ON,
    "SECRET_KEY",
    "JIFEN_PORT",
    "DJANGO_SETTINGS_MODULE",
)


@dataclass(frozen=True)
class Answer:
    """What one call came back with."""

    status: int
    body: Any
    cookies: dict[str, str]


class Visitor:
    """Somebody without a browser at one host: keeps cookies and sends the CSRF token."""

    def __init__(self, host: str, port: int, *, key: str = "", language: str = "en") -> None:
        self.host = host
        self.port = port
        self.cookies: dict[str, str] = {}
        self._headers = {"Accept-Language": language}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    @property
    def url(self) -> str:
        """Where this host answers."""
        return f"http://{self.host}:{self.port}"

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """One call, whatever it is answered with."""
        # Not every resolver knows the names below `localhost`; browsers do.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, body=text, headers=self._make_headers(method))
            response = connection.getresponse()
            content = response.read()
            received = SimpleCookie("; ".join(response.headers.get_all("Set-Cookie") or []))
        finally:
            connection.close()
        self.cookies |= {name: morsel.value for name, morsel in received.items()}
        is_json = "json" in response.headers.get_content_type()
        return Answer(response.status, json.loads(content) if is_json else content, self.cookies)

    def get(self, path: str) -> Any:
        """The body of a good answer."""
        return self.expect(self.call("GET", path), path)

    def post(self, path: str, body: object = None) -> Any:
        """The same for a POST."""
        return self.expect(self.call("POST", path, {} if body is None else body), path)

    def expect(self, answer: Answer, path: str) -> Any:
        """The body, if the answer is a good one."""
        assert answer.status < 300, f"{path}: {answer.status} {answer.body}"
        return answer.body

    def _make_headers(self, method: str) -> dict[str, str]:
        headers = {**self._headers, "Host": f"{self.host}:{self.port}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        if method != "GET":
            headers["Content-Type"] = "application/json"
            headers["X-CSRFToken"] = self.cookies.get("jf_csrf", "")
            headers["Idempotency-Key"] = token_hex(16)
        return headers


@dataclass(frozen=True)
class Product:
    """One running stack."""

    folder: Path
    port: int

    def manage(self, *words: str) -> str:
        """Run a management command against it; the last line it printed."""
        printed = run_manage(ROOT, *words, env=self._environment())
        return printed.strip().splitlines()[-1] if printed.strip() else ""

    def visitor(self, slug: str = "", **options: str) -> Visitor:
        """Somebody at a merchant's host, or at the portal."""
        return Visitor(f"{slug}.localhost" if slug else "localhost", self.port, **options)

    def up(self) -> None:
        """Start what does not run."""
        run_manage(ROOT, "up", "--port", str(self.port), env=self._environment())

    def down(self) -> None:
        """Stop everything."""
        run_manage(ROOT, "down", env=self._environment(), check=False)

    @contextmanager
    def next_code(self, recipient: str) -> Iterator[list[str]]:
        """Inside, something sends a code; afterwards the list holds it."""
        before = set(self._list_messages())
        codes: list[str] = []
        yield codes
        codes.append(self._wait_for_code(recipient, before))

    def _wait_for_code(self, recipient: str, before: set[Path]) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for file in self._list_messages():
                text = file.read_text(encoding="utf-8")
                if file not in before and recipient in text and (found := CODE.search(_body(text))):
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no code for {recipient} in {self.folder / 'outbox'}")

    def _list_messages(self) -> list[Path]:
        return list((self.folder / "outbox").glob("*"))

    def _environment(self) -> Mapping[str, str]:
        kept = {name: text for name, text in os.environ.items() if name not in NOT_INHERITED}
        return {**kept, "JIFEN_RUN_DIR": str(self.folder)}


def _body(message: str) -> str:
    """A message without its headers."""
    return message.partition("\n\n")[2]


def check_front_ends() -> None:
    """Without them there is nothing to open."""
    files = [ROOT / "frontend" / "apps" / app / "dist" / "manifest.json" for app in APPS]
    if missing := [str(file.relative_to(ROOT)) for file in files if not file.exists()]:
        raise RuntimeError(f"not built: {', '.join(missing)}. `make test` builds the front ends.")


@contextmanager
def run_product() -> Iterator[Product]:
    """A stack in a temporary folder, thrown away afterwards.

    E2E_RUN_DIR names the folder of one that is kept, which saves its start while writing tests.
    """
    check_front_ends()
    if kept := os.environ.get("E2E_RUN_DIR"):
        folder = Path(kept)
        product = Product(folder, RunFolder(folder).read_ports().get("web") or pick_free_port())
        product.up()
        yield product
        return
    folder = Path(tempfile.mkdtemp(prefix="jifen-e2e-"))
    # PostgreSQL may have to run as another account, which must reach its data in here.
    folder.chmod(0o755)
    product = Product(folder, pick_free_port())
    try:
        product.up()
        yield product
    finally:
        product.down()
        shutil.rmtree(folder, ignore_errors=True)
