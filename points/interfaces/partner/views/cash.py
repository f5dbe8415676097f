"""Cash: given, exchanged, split as red packets, withdrawn."""

import uuid

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import Answer, operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.ids import new_id
from kernel.shapes import Page
from points.cash import actions, errors, queries, withdrawals
from points.flows.red_packet_taken import take_red_packet
from points.flows.tasks import send_payouts
from points.interfaces import cash
from points.interfaces import cash_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.partner import schemas
from points.interfaces.partner.base import PartnerEndpoint
from points.ledger.errors import FundingSourceNotFound, InsufficientPoints, KeyConflict
from points.ledger.queries import get_balance
from points.members.errors import MemberNotFound
from points.members.queries import get_by_external_id

# A caller's own number names the grant, for ever.
_GRANTS = uuid.UUID("6f0d0c6e-2f51-4c0e-9d43-1d0b7d3c9a10")


class CashGrants(PartnerEndpoint):
    """Cash given to members."""

    @operation(
        summary="Give cash to a member",
        description="Once for its `external_id`: told again equal it gives nothing and answers 200.",
        body=shapes.CashGrantIn,
        answers={201: shapes.CashGrantOut, 200: shapes.CashGrantOut},
        refuses=[MemberNotFound, FundingSourceNotFound, KeyConflict, KeyReused],
        idempotency_key="optional",
        scope="cash:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: shapes.CashGrantIn) -> Answer:
        member, now = get_by_external_id(external_id=body.member_external_id), clock.now()
        gift = actions.Gift(
            member=member.pk, cents=body.amount_cents, source="cash_grant",
            source_id=uuid.uuid5(_GRANTS, body.external_id), funding_source=body.funding_source,
            reference=body.external_id, note=body.note.strip(),
        )  # fmt: skip
        posted = actions.give(gifts=[gift], at=now, actor=self.actor)[0]
        told = shapes.CashGrantOut(
            external_id=body.external_id, member_id=member.pk,
            transaction_id=str(posted.transaction_id), amount_cents=body.amount_cents,
            cash_cents=get_balance(member=member.pk, at=now, unit="cash").available,
        )  # fmt: skip
        return Answer(told, 201 if posted.is_new else 200)


class CashExchanges(PartnerEndpoint):
    """Points that become cash."""

    @operation(
        summary="Exchange a member's points for cash",
        description="At the programme's rate, within its caps.",
        body=shapes.MemberCashExchangeIn,
        answers={201: shapes.CashExchangeOut},
        refuses=[
            MemberNotFound, errors.CashClosed, errors.ExchangeUneven, errors.CapReached,
            InsufficientPoints, KeyReused,
        ],
        idempotency_key="required",
        scope="cash:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MemberCashExchangeIn) -> shapes.CashExchangeOut:
        member, now = get_by_external_id(external_id=body.member_external_id), clock.now()
        made = actions.exchange(
            member_id=member.pk, points=body.points, exchange_id=new_id(), at=now, actor=self.actor
        )
        return shapes.CashExchangeOut(
            id=made.id, points=made.points, amount_cents=made.cents,
            available=get_balance(member=member.pk, at=now).available,
            cash_cents=get_balance(member=member.pk, at=now, unit="cash").available,
        )  # fmt: skip


class RedPackets(PartnerEndpoint):
    """Split red packets."""

    @operation(
        summary="List red packets, newest first",
        query=Page,
        answers={200: shapes.RedPacketItems},
        refuses=[InvalidCursor],
        scope="cash:read",
    )
    def get(self, request: Request, query: Page) -> shapes.RedPacketItems:
        return cash.list_red_packets(query)

    @operation(
        summary="Make a red packet",
        description="The sum is cut into shares at once; what nobody takes by `ends_at` stays with"
        " the funding source.",
        body=shapes.RedPacketIn,
        answers={201: shapes.RedPacketOut},
        refuses=[
            errors.RedPacketIncomplete, errors.RedPacketUneven, errors.RedPacketTooShort,
            errors.AudienceUnknown, FundingSourceNotFound, KeyReused,
        ],
        idempotency_key="optional",
        scope="cash:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.RedPacketIn) -> shapes.RedPacketOut:
        return cash.make_red_packet(
            body, actor=self.actor, actor_name=self.request.auth.prefix, audit=self.audit
        )


class RedPacketView(PartnerEndpoint):
    """One red packet."""

    @operation(
        summary="Get a red packet",
        answers={200: shapes.RedPacketOut},
        refuses=[errors.RedPacketNotFound],
        scope="cash:read",
    )
    def get(self, request: Request, packet_id: str) -> shapes.RedPacketOut:
        return cash.show_red_packet(packet_id)


class RedPacketEnding(PartnerEndpoint):
    """Ending one before its time."""

    @operation(
        summary="End a red packet",
        description="What nobody took goes back. Ended before: the same answer again.",
        body=schemas.Empty,
        answers={200: shapes.RedPacketOut},
        refuses=[errors.RedPacketNotFound, KeyReused],
        idempotency_key="optional",
        scope="cash:write",
    )
    def post(self, request: Request, body: schemas.Empty, packet_id: str) -> shapes.RedPacketOut:
        return cash.end_red_packet(packet_id, audit=self.audit)


class RedPacketShares(PartnerEndpoint):
    """Shares of one red packet."""

    @operation(
        summary="List who took a share, newest first",
        query=Page,
        answers={200: shapes.RedPacketShareItems},
        refuses=[errors.RedPacketNotFound, InvalidCursor],
        scope="cash:read",
    )
    def get(self, request: Request, query: Page, packet_id: str) -> shapes.RedPacketShareItems:
        return cash.list_shares(packet_id, query)

    @operation(
        summary="Take a share for a member",
        body=shapes.RedPacketShareIn,
        answers={201: shapes.RedPacketShareOut},
        refuses=[
            MemberNotFound, errors.RedPacketNotFound, errors.RedPacketNotForYou,
            errors.RedPacketOver, errors.RedPacketTaken, errors.RedPacketEmpty, KeyReused,
        ],
        idempotency_key="optional",
        scope="cash:write",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.RedPacketShareIn, packet_id: str
    ) -> shapes.RedPacketShareOut:
        parsed = require_id(packet_id, errors.RedPacketNotFound)
        member, now = get_by_external_id(external_id=body.member_external_id), clock.now()
        share = take_red_packet(packet_id=parsed, member_id=member.pk, at=now, actor=self.actor)
        return shapes.RedPacketShareOut(
            number=share.number, member_id=member.pk, amount_cents=share.cents, taken_at=now
        )


class Withdrawals(PartnerEndpoint):
    """Cash that is to be paid out."""

    @operation(
        summary="List withdrawals, newest first",
        query=shapes.MemberWithdrawalQuery,
        answers={200: shapes.WithdrawalItems},
        refuses=[InvalidCursor],
        scope="cash:read",
    )
    def get(self, request: Request, query: shapes.MemberWithdrawalQuery) -> shapes.WithdrawalItems:
        rows, following = cash.find_withdrawals(query, member=query.member_id)
        return shapes.WithdrawalItems(
            items=[shapes.withdrawal(row) for row in rows], next=following
        )

    @operation(
        summary="Ask for a withdrawal",
        description="The cash leaves the wallet at once; another key, or staff, approves it.",
        body=shapes.MemberWithdrawalIn,
        answers={201: shapes.WithdrawalOut},
        refuses=[
            MemberNotFound, errors.WithdrawalsClosed, errors.WithdrawalTooSmall,
            errors.WithdrawalUneven, errors.WithdrawalLimitReached, errors.PayeeIncomplete,
            errors.PayeeAccountInvalid, errors.InsufficientCash,
            KeyReused,
        ],
        idempotency_key="required",
        scope="cash:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.MemberWithdrawalIn) -> shapes.WithdrawalOut:
        member = get_by_external_id(external_id=body.member_external_id)
        row = withdrawals.request_withdrawal(
            member_id=member.pk, cents=body.amount_cents, payee_name=body.payee_name,
            payee_account=body.payee_account, at=clock.now(), actor=self.actor,
            actor_name=self.request.auth.prefix,
        )  # fmt: skip
        return shapes.withdrawal(row)


class WithdrawalView(PartnerEndpoint):
    """One withdrawal."""

    @operation(
        summary="Get a withdrawal",
        answers={200: shapes.WithdrawalOut},
        refuses=[errors.WithdrawalNotFound],
        scope="cash:read",
    )
    def get(self, request: Request, withdrawal_id: str) -> shapes.WithdrawalOut:
        parsed = require_id(withdrawal_id, errors.WithdrawalNotFound)
        return shapes.withdrawal(queries.get_withdrawal(withdrawal_id=parsed))


class WithdrawalApproval(PartnerEndpoint):
    """A yes."""

    @operation(
        summary="Approve a withdrawal",
        description="Not by the key that asked for it. A provider is asked to pay within seconds.",
        body=shapes.WithdrawalDecisionIn,
        answers={200: shapes.WithdrawalOut},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.SamePerson, KeyReused,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalDecisionIn, withdrawal_id: str
    ) -> shapes.WithdrawalOut:
        row = cash.approve(
            withdrawal_id, note=body.note, actor=self.actor,
            actor_name=self.request.auth.prefix, audit=self.audit,
        )  # fmt: skip
        if row.next_try_at is not None:
            transaction.on_commit(send_payouts)
        return shapes.withdrawal(row)


class WithdrawalRejection(PartnerEndpoint):
    """A no."""

    @operation(
        summary="Reject a withdrawal",
        description="The cash goes back into the lots it came from.",
        body=shapes.WithdrawalDecisionIn,
        answers={200: shapes.WithdrawalOut},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.SamePerson, KeyReused,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalDecisionIn, withdrawal_id: str
    ) -> shapes.WithdrawalOut:
        row = cash.reject(
            withdrawal_id, note=body.note, actor=self.actor,
            actor_name=self.request.auth.prefix, audit=self.audit,
        )  # fmt: skip
        return shapes.withdrawal(row)


class WithdrawalPayment(PartnerEndpoint):
    """A payment made by hand."""

    @operation(
        summary="Note that a withdrawal was paid by hand",
        description="Paid before under the same reference: the same answer again.",
        body=shapes.WithdrawalPaymentIn,
        answers={200: shapes.WithdrawalOut},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.NotPaidByHand,
            errors.ReferenceTaken, KeyReused,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalPaymentIn, withdrawal_id: str
    ) -> shapes.WithdrawalOut:
        row = cash.pay_by_hand(
            withdrawal_id, reference=body.reference, actor=self.actor, audit=self.audit
        )
        return shapes.withdrawal(row)
