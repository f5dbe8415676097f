"""Eighteen months in the life of the record shop, told through the product's own flows.

A few days at a time: their orders by the batch path, then what became due (points expire), then
redemptions by a seeded draw. Interrupted, it goes on where it stopped, because orders are known by
their numbers and days that are told are not told again.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from devstack.demo import dataset, habits
from devstack.demo.shops import CHINESE, Shop, invented_name
from kernel.errors import DomainError
from points.flows.industries import TEMPLATES
from points.flows.member_joined import join_member
from points.flows.order_received import IncomingLine, IncomingOrder, take_orders
from points.flows.time_moved import run_due_jobs
from points.orders.models import Order
from points.program.actions import change_program
from points.redemption import actions as mall
from points.redemption.models import MallItem, Redemption
from points.tiers import actions as tiers
from points.tiers.models import Tier

BATCH = 1_000
ACTOR = "demo"
DAYS = 3
# Share of the members who could redeem something and do so in a stretch of days. A healthy
# programme sees a third of its points spent; the draw aims there.
SHARE_REDEEMING = 0.006
TEA_SHARE_REDEEMING = 0.3
TEA_DAYS, TEA_ORDERS = 90, 400
# So many days end with the redemptions of some.
TEA_STRETCH = 10
Progress = Callable[[int], object]


def fill_mall(shop: Shop, at: datetime) -> None:
    """The shop's items, once."""
    if MallItem.objects.exists():
        return
    for position, item in enumerate(shop.items):
        fields = {
            "kind": item.kind, "title_zh": item.zh, "title_en": item.en,
            "description_zh": item.about_zh, "description_en": item.about_en,
            "image": item.image, "price_points": item.points, "stock": item.stock,
            "per_member_limit": item.limit, "position": position,
        }  # fmt: skip
        mall.create_item(fields=fields, at=at)


def fill_ladder(shop: Shop, at: datetime) -> None:
    """The shop's tiers, once and before its first order: growth begins with them."""
    if Tier.objects.exists() or Order.objects.exists():
        return
    with transaction.atomic():
        tiers.create_tiers(tiers=TEMPLATES[shop.industry].tiers(shop.currency), at=at)
        change_program(changes={"tiers": {"is_on": True}}, at=at)


def live_through(*, zone: ZoneInfo, today: date, progress: Progress) -> None:
    """All 69,659 orders, a few days at a time; `progress` is told how many orders each step took."""
    shift = _shift_of_before() or dataset.shift_for(today)
    taken = Order.objects.count()
    for _, rows in groupby(dataset.read(), key=lambda row: row.day.toordinal() // DAYS):
        days = [dataset.as_order(row, shift, zone) for row in rows]
        if taken >= len(days) and _is_told(days[-1]):
            taken -= len(days)
            progress(len(days))
            continue
        for batch in _batches(days):
            at = max(order.placed_at for order in batch)
            take_orders(orders=batch, create_members=True, at=at, actor=ACTOR)
            progress(len(batch))
        _end_days(max(order.placed_at for order in days), SHARE_REDEEMING, _ADDRESS)
    name_members()


def _end_days(last: datetime, share: float, address: dict[str, str]) -> None:
    run_due_jobs(at=last)
    draw = random.Random(last.date().toordinal())
    for member, item, moment in _wishes(draw, last, share):
        try:
            with transaction.atomic():
                redemption = mall.redeem(
                    member_id=member, item_id=item.pk, quantity=1, at=moment, actor=ACTOR,
                    address=address if item.kind == "goods" else None,
                )  # fmt: skip
        except DomainError:
            continue  # sold out, or the limit is reached: as in life
        _follow_up(draw, redemption, moment)


def _follow_up(draw: random.Random, redemption: Redemption, moment: datetime) -> None:
    """Most are handed over within days, a few are cancelled, the latest still wait."""
    chance, later = draw.random(), moment + timedelta(days=draw.randint(1, 4))
    if chance < 0.02:
        mall.cancel_redemption(redemption_id=redemption.pk, at=later, actor=ACTOR)
    elif later < datetime.now(UTC) - timedelta(days=9):
        mall.fulfil_redemption(redemption_id=redemption.pk, at=later, actor=ACTOR)


def _wishes(
    draw: random.Random, last: datetime, share: float
) -> Iterator[tuple[uuid.UUID, MallItem, datetime]]:
    """Who redeems what: some of those who can, and rather one of the dearer things they can have."""
    items = [item for item in MallItem.objects.order_by("price_points") if item.stock != 0]
    chosen = _choose_rich(items[0].price_points, share, seed=last.date().toordinal())
    for position, (member, points) in enumerate(chosen):
        affordable = [item for item in items if item.price_points <= points]
        yield member, draw.choice(affordable[-3:]), last + timedelta(seconds=position)


def _choose_rich(at_least: int, share: float, *, seed: int) -> Sequence[tuple[uuid.UUID, int]]:
    """Some of those with so many points, drawn by their numbers: other ones for each seed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select w.member_id, w.available from ledger_wallet w"
            " join members_member m on m.id = w.member_id"
            " where w.unit = 'points' and w.available >= %s"
            " and abs(hashtextextended(m.external_id, %s) %% 100000) < %s order by m.external_id",
            [at_least, seed, round(share * 100_000)],
        )
        rows: list[tuple[uuid.UUID, int]] = cursor.fetchall()
    return rows


def name_members() -> None:
    """Give the anonymous customers invented names, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("select external_id from members_member where name = ''")
        numbers = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "update members_member m set name = n.name"
            " from unnest(%s, %s) as n(external_id, name) where m.external_id = n.external_id",
            [numbers, [invented_name(int(number)) for number in numbers]],
        )


@transaction.atomic
def open_tea_house(*, at: datetime) -> None:
    """A small shop with two dozen regulars and a quarter of orders, by a seeded draw; all of it or
    nothing. Day by day: what members do in the morning, then the orders of the day."""
    if Order.objects.exists():
        return
    draw, zone = random.Random(7), ZoneInfo("Asia/Shanghai")
    _meet_regulars(at)
    today = at.astimezone(zone).date()
    orders = sorted(_draw_tea_orders(draw, today, zone), key=lambda order: order.placed_at)
    told = {
        day: list(rows) for day, rows in groupby(orders, key=lambda order: order.placed_at.date())
    }
    for days_ago in range(TEA_DAYS, 0, -1):
        day = today - timedelta(days=days_ago)
        habits.tell_morning(days_ago, datetime.combine(day, time(8), zone))
        if of_day := told.get(day):
            last = of_day[-1].placed_at
            take_orders(orders=of_day, create_members=False, at=last, actor=ACTOR)
        if days_ago % TEA_STRETCH == 0:
            evening = datetime.combine(day, time(22), zone)
            _end_days(evening, TEA_SHARE_REDEEMING, _TEA_ADDRESS)


def _draw_tea_orders(draw: random.Random, today: date, zone: ZoneInfo) -> Iterator[IncomingOrder]:
    for number in range(1, TEA_ORDERS + 1):
        day = today - timedelta(days=TEA_DAYS - (TEA_DAYS * number - 1) // (TEA_ORDERS + 1))
        moment = datetime.combine(day, time(draw.randint(9, 21), draw.randint(0, 59)), zone)
        yield _tea_order(number, draw.randint(1, len(CHINESE)), moment, draw.choice(_TEA_GOODS))


def _meet_regulars(at: datetime) -> None:
    """They have phones; two of three told their birthday, some bear a tag."""
    joined = at - timedelta(days=95)
    for number, name in enumerate(CHINESE, 1):
        # Some have their birthday within days, whenever the demo is started.
        birthday = (at + timedelta(days=number * 17 - 20)).date().replace(year=1975 + number)
        join_member(
            external_id=f"T{number:03d}", name=name, at=joined, phone=f"1380000{number:04d}",
            birthday=birthday if number % 3 else None,
            tags=("企业客户",) if number % 6 == 0 else ("茶友会",) if number % 4 == 0 else (),
        )  # fmt: skip


def _tea_order(
    number: int, member: int, moment: datetime, goods: tuple[str, str, int]
) -> IncomingOrder:
    sku, category, cents = goods
    line = IncomingLine(external_id="1", sku=sku, category=category, quantity=1, amount_cents=cents)
    return IncomingOrder(
        external_id=f"{moment:%Y%m%d}-{number}", channel="pos", currency="CNY",
        member_external_id=f"T{member:03d}", placed_at=moment, completed_at=moment,
        status="completed", lines=[line],
    )  # fmt: skip


def _shift_of_before() -> timedelta | None:
    """The shift an interrupted load began with, read off its first order."""
    first = Order.objects.filter(channel=dataset.CHANNEL, external_id="CDN-000001").first()
    if first is None:
        return None
    days = (first.placed_at.date() - next(dataset.read()).day).days
    return timedelta(weeks=days // 7)


def _is_told(order: IncomingOrder) -> bool:
    return Order.objects.filter(channel=order.channel, external_id=order.external_id).exists()


def _batches(orders: Sequence[IncomingOrder]) -> Iterator[Sequence[IncomingOrder]]:
    for start in range(0, len(orders), BATCH):
        yield orders[start : start + BATCH]


_TEA_GOODS = (
    ("JASMINE", "茶饮", 1_800), ("MILK-TEA", "茶饮", 2_800), ("OOLONG", "茶饮", 3_600),
    ("COOKIES", "茶点", 6_800), ("PUER", "茶叶", 12_800), ("GIFT-BOX", "礼盒", 26_800),
)  # fmt: skip
_TEA_ADDRESS = {
    "name": "林清和",
    "phone": "13800000001",
    "region": "浙江省杭州市西湖区",
    "line": "龙井路 1 号",
}
_ADDRESS = {"name": "Demo", "phone": "555-0100", "region": "New York", "line": "1 Demo Street"}
