"""The cash wallet of the tea house: exchanges within caps, red packets, withdrawals paid by hand."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from devstack.demo.offers import Colleague
from kernel.ids import new_id
from points.cash import withdrawals
from points.cash.actions import exchange
from points.cash.models import RedPacket, Withdrawal
from points.cash.queries import get_terms
from points.cash.red_packets import end_red_packet, make_red_packet
from points.flows.red_packet_taken import take_red_packet
from points.ledger.models import Wallet
from points.members.models import Member
from points.members.queries import find_liveliest_member
from points.program.actions import change_program

RULES = {
    "enabled": True, "points_per_unit": 100, "min_points": 200, "step_points": 100,
    "member_daily_cents": 1_000, "member_monthly_cents": 5_000, "shop_daily_cents": 50_000,
    "min_withdrawal_cents": 500, "max_withdrawal_cents_per_day": 20_000, "payout": "manual",
}  # fmt: skip
# Two packets: one of last week that all have taken, and one that is being taken now.
EARLIER = {"kind": "equal", "title_zh": "谢谢老茶友", "title_en": "Thanks to our regulars"}
OPEN = {
    "kind": "random",
    "title_zh": "新茶上市，手气最佳请喝茶",
    "title_en": "New tea is in: good luck",
}
EARLIER_SHARES, OPEN_SHARES, OPENED = 8, 20, 9


@transaction.atomic
def open_cash(*, at: datetime, owner: Colleague) -> None:
    """Switch cash on and let it have been used for a week; all of it or nothing."""
    if RedPacket.objects.exists():
        return
    change_program(changes={"cash": RULES}, at=at)
    star = find_liveliest_member()
    if star is None:
        return
    others = Member.objects.exclude(pk=star.pk).filter(merged_into__isnull=True)
    crowd = list(others.order_by("external_id").values_list("pk", flat=True))
    week_ago = at - timedelta(days=7)
    earlier = _make(EARLIER, 16_000, EARLIER_SHARES, week_ago, timedelta(days=2), owner)
    regulars = [star.pk, *crowd[: EARLIER_SHARES - 1]]
    _take(earlier, regulars, week_ago + timedelta(hours=1))
    end_red_packet(packet_id=earlier.pk, at=week_ago + timedelta(hours=3))
    _withdraw(regulars[1:], at, owner)
    packet = _make(OPEN, 8_800, OPEN_SHARES, at - timedelta(hours=3), timedelta(days=3), owner)
    _take(packet, crowd[-OPENED:], at - timedelta(hours=2))
    _exchange(at)


def _make(
    fields: dict[str, Any], cents: int, shares: int, at: datetime, lasts: timedelta,
    owner: Colleague,
) -> RedPacket:  # fmt: skip
    told = {
        **fields, "total_cents": cents, "shares_count": shares, "audience": "all",
        "audience_code": "", "funding_source": "merchant",
    }  # fmt: skip
    return make_red_packet(
        fields=told, ends_at=at + lasts, at=at, actor=owner.actor, actor_name=owner.name
    )


def _take(packet: RedPacket, members: Sequence[uuid.UUID], at: datetime) -> None:
    for place, member in enumerate(members):
        take_red_packet(
            packet_id=packet.pk, member_id=member, at=at + timedelta(minutes=7 * place),
            actor=f"member:{member}",
        )  # fmt: skip


def _withdraw(members: Sequence[uuid.UUID], at: datetime, owner: Colleague) -> None:
    """One was paid days ago, one waits for an answer."""
    paid = _ask(members[0], 2_000, "6222 0210 0011 2233", at - timedelta(days=5))
    decided = at - timedelta(days=4)
    withdrawals.approve_withdrawal(
        withdrawal_id=paid.pk, at=decided, actor=owner.actor, actor_name=owner.name
    )
    withdrawals.mark_paid(
        withdrawal_id=paid.pk, reference=f"ICBC{decided:%Y%m%d}0417", at=decided,
        actor=owner.actor,
    )  # fmt: skip
    _ask(members[1], 1_500, "支付宝 13800000003", at - timedelta(hours=2))


def _ask(member: uuid.UUID, cents: int, account: str, at: datetime) -> Withdrawal:
    name = Member.objects.values_list("name", flat=True).get(pk=member)
    return withdrawals.request_withdrawal(
        member_id=member, cents=cents, payee_name=name, payee_account=account, at=at,
        actor=f"member:{member}", actor_name=name,
    )  # fmt: skip


def _exchange(at: datetime) -> None:
    """Who has most points turns some into cash today."""
    rich = Wallet.objects.filter(unit="points").order_by("-available", "pk").first()
    points = min(500, get_terms(member=rich.member_id, at=at).max_points) if rich else 0
    if rich and points:
        exchange(
            member_id=rich.member_id, points=points, exchange_id=new_id(), at=at,
            actor=f"member:{rich.member_id}",
        )  # fmt: skip
