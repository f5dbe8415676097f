"""Cash as the console and the partner API handle it: the same reads and writes, noted by whoever calls."""

import uuid
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.db import connection
from kernel.money import exponent
from kernel.shapes import Moment, Page
from points.cash import accounts, queries, red_packets, statements, withdrawals
from points.cash.errors import RedPacketNotFound, WithdrawalNotFound
from points.cash.models import PayoutAccount, Withdrawal
from points.cash.payouts.stripe import StripeAccount
from points.cash.payouts.wechat import WechatAccount
from points.flows.payouts_sent import DAYS_KNOWN, compare_with_providers
from points.flows.red_packet_taken import check_audience
from points.interfaces import cash_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.noting import Audit

NOTIFY_PATH = "/hooks/wechat-pay"
_ShareId = int
# Withdrawals paid by hand that a statement is held against.
MOST_COMPARED = 5_000


def list_red_packets(query: Page) -> shapes.RedPacketItems:
    """Two queries. Raises InvalidCursor."""
    before = decode_cursor(query.cursor, uuid.UUID)
    found = queries.list_packets(limit=query.limit + 1, before=before)
    page, following = cut(found, query.limit, lambda state: state.packet.pk)
    now = clock.now()
    return shapes.RedPacketItems(
        items=[shapes.red_packet(state, now) for state in page], next=following
    )


@transaction.atomic
def make_red_packet(
    body: shapes.RedPacketIn, *, actor: str, actor_name: str, audit: Audit
) -> shapes.RedPacketOut:
    """Make one and note it. Raises what `red_packets.make_red_packet` raises, and AudienceUnknown."""
    check_audience(audience=body.audience, code=body.audience_code)
    fields = msgspec.structs.asdict(body)
    ends_at = fields.pop("ends_at")
    now = clock.now()
    row = red_packets.make_red_packet(
        fields=fields, ends_at=ends_at, at=now, actor=actor, actor_name=actor_name
    )
    audit("red_packet.made", f"red_packet:{row.pk}", after=shapes.red_packet_facts(row))
    return shapes.red_packet(queries.PacketState(row, 0, 0), now)


def show_red_packet(packet_id: str) -> shapes.RedPacketOut:
    """Raises RedPacketNotFound."""
    found = queries.get_packet(packet_id=require_id(packet_id, RedPacketNotFound))
    return shapes.red_packet(found, clock.now())


@transaction.atomic
def end_red_packet(packet_id: str, *, audit: Audit) -> shapes.RedPacketOut:
    """End it now and note what went back. Raises RedPacketNotFound."""
    now = clock.now()
    parsed = require_id(packet_id, RedPacketNotFound)
    was_open = queries.get_packet(packet_id=parsed).packet.ended_at is None
    row = red_packets.end_red_packet(packet_id=parsed, at=now)
    if was_open:
        after = {"returned_cents": row.returned_cents}
        audit("red_packet.ended", f"red_packet:{row.pk}", after=after)
    return shapes.red_packet(queries.states_of(packets=[row])[0], now)


def list_shares(packet_id: str, query: Page) -> shapes.RedPacketShareItems:
    """Who took what, newest first: three queries. Raises RedPacketNotFound, InvalidCursor."""
    found = queries.get_packet(packet_id=require_id(packet_id, RedPacketNotFound))
    before = decode_cursor(query.cursor, tuple[Moment, _ShareId])
    rows = queries.list_takers(packet_id=found.packet.pk, limit=query.limit + 1, before=before)
    page, following = cut(rows, query.limit, lambda row: (row.taken_at, row.pk))
    items = [
        shapes.RedPacketShareOut(
            number=row.number, member_id=row.member_id, amount_cents=row.cents,
            taken_at=row.taken_at,
        )
        for row in page
        if row.member_id and row.taken_at
    ]  # fmt: skip
    return shapes.RedPacketShareItems(items=items, next=following)


def find_withdrawals(
    query: shapes.WithdrawalQuery, *, member: uuid.UUID | None = None
) -> tuple[list[Withdrawal], str | None]:
    """A page of withdrawals, newest first, and where the next begins: one query."""
    rows = queries.list_withdrawals(
        limit=query.limit + 1, before=decode_cursor(query.cursor, uuid.UUID), member=member,
        statuses=[query.status] if query.status else [],
    )  # fmt: skip
    page, following = cut(rows, query.limit, lambda row: row.pk)
    return list(page), following


@transaction.atomic
def approve(
    withdrawal_id: str, *, note: str, actor: str, actor_name: str, audit: Audit
) -> Withdrawal:
    """Say yes and note it. Raises WithdrawalNotFound, WithdrawalNotOpen, SamePerson."""
    row = withdrawals.approve_withdrawal(
        withdrawal_id=require_id(withdrawal_id, WithdrawalNotFound), at=clock.now(), actor=actor,
        actor_name=actor_name, note=note.strip(),
    )  # fmt: skip
    audit("withdrawal.approved", f"member:{row.member_id}", after=shapes.withdrawal_facts(row))
    return row


@transaction.atomic
def reject(
    withdrawal_id: str, *, note: str, actor: str, actor_name: str, audit: Audit
) -> Withdrawal:
    """Say no, give the cash back, and note it. Raises the same."""
    row = withdrawals.reject_withdrawal(
        withdrawal_id=require_id(withdrawal_id, WithdrawalNotFound), at=clock.now(), actor=actor,
        actor_name=actor_name, note=note.strip(),
    )  # fmt: skip
    audit("withdrawal.rejected", f"member:{row.member_id}", after=shapes.withdrawal_facts(row))
    return row


@transaction.atomic
def pay_by_hand(withdrawal_id: str, *, reference: str, actor: str, audit: Audit) -> Withdrawal:
    """Note that somebody has paid it. Raises WithdrawalNotFound, WithdrawalNotOpen, NotPaidByHand,
    ReferenceTaken."""
    row = withdrawals.mark_paid(
        withdrawal_id=require_id(withdrawal_id, WithdrawalNotFound), reference=reference,
        at=clock.now(), actor=actor,
    )  # fmt: skip
    after = {**shapes.withdrawal_facts(row), "reference": row.reference}
    audit("withdrawal.paid", f"member:{row.member_id}", after=after)
    return row


def compare(body: shapes.PayoutComparisonIn) -> shapes.PayoutComparisonOut:
    """Ours against theirs. Raises StatementUnreadable, ProviderNotSet."""
    now = clock.now()
    if body.statement is None:
        compared, found = compare_with_providers(at=now, real_time=lambda: datetime.now(UTC))
        return shapes.PayoutComparisonOut(compared=compared, items=list(found))
    lines = statements.read_statement(
        text=body.statement, exponent=exponent(connection.tenant.currency)
    )
    since = body.since or now - DAYS_KNOWN
    rows = Withdrawal.objects.filter(
        provider=Withdrawal.Provider.MANUAL, status=Withdrawal.Status.PAID, closed_at__gte=since
    )
    ours = list(rows.order_by("id")[:MOST_COMPARED])
    return shapes.PayoutComparisonOut(
        compared=len(ours), items=statements.compare_statement(rows=ours, lines=lines)
    )


@transaction.atomic
def put_account(
    body: shapes.PayoutAccountIn, *, host: str, audit: Audit
) -> shapes.PayoutAccountOut:
    """Set the account at WeChat up; the log shows its numbers, never a key. Raises ProviderRefused."""
    told = msgspec.to_builtins(body)
    before = accounts.find_account()
    row = accounts.put_wechat_account(
        account=WechatAccount(**told, notify_url=_notify_url(host)), at=clock.now()
    )
    audit(
        "payout_account.set", "payout_account:wechat",
        before=before.shown if before else None, after=row.shown,
    )  # fmt: skip
    return show_account(row, host=host)


def show_account(row: PayoutAccount | None, *, host: str) -> shapes.PayoutAccountOut:
    """What may be shown of it."""
    shown = row.shown if row else {}
    return shapes.PayoutAccountOut(
        is_set=row is not None, mchid=shown.get("mchid"), appid=shown.get("appid"),
        serial=shown.get("serial"), platform_key_id=shown.get("platform_key_id"),
        scene_id=shown.get("scene_id"), scene_infos=shown.get("scene_infos", []),
        notify_url=_notify_url(host), changed_at=row.changed_at if row else None,
    )  # fmt: skip


@transaction.atomic
def put_stripe(
    body: shapes.StripePayoutAccountIn, *, audit: Audit
) -> shapes.StripePayoutAccountOut:
    """Set the merchant's Stripe up; the log shows the end of the key. Raises ProviderRefused."""
    before = accounts.find_account(provider=accounts.STRIPE)
    shown = before.shown if before else None
    row = accounts.put_stripe_account(
        account=StripeAccount(secret_key=body.secret_key), at=clock.now()
    )
    audit("payout_account.set", "payout_account:stripe", before=shown, after=row.shown)
    return show_stripe(row)


def show_stripe(row: PayoutAccount | None) -> shapes.StripePayoutAccountOut:
    """What may be shown of it."""
    shown = row.shown if row else {}
    return shapes.StripePayoutAccountOut(
        is_set=row is not None, last_four=shown.get("last_four"),
        is_live=shown.get("is_live", False), changed_at=row.changed_at if row else None,
    )  # fmt: skip


def _notify_url(host: str) -> str:
    """The provider takes addresses of https alone."""
    return f"https://{host.partition(':')[0]}{NOTIFY_PATH}"
