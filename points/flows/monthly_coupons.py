"""Members get the coupon of their tier, one a local month.

Whoever stands on a tier that gives one when the job finds the month, or comes to such a tier within
it; a second tier of the same month gives no second one. All members of such a tier are looked at on
the first run of each local day, which also finds again whom nothing could be given before; in between
only those who joined, or whose tier moved, since the last look.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max

from kernel.db import connection
from points.coupons import actions as coupons
from points.coupons.actions import CouponIssue
from points.coupons.issuing import issue_bodies
from points.ledger import actions as ledger
from points.members.errors import MemberMerged
from points.members.models import Member
from points.program.queries import get_program
from points.tiers.models import Tier, TierCouponRun, TierMove
from points.tiers.queries import coupon_code_of, list_tiers, stands_on

T = TypeVar("T")
SOURCE = "tier_monthly"
# Members whose wallets are locked at once.
BATCH = 500
TRIES = 10
# Moves are numbered before they are committed: so far back, one that was late is looked for.
BEHIND, LATE = 10_000, timedelta(minutes=10)
# After one of these nobody of the template gets one.
_ENDS = ("inactive", "over", "exhausted")
_FIRST = uuid.UUID(int=0)
_OPEN = (
    "m.merged_into_id is null and m.erased_at is null and not exists (select from coupons_coupon c"
    " where c.member_id = m.id and c.source = %s and c.source_id like %s)"
)


@dataclass(frozen=True, slots=True)
class _Round:
    """One tier's coupon on one day: SQL with values that is true of members `m` who stand on the
    tier and have none of this month, under no name they had."""

    tier: Tier
    template: str
    day: date
    at: datetime
    test: str
    values: Sequence[Any]

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"


def give_monthly_coupons(*, at: datetime, limit: int = BATCH) -> int:
    """Give what members of tiers have not got yet this month, in batches that can be interrupted; how
    many. Two queries while no tier gives any."""
    program = get_program()
    if not program.settings.tiers.is_on:
        return 0
    ladder, day = list_tiers(), program.calendar.day_of(at)
    given = 0
    for tier in ladder:
        if template := coupon_code_of(tier=tier):
            test, values = stands_on(tier=tier, ladder=ladder)
            found = [*values, SOURCE, f"{day:%Y-%m}:%"]
            given += _give_round(
                _Round(tier, template, day, at, f"{test} and {_OPEN}", found), limit
            )
    return given


def _give_round(this: _Round, limit: int) -> int:
    given, is_walking = 0, _begin(this)
    if not is_walking:
        return 0
    while is_walking:
        some, is_walking = _tried(partial(_walk_on, this, limit))
        given += some
    return given + _follow_moves(this, limit)


@transaction.atomic
def _begin(this: _Round) -> bool:
    """The tier's row as of today; False if another sweep is a day ahead. The newest move is read
    first: later ones are followed."""
    newest = TierMove.objects.aggregate(newest=Max("pk"))["newest"] or 0
    run, _ = TierCouponRun.objects.select_for_update().get_or_create(
        tier=this.tier,
        defaults={
            "day": this.day, "template": this.template, "last_move": newest, "looked_at": this.at,
        },
    )  # fmt: skip
    if run.day > this.day or _is_at(run, this):
        return run.day == this.day
    if (run.day.year, run.day.month) != (this.day.year, this.day.month):
        run.issued_count = 0
    run.day, run.template, run.looked_at = this.day, this.template, this.at
    run.cursor, run.last_move = None, newest
    run.missed_count, run.missed_reason = 0, ""
    run.save()
    return True


def _is_at(run: TierCouponRun, this: _Round) -> bool:
    return (run.day, run.template) == (this.day, this.template)


@transaction.atomic
def _walk_on(this: _Round, limit: int) -> tuple[int, bool]:
    """Those behind the last member looked at, in order of ids: how many got one, and whether there
    may be more. The row is locked, so that sweeps at once wait for each other."""
    run = TierCouponRun.objects.select_for_update().get(pk=this.tier.pk)
    if not _is_at(run, this):
        return 0, False  # another sweep is a day ahead, or goes by another template
    after = run.cursor or _FIRST
    newest = Member.objects.order_by("-pk").values_list("pk", flat=True).first()
    members = _due(this, "m.id > %s", [after], limit)
    given, refused, why = _give(this, members) if members else (0, 0, "")
    is_more = len(members) == limit
    if is_more and why in _ENDS:
        refused, is_more = refused + _count_due(this, members[-1]), False
    last = members[-1] if is_more else max([after, newest or after, *members[-1:]])
    if given or refused or run.cursor != last:
        run.cursor, run.issued_count = last, run.issued_count + given
        run.missed_count, run.missed_reason = run.missed_count + refused, why or run.missed_reason
        run.save()
    return given, is_more


def _follow_moves(this: _Round, limit: int) -> int:
    """Those whose tier moved since the last look; a move seen twice gives nothing twice. Who is
    refused here is counted by tomorrow's look."""
    run = TierCouponRun.objects.get(pk=this.tier.pk)
    newest = TierMove.objects.aggregate(newest=Max("pk"))["newest"] or 0
    moved = (
        "m.id in (select v.member_id from tiers_tiermove v where v.id > %s"
        " and (v.id > %s or v.recorded_at >= %s))"
    )
    values = [run.last_move - BEHIND, run.last_move, run.looked_at - LATE]
    given, after, is_more = 0, _FIRST, True
    while is_more:
        members = _due(this, f"m.id > %s and {moved}", [after, *values], limit)
        some, _, why = _tried(partial(_give_moved, this, members)) if members else (0, 0, "")
        given, is_more = given + some, len(members) == limit and why not in _ENDS
        after = members[-1] if members else after
    TierCouponRun.objects.filter(pk=this.tier.pk, day=this.day).update(
        last_move=newest, looked_at=this.at
    )
    return given


@transaction.atomic
def _give_moved(this: _Round, members: Sequence[uuid.UUID]) -> tuple[int, int, str]:
    run = TierCouponRun.objects.select_for_update().get(pk=this.tier.pk)
    if not _is_at(run, this):
        return 0, 0, ""
    found = _give(this, members)
    if found[0]:
        run.issued_count += found[0]
        run.save()
    return found


def _give(this: _Round, members: Sequence[uuid.UUID]) -> tuple[int, int, str]:
    """(given, refused, why the latest was refused). Looked at again under their wallets: one who was
    merged, or got one meanwhile, is due no longer."""
    ledger.open_wallets(members=members)
    ledger.lock_wallets(members=members)
    members = _due(this, "m.id = any(%s)", [list(members)], len(members))
    body = issue_bodies(codes=[this.template], at=this.at, actor="job")[this.template]
    if isinstance(body, str):
        return 0, len(members), body if members else ""
    made = coupons.issue(
        template_code=this.template, at=this.at, actor="job", skips_refused=True,
        issues=[CouponIssue(one, SOURCE, f"{this.month}:{one}") for one in members],
    )  # fmt: skip
    refused = [one.outcome for one in made if one.coupon is None]
    return sum(one.is_new for one in made), len(refused), refused[-1] if refused else ""


def _due(this: _Round, where: str, values: Sequence[Any], limit: int) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select m.id from members_member m where {this.test} and {where}"
            " order by m.id limit %s",
            [*this.values, *values, limit],
        )
        return [member for (member,) in cursor.fetchall()]


def _count_due(this: _Round, after: uuid.UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from members_member m where {this.test} and m.id > %s",
            [*this.values, after],
        )
        return int(cursor.fetchone()[0])


def _tried(batch: Callable[[], T]) -> T:
    """A member merged between being found and being locked: the next look leaves that one out."""
    for _ in range(TRIES):
        try:
            return batch()
        except MemberMerged:
            pass
    return batch()
