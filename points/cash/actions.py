"""Cash comes into wallets: given by other apps, or exchanged for points.

Red packets are in `red_packets`, withdrawals in `withdrawals`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction

from kernel.db import connection
from kernel.money import exponent
from points.cash.calculations import cents_for, smallest_of, step_of
from points.cash.errors import CapReached, CashClosed, ExchangeUneven
from points.cash.queries import Caps, caps_of, exchanged_by
from points.ledger import actions as ledger
from points.ledger.actions import Posted
from points.ledger.queries import Payer, default_funding_source, get_funding_source
from points.program.queries import get_program

# A minor unit of cash costs its payer a minor unit: in millionths of it.
UNIT_COST = 1_000_000
_COUNT = """
insert into cash_exchangecount as c (scope, cents)
select scope, %(cents)s from unnest(%(scopes)s) as scope order by scope desc
on conflict (scope) do update set cents = c.cents + excluded.cents
returning scope, cents
"""


class Gift(msgspec.Struct, kw_only=True, frozen=True):
    """Cash for one member, once for its `source` and `source_id`, in minor units.

    `source` names the app and the occasion (`mall`, `game`, `commission`); `note` may hold both
    languages (`kernel.bilingual`).
    """

    member: uuid.UUID
    cents: int
    source: str
    source_id: uuid.UUID
    funding_source: str = "merchant"
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange did: points that went, minor units that came, and its two transactions."""

    id: uuid.UUID
    points: int
    cents: int
    spend_id: int
    grant_id: int


def give(*, gifts: Sequence[Gift], at: datetime, actor: str) -> list[Posted]:
    """Put cash into wallets, any number at once; told again under its source it gives nothing.

    Raises ledger.FundingSourceNotFound, ledger.KeyConflict (the same source with another sum),
    members.MemberMerged. Two statements, and one for each further payer.
    """
    payers = {code: payer_of(code=code) for code in {gift.funding_source for gift in gifts}}
    grants = [
        cash_grant(
            member=gift.member, cents=gift.cents, key=f"cash:{gift.source}:{gift.source_id}",
            payer=payers[gift.funding_source], at=at, source_type=gift.source,
            source_id=gift.source_id, reference=gift.reference, note=gift.note,
            fingerprint=f"{gift.member}:{gift.cents}",
        )
        for gift in gifts
    ]  # fmt: skip
    return ledger.grant(grants=grants, at=at, actor=actor)


def payer_of(*, code: str) -> Payer:
    """Who pays. Raises ledger.FundingSourceNotFound."""
    if code == "merchant":
        return default_funding_source()
    found = get_funding_source(code=code)
    return Payer(found.pk, found.code, found.unit_cost_micros)


def cash_grant(
    *,
    member: uuid.UUID,
    cents: int,
    key: str,
    payer: Payer,
    at: datetime,
    source_type: str,
    source_id: uuid.UUID,
    reference: str = "",
    note: str = "",
    fingerprint: str = "",
) -> ledger.Grant:
    """A lot of cash: it never expires, and its payer bears all of it."""
    return ledger.Grant(
        member=member, amount=cents, key=key, occurred_at=at, funding_source_id=payer.id,
        account=f"issuance:{payer.code}", unit="cash", unit_cost_micros=UNIT_COST,
        source_type=source_type, source_id=source_id, reference=reference, note=note,
        fingerprint=fingerprint,
    )  # fmt: skip


@transaction.atomic
def exchange(
    *, member_id: uuid.UUID, points: int, exchange_id: uuid.UUID, at: datetime, actor: str
) -> Exchanged:
    """Turn points into cash at the programme's rate: both move, or neither.

    Raises CashClosed, ExchangeUneven, CapReached, ledger.InsufficientPoints; nothing has moved then.
    The member's caps are judged behind the lock of the wallet; the shop's rows, on which all meet,
    are touched last. Six statements. `exchange_id` is the natural key.
    """
    program = get_program()
    rule, digits = program.settings.cash, exponent(program.currency)
    if not rule.enabled:
        raise CashClosed()
    smallest, step = smallest_of(rule, digits), step_of(rule, digits)
    if points < smallest or points % step:
        raise ExchangeUneven(smallest=smallest, step=step)
    cents = cents_for(points, rule, digits)
    spent = ledger.spend(
        member=member_id, points=points, key=f"cash-exchange:{exchange_id}", at=at, actor=actor,
        source_type="cash_exchange", source_id=exchange_id, fingerprint=f"{member_id}:{points}",
    )  # fmt: skip
    caps = caps_of(program=program, at=at)
    if spent.is_new:
        used = exchanged_by(member=member_id, since=[cap.since for cap in caps.of_member])
        for cap, before in zip(caps.of_member, used, strict=True):
            refuse_beyond(period=cap.period, limit=cap.cents, used=before + cents, more=cents)
    granted = ledger.grant(
        grants=[
            cash_grant(
                member=member_id, cents=cents, key=f"cash-exchange:{exchange_id}:in", at=at,
                payer=default_funding_source(), source_type="cash_exchange", source_id=exchange_id,
            )
        ], at=at, actor=actor,
    )[0]  # fmt: skip
    if granted.is_new:
        _count(cents, caps)
    return Exchanged(exchange_id, points, cents, spent.transaction_id, granted.transaction_id)


def refuse_beyond(*, period: str, limit: int | None, used: int, more: int) -> None:
    """Raises CapReached when `used`, which holds `more` already, is beyond the limit."""
    if limit is not None and used > limit:
        raise CapReached(period=period, limit_cents=limit, left_cents=max(0, limit - used + more))


def _count(cents: int, caps: Caps) -> None:
    """Add to the shop's day and to all there ever was; whoever would pass a cap is refused."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"cents": cents, "scopes": [cap.scope for cap in caps.of_shop]})
        counted = dict(cursor.fetchall())
    for cap in caps.of_shop:
        refuse_beyond(period=cap.period, limit=cap.cents, used=counted[cap.scope], more=cents)
