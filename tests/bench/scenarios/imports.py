"""Members with opening balances from a file, as a partner sends them: read, checked, written."""

import json
import time
from typing import Any

from tests.bench.bench import Bench, ask
from tests.bench.load import get, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

MEMBERS, QUICK, A_CALL = 100_000, 10_000, 1_000
SIGNED = ("rows", "members_new", "members_known", "points", "growth", "cost_cents")
# The ledger's own function for the same lots, a thousand a transaction, and nothing besides.
_FLOOR = """
select ledger_grant((select jsonb_agg(jsonb_build_object(
    'member', gen_random_uuid(), 'unit', 'points', 'amount', 100 + n %% 900, 'kind', 'opening',
    'account', 'opening', 'key', 'floor:' || n, 'fingerprint', '', 'source_type', 'import',
    'source_id', gen_random_uuid(), 'reference', '', 'note', '', 'occurred_at', now(),
    'expires_at', now() + interval '1 year', 'funding_source_id', f.id, 'unit_cost_micros', 0))
  from generate_series(%s::int, %s::int) as n, (select id from ledger_fundingsource limit 1) as f),
  now(), 'bench')
"""


def write(bench: Bench) -> list[Result]:
    """New members with a lot each, and what the dry run before it costs."""
    members = QUICK if bench.quick else MEMBERS
    shop = bench.stack.open_shop(f"imports-{next(bench.numbers)}")
    path, sent = _send(bench, shop, members)
    checked = _job(bench, shop, f"{path}/checks", None)
    totals = _told(bench, shop, path)["totals"]
    body = {"totals": {name: totals[name] for name in SIGNED}}
    written = _job(bench, shop, f"{path}/commit", body)
    found = _told(bench, shop, path)
    if found["status"] != "written" or not found["written"]["matches"]:
        raise RuntimeError(f"not what was signed off: {found}")
    floor = _floor(bench, shop, members)
    return [
        Result(
            "import_100k", f"{members / written:,.0f}/s", floor / written, Goal(None),
            limit=f"{members / floor:,.0f}/s",
            note=f"{members:,} new members with a lot each: sent in {sent:.1f} s, checked in"
            f" {checked:.1f} s, written in {written:.1f} s. The limit books the lots alone",
        )
    ]  # fmt: skip


def _send(bench: Bench, shop: Shop, members: int) -> tuple[str, float]:
    """The import's path, and the seconds its rows took to arrive."""
    started = time.perf_counter()
    begun = json.loads(ask(bench, post(shop, "/api/v1/imports", {"name": "bench"})))
    path = f"/api/v1/imports/{begun['id']}"
    for first in range(0, members, A_CALL):
        rows = [_row(number) for number in range(first, first + A_CALL)]
        ask(bench, post(shop, f"{path}/rows", {"rows": rows}))
    return path, time.perf_counter() - started


def _row(number: int) -> dict[str, object]:
    return {
        "external_id": f"i-{number}", "name": f"Member {number}", "phone": f"138{number:08d}",
        "points": 100 + number % 900, "expires_at": "2099-06-30",
    }  # fmt: skip


def _told(bench: Bench, shop: Shop, path: str) -> Any:
    return json.loads(ask(bench, get(shop, path)))


def _job(bench: Bench, shop: Shop, path: str, body: object) -> float:
    """Seconds from asking for a job until it is told to be done."""
    started = time.perf_counter()
    job = json.loads(ask(bench, post(shop, path, body or {})))
    while job["status"] in ("queued", "running"):
        time.sleep(0.1)
        job = _told(bench, shop, f"/api/v1/jobs/{job['id']}")
    if job["status"] != "done":
        raise RuntimeError(f"a job did not end well: {job}")
    return time.perf_counter() - started


def _floor(bench: Bench, shop: Shop, members: int) -> float:
    """Seconds the ledger alone needs; nothing of it stays."""
    connection = bench.stack.connect(shop.schema, owner=True)
    with connection.cursor() as cursor:
        started = time.perf_counter()
        for first in range(0, members, A_CALL):
            cursor.execute(_FLOOR, [first, first + A_CALL - 1])
        took = time.perf_counter() - started
    connection.rollback()
    connection.close()
    return took
