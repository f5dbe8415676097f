"""Red packets, withdrawals, the provider's account, and whether both sides agree."""

from django.db import transaction
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.endpoint import raw_request
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page
from points.cash import accounts, errors, queries
from points.flows.tasks import send_payouts
from points.interfaces import cash
from points.interfaces import cash_shapes as shapes
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.lists.cash import name_takers, render_withdrawals
from points.interfaces.console.schemas import cash as schemas
from points.interfaces.console.schemas.session import Nothing
from points.ledger.errors import FundingSourceNotFound


class CashView(ConsoleEndpoint):
    """Cash of all members together."""

    @operation(
        summary="Get the state of cash",
        answers={200: schemas.CashOverview},
        refuses=[*READING],
        scope="cash:read",
    )
    def get(self, request: Request) -> schemas.CashOverview:
        sums = queries.sum_up(at=clock.now())
        waits = queries.count_waiting(not_of=self.staff.actor)
        return schemas.CashOverview(
            waiting=waits if self.staff.may("cash:approve") else 0,
            outstanding_cents=sums.outstanding_cents, on_its_way_cents=sums.on_its_way_cents,
            exchanged_today_cents=sums.exchanged_today_cents,
        )  # fmt: skip


class RedPackets(ConsoleEndpoint):
    """Split red packets."""

    @operation(
        summary="List red packets, newest first",
        query=Page,
        answers={200: shapes.RedPacketItems},
        refuses=[InvalidCursor, *READING],
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
            errors.AudienceUnknown, FundingSourceNotFound, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="cash:write",
    )  # fmt: skip
    def post(self, request: Request, body: shapes.RedPacketIn) -> shapes.RedPacketOut:
        return cash.make_red_packet(
            body, actor=self.staff.actor, actor_name=self.staff.name, audit=self.audit
        )


class RedPacketView(ConsoleEndpoint):
    """One red packet."""

    @operation(
        summary="Get a red packet",
        answers={200: shapes.RedPacketOut},
        refuses=[errors.RedPacketNotFound, *READING],
        scope="cash:read",
    )
    def get(self, request: Request, packet_id: str) -> shapes.RedPacketOut:
        return cash.show_red_packet(packet_id)


class RedPacketShares(ConsoleEndpoint):
    """Who took what."""

    @operation(
        summary="List who took a share, newest first",
        query=Page,
        answers={200: schemas.ShareRows},
        refuses=[errors.RedPacketNotFound, InvalidCursor, *READING],
        scope="cash:read",
    )
    def get(self, request: Request, query: Page, packet_id: str) -> schemas.ShareRows:
        return name_takers(cash.list_shares(packet_id, query))


class RedPacketEnding(ConsoleEndpoint):
    """Ending one before its time."""

    @operation(
        summary="End a red packet",
        description="What nobody took goes back. Ended before: the same answer again.",
        body=Nothing,
        answers={200: shapes.RedPacketOut},
        refuses=[errors.RedPacketNotFound, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="cash:write",
    )
    def post(self, request: Request, body: Nothing, packet_id: str) -> shapes.RedPacketOut:
        return cash.end_red_packet(packet_id, audit=self.audit)


class Withdrawals(ConsoleEndpoint):
    """The queue."""

    @operation(
        summary="List withdrawals, newest first",
        query=shapes.WithdrawalQuery,
        answers={200: schemas.WithdrawalRows},
        refuses=[InvalidCursor, *READING],
        scope="cash:read",
    )
    def get(self, request: Request, query: shapes.WithdrawalQuery) -> schemas.WithdrawalRows:
        rows, following = cash.find_withdrawals(query)
        items = render_withdrawals(rows, staff=self.staff)
        return schemas.WithdrawalRows(items=items, next=following)


class WithdrawalApproval(ConsoleEndpoint):
    """A second person says yes."""

    @operation(
        summary="Approve a withdrawal",
        description="Not by who asked for it. A provider is asked to pay within seconds.",
        body=shapes.WithdrawalDecisionIn,
        answers={200: schemas.WithdrawalRow},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.SamePerson, KeyReused,
            *CHANGING,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalDecisionIn, withdrawal_id: str
    ) -> schemas.WithdrawalRow:
        row = cash.approve(
            withdrawal_id, note=body.note, actor=self.staff.actor, actor_name=self.staff.name,
            audit=self.audit,
        )  # fmt: skip
        if row.next_try_at is not None:
            transaction.on_commit(send_payouts)
        return render_withdrawals([row], staff=self.staff)[0]


class WithdrawalRejection(ConsoleEndpoint):
    """A second person says no."""

    @operation(
        summary="Reject a withdrawal",
        description="The cash goes back into the lots it came from.",
        body=shapes.WithdrawalDecisionIn,
        answers={200: schemas.WithdrawalRow},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.SamePerson, KeyReused,
            *CHANGING,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalDecisionIn, withdrawal_id: str
    ) -> schemas.WithdrawalRow:
        row = cash.reject(
            withdrawal_id, note=body.note, actor=self.staff.actor, actor_name=self.staff.name,
            audit=self.audit,
        )  # fmt: skip
        return render_withdrawals([row], staff=self.staff)[0]


class WithdrawalPayment(ConsoleEndpoint):
    """Somebody has paid it by hand."""

    @operation(
        summary="Note that a withdrawal was paid by hand",
        body=shapes.WithdrawalPaymentIn,
        answers={200: schemas.WithdrawalRow},
        refuses=[
            errors.WithdrawalNotFound, errors.WithdrawalNotOpen, errors.NotPaidByHand,
            errors.ReferenceTaken, KeyReused, *CHANGING,
        ],
        idempotency_key="optional",
        scope="cash:approve",
    )  # fmt: skip
    def post(
        self, request: Request, body: shapes.WithdrawalPaymentIn, withdrawal_id: str
    ) -> schemas.WithdrawalRow:
        row = cash.pay_by_hand(
            withdrawal_id, reference=body.reference, actor=self.staff.actor, audit=self.audit
        )
        return render_withdrawals([row], staff=self.staff)[0]


class WithdrawalComparisons(ConsoleEndpoint):
    """Ours against theirs."""

    @operation(
        summary="Compare payouts with what the provider says",
        description="With a statement (CSV: reference, amount, status) payouts by hand; without one"
        " the latest payouts of the provider, which is asked about each. Nothing is changed.",
        body=shapes.PayoutComparisonIn,
        answers={200: shapes.PayoutComparisonOut},
        refuses=[errors.StatementUnreadable, errors.ProviderNotSet, *CHANGING],
        scope="cash:approve",
    )
    def post(self, request: Request, body: shapes.PayoutComparisonIn) -> shapes.PayoutComparisonOut:
        return cash.compare(body)


class PayoutAccountView(ConsoleEndpoint):
    """The merchant's account at WeChat Pay."""

    @operation(
        summary="Get the account at the payout provider",
        answers={200: shapes.PayoutAccountOut},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.PayoutAccountOut:
        host = raw_request(request).get_host()
        return cash.show_account(accounts.find_account(), host=host)

    # Takes no Idempotency-Key: the body, which holds the keys, would be hashed and kept with it.
    @operation(
        summary="Set up the account at the payout provider",
        description="Keys are kept sealed and never told again.",
        body=shapes.PayoutAccountIn,
        answers={200: shapes.PayoutAccountOut},
        refuses=[errors.ProviderRefused, *CHANGING],
        scope="settings:write",
    )
    def put(self, request: Request, body: shapes.PayoutAccountIn) -> shapes.PayoutAccountOut:
        return cash.put_account(body, host=raw_request(request).get_host(), audit=self.audit)


class StripePayoutAccountView(ConsoleEndpoint):
    """The merchant's own Stripe, by which withdrawals are paid."""

    @operation(
        summary="Get the Stripe account that pays withdrawals",
        answers={200: shapes.StripePayoutAccountOut},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> shapes.StripePayoutAccountOut:
        return cash.show_stripe(accounts.find_account(provider=accounts.STRIPE))

    # Takes no Idempotency-Key: the body, which holds the key, would be hashed and kept with it.
    @operation(
        summary="Set up the Stripe account that pays withdrawals",
        description="The key is kept sealed and never told again. It is the merchant's own; the one by"
        " which this service takes payments is refused, and so is a live key in test mode.",
        body=shapes.StripePayoutAccountIn,
        answers={200: shapes.StripePayoutAccountOut},
        refuses=[errors.ProviderRefused, *CHANGING],
        scope="settings:write",
    )
    def put(
        self, request: Request, body: shapes.StripePayoutAccountIn
    ) -> shapes.StripePayoutAccountOut:
        return cash.put_stripe(body, audit=self.audit)
