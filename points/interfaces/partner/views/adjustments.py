"""Correcting balances by hand."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from kernel.ids import parse_id
from points.adjustments import queries
from points.adjustments.errors import AdjustmentNotFound
from points.adjustments.models import Adjustment
from points.flows.points_adjusted import adjust_points
from points.interfaces import adjustment_shapes as shapes
from points.interfaces.partner import rendering, schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger import queries as ledger
from points.ledger.errors import FundingSourceNotFound, InsufficientPoints
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id


class Adjustments(PartnerEndpoint):
    """Adjustments, executed and waiting."""

    @operation(
        summary="List adjustments, newest first",
        query=shapes.AdjustmentQuery,
        answers={200: shapes.AdjustmentRequestItems},
        refuses=[InvalidCursor],
        scope="points:read",
    )
    def get(self, request: Request, query: shapes.AdjustmentQuery) -> shapes.AdjustmentRequestItems:
        now = clock.now()
        rows = queries.list_adjustments(
            limit=query.limit + 1, at=now, before=decode_cursor(query.cursor, uuid.UUID),
            status=query.status, member=query.member_id,
        )  # fmt: skip
        page, following = cut(rows, query.limit, lambda row: row.pk)
        return shapes.AdjustmentRequestItems(
            items=[shapes.request(row, at=now) for row in page], next=following
        )

    @operation(
        summary="Adjust a member's points",
        description="Above the programme's limit nothing moves yet: 202, and a second person decides"
        " in the console.",
        body=schemas.AdjustmentIn,
        answers={201: schemas.AdjustmentOut, 202: shapes.AdjustmentRequestOut},
        refuses=[MemberNotFound, FundingSourceNotFound, InsufficientPoints, KeyReused],
        idempotency_key="required",
        scope="points:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: schemas.AdjustmentIn) -> schemas.AdjustmentOut | Answer:
        member, now = get_by_external_id(external_id=body.member_external_id), clock.now()
        row = adjust_points(
            member_id=member.pk, points=body.points, reason=body.reason, at=now,
            actor=self.actor, actor_name=self.request.auth.prefix,
            funding_source=body.funding_source,
        )  # fmt: skip
        is_waiting = row.status == Adjustment.Status.WAITING
        action = "adjustment.requested" if is_waiting else "points.adjusted"
        self.audit(action, f"member:{member.pk}", after=shapes.facts(row))
        if is_waiting:
            return Answer(shapes.request(row, at=now), 202)
        balance = ledger.get_balance(member=member.pk, at=now)
        return schemas.AdjustmentOut(
            adjustment_id=row.pk, transaction_id=str(row.transaction_id),
            points=rendering.points(balance),
        )  # fmt: skip


class AdjustmentView(PartnerEndpoint):
    """One adjustment."""

    @operation(
        summary="Get an adjustment",
        answers={200: shapes.AdjustmentRequestOut},
        refuses=[AdjustmentNotFound],
        scope="points:read",
    )
    def get(self, request: Request, adjustment_id: str) -> shapes.AdjustmentRequestOut:
        parsed = parse_id(adjustment_id)
        if parsed is None:
            raise AdjustmentNotFound()
        return shapes.request(queries.get_adjustment(adjustment_id=parsed), at=clock.now())
