"""Shop orders of the demo shops, each told through the flows a buyer and the shop would go."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db import transaction

from devstack.demo.shops import GROOVE, TEA, Shop
from points.flows.checkout import CheckoutAsk, Wanted, place_order, quote_checkout
from points.flows.shop_moved import receive_order, ship_order
from points.flows.shop_paid import begin_payment, confirm_offline
from points.flows.shop_refunded import approve_refund, request_refund
from points.members.queries import find_liveliest_member
from points.program.actions import change_program
from points.shop.address_actions import add_address
from points.shop.models import Variant
from points.shop.order_models import ShopOrder
from points.shop.order_queries import payments_of, refunds_of

ACTOR = "demo"
# Some, so that the member has points left for the mall.
POINTS_USED = 500
Step = Literal["wait", "pay", "ship", "receive", "ask", "refund"]
# What happens to an order, one after the other.
WAITS: tuple[Step, ...] = ("wait",)
PAID: tuple[Step, ...] = ("wait", "pay")
SENT: tuple[Step, ...] = (*PAID, "ship")
ARRIVED: tuple[Step, ...] = (*SENT, "receive")


@dataclass(frozen=True, slots=True)
class Bought:
    """An order: articles with their pieces, how long ago, what happened since.

    Points are used in the newest alone: what is posted with an older date than the last of the
    story would stand in the wallet below balances that know nothing of it.
    """

    skus: tuple[tuple[str, int], ...]
    days_ago: float
    steps: tuple[Step, ...]
    uses_points: bool = False
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a demo shop sells. `shop`: its checkout; a carrier with a number for parcels."""

    shop: dict[str, object]
    carrier: tuple[str, str]
    address: dict[str, str]
    orders: tuple[Bought, ...]


_HABITS = {
    TEA.slug: Habits(
        {
            "shipping_cents": 1_000, "free_shipping_from_cents": 19_900,
            "offline_zh": "到店付款，或转账到柜台二维码，备注订单号。",
            "offline_en": "Pay at the counter, or by transfer with the order number.",
        },
        ("顺丰速运", "SF1392046518870"),
        {
            "name": "梅晓雨", "phone": "13800000007", "region": "浙江省杭州市西湖区",
            "line": "龙井路 18 号 3 幢 502",
        },
        (
            Bought((("LJ-50", 1), ("QQ-180", 1)), 12, ARRIVED),
            Bought((("LDG-6", 3), ("GW-6", 1)), 9, (*ARRIVED, "ask", "refund"), reason="绿豆糕买多了"),
            Bought((("DC-75", 2),), 4, (*SENT, "ask"), reason="想换成 150 克"),
            Bought((("MKB-L", 2),), 2, SENT),
            Bought((("XQG-10", 1), ("JH-60", 2)), 0.1, PAID, uses_points=True, note="请分开包装"),
            Bought((("FM-500", 1),), 0, WAITS),
        ),
    ),
    GROOVE.slug: Habits(
        {
            "shipping_cents": 599, "free_shipping_from_cents": 6_000,
            "offline_zh": "来店里付款，我们为你留货。",
            "offline_en": "Pay in the shop; we keep it for you behind the counter.",
        },
        ("UPS", "1Z999AA10123456784"),
        {
            "name": "Sam Reyes", "phone": "2125550142", "region": "New York, NY 10014",
            "line": "81 Bedford Street, Apt 4",
        },
        (
            Bought((("LP-KOB", 1), ("SLV-50", 1)), 14, ARRIVED),
            Bought((("TS-M", 2), ("TOTE", 1)), 8, (*ARRIVED, "ask", "refund"), reason="One shirt is too small"),
            Bought((("HP-1", 1),), 5, (*SENT, "ask"), reason="They hum on the left"),
            Bought((("MYST-3", 1),), 3, SENT),
            Bought((("CLN-1", 1), ("AH-BLK", 1)), 0.1, PAID, uses_points=True, note="A gift: no bill, please"),
            Bought((("FRI", 2),), 0, WAITS),
        ),
    ),
}  # fmt: skip


@transaction.atomic
def tell_shop_orders(shop: Shop, at: datetime) -> None:
    """What the demo member ordered in the shop lately, once."""
    buyer = find_liveliest_member()
    if ShopOrder.objects.exists() or buyer is None:
        return
    habits = _HABITS[shop.slug]
    change_program(changes={"shop": habits.shop}, at=at)
    add_address(member_id=buyer.pk, fields=habits.address, at=at)
    for bought in habits.orders:
        when = at - timedelta(days=bought.days_ago, minutes=10)
        _tell(bought, buyer.pk, habits, when)


def _tell(bought: Bought, member_id: uuid.UUID, habits: Habits, at: datetime) -> None:
    """One order with all its steps, a minute apart, none of them later than now."""
    skus = [sku for sku, _ in bought.skus]
    variants = {one.sku: one for one in Variant.objects.filter(sku__in=skus)}
    asked = CheckoutAsk(
        lines=tuple(Wanted(variants[sku].pk, pieces) for sku, pieces in bought.skus),
        points=POINTS_USED if bought.uses_points else 0,
    )
    found = quote_checkout(member_id=member_id, asked=asked, at=at)
    order = place_order(
        member_id=member_id, asked=asked,
        expected_payable_cents=found.composition.payable_cents, address=habits.address,
        note=bought.note, at=at, actor=ACTOR,
    )  # fmt: skip
    for step in bought.steps:
        at += timedelta(minutes=1)
        _STEPS[step](order, bought, habits, at)


def _choose_counter(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    begin_payment(
        order_id=order.pk, member_id=order.member_id, provider="offline", success_url="",
        cancel_url="", at=at, now=datetime.now(UTC), actor=ACTOR,
    )  # fmt: skip


def _pay(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    (payment,) = payments_of(order_id=order.pk)
    confirm_offline(order_id=order.pk, payment_id=payment.pk, note="", at=at, actor=ACTOR)


def _ship(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    carrier, tracking = habits.carrier
    ship_order(order_id=order.pk, carrier=carrier, tracking=tracking, at=at, actor=ACTOR)


def _receive(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    receive_order(order_id=order.pk, member_id=order.member_id, at=at, actor=ACTOR)


def _ask(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    request_refund(
        order_id=order.pk, member_id=order.member_id, pieces={1: 1}, reason=bought.reason, at=at,
        actor=ACTOR,
    )  # fmt: skip


def _refund(order: ShopOrder, bought: Bought, habits: Habits, at: datetime) -> None:
    (refund,) = refunds_of(order_ids=[order.pk])[order.pk]
    approve_refund(
        refund_id=refund.pk, pieces=None, shipping_cents=None, is_restocked=True, note="", at=at,
        now=datetime.now(UTC), actor=ACTOR,
    )  # fmt: skip


_STEPS: dict[Step, Callable[[ShopOrder, Bought, Habits, datetime], None]] = {
    "wait": _choose_counter, "pay": _pay, "ship": _ship, "receive": _receive, "ask": _ask,
    "refund": _refund,
}  # fmt: skip
