"""The member's cash: what there is, exchanging points, red packets, withdrawals."""

import uuid
from typing import Annotated

import msgspec
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import CsrfFailed, InvalidCursor, NotSignedIn
from kernel.ids import new_id
from kernel.shapes import Moment, Page
from points.cash import actions, errors, queries, withdrawals
from points.flows.red_packet_taken import is_for, list_for, take_red_packet
from points.interfaces import cash as shared
from points.interfaces import cash_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.storefront import cash_rendering as rendering
from points.interfaces.storefront import cash_schemas as schemas
from points.interfaces.storefront.base import MemberEndpoint
from points.ledger import queries as ledger
from points.ledger.errors import InsufficientPoints

_RowId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Cash(MemberEndpoint):
    """The wallet: 9 queries."""

    @operation(
        summary="Look at my cash",
        answers={200: schemas.CashOut},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.CashOut:
        me = self.member.pk
        terms = queries.get_terms(member=me, at=clock.now())
        latest = queries.list_withdrawals(limit=1, member=me)
        return rendering.cash(
            terms,
            on_its_way=queries.sum_on_its_way(member=me),
            latest=latest[0] if latest else None,
        )


class CashTransactions(MemberEndpoint):
    """The lines of the cash ledger."""

    @operation(
        summary="List cash transactions, newest first",
        query=Page,
        answers={200: schemas.CashTransactionItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: Page) -> schemas.CashTransactionItems:
        before = decode_cursor(query.cursor, tuple[Moment, _RowId])
        found = ledger.list_transactions(
            member=self.member.pk, limit=query.limit + 1, before=before, unit="cash"
        )
        page, following = cut(found, query.limit, lambda row: (row.occurred_at, row.pk))
        items = [rendering.transaction(row) for row in page]
        return schemas.CashTransactionItems(items=items, next=following)


class CashExchanges(MemberEndpoint):
    """Points that become cash."""

    @operation(
        summary="Exchange points for cash",
        body=shapes.CashExchangeIn,
        answers={201: shapes.CashExchangeOut},
        refuses=[
            NotSignedIn, CsrfFailed, errors.CashClosed, errors.ExchangeUneven, errors.CapReached,
            InsufficientPoints, KeyReused,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.CashExchangeIn) -> shapes.CashExchangeOut:
        me, now = self.member.pk, clock.now()
        made = actions.exchange(
            member_id=me, points=body.points, exchange_id=new_id(), at=now, actor=self.actor
        )
        return shapes.CashExchangeOut(
            id=made.id, points=made.points, amount_cents=made.cents,
            available=ledger.get_balance(member=me, at=now).available,
            cash_cents=ledger.get_balance(member=me, at=now, unit="cash").available,
        )  # fmt: skip


class Withdrawals(MemberEndpoint):
    """Cash that is to be paid out."""

    @operation(
        summary="List my withdrawals, newest first",
        query=Page,
        answers={200: schemas.MyWithdrawalItems},
        refuses=[InvalidCursor, NotSignedIn],
    )
    def get(self, request: Request, query: Page) -> schemas.MyWithdrawalItems:
        asked = shapes.WithdrawalQuery(limit=query.limit, cursor=query.cursor)
        rows, following = shared.find_withdrawals(asked, member=self.member.pk)
        items = rendering.withdrawals(rows)
        return schemas.MyWithdrawalItems(items=items, next=following)

    @operation(
        summary="Ask for a withdrawal",
        description="The cash leaves the wallet at once; somebody of the shop approves it.",
        body=shapes.WithdrawalIn,
        answers={201: schemas.MyWithdrawalOut},
        refuses=[
            NotSignedIn, CsrfFailed, errors.WithdrawalsClosed, errors.WithdrawalTooSmall,
            errors.WithdrawalUneven, errors.WithdrawalLimitReached, errors.PayeeIncomplete,
            errors.PayeeAccountInvalid, errors.InsufficientCash,
            KeyReused,
        ],
        idempotency_key="required",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.WithdrawalIn) -> schemas.MyWithdrawalOut:
        row = withdrawals.request_withdrawal(
            member_id=self.member.pk, cents=body.amount_cents, payee_name=body.payee_name,
            payee_account=body.payee_account, at=clock.now(), actor=self.actor,
            actor_name=self.member.name,
        )  # fmt: skip
        return rendering.withdrawals([row])[0]


class WithdrawalCancellation(MemberEndpoint):
    """Thinking better of it."""

    @operation(
        summary="Cancel my withdrawal",
        description="As long as nobody has decided; the cash comes back at once.",
        answers={200: schemas.MyWithdrawalOut},
        refuses=[
            NotSignedIn, CsrfFailed, errors.WithdrawalNotFound, errors.WithdrawalNotOpen, KeyReused,
        ],
        idempotency_key="optional",
    )  # fmt: skip
    def post(self, request: Request, withdrawal_id: str) -> schemas.MyWithdrawalOut:
        row = withdrawals.cancel_withdrawal(
            withdrawal_id=require_id(withdrawal_id, errors.WithdrawalNotFound),
            member_id=self.member.pk, at=clock.now(), actor=self.actor,
        )  # fmt: skip
        return rendering.withdrawals([row])[0]


class RedPackets(MemberEndpoint):
    """Red packets the member may open now."""

    @operation(
        summary="List red packets for me",
        description="Those that are open and for this member, soonest to end first; at most 20.",
        answers={200: schemas.MyRedPacketItems},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> schemas.MyRedPacketItems:
        now = clock.now()
        found = list_for(member_id=self.member.pk, at=now)
        items = [rendering.red_packet(state, now, is_for_me=True, my_cents=None) for state in found]
        return schemas.MyRedPacketItems(items=items)


class RedPacketView(MemberEndpoint):
    """One red packet."""

    @operation(
        summary="Look at a red packet",
        answers={200: schemas.MyRedPacketOut},
        refuses=[NotSignedIn, errors.RedPacketNotFound],
    )
    def get(self, request: Request, packet_id: str) -> schemas.MyRedPacketOut:
        return _look(packet_id, self.member.pk)


class RedPacketShares(MemberEndpoint):
    """Who took what, and taking."""

    @operation(
        summary="List who took a share, newest first",
        description="Names are masked.",
        query=Page,
        answers={200: schemas.TakerItems},
        refuses=[NotSignedIn, errors.RedPacketNotFound, InvalidCursor],
    )
    def get(self, request: Request, query: Page, packet_id: str) -> schemas.TakerItems:
        found = queries.get_packet(packet_id=require_id(packet_id, errors.RedPacketNotFound))
        before = decode_cursor(query.cursor, tuple[Moment, _RowId])
        rows = queries.list_takers(packet_id=found.packet.pk, limit=query.limit + 1, before=before)
        page, following = cut(rows, query.limit, lambda row: (row.taken_at, row.pk))
        best = queries.largest_share(packet_id=found.packet.pk)
        items = rendering.takers(page, me=self.member.pk, luckiest=best)
        return schemas.TakerItems(items=items, next=following)

    @operation(
        summary="Take my share of a red packet",
        answers={201: schemas.MyRedPacketOut},
        refuses=[
            NotSignedIn, CsrfFailed, errors.RedPacketNotFound, errors.RedPacketNotForYou,
            errors.RedPacketOver, errors.RedPacketTaken, errors.RedPacketEmpty, KeyReused,
        ],
        idempotency_key="optional",
    )  # fmt: skip
    def post(self, request: Request, packet_id: str) -> schemas.MyRedPacketOut:
        parsed = require_id(packet_id, errors.RedPacketNotFound)
        take_red_packet(
            packet_id=parsed, member_id=self.member.pk, at=clock.now(), actor=self.actor
        )
        return _look(packet_id, self.member.pk)


def _look(packet_id: str, me: uuid.UUID) -> schemas.MyRedPacketOut:
    """A red packet with the member's own share."""
    parsed, now = require_id(packet_id, errors.RedPacketNotFound), clock.now()
    state = queries.get_packet(packet_id=parsed)
    share = queries.find_share(packet_id=parsed, member=me)
    may = share is not None or is_for(packet=state.packet, member_id=me, at=now)
    return rendering.red_packet(state, now, is_for_me=may, my_cents=share.cents if share else None)
