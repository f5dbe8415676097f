"""Correcting balances by hand."""

import uuid

from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidCursor
from points.adjustments import queries
from points.adjustments.errors import AdjustmentNotFound
from points.adjustments.models import Adjustment
from points.interfaces import adjustment_shapes as shapes
from points.interfaces import adjustments
from points.interfaces.finding import require_id
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
    def post(self, request: Request, body: schemas.AdjustmentIn) -> schemas.AdjustmentOut | Answer:
        member, now = get_by_external_id(external_id=body.member_external_id), clock.now()
        row = adjustments.adjust(
            member=member, points=body.points, reason=body.reason, at=now, actor=self.actor,
            actor_name=self.request.auth.prefix, funding_source=body.funding_source,
            audit=self.audit,
        )  # fmt: skip
        if row.status == Adjustment.Status.WAITING:
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
        parsed = require_id(adjustment_id, AdjustmentNotFound)
        return shapes.request(queries.get_adjustment(adjustment_id=parsed), at=clock.now())
