"""Withdrawals: asked for, decided by a second person, paid out. Every step of their life is here.

Providers are called by `flows.payouts_sent`, outside of transactions; what they said comes back
through `note_state`.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kernel import outbox
from kernel.db import connection, find_row
from kernel.ids import new_id
from kernel.stripe_amounts import NotInStripeUnits, step_of, to_stripe
from points.cash.calculations import wait_after
from points.cash.errors import (
    InsufficientCash,
    NotPaidByHand,
    PayeeAccountInvalid,
    PayeeIncomplete,
    ReferenceTaken,
    SamePerson,
    WithdrawalLimitReached,
    WithdrawalNotFound,
    WithdrawalNotOpen,
    WithdrawalsClosed,
    WithdrawalTooSmall,
    WithdrawalUneven,
)
from points.cash.models import Withdrawal
from points.cash.payouts import PayoutState
from points.cash.queries import most_withdrawal, withdrawn_on
from points.ledger import actions as ledger
from points.ledger.errors import InsufficientPoints
from points.ledger.queries import get_balance
from points.members.models import MemberIdentity
from points.program.queries import ActiveProgram, get_program

Status, Provider = Withdrawal.Status, Withdrawal.Provider
# For so long a payout belongs to who has claimed it; after that it is taken up by somebody else.
CLAIM = timedelta(seconds=90)
# Providers whose account of a member can be known from an identity in the channel of the same name: the
# openid at WeChat, the connected account at Stripe.
_KNOWN_BY_CHANNEL = (Provider.WECHAT, Provider.STRIPE)
_STRIPE_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{8,64}")
_CLAIM = """
update cash_withdrawal set status = 'paying', tries = tries + 1, next_try_at = %(until)s
 where id in (select id from cash_withdrawal
               where status in ('approved', 'paying') and next_try_at <= %(at)s
               order by id limit %(most)s for update skip locked)
returning id
"""


@transaction.atomic
def request_withdrawal(
    *,
    member_id: uuid.UUID,
    cents: int,
    payee_name: str,
    payee_account: str,
    at: datetime,
    actor: str,
    actor_name: str = "",
) -> Withdrawal:
    """Take cash out of the wallet at once and wait for a second person.

    Raises WithdrawalsClosed, WithdrawalTooSmall, WithdrawalUneven, PayeeIncomplete,
    PayeeAccountInvalid, InsufficientCash, WithdrawalLimitReached; nothing has moved then. The limit
    of the day is judged behind the lock of the wallet.
    """
    program = get_program()
    rule = program.settings.cash
    if not (rule.enabled and rule.withdrawals):
        raise WithdrawalsClosed()
    if cents < rule.min_withdrawal_cents:
        raise WithdrawalTooSmall(smallest_cents=rule.min_withdrawal_cents)
    row = Withdrawal(
        id=new_id(), member_id=member_id, cents=cents, status=Status.REQUESTED,
        provider=rule.payout, payee_name=payee_name.strip(), payee_account=payee_account.strip(),
        local_date=program.calendar.day_of(at), requested_by=actor, requested_by_name=actor_name,
        requested_at=at,
    )  # fmt: skip
    _complete_payee(row)
    _check_payable(row, program.currency)
    row.transaction_id = _take(row, at=at, actor=actor)
    _check_day(row, program, at=at)
    row.save(force_insert=True)
    _tell(row, at)
    return row


def _complete_payee(row: Withdrawal) -> None:
    """A provider pays to the account the member is known by there; by hand both must be written.

    Raises PayeeIncomplete.
    """
    if row.provider in _KNOWN_BY_CHANNEL and not row.payee_account:
        known = MemberIdentity.objects.filter(member_id=row.member_id, channel=row.provider)
        row.payee_account = known.values_list("external_id", flat=True).first() or ""
    if not row.payee_account:
        raise PayeeIncomplete(field="account")
    if row.provider == Provider.MANUAL and not row.payee_name:
        raise PayeeIncomplete(field="name")


def _check_payable(row: Withdrawal, currency: str) -> None:
    """What can be told without asking Stripe: the look of an account, a sum it can count. Whether the
    account can receive is asked when it is paid. Raises PayeeAccountInvalid, WithdrawalUneven."""
    if row.provider != Provider.STRIPE:
        return
    if not _STRIPE_ACCOUNT.fullmatch(row.payee_account):
        raise PayeeAccountInvalid()
    try:
        to_stripe(row.cents, currency)
    except NotInStripeUnits:
        raise WithdrawalUneven(step_cents=step_of(currency)) from None


def _take(row: Withdrawal, *, at: datetime, actor: str) -> int:
    try:
        posted = ledger.spend(
            member=row.member_id, points=row.cents, key=f"withdrawal:{row.pk}", at=at, actor=actor,
            unit="cash", kind="payout", account="payout", source_type="withdrawal",
            source_id=row.pk,
        )  # fmt: skip
    except InsufficientPoints as short:
        available = short.facts["available"]
        raise InsufficientCash(needed_cents=row.cents, available_cents=available) from None
    return posted.transaction_id


def _check_day(row: Withdrawal, program: ActiveProgram, *, at: datetime) -> None:
    most = program.settings.cash.max_withdrawal_cents_per_day
    if most is None:
        return
    before = withdrawn_on(member=row.member_id, day=row.local_date)
    if before + row.cents > most:
        had = get_balance(member=row.member_id, at=at, unit="cash").available + row.cents
        raise WithdrawalLimitReached(
            limit_cents=most, left_cents=most_withdrawal(had, most, before)
        )


@transaction.atomic
def cancel_withdrawal(
    *, withdrawal_id: uuid.UUID, member_id: uuid.UUID, at: datetime, actor: str
) -> Withdrawal:
    """The member thinks better of it, as long as nobody has decided; cancelled before: the same again.

    Raises WithdrawalNotFound, WithdrawalNotOpen.
    """
    row = _locked(withdrawal_id)
    if row.member_id != member_id:
        raise WithdrawalNotFound()
    if row.status == Status.CANCELLED:
        return row
    _require(row, Status.REQUESTED)
    return _undo(row, Status.CANCELLED, at=at, actor=actor)


@transaction.atomic
def approve_withdrawal(
    *, withdrawal_id: uuid.UUID, at: datetime, actor: str, actor_name: str = "", note: str = ""
) -> Withdrawal:
    """A second person says yes: by hand it can be paid now, a provider is asked within seconds.

    Raises WithdrawalNotFound, WithdrawalNotOpen (also when it was approved before), SamePerson.
    """
    row = _locked(withdrawal_id)
    _require(row, Status.REQUESTED)
    _decide(row, actor, actor_name, note, at)
    row.status = Status.APPROVED
    row.next_try_at = None if row.provider == Provider.MANUAL else at
    row.save()
    return row


@transaction.atomic
def reject_withdrawal(
    *, withdrawal_id: uuid.UUID, at: datetime, actor: str, actor_name: str = "", note: str = ""
) -> Withdrawal:
    """A second person says no, or takes a yes back before it is paid by hand: the cash returns.

    Raises WithdrawalNotFound, WithdrawalNotOpen, SamePerson.
    """
    row = _locked(withdrawal_id)
    by_hand = [Status.APPROVED] if row.provider == Provider.MANUAL else []
    _require(row, Status.REQUESTED, *by_hand)
    _decide(row, actor, actor_name, note, at)
    _undo(row, Status.REJECTED, at=at, actor=actor)
    _tell(row, at)
    return row


@transaction.atomic
def mark_paid(*, withdrawal_id: uuid.UUID, reference: str, at: datetime, actor: str) -> Withdrawal:
    """Somebody has paid it by hand, under this reference of the bank's; the same again: no effect.

    Raises WithdrawalNotFound, NotPaidByHand, WithdrawalNotOpen, ReferenceTaken.
    """
    row = _locked(withdrawal_id)
    if row.provider != Provider.MANUAL:
        raise NotPaidByHand(provider=row.provider)
    if row.status == Status.PAID and row.reference == reference:
        return row
    _require(row, Status.APPROVED)
    row.details = {**row.details, "paid_by": actor}
    try:
        with transaction.atomic():
            return _pay(row, reference, at)
    except IntegrityError:
        raise ReferenceTaken() from None


def claim_payouts(*, at: datetime, most: int) -> list[Withdrawal]:
    """Take up to `most` that a provider is to be asked about, for a while; others take others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + CLAIM, "most": most})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Withdrawal.objects.filter(pk__in=ids).order_by("pk"))


@transaction.atomic
def note_state(*, withdrawal_id: uuid.UUID, state: PayoutState, at: datetime) -> Withdrawal:
    """Write down what a provider said. What is settled stays as it is, whatever comes later.

    Raises WithdrawalNotFound.
    """
    row = _locked(withdrawal_id)
    if row.status != Status.PAYING:
        return row
    row.details = {**row.details, **state.details}
    match state.outcome:
        case "paid":
            return _pay(row, state.reference, at)
        case "failed":
            row.details["failure"] = state.reason
            _undo(row, Status.FAILED, at=at, actor=f"provider:{row.provider}")
            _tell(row, at)
        case _:
            row.details["waiting_for"] = state.reason
            row.reference = state.reference or row.reference
            row.next_try_at = at + wait_after(row.tries)
            row.save()
    return row


def _pay(row: Withdrawal, reference: str, at: datetime) -> Withdrawal:
    row.status, row.reference = Status.PAID, reference or row.reference
    row.closed_at, row.next_try_at = at, None
    row.save()
    _tell(row, at)
    return row


def _undo(row: Withdrawal, status: str, *, at: datetime, actor: str) -> Withdrawal:
    """The cash goes back into the lots it came from, once."""
    row.status, row.closed_at, row.next_try_at = status, at, None
    row.save()
    ledger.return_points(
        transaction_id=row.transaction_id, key=f"withdrawal:{row.pk}:back", kind="payout_return",
        at=at, actor=actor, source_type="withdrawal", source_id=row.pk,
    )  # fmt: skip
    return row


def _decide(row: Withdrawal, actor: str, name: str, note: str, at: datetime) -> None:
    if row.requested_by == actor:
        raise SamePerson()
    row.decided_by, row.decided_by_name = actor, name
    row.decided_at, row.decision_note = at, note


def _require(row: Withdrawal, *statuses: str) -> None:
    if row.status not in statuses:
        raise WithdrawalNotOpen(status=row.status)


def _locked(withdrawal_id: uuid.UUID) -> Withdrawal:
    found = find_row(Withdrawal, "id = %s", [withdrawal_id], lock=True)
    if found is None:
        raise WithdrawalNotFound()
    return found


def _tell(row: Withdrawal, at: datetime) -> None:
    outbox.tell(
        topic=f"withdrawal.{row.status}", subject=str(row.member_id),
        payload={
            "withdrawal_id": str(row.pk), "member_id": str(row.member_id), "amount": row.cents,
            "status": row.status, "reference": row.reference or None,
        }, at=at,
    )  # fmt: skip


@transaction.atomic
def cancel_all(*, member_id: uuid.UUID, at: datetime, actor: str) -> Sequence[Withdrawal]:
    """Bring back all that has not been paid out yet, for a member who is erased.

    What a provider may be paying just now is left: the caller looks for it. Rows in order of ids.
    """
    rows = Withdrawal.objects.select_for_update().filter(
        member_id=member_id, status__in=[Status.REQUESTED, Status.APPROVED]
    )
    return [_undo(row, Status.CANCELLED, at=at, actor=actor) for row in rows.order_by("pk")]
