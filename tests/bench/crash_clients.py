"""Clients that never give up: what gets no clear answer is sent again under the same key."""

import http.client
import json
import threading
import time
import uuid
from abc import ABC, abstractmethod
from typing import Any

from tests.bench.bench import order
from tests.bench.signup import Portal, Refused, wait_for
from tests.bench.stack import BenchStack, Shop

PATIENCE = 90.0
PAUSE = 0.05
NO_ANSWER = (OSError, http.client.HTTPException)
CENTS = 12_345
POINTS = CENTS // 100
MEMBERS = 50


class Client(ABC, threading.Thread):
    """Works in a thread until told to finish; remembers what was acknowledged."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.retried = 0
        self.failure = ""
        self._ending = threading.Event()

    def prepare(self) -> None:
        """What must be there before the load begins."""

    @abstractmethod
    def work_once(self, number: int) -> None:
        """One piece of work, until it is acknowledged."""

    def run(self) -> None:
        """One piece after the other."""
        number = 0
        while not self._ending.is_set() and not self.failure:
            try:
                self.work_once(number)
            except Exception as error:
                self.failure = f"{type(error).__name__}: {error}"
            number += 1

    def finish(self) -> None:
        """Let the piece at hand be finished, and end."""
        self._ending.set()
        self.join(PATIENCE + 10)


class PartnerClient(Client):
    """Calls the partner API over one connection, made anew when it breaks."""

    def __init__(self, port: int, shop: Shop, number: int) -> None:
        super().__init__()
        self.shop, self.number = shop, number
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def insist(self, path: str, body: object, key: str = "") -> Any:
        """The answer, however often it takes. Only a 4xx ends it, as nobody would lift that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, text = self._post(path, body, key)
            except NO_ANSWER:
                self._line.close()
                status, text = 0, b""
            if 200 <= status < 300:
                return json.loads(text)
            if 400 <= status < 500:
                raise RuntimeError(f"{path}: {status} {text[:300]!r}")
            self.retried += 1
            time.sleep(PAUSE)
        raise TimeoutError(f"{path}: no answer within {PATIENCE:.0f} s")

    def _post(self, path: str, body: object, key: str) -> tuple[int, bytes]:
        headers = {
            "Host": self.shop.host,
            "Authorization": f"Bearer {self.shop.key}",
            "Content-Type": "application/json",
            **({"Idempotency-Key": key} if key else {}),
        }
        self._line.request("POST", path, json.dumps(body), headers)
        answer = self._line.getresponse()
        return answer.status, answer.read()


class Cashiers(PartnerClient):
    """Tell orders; every other cashier trusts to the order's number alone, the rest add a key."""

    def __init__(self, port: int, shop: Shop, number: int) -> None:
        super().__init__(port, shop, number)
        self.acknowledged: dict[str, int] = {}

    def work_once(self, number: int) -> None:
        name = f"c{self.number}-{number}"
        body = order(name, f"m{number % MEMBERS}", cents=CENTS) | {"create_member": True}
        answer = self.insist("/api/v1/orders", body, key=name if self.number % 2 else "")
        if answer["external_id"] != name or answer["points"]["earned"] != POINTS:
            raise RuntimeError(f"{name} was answered with {answer}")
        self.acknowledged[name] = POINTS


class Buyers(PartnerClient):
    """Redeem one point's worth at a time, each time under a fresh idempotency key."""

    def __init__(self, port: int, shop: Shop, number: int) -> None:
        super().__init__(port, shop, number)
        self.acknowledged: set[str] = set()
        self._item = ""

    def prepare(self) -> None:
        rich = order(f"rich-{self.number}", f"buyer{self.number}", cents=100_000_000)
        self.insist("/api/v1/orders", rich | {"create_member": True})
        item = {"kind": "goods", "title": "Mug", "price_points": 1, "stock": 1_000_000}
        self._item = self.insist("/api/v1/mall-items", item)["id"]

    def work_once(self, number: int) -> None:
        body = {
            "member_external_id": f"buyer{self.number}",
            "mall_item_id": self._item,
            "quantity": 1,
        }
        self.acknowledged.add(self.insist("/api/v1/redemptions", body, uuid.uuid4().hex)["code"])


class Newcomers(Client):
    """Sign merchants up, so that the worker has mail to send and schemas to make."""

    def __init__(self, stack: BenchStack) -> None:
        super().__init__()
        self.acknowledged: dict[str, str] = {}
        self._stack = stack

    def work_once(self, number: int) -> None:
        slug = f"crashed-{number}"
        signup = self._insist(lambda portal: portal.sign_up(slug))
        code = wait_for(lambda: Portal(self._stack).find_code(slug), "a mail", patience=PATIENCE)
        self._insist(lambda portal: portal.verify(signup, code))
        self.acknowledged[slug] = signup

    def _insist(self, call: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                return call(Portal(self._stack))
            except (*NO_ANSWER, Refused) as error:
                if isinstance(error, Refused) and error.status < 500:
                    raise
            self.retried += 1
            time.sleep(PAUSE)
        raise TimeoutError(f"the portal gave no answer within {PATIENCE:.0f} s")
