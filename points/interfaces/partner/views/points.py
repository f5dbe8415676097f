"""Quotes and holds."""

from datetime import timedelta

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.flows.points_offset import quote_offset
from points.interfaces.finding import require_id
from points.interfaces.partner import rendering, schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger import actions, queries
from points.ledger.errors import HoldNotFound, HoldNotOpen, InsufficientPoints
from points.ledger.models import Hold
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id


class Quotes(PartnerEndpoint):
    """How many points an order could be paid with."""

    @operation(
        summary="Quote a points offset",
        body=schemas.QuoteIn,
        answers={200: schemas.QuoteOut},
        refuses=[MemberNotFound],
        scope="points:read",
    )
    def post(self, request: Request, body: schemas.QuoteIn) -> schemas.QuoteOut:
        member = get_by_external_id(external_id=body.member_external_id)
        quote = quote_offset(
            member_id=member.pk, amount_cents=body.amount_cents, at=clock.now(),
            categories=[(one.category, one.amount_cents) for one in body.lines]
            if body.lines else None,
        )  # fmt: skip
        return schemas.QuoteOut(
            max_points=quote.max_points, max_discount_cents=quote.max_discount_cents,
            step=quote.step_points, available=quote.available,
        )  # fmt: skip


class Holds(PartnerEndpoint):
    """Setting points aside."""

    @operation(
        summary="Hold points",
        body=schemas.HoldIn,
        answers={201: schemas.HoldOut},
        refuses=[MemberNotFound, InsufficientPoints, KeyReused],
        idempotency_key="required",
        scope="points:write",
    )
    def post(self, request: Request, body: schemas.HoldIn) -> schemas.HoldOut:
        member = get_by_external_id(external_id=body.member_external_id)
        hold = actions.hold_points(
            member=member.pk, points=body.points, reference=body.reference,
            expires_in=timedelta(seconds=body.expires_in_seconds), at=clock.now(),
            actor=self.actor,
        )  # fmt: skip
        return rendering.hold(queries.get_hold(hold_id=hold))


class HoldView(PartnerEndpoint):
    """One hold."""

    @operation(
        summary="Get a hold",
        answers={200: schemas.HoldOut},
        refuses=[HoldNotFound],
        scope="points:read",
    )
    def get(self, request: Request, hold_id: str) -> schemas.HoldOut:
        return rendering.hold(find_hold(hold_id))


class HoldCapture(PartnerEndpoint):
    """Spending what a hold set aside."""

    @operation(
        summary="Capture a hold",
        description="Captured before: the same answer again.",
        body=schemas.Empty,
        answers={200: schemas.HoldOut},
        refuses=[HoldNotFound, HoldNotOpen, KeyReused],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: schemas.Empty, hold_id: str) -> schemas.HoldOut:
        hold = find_hold(hold_id)
        actions.capture_hold(
            hold=hold.pk, at=clock.now(), actor=self.actor, reference=hold.reference
        )
        return rendering.hold(queries.get_hold(hold_id=hold.pk))


class HoldRelease(PartnerEndpoint):
    """Giving a hold back."""

    @operation(
        summary="Release a hold",
        description="Released before: the same answer again.",
        body=schemas.Empty,
        answers={200: schemas.HoldOut},
        refuses=[HoldNotFound, HoldNotOpen, KeyReused],
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: schemas.Empty, hold_id: str) -> schemas.HoldOut:
        hold = find_hold(hold_id)
        actions.release_hold(hold=hold.pk, at=clock.now(), actor=self.actor)
        return rendering.hold(queries.get_hold(hold_id=hold.pk))


def find_hold(hold_id: str) -> Hold:
    """A hold by the id in a path, with what was due booked. Raises HoldNotFound."""
    parsed = require_id(hold_id, HoldNotFound)
    hold = queries.get_hold(hold_id=parsed)
    queries.get_balance(member=hold.wallet.member_id, at=clock.now())
    return queries.get_hold(hold_id=parsed)
