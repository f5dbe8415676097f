"""`python -m devstack.stripe_standin --folder .run/stripe --port 20123 --deliver-to URL`."""

import argparse
import os
import signal
import threading
from pathlib import Path

from devstack.stripe_standin.server import StandIn


def main() -> None:
    """Answer until a signal says to end. The webhook secret comes from the environment."""
    parser = argparse.ArgumentParser(description="A stand-in for Stripe on this machine.")
    parser.add_argument("--folder", type=Path, required=True, help="where its state is kept")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--deliver-to", help="where events of connected accounts go")
    asked = parser.parse_args()
    stand_in = StandIn(asked.folder, asked.port)
    if asked.deliver_to:
        stand_in.deliver_to(asked.deliver_to, os.environ["STRIPE_CONNECT_WEBHOOK_SECRET"])
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    stand_in.start()
    print(f"ready on {stand_in.url}", flush=True)  # noqa: T201 - the log is its output
    over.wait()
    stand_in.stop()


main()
