"""Every write of check-in."""

import uuid
from datetime import date, datetime

import msgspec
from django.db import transaction

from kernel.db import ask, connection
from kernel.ids import new_id
from points.checkin.calculations import Reward, reward_of
from points.checkin.errors import AlreadyCheckedIn, DayNotOpen, NoCardLeft
from points.checkin.models import CheckIn
from points.checkin.queries import (
    Standing,
    count_make_ups,
    first_day_to_make_up,
    standing_on,
    tier_bonus,
)
from points.earning.actions import award
from points.earning.awards import Origin, granting_of, plain_award
from points.earning.queries import ask_rules
from points.ledger import actions as ledger
from points.ledger.expiring import note_activity
from points.members.queries import get_member
from points.program.queries import ActiveProgram, get_program

# The end of the ledger's key for the extra of the tier: a bonus, where budgets tell those from base.
TIER = ":tier"


@transaction.atomic
def check_in(*, member_id: uuid.UUID, at: datetime, actor: str) -> CheckIn:
    """Check a member in on the local day of this moment, and give what the day is worth.

    Raises AlreadyCheckedIn; nothing has moved then.
    """
    program = get_program()
    day = program.calendar.day_of(at)
    _lock(member_id)
    _refuse_repeat(member_id, day)
    rule = program.settings.checkin
    standing = standing_on(member_id=member_id, day=day, cycle=rule.cycle)
    streak = standing.before + 1
    reward = reward_of(
        rule, streak=streak, total=standing.total + 1, reached=standing.reached,
        tier_points=tier_bonus(member_id=member_id, program=program),
    )  # fmt: skip
    row = _record(member_id, day, streak, reward, at)
    _give(row, reward, program, at=at, actor=actor)
    return row


@transaction.atomic
def make_up(*, member_id: uuid.UUID, day: date, at: datetime, actor: str) -> CheckIn:
    """Fill a missed day with a make-up card, paid for in points; the days around it join up.

    The day gives nothing of its own, but a milestone reached by the longer run is given now.
    Raises AlreadyCheckedIn, DayNotOpen, NoCardLeft, ledger.InsufficientPoints; nothing has moved
    then.
    """
    program = get_program()
    rule, calendar = program.settings.checkin, program.calendar
    _lock(member_id)
    _refuse_repeat(member_id, day)
    today = calendar.day_of(at)
    first = first_day_to_make_up(
        member=get_member(member_id=member_id), today=today, rule=rule, calendar=calendar
    )
    if not first <= day < today:
        raise DayNotOpen(date=day.isoformat(), first=first.isoformat())
    if count_make_ups(member_id=member_id, at=at, calendar=calendar) >= rule.make_up_per_month:
        raise NoCardLeft(limit=rule.make_up_per_month)
    standing = standing_on(member_id=member_id, day=day, cycle=rule.cycle)
    reward = reward_of(
        rule, streak=standing.before + 1 + standing.after, total=standing.total + 1,
        reached=standing.reached, is_made_up=True,
    )  # fmt: skip
    cost = rule.make_up_points
    row = _record(member_id, day, standing.before + 1, reward, at, is_made_up=True, cost=cost)
    _join_days_after(row, standing)
    if cost:
        ledger.spend(
            member=member_id, points=cost, key=f"checkin:make-up:{member_id}:{day}", at=at,
            actor=actor, source_type="checkin", source_id=row.pk, reference=day.isoformat(),
        )  # fmt: skip
    _give(row, reward, program, at=at, actor=actor)
    return row


def _lock(member_id: uuid.UUID) -> None:
    """One check-in of a member at a time: each looks at the days the others write."""
    ledger.open_wallets(members=[member_id])
    ledger.lock_wallets(members=[member_id])


def _refuse_repeat(member_id: uuid.UUID, day: date) -> None:
    if CheckIn.objects.filter(member_id=member_id, local_date=day).exists():
        raise AlreadyCheckedIn(date=day.isoformat())


def _record(
    member_id: uuid.UUID,
    day: date,
    streak: int,
    reward: Reward,
    at: datetime,
    *,
    is_made_up: bool = False,
    cost: int = 0,
) -> CheckIn:
    return CheckIn.objects.create(
        id=new_id(), member_id=member_id, local_date=day, streak=streak, is_made_up=is_made_up,
        base_points=reward.base_points, milestones=msgspec.to_builtins(reward.milestones),
        tier_points=reward.tier_points, cost_points=cost, checked_in_at=at,
    )  # fmt: skip


def _join_days_after(row: CheckIn, standing: Standing) -> None:
    """The run that began the day after goes on from this day now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update checkin_checkin set streak = streak + %s where member_id = %s"
            " and local_date between %s + 1 and %s + %s",
            [row.streak, row.member_id, row.local_date, row.local_date, standing.after],
        )


def _give(
    row: CheckIn, reward: Reward, program: ActiveProgram, *, at: datetime, actor: str
) -> None:
    """Lots for the day, each milestone and the tier, paid for by the merchant within its budget."""
    if not (reward.points or row.cost_points):
        note_activity(member=row.member_id, at=at)
        return
    (rules,) = ask(ask_rules())
    granting = granting_of(program, rules)
    day = row.local_date.isoformat()
    parts = [("checkin", "", reward.base_points, day)] + [
        ("milestone", f":{one.kind}:{one.days}", one.points, str(one.days))
        for one in reward.milestones
    ]
    parts.append(("checkin_tier", TIER, reward.tier_points, day))
    grants = [
        plain_award(
            Origin(
                member=row.member_id, occurred_at=at,
                key=f"checkin:{row.member_id}:{day}{suffix.removesuffix(TIER)}",
                source_type=kind, source_id=row.pk, reference=reference,
            ), points, "tier" if suffix == TIER else "", granting,
        )
        for kind, suffix, points, reference in parts
        if points
    ]  # fmt: skip
    awarded = award(items=grants, at=at, actor=actor)
    given = {grant.key: one.points for grant, one in zip(grants, awarded, strict=True)}
    if sum(given.values()) < sum(grant.amount for grant in grants):
        keys = [f"checkin:{row.member_id}:{day}{suffix}" for _, suffix, _, _ in parts]
        _note_cut(row, [given.get(key, 0) for key in keys])


def _note_cut(row: CheckIn, given: list[int]) -> None:
    """The merchant's budget is used up: the day shows what it really gave of base, milestones, tier."""
    row.base_points, *milestones, row.tier_points = given
    row.milestones = [one for one, points in zip(row.milestones, milestones, strict=True) if points]
    row.save(update_fields=["base_points", "milestones", "tier_points"])


def unite_days(*, loser: uuid.UUID, survivor: uuid.UUID) -> None:
    """Check-ins of two members become one calendar.

    A day on which both came counts once, the survivor's. Streaks are counted anew over the days of
    both, each cycle from its beginning; what the days gave stays as it was. The caller has locked
    both wallets, as check-in does. Three statements, however many days.
    """
    cycle = get_program().settings.checkin.cycle
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from checkin_checkin d where d.member_id = %s and exists (select 1"
            " from checkin_checkin k where k.member_id = %s and k.local_date = d.local_date)",
            [loser, survivor],
        )
        cursor.execute(
            "update checkin_checkin set member_id = %s where member_id = %s", [survivor, loser]
        )
        if cursor.rowcount:
            cursor.execute(_STREAKS, {"member": survivor, "cycle": cycle})


# Days in a row share the difference between their date and their number.
_STREAKS = """
with day as (
  select id, local_date, case when %(cycle)s = 'endless' then null
                              else date_trunc(%(cycle)s, local_date) end as cycle
    from checkin_checkin where member_id = %(member)s
), run as (
  select *, local_date - (row_number() over (partition by cycle order by local_date))::int as run
    from day
), counted as (
  select id, row_number() over (partition by cycle, run order by local_date) as streak from run
)
update checkin_checkin c set streak = n.streak from counted n where c.id = n.id
   and c.streak <> n.streak
"""
