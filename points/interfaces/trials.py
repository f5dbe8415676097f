"""Simulations and back-tests as both APIs give them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.shapes import Page
from points.conditions import ConditionInvalid
from points.earning.actions import latest_document
from points.earning.errors import RuleNotFound
from points.earning.queries import get_rule
from points.flows.backtests import KIND, BacktestInput, ask_for_backtest, found_by
from points.flows.simulation import (
    NOBODY,
    Simulated,
    SupposedMember,
    simulate_event,
    simulate_order,
)
from points.insights.backtest.proposal import parse_proposal
from points.insights.backtest.replay import PastLine, PastOrder
from points.insights.backtest.tally import Found
from points.insights.errors import ProposalInvalid
from points.interfaces import trial_shapes as shapes
from points.interfaces.explaining_rules import explain_tried
from points.interfaces.finding import require_id
from points.interfaces.job_shapes import job_out
from points.jobs.calculations import Asker
from points.jobs.errors import AlreadyRunning, JobNotFound
from points.jobs.models import Job
from points.jobs.queries import get_job, list_jobs
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id, list_names
from points.program.queries import get_program

REFUSED = (ProposalInvalid, ConditionInvalid, RuleNotFound)
TRIED = (*REFUSED, MemberNotFound)
ASKED = (*REFUSED, AlreadyRunning)


def simulate(body: shapes.SimulationIn) -> shapes.SimulationOut:
    """Try one order or event. Raises what TRIED lists."""
    at, program = clock.now(), get_program()
    proposal = parse_proposal(_given(body), program)
    member = _member(body)
    if body.order is not None:
        order = _order(body.order, at)
        done = simulate_order(order=order, proposal=proposal, member=member, at=at)
    else:
        assert body.event is not None
        done = simulate_event(
            trigger=body.event.type, properties=body.event.properties, proposal=proposal,
            member=member, at=at,
        )  # fmt: skip
    return shapes.SimulationOut(
        live=_simulated(done.live, program.currency), draft=_simulated(done.draft, program.currency)
    )


def ask(body: shapes.BacktestIn, *, by: Asker) -> shapes.BacktestOut:
    """Put a back-test into the queue. Raises what ASKED lists."""
    given = {**_given(body), "days": body.days}
    job = ask_for_backtest(given=given, until=clock.now(), by=by, at=datetime.now(UTC))
    return backtest(job)


def find(job_id: str) -> Job:
    """A back-test's job. Raises JobNotFound."""
    job = get_job(job_id=require_id(job_id, JobNotFound))
    if job.kind != KIND:
        raise JobNotFound()
    return job


def backtest_items(query: Page) -> shapes.BacktestItems:
    """Back-tests, newest first; two queries for a page, one more for each that is done."""
    before = decode_cursor(query.cursor, uuid.UUID)
    rows = list_jobs(kinds=[KIND], limit=query.limit + 1, before=before)
    page, following = cut(rows, query.limit, lambda row: row.pk)
    return shapes.BacktestItems(items=[backtest(row) for row in page], next=following)


def backtest(job: Job) -> shapes.BacktestOut:
    """A back-test as it stands; one query for the names of who wins and loses, when it is done."""
    asked, as_job, found = msgspec.convert(job.input, BacktestInput), job_out(job), found_by(job)
    return shapes.BacktestOut(
        id=job.pk, status=as_job.status, done=as_job.done, total=as_job.total,
        progress=as_job.progress, proposal=asked.proposal, until=asked.until, error=as_job.error,
        comparison=_comparison(found) if found else None, asked_by_name=job.asked_by_name,
        created_at=job.created_at, finished_at=job.finished_at,
    )  # fmt: skip


def _comparison(found: Found) -> shapes.ComparisonOut:
    changes = [*found.most_won, *found.most_lost]
    names = list_names(members=[one.member_id for one in changes])
    fields = msgspec.structs.asdict(found)
    for side in ("most_won", "most_lost"):
        fields[side] = [
            shapes.MemberChangeOut(
                **msgspec.structs.asdict(one), external_id=names[one.member_id][0],
                name=names[one.member_id][1] or None,
            )
            for one in fields[side]
            if one.member_id in names
        ]  # fmt: skip
    return shapes.ComparisonOut(**fields)


def _given(body: shapes.ProposalFields) -> dict[str, Any]:
    """A body as a proposal: saved drafts in the place of those it names. Raises RuleNotFound."""
    given: dict[str, Any] = {
        "rules": [
            {"code": one.code, "document": _document(one)} for one in body.rules
        ],
        "growth": msgspec.to_builtins(body.growth),
        "tiers": [_without_none(msgspec.to_builtins(one)) for one in body.tiers],
    }  # fmt: skip
    if body.earning is not None:
        given["earning"] = body.earning
    return given


def _document(rule: shapes.RuleProposalIn) -> dict[str, Any] | None:
    if rule.as_drafted:
        return latest_document(rule=get_rule(code=rule.code))
    return msgspec.to_builtins(rule.document) if rule.document else None


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _member(body: shapes.SimulationIn) -> uuid.UUID | SupposedMember:
    """Raises MemberNotFound."""
    if body.member_external_id is not None:
        return get_by_external_id(external_id=body.member_external_id).pk
    supposed = body.member or shapes.SupposedMemberIn()
    return SupposedMember(
        tier=supposed.tier, tags=tuple(supposed.tags), segments=tuple(supposed.segments),
        orders_count=supposed.orders_count, spent_cents=supposed.spent_cents,
        birthday=supposed.birthday,
    )  # fmt: skip


def _order(order: shapes.TrialOrder, at: datetime) -> PastOrder:
    return PastOrder(
        id=NOBODY, member_id=str(NOBODY), channel=order.channel, external_id="", status=order.status,
        placed_at=at, completed_at=at if order.status == "completed" else None, received_at=at,
        goods_cents=sum(line.amount_cents for line in order.lines),
        shipping_cents=order.shipping_cents, tax_cents=order.tax_cents,
        discount_cents=order.discount_cents, offset_cents=0, refunded_cents=0,
        lines=tuple(
            PastLine(line.sku, line.category, line.quantity, line.amount_cents, 0)
            for line in order.lines
        ),
    )  # fmt: skip


def _simulated(one: Simulated, currency: str) -> shapes.SimulatedOut:
    return shapes.SimulatedOut(
        points=one.points, coupons=one.coupons, base_cents=one.base.base_cents if one.base else None,
        base_points=one.base_points, tier=one.tier, tier_points=one.tier_points,
        rules=explain_tried(one.rules, currency=currency),
    )  # fmt: skip
