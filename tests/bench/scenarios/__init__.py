"""What is measured, by name. Each scenario opens merchants of its own and returns its rows."""

from collections.abc import Callable

from tests.bench.bench import Bench
from tests.bench.report import Result
from tests.bench.scenarios import (
    backtest,
    balance,
    demo,
    earn,
    expiry,
    imports,
    ingest,
    migrate,
    provision,
    redeem,
    tiers,
)

Scenario = Callable[[Bench], list[Result]]

SCENARIOS: dict[str, Scenario] = {
    "earn_http": earn.throughput,
    "earn_latency": earn.latency,
    "redeem_hot": redeem.hot_item,
    "ingest": ingest.bulk,
    "balance_read": balance.read,
    "provision": provision.sign_up,
    "demo_load": demo.load,
    "expiry_1m": expiry.expire_all,
    "migrate_n": migrate.all_merchants,
    "import_100k": imports.write,
    "backtest": backtest.replay,
    "tiers_1m": tiers.recalculate,
}
