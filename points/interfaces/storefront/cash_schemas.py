"""The cash wallet as the member sees it. All `*_cents` are minor units."""

import uuid
from datetime import datetime
from typing import Literal

import msgspec

from kernel.shapes import Items
from points.interfaces.cash_shapes import PacketKind, PacketStatus, WithdrawalStatus


class CashOut(msgspec.Struct, kw_only=True):
    """What there is and what may be done with it now. `on_its_way_cents` left the wallet and has not
    arrived yet; `left_cents` is what the caps still allow, null for as much as wanted."""

    is_open: bool
    cash_cents: int
    held_cents: int
    on_its_way_cents: int
    available_points: int
    points_per_unit: int
    min_points: int
    step_points: int
    max_points: int
    max_cents: int
    left_cents: int | None
    can_withdraw: bool
    payout: Literal["manual", "wechat", "stripe"]
    min_withdrawal_cents: int
    max_withdrawal_cents: int
    payee_name: str | None
    payee_account: str | None


class CashTransactionOut(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    amount_cents: int
    balance_after_cents: int
    occurred_at: datetime
    reason: str
    order_external_id: str | None


class CashTransactionItems(Items):
    items: list[CashTransactionOut]


class AcceptOut(msgspec.Struct, kw_only=True):
    """What the page hands to WeChat so that the member accepts the money."""

    mchid: str
    appid: str
    package: str


class MyWithdrawalOut(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    amount_cents: int
    status: WithdrawalStatus
    provider: str
    payee_name: str | None
    payee_account: str | None
    requested_at: datetime
    closed_at: datetime | None
    decision_note: str | None
    can_cancel: bool
    accept: AcceptOut | None


class MyWithdrawalItems(Items):
    items: list[MyWithdrawalOut]


class MyRedPacketOut(msgspec.Struct, kw_only=True):
    """`is_for_me`: whether the member may take a share. `my_cents`: the share taken; null: none."""

    id: uuid.UUID
    title: str
    kind: PacketKind
    status: PacketStatus
    total_cents: int
    shares_count: int
    taken_count: int
    taken_cents: int
    ends_at: datetime
    is_for_me: bool
    my_cents: int | None


class MyRedPacketItems(msgspec.Struct, kw_only=True):
    items: list[MyRedPacketOut]


class TakerOut(msgspec.Struct, kw_only=True):
    """Somebody who took a share, by a masked name. `is_luckiest`: the largest, once all are taken."""

    name: str | None
    amount_cents: int
    taken_at: datetime
    is_me: bool
    is_luckiest: bool


class TakerItems(Items):
    items: list[TakerOut]
