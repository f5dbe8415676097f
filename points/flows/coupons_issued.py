"""Staff give a coupon to many members at once: a job that issues batch after batch.

The job's id and the member are the key of each coupon, so that a run which was killed goes on where
it was and gives nobody a second one.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db import transaction

from kernel.db import connection
from points.coupons.actions import CouponIssue, issue
from points.coupons.errors import TemplateNotActive
from points.coupons.models import CouponTemplate
from points.coupons.queries import get_template
from points.jobs.actions import Run, ask_for_job
from points.jobs.calculations import Asker
from points.jobs.models import Job
from points.members.errors import MemberMerged
from points.program.queries import get_program
from points.segments.facts import Around
from points.segments.queries import get_segment, membership

KIND = "coupons.issue"
BATCH = 500
TRIES = 10


class Audience(msgspec.Struct, frozen=True):
    """Who is to have one: everybody, the members of a segment (its code), with a tag, or named by
    their numbers (`external_ids`)."""

    kind: Literal["everybody", "segment", "tag", "members"]
    code: str = ""
    external_ids: list[str] = []


class _Input(msgspec.Struct):
    template: str
    audience: Audience
    at: datetime


def count_audience(*, audience: Audience, at: datetime) -> int:
    """How many members that is now: one or two queries. Raises SegmentNotFound."""
    where, values = _who(audience, at)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from members_member m where {where}", values)
        return int(cursor.fetchone()[0])


def ask_for_issue(
    *, template_code: str, audience: Audience, by: Asker, business_at: datetime, at: datetime
) -> Job:
    """Put a batch into the queue; `at` is the real clock, `business_at` the shop's.

    Raises TemplateNotFound, TemplateNotActive, SegmentNotFound, AlreadyRunning while another batch of
    this template is under way.
    """
    template = get_template(code=template_code)
    if template.status != CouponTemplate.Status.ACTIVE:
        raise TemplateNotActive()
    _who(audience, business_at)
    asked = _Input(template_code, audience, business_at)
    return ask_for_job(
        kind=KIND, subject=f"coupon_template:{template.pk}",
        input=msgspec.to_builtins(asked), by=by, at=at,
    )  # fmt: skip


def run_issue(run: Run) -> Mapping[str, Any]:
    """The runner of such jobs. The result counts outcomes: issued, limit, exhausted, …; those who
    had theirs from this very batch before a kill count as issued."""
    asked = msgspec.convert(run.input, _Input)
    if not run.total:
        run.advance(done=0, total=count_audience(audience=asked.audience, at=asked.at))
    tries = 0
    while members := _next(asked, run.state.get("last")):
        try:
            _issue(run, asked, members)
            tries = 0
        except MemberMerged:
            # Between being found and being locked: the next look leaves that member out.
            tries += 1
            if tries == TRIES:
                raise
        if _is_over(run.state.get("outcomes", {})):
            break
    return {"outcomes": run.state.get("outcomes", {}), "template": asked.template}


def _issue(run: Run, asked: _Input, members: Sequence[uuid.UUID]) -> None:
    with transaction.atomic():
        made = issue(
            template_code=asked.template, at=asked.at, actor=run.asked_by.id, skips_refused=True,
            issues=[CouponIssue(one, "batch", f"{run.id}:{one}") for one in members],
        )  # fmt: skip
        outcomes = dict(run.state.get("outcomes", {}))
        for one in made:
            name = "issued" if one.coupon else one.outcome
            outcomes[name] = outcomes.get(name, 0) + 1
        state = {"last": str(members[-1]), "outcomes": outcomes}
        run.advance(done=run.done + len(members), state=state)


def _is_over(outcomes: Mapping[str, int]) -> bool:
    """Whether nobody after these can get one."""
    return bool(outcomes.get("exhausted") or outcomes.get("inactive"))


def _next(asked: _Input, last: str | None) -> list[uuid.UUID]:
    where, values = _who(asked.audience, asked.at)
    if last is not None:
        where, values = f"({where}) and m.id > %s", [*values, last]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select m.id from members_member m where {where} order by m.id limit %s",
            [*values, BATCH],
        )
        return [row[0] for row in cursor.fetchall()]


def _who(audience: Audience, at: datetime) -> tuple[str, list[Any]]:
    alive = "m.merged_into_id is null and m.erased_at is null"
    match audience.kind:
        case "segment":
            segment = get_segment(code=audience.code)
            test, values = membership(segment=segment, around=Around(at, get_program().calendar))
            return f"{alive} and {test}", values
        case "tag":
            return f"{alive} and m.tags ? %s", [audience.code]
        case "members":
            return f"{alive} and m.external_id = any(%s)", [audience.external_ids]
        case _:
            return alive, []
