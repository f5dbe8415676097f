"""Reconciliation of payouts: what we say was paid against what a provider, or its statement, says."""

import csv
import io
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec

from points.cash.errors import StatementUnreadable
from points.cash.models import Withdrawal
from points.cash.payouts import PayoutState

# `missing`: we say it was paid, they do not know it. `unexpected`: they paid what we know nothing of.
# `amount`, `status`: both know it and say different things.
What = Literal["missing", "unexpected", "amount", "status"]
PAID_WORDS = frozenset({"paid", "success", "succeeded", "completed", "成功", "已支付", "支付成功"})
MOST_LINES = 5_000
COLUMNS = ("reference", "amount", "status")


class PayoutDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One payout on which the two sides do not agree. Amounts in minor units."""

    what: What
    withdrawal_id: uuid.UUID | None
    reference: str
    our_status: str | None
    their_status: str | None
    our_cents: int | None
    their_cents: int | None


class Line(msgspec.Struct, frozen=True):
    """One payout of a statement."""

    reference: str
    cents: int
    status: str

    @property
    def is_paid(self) -> bool:
        """Whether the statement says that the money went."""
        return self.status.lower() in PAID_WORDS


def read_statement(*, text: str, exponent: int) -> list[Line]:
    """The lines of a CSV file with the columns reference, amount, status, in any order; amounts in
    major units (`12.50`). Raises StatementUnreadable with the number of the line."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    heading = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if any(column not in heading for column in COLUMNS):
        raise StatementUnreadable(line=1)
    found: list[Line] = []
    try:
        for row in rows:
            if len(found) >= MOST_LINES:
                raise StatementUnreadable(line=MOST_LINES + 2)
            reference, amount, status = (str(row[heading[one]] or "").strip() for one in COLUMNS)
            found.append(Line(reference, _cents(amount, exponent), status))
    except (ValueError, csv.Error):
        raise StatementUnreadable(line=len(found) + 2) from None
    return found


def _cents(amount: str, exponent: int) -> int:
    try:
        cents = Decimal(amount.replace(",", "")).scaleb(exponent)
        whole = int(cents)
    except (InvalidOperation, OverflowError):
        raise ValueError(amount) from None
    if whole != cents or not 0 <= whole < 10**15:
        raise ValueError(amount)
    return whole


def compare_statement(
    *, rows: Iterable[Withdrawal], lines: Sequence[Line]
) -> list[PayoutDifference]:
    """Payouts we marked as paid by hand against a statement, joined by reference.

    Only what lies within the statement is compared: a reference of ours that it does not name is
    `missing`. Ours first, in their order, then what only the statement has.
    """
    theirs = {line.reference: line for line in lines}
    ours = {row.reference: row for row in rows}
    found: list[PayoutDifference] = [
        difference
        for row in ours.values()
        if (difference := _differ(row, theirs.get(row.reference))) is not None
    ]
    found += [
        PayoutDifference(
            what="unexpected", withdrawal_id=None, reference=line.reference, our_status=None,
            their_status=line.status, our_cents=None, their_cents=line.cents,
        )
        for line in lines
        if line.is_paid and line.reference not in ours
    ]  # fmt: skip
    return found


def _differ(row: Withdrawal, line: Line | None) -> PayoutDifference | None:
    what: What
    if line is None:
        what = "missing"
    elif line.cents != row.cents:
        what = "amount"
    elif not line.is_paid:
        what = "status"
    else:
        return None
    return PayoutDifference(
        what=what, withdrawal_id=row.pk, reference=row.reference, our_status=row.status,
        their_status=line.status if line else None, our_cents=row.cents,
        their_cents=line.cents if line else None,
    )  # fmt: skip


def compare_states(
    *, rows: Sequence[Withdrawal], told: Sequence[PayoutState]
) -> list[PayoutDifference]:
    """Payouts by a provider against what it says of each now; what still waits there differs only
    from what we call settled."""
    found: list[PayoutDifference] = []
    for row, state in zip(rows, told, strict=True):
        what = _disagree(row, state)
        if what is not None:
            found.append(
                PayoutDifference(
                    what=what,
                    withdrawal_id=row.pk,
                    reference=state.reference or row.reference,
                    our_status=row.status,
                    their_status=state.outcome,
                    our_cents=row.cents,
                    their_cents=state.cents,
                )
            )
    return found  # fmt: skip


def _disagree(row: Withdrawal, state: PayoutState) -> What | None:
    if state.outcome == "unknown":
        return "missing" if row.status == Withdrawal.Status.PAID else None
    if state.cents is not None and state.cents != row.cents:
        return "amount"
    settled = {"paid": Withdrawal.Status.PAID, "failed": Withdrawal.Status.FAILED}
    theirs = settled.get(state.outcome)
    if theirs is None:
        return None if row.status == Withdrawal.Status.PAYING else "status"
    return None if row.status == theirs else "status"
