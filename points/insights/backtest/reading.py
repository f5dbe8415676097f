"""What a back-test reads: past orders in their order, and what is known of their buyers."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kernel.db import ask, connection
from points.budget.queries import list_pots
from points.earning.facts import MemberFacts
from points.earning.queries import ask_facts
from points.insights.backtest.allowances import Purse
from points.insights.backtest.proposal import Level
from points.insights.backtest.replay import PastOrder
from points.insights.backtest.standings import Moves
from points.segments.facts import Around
from points.segments.queries import ask_segments_of, find_segments
from points.tiers.queries import benefits_of, list_tiers

CHUNK = 2_000

_ORDERS = """
select coalesce(json_agg(json_build_array(o.id, o.member_id, o.channel, o.external_id, o.status,
         o.placed_at, o.completed_at, o.received_at, o.goods_cents, o.shipping_cents, o.tax_cents,
         o.discount_cents, o.offset_cents, o.refunded_cents,
         (select coalesce(json_agg(json_build_array(l.sku, l.category, l.quantity, l.amount_cents,
                                                    l.refunded_cents) order by l.position), '[]')
            from orders_orderline l where l.order_id = o.id))
         order by o.placed_at, o.id), '[]')::text
  from (select * from orders_order
         where (placed_at, id) > (%(after)s, %(id)s) and placed_at < %(until)s
         order by placed_at, id limit %(limit)s) as o
"""
_orders = msgspec.json.Decoder(list[PastOrder])
_LEAST = uuid.UUID(int=0)


def count_orders(*, start: datetime, until: datetime) -> int:
    """Orders placed from `start` on, before `until`."""
    sql = "select count(*) from orders_order where placed_at >= %s and placed_at < %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, until])
        return int(cursor.fetchone()[0])


def read_orders(*, start: datetime, until: datetime) -> Iterator[list[PastOrder]]:
    """The same in the order they were placed, in pieces; one query each, by index."""
    after, last = start, _LEAST
    while True:
        with connection.cursor() as cursor:
            values = {"after": after, "id": last, "until": until, "limit": CHUNK}
            cursor.execute(_ORDERS, values)
            found = _orders.decode(cursor.fetchone()[0])
        if found:
            yield found
        if len(found) < CHUNK:
            return
        after, last = found[-1].placed_at, found[-1].id


def read_purses() -> dict[str, Purse]:
    """What the budgets of funding sources hold when a period begins, by their owner. One query."""
    return {
        pot.owner: Purse(
            pot.amount, pot.period,  # type: ignore[arg-type]
            None if pot.revenue_rate is None else int(pot.revenue_rate * 1_000_000),
        )
        for pot in list_pots()
    }  # fmt: skip


def read_ladder() -> list[Level]:
    """Tiers from the lowest. One query."""
    return [
        Level(tier.code, tier.threshold, benefits_of(tier=tier).earn_multiplier)
        for tier in list_tiers()
    ]


class People(msgspec.Struct, frozen=True):
    """What is known of buyers: facts as they stood at the beginning, and their tiers by time."""

    facts: Mapping[str, MemberFacts]
    moves: Mapping[str, Moves]


def read_people(
    *, members: Sequence[str], start: datetime, segments: set[str], around: Around
) -> People:
    """Facts and tiers of some buyers. Four queries; one more when rules ask for segments.

    Sums of orders are those before `start`; tags, addresses and segments are those of now.
    """
    ids = [uuid.UUID(one) for one in members]
    facts = ask(ask_facts(members=ids))[0]
    before = _sums_before(ids, start)
    inside = _inside(ids, segments, around)
    return People(
        {
            str(member): msgspec.structs.replace(
                one, orders_count=before.get(member, (0, 0))[0],
                spent_cents=before.get(member, (0, 0))[1],
                segments=inside.get(member, frozenset()),
            )
            for member, one in facts.items()
        },
        _moves(ids),
    )  # fmt: skip


def _sums_before(members: Sequence[uuid.UUID], start: datetime) -> dict[uuid.UUID, tuple[int, int]]:
    rows = _rows(
        "select member_id, count(*), sum(greatest(0, goods_cents + shipping_cents + tax_cents"
        " - discount_cents - refunded_cents))::bigint from orders_order"
        " where member_id = any(%s) and placed_at < %s group by member_id",
        [list(members), start],
    )
    return {member: (count, cents) for member, count, cents in rows}


def _moves(members: Sequence[uuid.UUID]) -> dict[str, Moves]:
    rows = _rows(
        "select v.member_id, v.occurred_at, t.code from tiers_tiermove v"
        " left join tiers_tier t on t.id = v.to_tier_id"
        " where v.member_id = any(%s) order by v.member_id, v.occurred_at, v.id",
        [list(members)],
    )
    found: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
    for member, at, code in rows:
        found[str(member)].append((at, code))
    return dict(found)


def _inside(
    members: Sequence[uuid.UUID], codes: set[str], around: Around
) -> dict[uuid.UUID, frozenset[str]]:
    if not codes:
        return {}
    found = list(find_segments(codes=sorted(codes)).values())
    return ask(ask_segments_of(members=members, segments=found, around=around))[0]


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
