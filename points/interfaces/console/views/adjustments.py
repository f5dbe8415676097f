"""Correcting balances by hand, and the second person who approves large corrections."""

import uuid
from typing import cast

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from points.adjustments import queries
from points.adjustments.actions import reject_adjustment
from points.adjustments.errors import (
    AdjustmentNotFound,
    AlreadyDecided,
    DailyLimitReached,
    SamePerson,
)
from points.adjustments.models import Adjustment
from points.flows.points_adjusted import approve_adjustment
from points.interfaces import adjustment_shapes as shapes
from points.interfaces import adjustments
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.adjustments import render_adjustments
from points.interfaces.console.schemas import adjustments as schemas
from points.interfaces.console.schemas.members import AdjustmentIn, AdjustmentOut
from points.interfaces.console.schemas.session import Nothing
from points.interfaces.finding import find_member, require_id
from points.ledger import queries as ledger
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Transaction
from points.members.errors import MemberNotFound
from points.program.queries import get_program


class MemberAdjustments(ConsoleEndpoint):
    """Correcting one member's balance."""

    @operation(
        summary="Adjust a member's points",
        description="Points given are spendable at once and expire by the programme's policy;"
        " points taken leave the lots in the order of spending. Above the programme's limit nothing"
        " moves yet: 202, and a second person decides.",
        body=AdjustmentIn,
        answers={201: AdjustmentOut, 202: shapes.AdjustmentRequestOut},
        refuses=[MemberNotFound, InsufficientPoints, DailyLimitReached, KeyReused, *CHANGING],
        idempotency_key="required",
        scope="points:write",
    )
    def post(self, request: Request, body: AdjustmentIn, member_id: str) -> AdjustmentOut | Answer:
        member, now = find_member(member_id), clock.now()
        row = adjustments.adjust(
            member=member, points=body.points, reason=body.reason.strip(), at=now,
            actor=self.staff.actor, actor_name=self.staff.name, audit=self.audit,
        )  # fmt: skip
        if row.status == Adjustment.Status.WAITING:
            return Answer(shapes.request(row, at=now), 202)
        posted = Transaction.objects.get(pk=cast(int, row.transaction_id))
        return AdjustmentOut(
            transaction=rendering.transaction(posted, pending={}, actor=self.staff.name),
            points=rendering.points(ledger.get_balance(member=member.pk, at=now)),
        )


class Adjustments(ConsoleEndpoint):
    """All adjustments."""

    @operation(
        summary="List adjustments, newest first",
        description="Up to five queries: adjustments, programme, members, keys that asked, balances"
        " of those that wait.",
        query=schemas.AdjustmentListQuery,
        answers={200: schemas.AdjustmentItems},
        refuses=[InvalidCursor, *READING],
        scope="points:write",
    )
    def get(self, request: Request, query: schemas.AdjustmentListQuery) -> schemas.AdjustmentItems:
        now = clock.now()
        rows = queries.list_adjustments(
            limit=query.limit + 1, at=now, before=decode_cursor(query.cursor, uuid.UUID),
            status=query.status,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        items = render_adjustments(page, staff=self.staff, at=now)
        return schemas.AdjustmentItems(items=items, next=following)


class AdjustmentView(ConsoleEndpoint):
    """One adjustment."""

    @operation(
        summary="Get an adjustment",
        answers={200: schemas.AdjustmentRow},
        refuses=[AdjustmentNotFound, *READING],
        scope="points:write",
    )
    def get(self, request: Request, adjustment_id: str) -> schemas.AdjustmentRow:
        row = queries.get_adjustment(adjustment_id=require_id(adjustment_id, AdjustmentNotFound))
        return render_adjustments([row], staff=self.staff, at=clock.now())[0]


class AdjustmentApproval(ConsoleEndpoint):
    """A second person says yes."""

    @operation(
        summary="Approve an adjustment",
        description="The points move now, exactly once. When the member has too few, nothing moves"
        " and the request waits on.",
        body=schemas.ApprovalIn,
        answers={200: schemas.AdjustmentRow},
        refuses=[
            AdjustmentNotFound, AlreadyDecided, SamePerson, InsufficientPoints, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="points:approve",
    )  # fmt: skip
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.ApprovalIn, adjustment_id: str
    ) -> schemas.AdjustmentRow:
        row = approve_adjustment(
            adjustment_id=require_id(adjustment_id, AdjustmentNotFound), at=clock.now(),
            actor=self.staff.actor, actor_name=self.staff.name, note=body.note.strip(),
        )  # fmt: skip
        self.audit("adjustment.approved", f"member:{row.member_id}", after=shapes.facts(row))
        return render_adjustments([row], staff=self.staff, at=clock.now())[0]


class AdjustmentRejection(ConsoleEndpoint):
    """A second person says no."""

    @operation(
        summary="Reject an adjustment",
        description="Nothing moves; who asked gets the points of the day's limit back.",
        body=schemas.RejectionIn,
        answers={200: schemas.AdjustmentRow},
        refuses=[AdjustmentNotFound, AlreadyDecided, SamePerson, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="points:approve",
    )
    @transaction.atomic
    def post(
        self, request: Request, body: schemas.RejectionIn, adjustment_id: str
    ) -> schemas.AdjustmentRow:
        row = reject_adjustment(
            adjustment_id=require_id(adjustment_id, AdjustmentNotFound), at=clock.now(),
            actor=self.staff.actor, actor_name=self.staff.name, note=body.note.strip(),
        )  # fmt: skip
        self.audit("adjustment.rejected", f"member:{row.member_id}", after=shapes.facts(row))
        return render_adjustments([row], staff=self.staff, at=clock.now())[0]


class AdjustmentAllowance(ConsoleEndpoint):
    """What the person signed in may still adjust today."""

    @operation(
        summary="Get one's own allowance",
        description="Two or three queries: programme, the person's day, requests that wait.",
        query=Nothing,
        answers={200: schemas.AllowanceOut},
        refuses=[*READING],
        scope="points:write",
    )
    def get(self, request: Request, query: Nothing) -> schemas.AllowanceOut:
        program, now, me = get_program(), clock.now(), self.staff.actor
        rule, today = program.settings.adjustments, program.calendar.day_of(now)
        used = queries.points_of_day(actors=[me], day=today).get(me, 0)
        limit = rule.staff_daily_points
        decides = self.staff.may("points:approve")
        return schemas.AllowanceOut(
            approval_above_points=rule.approval_above_points, daily_points=limit, used_points=used,
            left_points=None if limit is None else max(0, limit - used),
            waiting=queries.count_waiting(at=now, not_of=me) if decides else 0,
        )  # fmt: skip
