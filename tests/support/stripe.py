"""The Stripe stand-in in this process, and its control calls."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devstack.stripe_standin.server import StandIn

KEY = "sk_test_standin"


class StripeControl:
    """What tests do to a running stand-in: `control.post("deliveries/hold")`."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in, self.url = stand_in, stand_in.url

    def post(self, path: str, /, **body: Any) -> Any:
        """A control call's answer."""
        return self._call("POST", path, json.dumps(body).encode())

    def get(self, path: str) -> Any:
        """What a control call shows."""
        return self._call("GET", path, None)

    def _call(self, method: str, path: str, data: bytes | None) -> Any:
        request = urllib.request.Request(f"{self.url}/_control/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def add_account(self, *, is_ready: bool = True) -> str:
        """A connected account, ready to take money unless said otherwise."""
        import stripe

        client = stripe.StripeClient(KEY, base_addresses={"api": self.url})
        key = client.v1.accounts.create({"type": "standard", "email": "shop@example.com"}).id
        if is_ready:
            self.post(f"accounts/{key}/onboard")
        return key


@contextmanager
def running_stand_in(folder: Path, port: int = 0) -> Iterator[StripeControl]:
    """A stand-in with its state in a folder, for as long as the body runs."""
    stand_in = StandIn(folder, port)
    stand_in.start()
    try:
        yield StripeControl(stand_in)
    finally:
        stand_in.stop()
