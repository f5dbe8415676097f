"""Bodies and answers of the task centre, alike on every surface."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec
from django.utils.translation import get_language, gettext

from kernel.db import connection
from kernel.money import money_text
from kernel.shapes import Body, Slugish
from points.earning.actions import Claimed
from points.earning.rules import Reward
from points.earning.task_centre import Period, Status, TaskState, Waiting
from points.interfaces.explaining_rules import coupon_names


class MemberTaskQuery(msgspec.Struct, kw_only=True):
    member_external_id: Slugish


class TaskClaimIn(Body, kw_only=True):
    """The award a task of this member's names in `award_id`."""

    member_external_id: Slugish
    award_id: uuid.UUID


class ProgressOut(msgspec.Struct, kw_only=True):
    period: Period
    times: int
    most: int


class TaskOut(msgspec.Struct, kw_only=True):
    """A task. `points` is what doing it once gives, or the next claim; null when it depends, and
    then `reward` says on what, or when it gives a coupon, whose name `coupon` is."""

    code: str
    status: Status
    title: str
    hint: str
    link: str
    points: int | None
    reward: str
    coupon: str | None
    award_id: uuid.UUID | None
    claims_waiting: int
    points_earned: int
    done_at: dt.datetime | None
    again_at: dt.datetime | None
    ends_at: dt.datetime | None
    progress: ProgressOut | None


class TaskItems(msgspec.Struct, kw_only=True):
    """All tasks: to claim, promised, open, done for now, done; `claims_waiting` of all of them together."""

    items: list[TaskOut]
    claims_waiting: int


class TaskClaimOut(msgspec.Struct, kw_only=True):
    award_id: uuid.UUID
    task_code: str
    points: int
    coupon: str | None


def tasks(found: Sequence[TaskState]) -> TaskItems:
    """The task centre; one query for the names of coupons, if tasks give any."""
    names = coupon_names(one.reward.template for one in found if one.reward.template)
    return TaskItems(
        items=[task(one, names) for one in found],
        claims_waiting=sum(len(one.waiting) for one in found),
    )


def task(found: TaskState, names: Mapping[str, str]) -> TaskOut:
    """A task in the language of the request; `names` are those of coupons."""
    language = get_language() or "en"
    first = found.waiting[0] if found.waiting else None
    progress, given = found.progress, found.given
    return TaskOut(
        code=found.code, status=found.status, title=found.card.title(language),
        hint=found.card.hint(language), link=found.card.link,
        points=_points(found.reward, first), reward=_worded(found.reward),
        coupon=coupon_name(found.reward.template, names), award_id=first.award_id if first else None,
        claims_waiting=len(found.waiting), points_earned=given.points if given else 0,
        done_at=given.last if given else None, again_at=found.again_at, ends_at=found.ends_at,
        progress=ProgressOut(period=progress.period, times=progress.times, most=progress.most)
        if progress else None,
    )  # fmt: skip


def claim(done: Claimed) -> TaskClaimOut:
    """What a claim gave."""
    names = coupon_names([done.coupon] if done.coupon else [])
    return TaskClaimOut(
        award_id=done.award_id, task_code=done.rule_code, points=done.points,
        coupon=coupon_name(done.coupon, names),
    )  # fmt: skip


def coupon_name(template: str | None, names: Mapping[str, str]) -> str | None:
    """The name of a template, or its code when it has gone."""
    return None if template is None else names.get(template, template)


def _points(reward: Reward, first: Waiting | None) -> int | None:
    if reward.kind == "coupon":
        return None
    if first is not None:
        return first.points
    return reward.points if reward.kind == "fixed" else None


def _worded(reward: Reward) -> str:
    """What a reward that is no fixed number depends on; it does not say "points", for which every
    merchant has a word."""
    match reward.kind:
        case "amount":
            worth = money_text(reward.per_cents or 1, connection.tenant.currency)
            return gettext("%(points)s for every %(money)s") % {
                "points": reward.points, "money": worth,
            }  # fmt: skip
        case "rate":
            share = (reward.rate or Decimal(0)) * 100
            return gettext("%(share)s%% back") % {"share": f"{share.normalize():f}"}
        case "multiplier":
            return gettext("%(factor)s times the usual") % {"factor": reward.factor}
        case "per_line" if reward.per == "piece":
            return gettext("%(points)s for each piece") % {"points": reward.points}
        case "per_line":
            return gettext("%(points)s for each product") % {"points": reward.points}
        case _:
            return ""
