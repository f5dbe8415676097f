"""One item everybody wants: its row is the one place where all buyers meet."""

import json

from tests.bench import pgbench
from tests.bench.bench import POOL, Bench, ask, in_turns
from tests.bench.load import Load, burst, closed_loop, post
from tests.bench.report import Goal, Result
from tests.bench.stack import Shop

CALLERS, STOCK = 200, 10
BUYERS = 8
PLENTY = 1_000_000_000

# The same three writes in the order that holds the hot row for the shortest time.
_REDEEM = r"""
\set m random(0, {last})
\set n random(1, 9000000000000000000)
begin;
select id as member from members_member where external_id = 'm' || :m ::text \gset
select ledger_spend(jsonb_build_object(
    'member', :member ::text, 'unit', 'points', 'amount', 1, 'kind', 'spend', 'account', 'redemption',
    'key', 'redemption-limit-' || :n ::text, 'source_type', 'redemption', 'source_id', gen_random_uuid(),
    'reference', 'limit', 'note', '', 'actor', 'limit', 'fingerprint', ''), now())
    ->> 'transaction_id' as tx \gset
insert into redemption_redemption (id, code, member_id, item_id, quantity, points, price_cents,
    currency, status, transaction_id, created_at, fulfilled_by, tracking, cancelled_by, cancel_reason)
values (gen_random_uuid(), 'limit-' || :n ::text, :member, '{item}', 1, 1, 0, 'CNY', 'pending',
    :tx, now(), '', '', '', '');
update redemption_mallitem set stock = stock - 1, redeemed_count = redeemed_count + 1
    where id = '{item}' and (stock is null or stock >= 1);
end;
"""


def hot_item(bench: Bench) -> list[Result]:
    """200 callers for 10 units; then one item with plenty of stock, as fast as it goes."""
    shop = bench.open_shop("mall", cents=100_000_000)
    return [_last_units(bench, shop), _plenty(bench, shop)]


def _last_units(bench: Bench, shop: Shop) -> Result:
    item = _add_item(bench, shop, STOCK)
    load = burst(bench.stack.port, [_redeem(shop, item, n, "few") for n in range(CALLERS)])
    load.expect(201, 409)
    left, booked = bench.stack.ask(
        shop,
        "select stock, (select count(*) from redemption_redemption where item_id = i.id)"
        " from redemption_mallitem i where id = %s",
        item,
    )[0]
    if (load.statuses[201], left, booked) != (STOCK, 0, STOCK):
        raise RuntimeError(f"{dict(load.statuses)}, {left} left, {booked} redemptions")
    return Result(
        "redeem_last_units",
        f"{STOCK} of {CALLERS}",
        load.statuses[201],
        Goal(STOCK),
        note=f"all {CALLERS} answered within {load.seconds:.2f} s",
    )


def _plenty(bench: Bench, shop: Shop) -> Result:
    item = _add_item(bench, shop, PLENTY)
    numbers = iter(range(PLENTY))

    def buy(seconds: float) -> Load:
        return closed_loop(
            bench.stack.port,
            lambda _: _redeem(shop, item, next(numbers), "hot"),
            connections=BUYERS,
            seconds=seconds,
        ).expect(201)

    buy(1)
    script = _REDEEM.format(last=POOL - 1, item=item)
    ours, limit = in_turns(
        bench, buy, lambda s: pgbench.run(bench.stack, shop, script, clients=BUYERS, seconds=s)
    )
    return Result(
        "redeem_hot",
        f"{ours.rate:.0f}/s",
        ours.rate / limit.rate,
        Goal(0.25, 0.5),
        limit=f"{limit.rate:.0f}/s",
        cpu=ours.cpu_each(),
        note=f"{BUYERS} connections, one item; the limit takes {limit.cpu_each()} ms of CPU",
    )


def _add_item(bench: Bench, shop: Shop, stock: int) -> str:
    body = {"kind": "goods", "title": "Mug", "price_points": 1, "stock": stock}
    return str(json.loads(ask(bench, post(shop, "/api/v1/mall-items", body)))["id"])


def _redeem(shop: Shop, item: str, number: int, purpose: str) -> bytes:
    body = {"member_external_id": f"m{number % POOL}", "mall_item_id": item, "quantity": 1}
    return post(shop, "/api/v1/redemptions", body, idempotency_key=f"{purpose}-{number}")
