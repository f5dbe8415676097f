"""Bodies and answers of cash, alike on every surface. All `*_cents` are minor units."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from kernel.shapes import (
    LARGEST_AMOUNT,
    Body,
    Items,
    Moment,
    Page,
    Points,
    Slugish,
    check_moments,
)
from points.cash.calculations import mask_account
from points.cash.models import RedPacket, Withdrawal
from points.cash.queries import PacketState
from points.cash.red_packets import MOST_SHARES
from points.cash.statements import PayoutDifference

Sum = Annotated[
    int, msgspec.Meta(ge=1, le=LARGEST_AMOUNT, description="Money in minor units, at least one")
]
Greeting = Annotated[str, msgspec.Meta(max_length=60)]
PayeeText = Annotated[str, msgspec.Meta(max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=200)]
Audience = Literal["all", "tier", "segment"]
PacketKind = Literal["random", "equal"]
PacketStatus = Literal["open", "empty", "ended"]
WithdrawalStatus = Literal[
    "requested", "approved", "paying", "paid", "failed", "rejected", "cancelled"
]


class CashExchangeIn(Body, kw_only=True):
    points: Points


class MemberCashExchangeIn(CashExchangeIn, kw_only=True):
    member_external_id: Slugish


class CashExchangeOut(msgspec.Struct, kw_only=True):
    """`available` points and `cash_cents` are the member's afterwards."""

    id: uuid.UUID
    points: int
    amount_cents: int
    available: int
    cash_cents: int


class CashGrantIn(Body, kw_only=True):
    """`external_id` is the caller's own number for it, for ever: told again nothing is given."""

    external_id: Slugish
    member_external_id: Slugish
    amount_cents: Sum
    funding_source: Slugish = "merchant"
    note: Note = ""


class CashGrantOut(msgspec.Struct, kw_only=True):
    external_id: str
    member_id: uuid.UUID
    transaction_id: str
    amount_cents: int
    cash_cents: int


class RedPacketIn(Body, kw_only=True):
    """A sum, cut into shares at once. `audience_code` names the tier or the segment."""

    kind: PacketKind = "random"
    title_zh: Greeting = ""
    title_en: Greeting = ""
    total_cents: Sum
    shares_count: Annotated[int, msgspec.Meta(ge=1, le=MOST_SHARES)]
    audience: Audience = "all"
    audience_code: Annotated[str, msgspec.Meta(max_length=60)] = ""
    funding_source: Slugish = "merchant"
    ends_at: Moment

    def __post_init__(self) -> None:
        check_moments(self.ends_at)
        self.title_zh, self.title_en = self.title_zh.strip(), self.title_en.strip()
        if (self.audience == "all") != (self.audience_code == ""):
            raise ValueError("field `audience_code` names a tier or a segment, and only those")


class RedPacketOut(msgspec.Struct, kw_only=True):
    """`taken_*` is what members have; `returned_cents` what nobody took, known at the end."""

    id: uuid.UUID
    kind: PacketKind
    title_zh: str
    title_en: str
    total_cents: int
    shares_count: int
    taken_cents: int
    taken_count: int
    returned_cents: int
    audience: Audience
    audience_code: str
    funding_source: str
    status: PacketStatus
    created_by_name: str
    created_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class RedPacketItems(Items):
    items: list[RedPacketOut]


class RedPacketShareOut(msgspec.Struct, kw_only=True):
    number: int
    member_id: uuid.UUID
    amount_cents: int
    taken_at: datetime


class RedPacketShareItems(Items):
    items: list[RedPacketShareOut]


class RedPacketShareIn(Body, kw_only=True):
    member_external_id: Slugish


class WithdrawalQuery(Page, kw_only=True):
    status: WithdrawalStatus | None = None


class MemberWithdrawalQuery(WithdrawalQuery, kw_only=True):
    member_id: uuid.UUID | None = None


class WithdrawalIn(Body, kw_only=True):
    """Paid by hand both are needed; by WeChat the account is the openid, by Stripe the connected
    account (`acct_…`), either known from the identity in that channel when it is left out."""

    amount_cents: Sum
    payee_name: PayeeText = ""
    payee_account: PayeeText = ""


class MemberWithdrawalIn(WithdrawalIn, kw_only=True):
    member_external_id: Slugish


class WithdrawalDecisionIn(Body, kw_only=True):
    note: Note = ""


class WithdrawalPaymentIn(Body, kw_only=True):
    """`reference` is the bank's, or the wallet's, under which it was paid."""

    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]

    def __post_init__(self) -> None:
        self.reference = self.reference.strip()
        if not self.reference:
            raise ValueError("field `reference` may not be blank")


class WithdrawalOut(msgspec.Struct, kw_only=True):
    """`waiting_for` is the provider's word for what it waits for, `failure` for why it failed."""

    id: uuid.UUID
    member_id: uuid.UUID
    amount_cents: int
    status: WithdrawalStatus
    provider: str
    payee_name: str | None
    payee_account: str | None
    requested_at: datetime
    decided_at: datetime | None
    decision_note: str | None
    reference: str | None
    waiting_for: str | None
    failure: str | None
    closed_at: datetime | None


class WithdrawalItems(Items):
    items: list[WithdrawalOut]


class PayoutComparisonIn(Body, kw_only=True):
    """With `statement`, a CSV file (reference, amount, status), payouts by hand are compared with
    it, those between the two days (the shop's); without it providers are asked."""

    statement: Annotated[str, msgspec.Meta(max_length=500_000)] | None = None
    since: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.since)


class PayoutComparisonOut(msgspec.Struct, kw_only=True):
    """`compared`: how many payouts of ours were looked at; `items`: where the two sides differ."""

    compared: int
    items: list[PayoutDifference]


class SceneInfo(Body, kw_only=True):
    info_type: Annotated[str, msgspec.Meta(min_length=1, max_length=15)]
    info_content: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


_Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_]{1,64}$(?!\n)")]
_Pem = Annotated[str, msgspec.Meta(min_length=1, max_length=8_000)]


class PayoutAccountIn(Body, kw_only=True):
    """The merchant's account at WeChat Pay; keys are PEM texts and are never told again."""

    mchid: _Code
    appid: _Code
    serial: _Code
    private_key: _Pem
    platform_key_id: _Code
    platform_key: _Pem
    api_key: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    scene_id: _Code
    scene_infos: Annotated[list[SceneInfo], msgspec.Meta(max_length=5)] = []


class PayoutAccountOut(msgspec.Struct, kw_only=True):
    """What may be shown. `notify_url` is where the provider tells what became of a payout."""

    is_set: bool
    mchid: str | None
    appid: str | None
    serial: str | None
    platform_key_id: str | None
    scene_id: str | None
    scene_infos: list[dict[str, str]]
    notify_url: str
    changed_at: datetime | None


class StripePayoutAccountIn(Body, kw_only=True):
    """The secret key of the merchant's own Stripe, better a restricted one that may write transfers and
    read accounts. It is never told again."""

    secret_key: Annotated[
        str, msgspec.Meta(pattern=r"^[rs]k_(test|live)_[A-Za-z0-9_]{8,240}$(?!\n)")
    ]


class StripePayoutAccountOut(msgspec.Struct, kw_only=True):
    """`last_four`: the end of the key. `is_live`: whether real money moves."""

    is_set: bool
    last_four: str | None
    is_live: bool
    changed_at: datetime | None


def red_packet(state: PacketState, at: datetime) -> RedPacketOut:
    """A red packet as staff and other systems see it."""
    row: Any = state.packet
    own = (
        "id", "kind", "title_zh", "title_en", "total_cents", "shares_count", "returned_cents",
        "audience", "audience_code", "funding_source", "created_by_name", "created_at", "ends_at",
        "ended_at",
    )  # fmt: skip
    return RedPacketOut(
        **{name: getattr(row, name) for name in own}, taken_cents=state.taken_cents,
        taken_count=state.taken_count, status=_status(state, at),
    )  # fmt: skip


def _status(state: PacketState, at: datetime) -> PacketStatus:
    found = state.status_at(at)
    return "open" if found == "open" else "empty" if found == "empty" else "ended"


def withdrawal(row: Withdrawal, *, in_full: bool = True) -> WithdrawalOut:
    """A withdrawal; without `in_full` the account shows its last signs alone."""
    account = (
        row.payee_account if in_full else row.payee_account and mask_account(row.payee_account)
    )
    told: Any = row.status
    is_paying = row.status == Withdrawal.Status.PAYING
    return WithdrawalOut(
        id=row.pk, member_id=row.member_id, amount_cents=row.cents, status=told,
        provider=row.provider, payee_name=row.payee_name or None, payee_account=account or None,
        requested_at=row.requested_at, decided_at=row.decided_at,
        decision_note=row.decision_note or None, reference=row.reference or None,
        waiting_for=row.details.get("waiting_for") if is_paying else None,
        failure=row.details.get("failure"), closed_at=row.closed_at,
    )  # fmt: skip


def withdrawal_facts(row: Withdrawal) -> dict[str, Any]:
    """What the audit log notes of a decision: no word on who is paid."""
    return {
        "withdrawal_id": str(row.pk), "amount_cents": row.cents, "status": row.status,
        "note": row.decision_note,
    }  # fmt: skip


def red_packet_facts(row: RedPacket) -> dict[str, Any]:
    """What the audit log notes of a red packet."""
    return {
        "title_zh": row.title_zh, "title_en": row.title_en, "kind": row.kind,
        "total_cents": row.total_cents, "shares_count": row.shares_count,
        "audience": row.audience, "audience_code": row.audience_code,
        "funding_source": row.funding_source, "ends_at": row.ends_at.isoformat(),
    }  # fmt: skip
