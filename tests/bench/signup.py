"""Signing a merchant up as a person does: the form, the mailed code, the shop's front page."""

import http.client
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.stack import BenchStack

PATIENCE = 60.0
PAUSE = 0.005
PASSWORD = "correct horse battery staple 9"


@dataclass(frozen=True)
class Opened:
    """Seconds of each part, the reading of the mail left out."""

    until_mailed: float
    until_first_page: float

    @property
    def total(self) -> float:
        """From the form to the shop."""
        return self.until_mailed + self.until_first_page


class Portal:
    """The platform API on the base domain, over one connection."""

    def __init__(self, stack: BenchStack) -> None:
        self._stack = stack
        self._line = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=PATIENCE)

    def sign_up(self, slug: str) -> str:
        """Fill the form in; the sign-up's id."""
        body = {
            "email": email_of(slug), "password": PASSWORD, "company": slug, "slug": slug,
            "template": "blank", "locale": "en", "currency": "USD", "timezone": "UTC",
        }  # fmt: skip
        return str(self._post("/api/platform/v1/signups", body)["id"])

    def verify(self, signup: str, code: str) -> None:
        """Enter the code; the shop is being made from now on."""
        self._post(f"/api/platform/v1/signups/{signup}/verification", {"code": code})

    def status(self, signup: str) -> str:
        """How far it is: unverified, provisioning, ready or failed."""
        return str(self._call("GET", f"/api/platform/v1/signups/{signup}", None)["status"])

    def shows_front_page(self, slug: str) -> bool:
        """Whether the new shop's storefront answers 200."""
        host = f"{slug}.localhost:{self._stack.port}"
        self._line.request("GET", "/", headers={"Host": host, "Accept": "text/html"})
        answer = self._line.getresponse()
        answer.read()
        return answer.status == 200

    def find_code(self, slug: str) -> str | None:
        """The code in the newest mail to the shop's owner."""
        outbox = self._stack.folder / "outbox"
        files = sorted(outbox.glob("*"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in files:
            text = file.read_text(errors="replace")
            found = re.search(r"(?<!\d)(\d{6})(?!\d)", text.partition("\n\n")[2])
            if email_of(slug) in text and found:
                return found.group(1)
        return None

    def _post(self, path: str, body: dict[str, str]) -> Any:
        return self._call("POST", path, json.dumps(body))

    def _call(self, method: str, path: str, body: str | None) -> Any:
        headers = {"Host": f"localhost:{self._stack.port}", "Content-Type": "application/json"}
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Refused(answer.status, f"{path}: {text[:300]!r}")
        return json.loads(text)


class Refused(Exception):
    """The portal answered with a problem."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status


def open_shop(
    portal: Portal, slug: str, *, meanwhile: Callable[[], object] = lambda: None
) -> Opened:
    """Sign up, do `meanwhile` while the mail is read, verify, wait for the front page."""
    started = time.perf_counter()
    signup = portal.sign_up(slug)
    code = wait_for(lambda: portal.find_code(slug), f"a mail to {email_of(slug)}")
    until_mailed = time.perf_counter() - started
    meanwhile()
    started = time.perf_counter()
    portal.verify(signup, code)
    wait_for(lambda: portal.shows_front_page(slug), f"the front page of {slug}")
    return Opened(until_mailed, time.perf_counter() - started)


def email_of(slug: str) -> str:
    """The owner's address."""
    return f"owner@{slug}.example"


def wait_for(look: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {patience:.0f} s for {what}")
        time.sleep(PAUSE)
    return found
