"""Withdrawals reach their providers, and what providers say is written down (docs/how-to/pay-out.md).

Claimed in one transaction, asked outside of any, noted in another: a process that dies between two
of them loses nothing, as the claim runs out and the next one looks the number up before it sends.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from kernel.db import connection
from points.cash import withdrawals
from points.cash.accounts import open_provider, open_wechat
from points.cash.errors import NotificationInvalid, ProviderNotSet, WithdrawalNotFound
from points.cash.models import Withdrawal
from points.cash.payouts import Payout, PayoutProvider, PayoutState
from points.cash.payouts.signing import Unsigned
from points.cash.queries import get_withdrawal
from points.cash.statements import PayoutDifference, compare_states

Clock = Callable[[], datetime]
log = logging.getLogger(__name__)
# Asked about in one go; each may take as long as a provider may.
BATCH = 10
# WeChat tells of transfers this far back.
DAYS_KNOWN = timedelta(days=30)
COMPARED = 50


def pay_out(*, tell_time: Clock, real_time: Clock) -> int:
    """Ask providers for what is due, or what became of it; how many were asked about.

    `tell_time` is the shop's clock, `real_time` the one by which messages are signed.
    """
    for count in range(BATCH):
        # One by one: a claim must outlive the calls of its own row, not those of nine others.
        row = next(iter(withdrawals.claim_payouts(at=tell_time(), most=1)), None)
        if row is None:
            return count
        try:
            state = _checked(row, _ask(row, real_time))
        except ProviderNotSet:
            state = PayoutState(outcome="waiting", reason="account")
        except Exception:
            # A fault of ours; it counts as a try, and the others go on.
            log.exception("payout %s could not be asked for", row.pk)
            state = PayoutState(outcome="waiting", reason="internal")
        withdrawals.note_state(withdrawal_id=row.pk, state=state, at=tell_time())
    return BATCH


def _ask(row: Withdrawal, real_time: Clock) -> PayoutState:
    """What the provider says now. What may have been sent before is looked up first; what it refuses
    has failed only when it does not know the number either."""
    provider = open_provider(provider=row.provider, real_time=real_time)
    if row.tries > 1:
        known = provider.read(row.pk.hex)
        if known.outcome != "unknown":
            return known
    state = provider.send(_payout(row))
    if state.outcome != "refused":
        return state
    known = provider.read(row.pk.hex)
    if known.outcome != "unknown":
        return known
    return PayoutState(outcome="failed", reason=state.reason)


def _payout(row: Withdrawal) -> Payout:
    return Payout(
        number=row.pk.hex, cents=row.cents, currency=connection.tenant.currency,
        payee_name=row.payee_name, payee_account=row.payee_account, remark=_("Withdrawal"),
        attempt=row.details.get("attempt", 0),
    )  # fmt: skip


def _checked(row: Withdrawal, state: PayoutState) -> PayoutState:
    """A provider that speaks of another sum is believed by nobody: staff look at it."""
    if state.cents is None or state.cents == row.cents:
        return state
    return PayoutState(
        outcome="waiting", reason="amount_differs", details={"provider_cents": state.cents}
    )


def hear_wechat(
    *, headers: dict[str, str], body: str, at: datetime, real_time: Clock
) -> Withdrawal:
    """A notification of WeChat's. Raises NotificationInvalid, ProviderNotSet, WithdrawalNotFound."""
    try:
        number, state = open_wechat(real_time=real_time).read_notification(headers, body)
        withdrawal_id = uuid.UUID(hex=number)
    except Unsigned:
        raise NotificationInvalid() from None
    except ValueError:
        raise WithdrawalNotFound() from None
    row = get_withdrawal(withdrawal_id=withdrawal_id)
    return withdrawals.note_state(withdrawal_id=row.pk, state=_checked(row, state), at=at)


def compare_with_providers(
    *, at: datetime, real_time: Clock
) -> tuple[int, Sequence[PayoutDifference]]:
    """(how many were looked up, where ours and theirs differ): the latest payouts of providers that
    pay by themselves. One call to the provider for each, outside of transactions."""
    states = Withdrawal.Status
    rows = list(
        Withdrawal.objects.filter(
            status__in=[states.PAID, states.PAYING, states.FAILED],
            requested_at__gte=at - DAYS_KNOWN,
        )
        .exclude(provider=Withdrawal.Provider.MANUAL)
        .order_by("-id")[:COMPARED]
    )
    opened: dict[str, PayoutProvider] = {}
    told = []
    for row in rows:
        if row.provider not in opened:
            opened[row.provider] = open_provider(provider=row.provider, real_time=real_time)
        told.append(opened[row.provider].read(row.pk.hex))
    return len(rows), compare_states(rows=rows, told=told)
