"""Reading check-ins."""

import uuid
from datetime import date, datetime, timedelta

import msgspec

from kernel.clock import Calendar
from kernel.db import connection
from points.checkin.calculations import MAKE_UP_DAYS, first_day_of_cycle, reward_of
from points.checkin.models import CheckIn
from points.members.models import Member
from points.program.calculations import Checkin
from points.program.queries import ActiveProgram, get_program
from points.tiers.queries import get_benefits

AHEAD = 7

_STANDING = """
select count(*) filter (where local_date >= %(first)s),
       coalesce(max(streak) filter (where local_date = %(day)s - 1 and local_date >= %(first)s), 0),
       count(*) filter (where local_date > %(day)s and local_date - streak = %(day)s
                          and local_date < %(end)s)
  from checkin_checkin where member_id = %(member)s
"""
_REACHED = """
select distinct one ->> 'kind', (one ->> 'days')::int
  from checkin_checkin, jsonb_array_elements(milestones) as one
 where member_id = %(member)s and milestones <> '[]' and local_date >= %(first)s
   and (one ->> 'kind' = 'cumulative'
        or local_date between %(day)s - %(before)s and %(day)s + %(after)s)
"""


class Standing(msgspec.Struct, frozen=True):
    """Where a day stands: days in a row right before and right after it, check-ins of the cycle in
    all (without it), and milestones (kind, days) given already."""

    before: int
    after: int
    total: int
    reached: frozenset[tuple[str, int]]


class Ahead(msgspec.Struct, frozen=True):
    """What a check-in would give on a day to come, if none is missed until then."""

    date: date
    points: int


class Overview(msgspec.Struct, frozen=True):
    """A member's check-ins around now. `streak` counts up to today, or to yesterday while today
    is still open."""

    today: date
    is_checked_in: bool
    streak: int
    days: list[CheckIn]
    ahead: list[Ahead]
    make_up_points: int
    make_ups_left: int
    first_open_date: date


def standing_on(*, member_id: uuid.UUID, day: date, cycle: str) -> Standing:
    """How a day stands among a member's check-ins: two queries."""
    first = first_day_of_cycle(day, cycle)
    values = {
        "member": member_id, "day": day, "first": first or date.min,
        "end": _next_cycle(first, cycle) if first else date.max,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        total, before, after = cursor.fetchone()
        cursor.execute(_REACHED, {**values, "before": before, "after": after})
        reached = frozenset((kind, days) for kind, days in cursor.fetchall())
    return Standing(before, after, total, reached)


def tier_bonus(*, member_id: uuid.UUID, program: ActiveProgram) -> int:
    """What the member's tier adds to each check-in, in whole points: two queries while tiers are on."""
    given = get_benefits(member_ids=[member_id], program=program).get(member_id)
    return given.checkin_bonus_points if given else 0


def count_make_ups(*, member_id: uuid.UUID, at: datetime, calendar: Calendar) -> int:
    """Make-ups a member has used in the local month of this moment."""
    month = calendar.start_of(calendar.day_of(at).replace(day=1))
    used = CheckIn.objects.filter(member_id=member_id, is_made_up=True, checked_in_at__gte=month)
    return used.count()


def first_day_to_make_up(*, member: Member, today: date, rule: Checkin, calendar: Calendar) -> date:
    """The earliest missed day that can still be made up for: of this cycle, 31 days back, and not
    before the member joined."""
    first = max(today - timedelta(days=MAKE_UP_DAYS), calendar.day_of(member.joined_at))
    return max(first, first_day_of_cycle(today, rule.cycle) or first)


def list_days(*, member_id: uuid.UUID, first: date, last: date) -> list[CheckIn]:
    """Check-ins from one day to another, both included, in order."""
    rows = CheckIn.objects.filter(member_id=member_id, local_date__range=(first, last))
    return list(rows.order_by("local_date"))


def get_overview(*, member: Member, month: date | None, at: datetime) -> Overview:
    """A month of a member's check-ins (any day of it names it, None is now), and what comes next."""
    program = get_program()
    rule, calendar = program.settings.checkin, program.calendar
    today = calendar.day_of(at)
    standing = standing_on(member_id=member.pk, day=today, cycle=rule.cycle)
    mine = CheckIn.objects.filter(member_id=member.pk, local_date=today).first()
    used = count_make_ups(member_id=member.pk, at=at, calendar=calendar)
    first = (month or today).replace(day=1)
    return Overview(
        today=today,
        is_checked_in=mine is not None,
        streak=mine.streak if mine else standing.before,
        days=list_days(member_id=member.pk, first=first, last=_month_after(first) - _DAY),
        ahead=_look_ahead(
            rule,
            standing,
            today,
            is_done=mine is not None,
            tier_points=tier_bonus(member_id=member.pk, program=program),
        ),  # fmt: skip
        make_up_points=rule.make_up_points,
        make_ups_left=max(0, rule.make_up_per_month - used),
        first_open_date=first_day_to_make_up(
            member=member, today=today, rule=rule, calendar=calendar
        ),
    )


_DAY = timedelta(days=1)


def _look_ahead(
    rule: Checkin, standing: Standing, today: date, *, is_done: bool, tier_points: int
) -> list[Ahead]:
    """The next days' rewards, each as if all before it were taken; a new cycle starts at nothing."""
    found: list[Ahead] = []
    # A check-in of today is in the total and among the milestones, and not in the days before.
    streak, total, reached = standing.before + is_done, standing.total, set(standing.reached)
    day = today + _DAY if is_done else today
    while len(found) < AHEAD:
        if first_day_of_cycle(day, rule.cycle) == day and day != today:
            streak, total, reached = 0, 0, set()
        streak, total = streak + 1, total + 1
        reward = reward_of(
            rule, streak=streak, total=total, reached=reached, tier_points=tier_points
        )
        reached |= {(one.kind, one.days) for one in reward.milestones}
        found.append(Ahead(day, reward.points))
        day += _DAY
    return found


def _next_cycle(first: date, cycle: str) -> date:
    return first + timedelta(days=7) if cycle == "week" else _month_after(first)


def _month_after(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def count_days(*, member_id: uuid.UUID) -> int:
    """Days a member has checked in on, made-up ones included."""
    return CheckIn.objects.filter(member_id=member_id).count()
