"""What the tea house's regulars did besides ordering, and what its staff had to put right.

Told in the order of time, through the product's own actions.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from devstack.demo.offers import Colleague
from kernel.ids import new_id
from points.adjustments.models import Adjustment
from points.channels.actions import create_api_key
from points.earning.actions import claim_award
from points.earning.models import Award
from points.flows.events_received import IncomingEvent, take_events
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_checked_in import check_member_in
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.flows.points_adjusted import adjust_points
from points.flows.points_transferred import transfer_points
from points.members.models import Member
from points.orders.models import Order
from points.webhooks.actions import add_endpoint, change_endpoint

# Member number → how many days on end up to yesterday they checked in. The seventh has the most
# orders, and is the one as whom visitors of the demo try the storefront.
STREAKS = {7: 9, 1: 16, 2: 4, 5: 12, 8: 6}
# (days ago, type, member, properties)
EVENTS = (
    *((day, "review.posted", number, {"stars": 5})
      for day, number in ((58, 9), (44, 4), (36, 12), (29, 1), (21, 6), (5, 7))),
    *((day, "share.visited", number, {}) for day in (13, 6, 2) for number in (7, 1, 2)),
    *((8, "custom:tasting", number, {"guests": number % 4}) for number in (1, 2, 6, 7)),
)  # fmt: skip
TRANSFERS = {9: ((1, 7, 60),), 4: ((7, 5, 40),)}
CLAIMS, CLAIMERS = 20, (1, 2, 3, 4, 5, 6, 8)
FIRST_HABIT = 60
ACTOR = "demo"
Regulars = dict[int, uuid.UUID]


def tell_morning(days_ago: int, at: datetime) -> None:
    """What members did on the morning of that day, before the shop opened."""
    regulars = _regulars() if days_ago <= FIRST_HABIT else {}
    for number, days in STREAKS.items():
        if days_ago <= days:
            check_member_in(member_id=regulars[number], at=at, actor=ACTOR)
    if events := [_event(*one, at) for one in EVENTS if one[0] == days_ago]:
        take_events(events=events, at=at, actor=ACTOR)
    for sender, receiver, points in TRANSFERS.get(days_ago, ()):
        transfer_points(
            sender=regulars[sender], receiver=regulars[receiver], points=points,
            transfer_id=new_id(), at=at, actor=ACTOR,
        )  # fmt: skip
    if days_ago == CLAIMS:
        _claim([regulars[number] for number in CLAIMERS], at)


@transaction.atomic
def tell_today(*, at: datetime, owner: Colleague, clerk: Colleague, slug: str) -> None:
    """What happened in the last hours, once; all of it or nothing."""
    if Adjustment.objects.exists():
        return
    _take_back(at)
    _put_right(_regulars(), owner, clerk, at)
    _connect(owner, slug, at)


def _regulars() -> Regulars:
    rows = Member.objects.filter(external_id__startswith="T").values_list("external_id", "pk")
    return {int(name[1:]): pk for name, pk in rows}


def _event(
    days_ago: int, kind: str, number: int, properties: Mapping[str, Any], at: datetime
) -> IncomingEvent:
    return IncomingEvent(
        id=f"demo-{kind}-{number}-{days_ago}", type=kind, member_external_id=f"T{number:03d}",
        occurred_at=at, properties=dict(properties),
    )  # fmt: skip


def _claim(members: list[uuid.UUID], at: datetime) -> None:
    """These took what waited for them; the seventh, as whom visitors try the shop, lets it wait."""
    waiting = Award.objects.filter(status=Award.Status.CLAIMABLE, member_id__in=members)
    for row in waiting.order_by("pk"):
        claim_award(award_id=row.pk, member_id=row.member_id, at=at, actor=ACTOR)


def _take_back(at: datetime) -> None:
    """Two refunds, one in part; and an order that is paid and not yet completed."""
    orders = list(Order.objects.order_by("-placed_at")[4:40:9])
    for position, order in enumerate(orders[:2]):
        cents = order.goods_cents if position else order.goods_cents // 2
        refund = IncomingRefund(
            external_id=f"R{position + 1}", refunded_at=at - timedelta(hours=6), amount_cents=cents
        )
        refund_order(
            external_id=order.external_id, refund=refund, at=at, actor=ACTOR, channel=order.channel
        )
    placed = at - timedelta(hours=2)
    line = IncomingLine(
        external_id="1", sku="GIFT-BOX", category="礼盒", quantity=1, amount_cents=26_800
    )
    waiting = IncomingOrder(
        external_id=f"{placed:%Y%m%d}-W1", channel="web", currency="CNY", placed_at=placed,
        member_external_id="T007", status="paid", lines=[line], shipping_cents=1_200,
    )  # fmt: skip
    take_order(order=waiting, create_member=False, at=at, actor=ACTOR)


def _put_right(regulars: Regulars, owner: Colleague, clerk: Colleague, at: datetime) -> None:
    """A small correction goes through at once; a large one waits for a second person."""
    for number, points, reason, who in (
        (4, 50, "上次少记的积分", owner),
        (6, 800, "企业团购补发", clerk),
        (9, 500, "活动奖品改发积分", clerk),
    ):
        adjust_points(
            member_id=regulars[number], points=points, reason=reason, at=at, actor=who.actor,
            actor_name=who.name,
        )  # fmt: skip


def _connect(owner: Colleague, slug: str, at: datetime) -> None:
    """The till has a key; the endpoint of the customer system is switched off, as nobody is there."""
    create_api_key(
        name="门店收银", scopes=["orders:write", "members:read"], at=at, actor=owner.actor
    )
    endpoint, _ = add_endpoint(
        url=f"https://crm.{slug}.example/jifen", topics=["points.earned", "points.spent"], at=at,
        description="CRM", actor=owner.actor,
    )  # fmt: skip
    change_endpoint(endpoint_id=endpoint.pk, changes={"status": "disabled"})
