"""`make replay`: all of CDNOW's orders with invented lines and cancellations, told to the running product.

A stack of its own is started and thrown away; `--url` and `--key` name a merchant in test mode instead
(currency GBP, time zone Europe/London, no rules, no tiers, nothing told yet).
"""

import argparse
import json
import sys
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.replay.documents import make_documents
from tests.replay.replaying import Call, Replay


def main() -> int:
    """Exit code 0 if every balance is as computed beside."""
    parser = argparse.ArgumentParser(prog="tests.replay", description=__doc__)
    parser.add_argument("--limit", type=int, help="so many orders of the file; all when left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="such as http://replay.localhost:8000")
    parser.add_argument("--key", help="the merchant's API key")
    asked = parser.parse_args()
    if asked.url:
        return _run(_caller(asked.url, asked.key), asked)
    from tests.bench.stack import BenchStack

    stack = BenchStack()
    try:
        stack.up()
        printed = stack.manage(
            *("create_merchant", "replay", "--owner-email=owner@replay.example"),
            *("--currency=GBP", "--timezone=Europe/London", "--mode=test"),
        )
        key = json.loads(printed.strip().splitlines()[-1])["api_key"]
        return _run(_caller(f"http://replay.localhost:{stack.port}", key), asked)
    finally:
        stack.down()


def _run(call: Call, asked: argparse.Namespace) -> int:
    from tqdm import tqdm

    documents = make_documents(limit=asked.limit, seed=asked.seed)
    began = time.monotonic()
    with tqdm(total=len(documents), unit="doc") as bar:
        result = Replay(call, documents).run(lambda n: bar.update(n) and None)
    print(f"{result} in {time.monotonic() - began:.0f} s")  # noqa: T201
    for line in result.wrong[:20]:
        print(line)  # noqa: T201
    return 1 if result.wrong else 0


def _caller(url: str, key: str) -> Call:
    """Calls over one connection; not every resolver knows the names below `localhost`."""
    parts = urlsplit(url)
    local = (parts.hostname or "").endswith("localhost")
    line = HTTPConnection("127.0.0.1" if local else parts.hostname or "", parts.port, timeout=600)
    headers = {
        "Host": parts.netloc,
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
    }

    def call(method: str, path: str, body: Any) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        line.request(method, path, body=sent, headers=headers)
        answer = line.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    return call


if __name__ == "__main__":
    sys.exit(main())
