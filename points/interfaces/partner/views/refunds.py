"""What comes back of an order: refunds, exchanges, chargebacks."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from points.flows import order_charged_back, order_exchanged, order_refunded
from points.flows.order_charged_back import IncomingChargeback
from points.flows.order_exchanged import IncomingExchange
from points.flows.order_refunded import IncomingRefund
from points.interfaces.partner import refund_rendering as rendering
from points.interfaces.partner import refund_schemas as schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.interfaces.partner.schemas import ChannelQuery
from points.orders.errors import (
    ChargebackNotFound,
    LineNotFound,
    LineRepeated,
    OrderAmbiguous,
    OrderNotFound,
    RefundConflict,
    RefundTooLarge,
)

_ORDER = (OrderNotFound, OrderAmbiguous)
_LINES = (RefundTooLarge, LineNotFound, LineRepeated)


class OrderRefunds(PartnerEndpoint):
    """Refunding an order, in part or whole."""

    @operation(
        summary="Refund an order",
        description=(
            "Takes back what the refunded lines earned and returns the points they were paid with."
            " Sent again equal: 200 and the first result."
        ),
        body=IncomingRefund,
        query=ChannelQuery,
        answers={201: schemas.RefundOut, 200: schemas.RefundOut},
        refuses=[*_ORDER, RefundConflict, *_LINES, KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(
        self, request: Request, body: IncomingRefund, query: ChannelQuery, external_id: str
    ) -> Answer:
        done = order_refunded.refund_order(
            external_id=external_id, channel=query.channel, refund=body, at=clock.now(),
            actor=self.actor,
        )  # fmt: skip
        return Answer(rendering.refund(done.refund, external_id), 201 if done.is_new else 200)


class RefundQuotes(PartnerEndpoint):
    """What a refund would do."""

    @operation(
        summary="Quote a refund",
        description=(
            "What would be taken back, returned, owed and kept back from the cash, with the numbers"
            " the refund itself would have now. Nothing is changed."
        ),
        body=schemas.RefundQuoteIn,
        query=ChannelQuery,
        answers={200: schemas.RefundQuoteOut},
        refuses=[*_ORDER, *_LINES],
        scope="orders:write",
    )
    def post(
        self,
        request: Request,
        body: schemas.RefundQuoteIn,
        query: ChannelQuery,
        external_id: str,
    ) -> schemas.RefundQuoteOut:
        now = clock.now()
        asked = IncomingRefund(
            external_id=f"quote at {now.isoformat()}", refunded_at=now, lines=body.lines,
            amount_cents=body.amount_cents, shortfall=body.shortfall,
        )  # fmt: skip
        return rendering.quote(
            order_refunded.quote_refund(
                external_id=external_id, channel=query.channel, refund=asked, at=now,
                actor=self.actor,
            )
        )  # fmt: skip


class OrderExchanges(PartnerEndpoint):
    """Goods for goods."""

    @operation(
        summary="Exchange lines of an order",
        description=(
            "Lines come back and others go out in one call. Points stay with the order as far as"
            " the new price reaches; only the difference is taken back or earned. Sent again equal:"
            " 200 and the first result."
        ),
        body=IncomingExchange,
        query=ChannelQuery,
        answers={201: schemas.ExchangeOut, 200: schemas.ExchangeOut},
        refuses=[*_ORDER, RefundConflict, *_LINES, KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(
        self, request: Request, body: IncomingExchange, query: ChannelQuery, external_id: str
    ) -> Answer:
        done = order_exchanged.exchange_order(
            external_id=external_id, channel=query.channel, exchange=body, at=clock.now(),
            actor=self.actor,
        )  # fmt: skip
        return Answer(rendering.exchange(done.refund, external_id), 201 if done.is_new else 200)


class OrderChargebacks(PartnerEndpoint):
    """The bank takes a payment back."""

    @operation(
        summary="Charge an order back",
        description=(
            "All that is left of the order counts as refunded and everything it earned is taken"
            " back, owed if need be whatever the settings say of debt. Sent again equal: 200 and"
            " the first result."
        ),
        body=IncomingChargeback,
        query=ChannelQuery,
        answers={201: schemas.ChargebackOut, 200: schemas.ChargebackOut},
        refuses=[*_ORDER, RefundConflict, KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(
        self, request: Request, body: IncomingChargeback, query: ChannelQuery, external_id: str
    ) -> Answer:
        done = order_charged_back.charge_back_order(
            external_id=external_id, channel=query.channel, chargeback=body, at=clock.now(),
            actor=self.actor,
        )  # fmt: skip
        return Answer(rendering.chargeback(done.refund, external_id), 201 if done.is_new else 200)


class ChargebackReversal(PartnerEndpoint):
    """A dispute that was won."""

    @operation(
        summary="Reverse a chargeback",
        description=(
            "What the chargeback took goes back to the lots it came from, and what is still owed"
            " of it is forgiven. Reversed before: the same answer again."
        ),
        body=schemas.ReversalIn,
        query=ChannelQuery,
        answers={201: schemas.ChargebackOut, 200: schemas.ChargebackOut},
        refuses=[*_ORDER, ChargebackNotFound, KeyReused],
        idempotency_key="optional",
        scope="orders:write",
    )
    def post(
        self,
        request: Request,
        body: schemas.ReversalIn,
        query: ChannelQuery,
        external_id: str,
        chargeback_id: str,
    ) -> Answer:
        done = order_charged_back.reverse_chargeback(
            external_id=external_id, chargeback_id=chargeback_id, channel=query.channel,
            reversed_at=body.reversed_at, at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return Answer(rendering.chargeback(done.refund, external_id), 201 if done.is_new else 200)
