"""Reads of the ledger. Balances are right to the second: a wallet in which something became due
since it was last touched is refreshed before it is read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Q

from kernel.clock import Calendar
from kernel.db import Ask, ask, connection
from points.ledger.errors import FundingSourceNotFound, HoldNotFound, HoldNotOpen
from points.ledger.models import FundingSource, Hold, Lot, Transaction


@dataclass(frozen=True, slots=True)
class Balance:
    """One member's points, in whole points."""

    available: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    lifetime_earned: int = 0


_balances = msgspec.json.Decoder(list[tuple[uuid.UUID, int, int, int, int, int]])


def get_balance(*, member: uuid.UUID, at: datetime, unit: str = "points") -> Balance:
    """One member's balance at `at` (now), in one query."""
    return ask(ask_balance(member=member, at=at, unit=unit))[0]


def ask_balance(*, member: uuid.UUID, at: datetime, unit: str = "points") -> Ask[Balance]:
    """The same, to be asked together with other things."""
    asked = ask_balances(members=[member], at=at, unit=unit)
    return Ask(asked.call, asked.values, lambda text: asked.read(text).get(member, Balance()))


def get_balances(
    *, members: Sequence[uuid.UUID], at: datetime, unit: str = "points"
) -> dict[uuid.UUID, Balance]:
    """Balances of many members; members without a wallet are left out."""
    return ask(ask_balances(members=members, at=at, unit=unit))[0]


def ask_balances(
    *, members: Sequence[uuid.UUID], at: datetime, unit: str = "points"
) -> Ask[dict[uuid.UUID, Balance]]:
    """The same, to be asked together with other things."""
    values = [list(members), unit, at]
    return Ask("ledger_balances(%s::uuid[], %s, %s)", values, _read_balances)


def _read_balances(text: str) -> dict[uuid.UUID, Balance]:
    return {member: Balance(*parts) for member, *parts in _balances.decode(text)}


def available_at(*, member: uuid.UUID, moment: datetime, unit: str = "points") -> int:
    """What was available at a past moment, by the business dates of the entries."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_available_at(%s, %s, %s)", [member, unit, moment])
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


class LotState(msgspec.Struct, frozen=True):
    """A lot as others see it: what was granted, what is left, until when, who paid.

    `waits_for_order`: number of the order whose completion gives it its date.
    """

    granted: int
    remaining: int
    held: int
    is_mature: bool
    # None: pending for an order that is not completed yet.
    matures_at: datetime | None
    expires_at: datetime | None
    funding_source: str
    waits_for_order: str | None = None


_OPEN_LOTS = """
select l.granted, l.remaining, l.held, l.is_mature, l.matures_at, l.expires_at, f.code,
       case when l.matures_at is null then
         (select t.reference from ledger_transaction t
           where t.source_id = l.source_id and t.kind = 'earn' limit 1) end
  from ledger_lot l join ledger_fundingsource f on f.id = l.funding_source_id
 where (l.remaining > 0 or l.held > 0) and
"""


def list_lots(*, member: uuid.UUID, at: datetime, unit: str = "points") -> list[LotState]:
    """Open lots in the order in which they will be spent."""
    get_balance(member=member, at=at, unit=unit)
    return _list_lots(
        "l.wallet_id = (select id from ledger_wallet where member_id = %s and unit = %s)"
        " order by l.expires_at, l.granted_at, l.id",
        [member, unit],
    )


def list_lots_of(*, source_id: uuid.UUID) -> list[LotState]:
    """Open lots of points that one source (an order) granted."""
    return _list_lots(
        "l.source_id = %s and (select w.unit from ledger_wallet w where w.id = l.wallet_id)"
        " = 'points' order by l.id",
        [source_id],
    )


def _list_lots(which: str, values: list[object]) -> list[LotState]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_LOTS + which, values)
        return [LotState(*row) for row in cursor.fetchall()]


TransactionPlace = tuple[datetime, int]


def list_transactions(
    *,
    member: uuid.UUID,
    limit: int,
    before: tuple[datetime, int] | None = None,
    direction: str | None = None,
    unit: str = "points",
) -> list[Transaction]:
    """Newest first, at most `limit`; `before` is the (occurred_at, id) of the last row seen.

    `direction` `in` or `out` keeps what changed what the member owns, one way or the other.
    """
    wallets = wallets_of(member=member, unit=unit)
    # Of a single wallet the index gives the rows in order; merged members have a few.
    which = Q(wallet_id=wallets[0]) if len(wallets) == 1 else Q(wallet_id__in=wallets)
    rows = Transaction.objects.filter(which).order_by("-occurred_at", "-id")
    if before is not None:
        rows = rows.extra(
            where=["(ledger_transaction.occurred_at, ledger_transaction.id) < (%s, %s)"],
            params=list(before),
        )
    if direction == "in":
        rows = rows.filter(amount__gt=0)
    elif direction == "out":
        rows = rows.filter(amount__lt=0)
    return list(rows[:limit])


def wallets_of(*, member: uuid.UUID, unit: str = "points") -> list[int]:
    """Ids of a member's wallet and of those poured into it when members were merged."""
    with connection.cursor() as cursor:
        cursor.execute("select id from ledger_wallets_of(%s, %s) as id", [member, unit])
        return [row[0] for row in cursor.fetchall() if row[0] is not None]


def pending_until(*, transactions: Iterable[Transaction]) -> dict[int, datetime | None]:
    """Transaction → when its lot matures, for those whose lot is still pending.

    None: not known yet, the order is not completed.
    """
    ids = [t.pk for t in transactions]
    lots = Lot.objects.filter(transaction_id__in=ids, is_mature=False, remaining__gt=0)
    return dict(lots.values_list("transaction_id", "matures_at"))


@dataclass(frozen=True, slots=True)
class Due:
    """So many points change state at this moment."""

    points: int
    at: datetime


def get_next_dates(
    *, member: uuid.UUID, at: datetime, unit: str = "points"
) -> tuple[Due | None, Due | None]:
    """What expires next and what matures next, in whole points, in one query.

    Lots that share the moment are added up; points set aside by a hold do not expire, and those
    that wait for their order have no date.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DATES, {"member": member, "unit": unit, "at": at})
        found = {what: Due(int(points), moment) for what, moment, points in cursor.fetchall()}
    return found.get("expiry"), found.get("maturity")


_NEXT_DATES = """
with open as (
  select l.* from ledger_lot l join ledger_wallet w on w.id = l.wallet_id
   where w.member_id = %(member)s and w.unit = %(unit)s and l.remaining > 0
     and l.matures_at is not null
)
(select 'expiry', expires_at, sum(remaining) from open
  where expires_at > %(at)s group by 2 order by 2 limit 1)
union all
(select 'maturity', matures_at, sum(remaining) from open
  where not is_mature and matures_at > %(at)s group by 2 order by 2 limit 1)
"""


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What came in and what went out in a local month (`YYYY-MM`), in whole points."""

    month: str
    gained: int
    lost: int


def sum_by_month(
    *, member: uuid.UUID, since: datetime, calendar: Calendar, unit: str = "points"
) -> list[MonthSum]:
    """A member's months from `since` on in which something moved, newest first.

    What passed between a member's own wallets when two were merged is no gain and no loss.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select to_char(t.occurred_at at time zone %s - make_interval(hours => %s), 'YYYY-MM'),"
            " coalesce(sum(t.amount) filter (where t.amount > 0), 0),"
            " coalesce(-sum(t.amount) filter (where t.amount < 0), 0)"
            " from ledger_transaction t"
            " where t.wallet_id in (select ledger_wallets_of(%s, %s)) and t.occurred_at >= %s"
            " and t.source_type <> 'merge' group by 1 order by 1 desc",
            [calendar.timezone, calendar.day_start_hour, member, unit, since],
        )
        return [MonthSum(month, int(up), int(down)) for month, up, down in cursor.fetchall()]


def get_hold(*, hold_id: uuid.UUID) -> Hold:
    """A hold with its wallet. Raises HoldNotFound."""
    found = Hold.objects.select_related("wallet").filter(pk=hold_id).first()
    if found is None:
        raise HoldNotFound()
    return found


def get_open_hold(*, hold_id: uuid.UUID, at: datetime) -> Hold:
    """A hold that can still be captured at `at`. Raises HoldNotFound, HoldNotOpen."""
    hold = get_hold(hold_id=hold_id)
    if hold.status != Hold.Status.OPEN:
        raise HoldNotOpen(status=hold.status)
    if hold.expires_at <= at:
        raise HoldNotOpen(status=Hold.Status.TIMED_OUT)
    return hold


def get_funding_source(*, code: str) -> FundingSource:
    """Raises FundingSourceNotFound."""
    found = FundingSource.objects.filter(code=code).first()
    if found is None:
        raise FundingSourceNotFound(code=code[:60])
    return found


class Payer(msgspec.Struct, array_like=True, frozen=True):
    """What a grant needs to know of its funding source."""

    id: int
    code: str
    unit_cost_micros: int


_payer = msgspec.json.Decoder(Payer)


def default_funding_source() -> Payer:
    """The merchant itself, who pays when nobody else does."""
    return ask(ask_payer())[0]


def ask_payer(code: str = "merchant") -> Ask[Payer]:
    """A funding source, to be asked together with other things."""
    return Ask("ledger_payer(%s)", [code], _payer.decode)


def drawn_by_payer(*, transaction_id: int) -> list[tuple[str, int]]:
    """(code of a funding source, points) that a spending drew from its lots, or a return put back
    into them; in the order of the sources. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select f.code, abs(sum(c.amount))::bigint from ledger_consumption c"
            " join ledger_lot l on l.id = c.lot_id"
            " join ledger_fundingsource f on f.id = l.funding_source_id"
            " where c.transaction_id = %s group by f.id order by f.id",
            [transaction_id],
        )
        return cursor.fetchall()


def clawed_back(*, keys: Iterable[str]) -> dict[str, int]:
    """Source key of a grant → how many of its points refunds took back out of its own lot.

    What had been spent was taken from other lots, or is owed, and counts under no grant. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.source_key, sum(c.amount)::bigint from ledger_transaction t"
            " join ledger_lot l on l.transaction_id = t.id"
            " join ledger_consumption c on c.lot_id = l.id"
            " join ledger_transaction b on b.id = c.transaction_id and b.kind = 'clawback'"
            " where t.source_key = any(%s) group by t.source_key having sum(c.amount) <> 0",
            [list(keys)],
        )
        return dict(cursor.fetchall())
