"""Bodies and answers of check-in, alike on every surface."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec

from kernel.shapes import Body, Slugish
from points.checkin.models import CheckIn
from points.checkin.queries import Overview

Month = Annotated[str, msgspec.Meta(pattern=r"^20\d{2}-(0[1-9]|1[0-2])\Z")]


class MonthQuery(msgspec.Struct, kw_only=True):
    month: Month | None = None


class MemberMonthQuery(MonthQuery, kw_only=True):
    member_external_id: Slugish


class MakeUpIn(Body, kw_only=True):
    date: dt.date


class MemberCheckInIn(Body, kw_only=True):
    member_external_id: Slugish


class MemberMakeUpIn(MakeUpIn, kw_only=True):
    member_external_id: Slugish


class MilestoneOut(msgspec.Struct, kw_only=True):
    kind: Literal["continuous", "cumulative"]
    days: int
    points: int


class CheckInOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    member_id: uuid.UUID
    date: dt.date
    streak: int
    points: int
    base_points: int
    tier_points: int
    milestones: list[MilestoneOut]
    is_made_up: bool
    cost_points: int


class AheadOut(msgspec.Struct, kw_only=True):
    date: dt.date
    points: int


class CheckInOverviewOut(msgspec.Struct, kw_only=True):
    today: dt.date
    is_checked_in: bool
    streak: int
    days: list[CheckInOut]
    ahead: list[AheadOut]
    make_up_points: int
    make_ups_left: int
    first_open_date: dt.date


def first_of(month: str | None) -> dt.date | None:
    """The first day of `2026-11`."""
    return dt.date.fromisoformat(f"{month}-01") if month else None


def check_in(row: CheckIn) -> CheckInOut:
    """A day."""
    return CheckInOut(
        id=row.pk, member_id=row.member_id, date=row.local_date, streak=row.streak,
        points=row.points, base_points=row.base_points, tier_points=row.tier_points, is_made_up=row.is_made_up,
        milestones=[MilestoneOut(**one) for one in row.milestones], cost_points=row.cost_points,
    )  # fmt: skip


def overview(found: Overview) -> CheckInOverviewOut:
    """A month and what comes next."""
    return CheckInOverviewOut(
        today=found.today, is_checked_in=found.is_checked_in, streak=found.streak,
        days=[check_in(row) for row in found.days],
        ahead=[AheadOut(date=one.date, points=one.points) for one in found.ahead],
        make_up_points=found.make_up_points, make_ups_left=found.make_ups_left,
        first_open_date=found.first_open_date,
    )  # fmt: skip
