"""The tea shop with three tiers, and a member whose orders are told one by one."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from points.flows.books_checked import check_books
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.flows.time_moved import run_due_jobs
from points.members.actions import create_member
from points.program.actions import change_program
from points.program.queries import get_program
from points.tiers import actions, queries
from points.tiers.models import MemberTier, TierMove

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day(text, hour=12, minute=0):
    """A moment in Shanghai: noon of `2026-03-01`."""
    return datetime.fromisoformat(text).replace(hour=hour, minute=minute, tzinfo=SHANGHAI)


START = day("2026-01-01")


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def ladder(shop):
    """Everybody is on plain; silver from 500, gold from 1,000, platinum from 2,000 growth."""
    for code, threshold in (("plain", 0), ("silver", 500), ("gold", 1_000), ("platinum", 2_000)):
        actions.create_tier(
            fields={"code": code, "name_en": code.title(), "threshold": threshold}, at=START
        )


@pytest.fixture
def rule(ladder):
    """`rule(…)` changes how tiers are earned and lost."""

    def change(**settings):
        change_program(changes={"tiers": settings}, at=START)

    return change


@pytest.fixture
def ann(shop):
    return create_member(external_id="ann", at=START)


def buy(name, when, units, *, at=None, member="ann", status="completed", **more):
    """An order of so many yuan on that day, told at once unless `at` says otherwise."""
    moment = when if isinstance(when, datetime) else day(when)
    order = IncomingOrder(
        external_id=name, member_external_id=member, currency="CNY", placed_at=moment,
        completed_at=moment if status == "completed" else None, status=status,
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=units * 100)], **more,
    )  # fmt: skip
    return take_order(order=order, create_member=False, at=at or moment, actor="t")


def give_back(order, name, when, units):
    """A refund of so many yuan."""
    refund = IncomingRefund(external_id=name, refunded_at=day(when), amount_cents=units * 100)
    return refund_order(external_id=order, refund=refund, at=day(when), actor="t")


def come(moment):
    """The clock stands there now, and the jobs have run."""
    return run_due_jobs(at=moment if isinstance(moment, datetime) else day(moment))


def tier_of(member):
    """The code of the member's tier."""
    return queries.get_standings(member_ids=[member.pk])[member.pk].code


def progress_of(member, at):
    """What the member's page shows."""
    return queries.get_progress(
        member_id=member.pk, program=get_program(), ladder=queries.list_tiers(), at=at
    )


def history(member):
    """(kind, from, to, local day) of every move, oldest first."""
    moves = TierMove.objects.filter(member_id=member.pk).order_by("id")
    return [
        (
            move.kind,
            move.from_tier and move.from_tier.code,
            move.to_tier and move.to_tier.code,
            move.occurred_at.astimezone(SHANGHAI).date().isoformat(),
        )
        for move in moves.select_related("from_tier", "to_tier")
    ]


def keeps_until(member):
    """The end of the tier period as the last day that is inside it."""
    end = MemberTier.objects.get(pk=member.pk).keeps_until
    return end.astimezone(SHANGHAI).isoformat() if end else None
