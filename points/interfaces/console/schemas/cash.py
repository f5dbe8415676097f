"""Red packets and withdrawals as staff see them."""

from msgspec import Struct

from kernel.shapes import Items
from points.interfaces.cash_shapes import RedPacketShareOut, WithdrawalOut
from points.interfaces.console.schemas.common import MemberRef


class ShareRow(RedPacketShareOut, kw_only=True):
    member: MemberRef


class ShareRows(Items):
    items: list[ShareRow]


class WithdrawalRow(WithdrawalOut, kw_only=True):
    """`can_decide` and `can_pay` are those of the person signed in, now."""

    member: MemberRef
    requested_by_name: str
    decided_by_name: str | None
    can_decide: bool
    can_pay: bool


class WithdrawalRows(Items):
    items: list[WithdrawalRow]


class CashOverview(Struct, kw_only=True):
    """`waiting`: withdrawals that wait for the person signed in. Outstanding and on its way in minor
    units."""

    waiting: int
    outstanding_cents: int
    on_its_way_cents: int
    exchanged_today_cents: int
