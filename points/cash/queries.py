"""Reading cash: what can still be exchanged, red packets, withdrawals."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, Sum

from kernel.db import connection
from kernel.money import exponent
from points.cash.calculations import cents_for, most_points, smallest_of, step_of
from points.cash.errors import RedPacketNotFound, WithdrawalNotFound
from points.cash.models import ExchangeCount, RedPacket, RedPacketShare, Withdrawal
from points.ledger.queries import get_balance
from points.program.queries import ActiveProgram, get_program

TOTAL = "total"
Status = Withdrawal.Status


@dataclass(frozen=True, slots=True)
class MemberCap:
    """What one member may exchange since a moment; None: as much as wanted."""

    period: str
    since: datetime
    cents: int | None


@dataclass(frozen=True, slots=True)
class ShopCap:
    """What all members together may exchange; `scope` is the row that counts it."""

    period: str
    scope: str
    cents: int | None


@dataclass(frozen=True, slots=True)
class Caps:
    """Every cap of an exchange at one moment."""

    of_member: Sequence[MemberCap]
    of_shop: Sequence[ShopCap]


def caps_of(*, program: ActiveProgram, at: datetime) -> Caps:
    """The caps as the programme sets them, for the local day and month of this moment."""
    rule, calendar = program.settings.cash, program.calendar
    today = calendar.day_of(at)
    month = calendar.start_of(today.replace(day=1))
    return Caps(
        (
            MemberCap("member_day", calendar.start_of(today), rule.member_daily_cents),
            MemberCap("member_month", month, rule.member_monthly_cents),
        ),
        (
            ShopCap("shop_day", today.isoformat(), rule.shop_daily_cents),
            ShopCap("shop_total", TOTAL, rule.shop_total_cents),
        ),
    )


def exchanged_by(*, member: uuid.UUID, since: Sequence[datetime]) -> list[int]:
    """Minor units a member's points became since each of these moments, in one query.

    What a member merged into this one exchanged counts: it is one person's.
    """
    sums = ", ".join(
        "coalesce(sum(amount) filter (where occurred_at >= %s), 0)" for _moment in since
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {sums} from ledger_transaction"
            " where wallet_id in (select ledger_wallets_of(%s, 'cash')) and kind = 'earn'"
            " and source_type = 'cash_exchange' and occurred_at >= %s",
            [*since, member, min(since)],
        )
        return [int(one) for one in cursor.fetchone()]


@dataclass(frozen=True, slots=True)
class CashTerms:
    """What a member may do with cash now. Amounts in minor units; None: no limit.

    `left_cents` of an exchange is the tightest cap; `max_points` fit it and what the member has.
    """

    enabled: bool
    available_points: int
    points_per_unit: int
    min_points: int
    step_points: int
    max_points: int
    max_cents: int
    left_cents: int | None
    withdrawals: bool
    payout: str
    available_cents: int
    held_cents: int
    min_withdrawal_cents: int
    max_withdrawal_cents: int


def get_terms(*, member: uuid.UUID, at: datetime) -> CashTerms:
    """The programme's bounds as they stand for a member: six queries."""
    program = get_program()
    rule, digits = program.settings.cash, exponent(program.currency)
    points = get_balance(member=member, at=at).available
    cash = get_balance(member=member, at=at, unit="cash")
    left = _left(member, caps_of(program=program, at=at))
    most = most_points(points, left, rule, digits) if rule.enabled else 0
    today = withdrawn_on(member=member, day=program.calendar.day_of(at))
    return CashTerms(
        enabled=rule.enabled, available_points=points, points_per_unit=rule.points_per_unit,
        min_points=smallest_of(rule, digits), step_points=step_of(rule, digits), max_points=most,
        max_cents=cents_for(most, rule, digits), left_cents=min(left) if left else None,
        withdrawals=rule.enabled and rule.withdrawals, payout=rule.payout,
        available_cents=cash.available, held_cents=cash.held,
        min_withdrawal_cents=rule.min_withdrawal_cents,
        max_withdrawal_cents=most_withdrawal(
            cash.available, rule.max_withdrawal_cents_per_day, today
        ),
    )  # fmt: skip


def _left(member: uuid.UUID, caps: Caps) -> list[int]:
    """What each cap that is set still allows."""
    used = exchanged_by(member=member, since=[cap.since for cap in caps.of_member])
    counted = dict(
        ExchangeCount.objects.filter(scope__in=[cap.scope for cap in caps.of_shop]).values_list(
            "scope", "cents"
        )
    )
    pairs = [(cap.cents, done) for cap, done in zip(caps.of_member, used, strict=True)]
    pairs += [(cap.cents, counted.get(cap.scope, 0)) for cap in caps.of_shop]
    return [max(0, limit - done) for limit, done in pairs if limit is not None]


def most_withdrawal(available: int, daily: int | None, withdrawn: int) -> int:
    """The most that can be withdrawn now."""
    return available if daily is None else max(0, min(available, daily - withdrawn))


def withdrawn_on(*, member: uuid.UUID, day: date) -> int:
    """Minor units a member asked for on a local day, without what came back."""
    rows = Withdrawal.objects.filter(member_id=member, local_date=day)
    asked = rows.exclude(status__in=Withdrawal.UNDONE).aggregate(sum=Sum("cents"))["sum"]
    return int(asked or 0)


def sum_on_its_way(*, member: uuid.UUID) -> int:
    """Minor units that left the wallet and have not arrived yet."""
    open_ = Withdrawal.objects.filter(
        member_id=member, status__in=[Status.REQUESTED, Status.APPROVED, Status.PAYING]
    )
    return int(open_.aggregate(sum=Sum("cents"))["sum"] or 0)


def get_withdrawal(*, withdrawal_id: uuid.UUID, member: uuid.UUID | None = None) -> Withdrawal:
    """A withdrawal; with `member` only that member's. Raises WithdrawalNotFound."""
    rows = Withdrawal.objects.filter(pk=withdrawal_id)
    found = (rows if member is None else rows.filter(member_id=member)).first()
    if found is None:
        raise WithdrawalNotFound()
    return found


def list_withdrawals(
    *,
    limit: int,
    before: uuid.UUID | None = None,
    statuses: Sequence[str] = (),
    member: uuid.UUID | None = None,
) -> list[Withdrawal]:
    """Newest first, at most `limit`; `before` is the id of the last row seen. One query."""
    rows = Withdrawal.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if member is not None:
        rows = rows.filter(member_id=member)
    if statuses:
        rows = rows.filter(status__in=statuses)
    return list(rows[:limit])


def has_payouts_due(*, at: datetime) -> bool:
    """Whether a provider is to be asked about anything: one query on an index that is mostly empty."""
    open_ = Withdrawal.objects.filter(status__in=[Status.APPROVED, Status.PAYING])
    return open_.filter(next_try_at__lte=at).exists()


def count_waiting(*, not_of: str) -> int:
    """Withdrawals that wait for a person who is this one: not asked for by them. One query."""
    waiting = Withdrawal.objects.filter(status=Status.REQUESTED)
    return waiting.exclude(requested_by=not_of).count()


@dataclass(frozen=True, slots=True)
class CashSums:
    """Cash of all members together, in minor units."""

    outstanding_cents: int
    on_its_way_cents: int
    exchanged_today_cents: int


def sum_up(*, at: datetime) -> CashSums:
    """What members have, what was asked for and has not arrived, what points became today: two
    queries."""
    program = get_program()
    scope = program.calendar.day_of(at).isoformat()
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select coalesce(sum(available + pending + held), 0) from ledger_wallet"
            " where unit = 'cash'), (select coalesce(sum(cents), 0) from cash_withdrawal"
            " where status in ('requested', 'approved', 'paying')),"
            " (select coalesce(sum(cents), 0) from cash_exchangecount where scope = %s)",
            [scope],
        )
        return CashSums(*map(int, cursor.fetchone()))


@dataclass(frozen=True, slots=True)
class PacketState:
    """A red packet with what was taken of it, in minor units and shares."""

    packet: RedPacket
    taken_cents: int
    taken_count: int

    def status_at(self, at: datetime) -> str:
        """open, empty (all taken) or ended; past its end it has ended whether or not a job saw it."""
        if self.packet.status != RedPacket.Status.OPEN or self.packet.ends_at <= at:
            return "ended"
        return "empty" if self.taken_count == self.packet.shares_count else "open"


def list_packets(*, limit: int, before: uuid.UUID | None = None) -> list[PacketState]:
    """Newest first, at most `limit`: two queries."""
    rows = RedPacket.objects.order_by("-id")
    found = list((rows if before is None else rows.filter(pk__lt=before))[:limit])
    return states_of(packets=found)


def get_packet(*, packet_id: uuid.UUID) -> PacketState:
    """Raises RedPacketNotFound. Two queries."""
    found = RedPacket.objects.filter(pk=packet_id).first()
    if found is None:
        raise RedPacketNotFound()
    return states_of(packets=[found])[0]


def list_open(*, at: datetime, limit: int, member: uuid.UUID) -> list[RedPacket]:
    """Red packets that have free shares and of which this member has none, soonest to end first."""
    shares = RedPacketShare.objects.filter(red_packet=OuterRef("pk"))
    rows = RedPacket.objects.filter(
        Exists(shares.filter(member_id__isnull=True)), ~Exists(shares.filter(member_id=member)),
        status=RedPacket.Status.OPEN, ends_at__gt=at,
    )  # fmt: skip
    return list(rows.order_by("ends_at", "id")[:limit])


def states_of(*, packets: Iterable[RedPacket]) -> list[PacketState]:
    """What was taken of each, in one query for any number."""
    rows = list(packets)
    taken = {
        row["red_packet"]: (row["cents"], row["count"])
        for row in RedPacketShare.objects.filter(
            red_packet__in=rows, member_id__isnull=False
        ).values("red_packet").annotate(cents=Sum("cents"), count=Count("pk"))
    }  # fmt: skip
    return [PacketState(row, *taken.get(row.pk, (0, 0))) for row in rows]


def list_takers(
    *, packet_id: uuid.UUID, limit: int, before: tuple[datetime, int] | None = None
) -> list[RedPacketShare]:
    """Shares that were taken, the newest first; `before` is the last one seen. One query."""
    rows = RedPacketShare.objects.select_related("red_packet").filter(
        red_packet=packet_id, member_id__isnull=False
    )
    if before is not None:
        moment, last = before
        rows = rows.filter(Q(taken_at__lt=moment) | Q(taken_at=moment, pk__lt=last))
    return list(rows.order_by("-taken_at", "-pk")[:limit])


def find_share(*, packet_id: uuid.UUID, member: uuid.UUID) -> RedPacketShare | None:
    """The share a member took, the first of two."""
    rows = RedPacketShare.objects.filter(red_packet=packet_id, member_id=member)
    return rows.order_by("seat").first()


def largest_share(*, packet_id: uuid.UUID) -> int | None:
    """The largest share of a red packet of which all are taken, by its row; None while some are free."""
    rows = RedPacketShare.objects.filter(red_packet=packet_id)
    if rows.filter(member_id__isnull=True).exists():
        return None
    found = rows.order_by("-cents", "taken_at", "pk").values_list("pk", flat=True).first()
    return None if found is None else int(found)
