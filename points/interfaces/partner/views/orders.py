"""Orders and their completion: where points are earned."""

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import invalid_body
from points.flows import order_completed, order_received
from points.flows.incoming_order import IncomingOrder
from points.interfaces.explaining import explain_order
from points.interfaces.partner import rendering, schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import HoldNotFound, HoldNotOpen
from points.ledger.queries import list_lots_of
from points.members.errors import MemberNotFound
from points.orders.errors import (
    AmountsContradict,
    CurrencyMismatch,
    EarnsTooMuch,
    HoldOfAnother,
    LineRepeated,
    OrderAmbiguous,
    OrderConflict,
    OrderNotFound,
)
from points.orders.models import Order
from points.orders.queries import get_order, get_stored, list_lines

_item = msgspec.json.Decoder(IncomingOrder)


class Orders(PartnerEndpoint):
    """Telling an order."""

    confirms_caller = True

    @operation(
        summary="Send an order",
        description="Sent again equal: 200 and the first result. Sent again different: 409.",
        body=schemas.OrderIn,
        answers={201: schemas.OrderOut, 200: schemas.OrderOut},
        refuses=[
            MemberNotFound, OrderConflict, CurrencyMismatch, AmountsContradict, LineRepeated,
            EarnsTooMuch, HoldNotFound, HoldNotOpen, HoldOfAnother, KeyReused,
        ],
        idempotency_key="optional",
        scope="orders:write",
    )  # fmt: skip
    def post(self, request: Request, body: schemas.OrderIn) -> Answer:
        outcome = order_received.take_order(
            order=body, create_member=body.create_member, at=clock.now(), actor=self.actor,
            confirm=self.confirmation,
        )  # fmt: skip
        if outcome.written is None:
            return Answer(rendered(get_stored(order_id=outcome.order_id)), 200)
        record = outcome.written.record
        return Answer(rendering.order(record, record.lines, outcome.written.lots), 201)


class OrderBatch(PartnerEndpoint):
    """Telling up to a thousand orders at once."""

    confirms_caller = True

    @operation(
        summary="Send up to 1,000 orders",
        description="Answered in order; an item that is refused does not keep the others out.",
        body=schemas.OrderBatchIn,
        answers={200: schemas.OrderResults},
        refuses=[KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(self, request: Request, body: schemas.OrderBatchIn) -> schemas.OrderResults:
        parsed = [_parse(raw) for raw in body.orders]
        good = [order for order in parsed if isinstance(order, IncomingOrder)]
        outcomes = iter(
            order_received.take_orders(
                orders=good, create_members=body.create_members, at=clock.now(),
                actor=self.actor, confirm=self.confirmation,
            )
        )  # fmt: skip
        results = [
            _result(next(outcomes)) if isinstance(item, IncomingOrder) else item for item in parsed
        ]
        return schemas.OrderResults(results=results)


class OrderView(PartnerEndpoint):
    """One order."""

    @operation(
        summary="Get an order",
        query=schemas.ChannelQuery,
        answers={200: schemas.OrderOut},
        refuses=[OrderNotFound, OrderAmbiguous],
        scope="orders:read",
    )
    def get(
        self, request: Request, query: schemas.ChannelQuery, external_id: str
    ) -> schemas.OrderOut:
        return rendered(get_order(external_id=external_id, channel=query.channel))


class OrderExplanation(PartnerEndpoint):
    """Why an order earned what it earned."""

    @operation(
        summary="Explain what an order earned",
        query=schemas.ChannelQuery,
        answers={200: schemas.ExplanationOut},
        refuses=[OrderNotFound, OrderAmbiguous],
        scope="orders:read",
    )
    def get(
        self, request: Request, query: schemas.ChannelQuery, external_id: str
    ) -> schemas.ExplanationOut:
        order = get_order(external_id=external_id, channel=query.channel)
        summary, steps = explain_order(order)
        return schemas.ExplanationOut(
            summary=summary,
            steps=[schemas.ExplanationStep(title=title, detail=text) for title, text in steps],
            evaluation=order.evaluation,
        )


class OrderCompletion(PartnerEndpoint):
    """Completing a paid order."""

    @operation(
        summary="Complete an order",
        description="The order earns its points now. Completed before: the same answer again.",
        body=schemas.CompletionIn,
        query=schemas.ChannelQuery,
        answers={200: schemas.OrderOut},
        refuses=[OrderNotFound, OrderAmbiguous, EarnsTooMuch, KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(
        self,
        request: Request,
        body: schemas.CompletionIn,
        query: schemas.ChannelQuery,
        external_id: str,
    ) -> schemas.OrderOut:
        order = order_completed.complete_order(
            external_id=external_id, channel=query.channel, completed_at=body.completed_at,
            at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return rendered(order)


def rendered(order: Order) -> schemas.OrderOut:
    """An order with its lines and open lots."""
    lines = list_lines(order_id=order.pk)
    return rendering.order(order, lines, list_lots_of(source_id=order.pk))


def _parse(raw: msgspec.Raw) -> IncomingOrder | schemas.OrderResult:
    try:
        return _item.decode(raw)
    except msgspec.ValidationError as error:
        refusal = invalid_body(error)
        return schemas.OrderResult(
            external_id=_external_id(raw), outcome="refused", points_earned=0,
            code=refusal.code, detail=str(refusal),
        )  # fmt: skip


def _external_id(raw: msgspec.Raw) -> str | None:
    body = msgspec.json.decode(raw)
    found = body.get("external_id") if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def _result(outcome: order_received.Outcome) -> schemas.OrderResult:
    error = outcome.error
    return schemas.OrderResult(
        external_id=outcome.external_id, outcome=outcome.outcome,
        points_earned=outcome.points_earned, code=error.code if error else None,
        detail=str(error) if error else None,
    )  # fmt: skip
