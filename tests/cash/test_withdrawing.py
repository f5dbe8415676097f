"""Withdrawals: asked for, decided by a second person, paid by hand; and what comes back."""

from datetime import timedelta

import pytest

from kernel.models import OutboxEvent
from points.cash import withdrawals
from points.cash.errors import (
    ErasureMustWait,
    InsufficientCash,
    PayeeIncomplete,
    ReferenceTaken,
    SamePerson,
    StatementUnreadable,
    WithdrawalLimitReached,
    WithdrawalNotFound,
    WithdrawalNotOpen,
    WithdrawalsClosed,
    WithdrawalTooSmall,
)
from points.cash.models import Withdrawal
from points.cash.queries import list_withdrawals, sum_on_its_way
from points.cash.statements import compare_statement, read_statement
from points.flows.member_data import collect
from points.flows.member_erased import erase_member
from points.flows.members_merged import merge_members
from points.ledger.models import Lot, Transaction
from points.members.actions import create_member

BOSS = {"actor": "staff:boss", "actor_name": "Lin"}


def ask(member, cents, at, **more):
    told = {"payee_name": "王梅", "payee_account": "工商银行 6222 0210 0011 2233", **more}
    return withdrawals.request_withdrawal(
        member_id=member.pk, cents=cents, at=at, **{"actor": f"member:{member.pk}", **told}
    )


def approve(row, at, **by):
    return withdrawals.approve_withdrawal(withdrawal_id=row.pk, at=at, **(by or BOSS))


def test_the_cash_leaves_at_once_and_is_paid_under_a_reference(rich, wallet, noon):
    row = ask(rich, 3_000, noon)
    assert (row.status, wallet(rich)[1], sum_on_its_way(member=rich.pk)) == (
        "requested",
        2_000,
        3_000,
    )
    approve(row, noon)
    paid = withdrawals.mark_paid(withdrawal_id=row.pk, reference="B-77", at=noon, actor="staff:x")
    again = withdrawals.mark_paid(withdrawal_id=row.pk, reference="B-77", at=noon, actor="staff:x")
    assert (paid.status, paid.reference, again.closed_at) == ("paid", "B-77", noon)
    assert wallet(rich)[1] == 2_000 and sum_on_its_way(member=rich.pk) == 0
    told = OutboxEvent.objects.filter(topic__startswith="withdrawal.").order_by("pk")
    assert [(event.topic, event.payload["amount"]) for event in told] == [
        ("withdrawal.requested", 3_000), ("withdrawal.paid", 3_000),
    ]  # fmt: skip


def test_a_rejection_puts_it_back_into_its_lots(rich, wallet, noon):
    before = list(Lot.objects.order_by("pk").values_list("remaining", flat=True))
    row = ask(rich, 3_000, noon)
    done = withdrawals.reject_withdrawal(withdrawal_id=row.pk, at=noon, note="no", **BOSS)
    assert done.status == "rejected" and wallet(rich)[1] == 5_000
    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == before
    back = Transaction.objects.get(kind="payout_return")
    assert (back.amount, back.reverses_id) == (3_000, row.transaction_id)
    with pytest.raises(WithdrawalNotOpen):
        approve(row, noon)


def test_the_member_cancels_only_what_nobody_has_decided(rich, tao_of_tea, wallet, noon):
    row = ask(rich, 3_000, noon)
    with pytest.raises(WithdrawalNotFound):
        withdrawals.cancel_withdrawal(
            withdrawal_id=row.pk, member_id=tao_of_tea.pk, at=noon, actor="t"
        )
    for _ in range(2):
        done = withdrawals.cancel_withdrawal(
            withdrawal_id=row.pk, member_id=rich.pk, at=noon, actor="t"
        )
    assert done.status == "cancelled" and wallet(rich)[1] == 5_000
    other = approve(ask(rich, 1_000, noon), noon)
    with pytest.raises(WithdrawalNotOpen):
        withdrawals.cancel_withdrawal(withdrawal_id=other.pk, member_id=rich.pk, at=noon, actor="t")


def test_who_asked_does_not_decide(rich, noon):
    row = ask(rich, 1_000, noon, actor="staff:clerk", actor_name="Wen")
    with pytest.raises(SamePerson):
        approve(row, noon, actor="staff:clerk")
    with pytest.raises(SamePerson):
        withdrawals.reject_withdrawal(withdrawal_id=row.pk, at=noon, actor="staff:clerk")
    assert approve(row, noon).decided_by == "staff:boss"


def test_a_yes_is_taken_back_before_it_was_paid(rich, wallet, noon):
    row = approve(ask(rich, 1_000, noon), noon)
    withdrawals.reject_withdrawal(withdrawal_id=row.pk, at=noon, **BOSS)
    assert wallet(rich)[1] == 5_000
    with pytest.raises(WithdrawalNotOpen):
        withdrawals.mark_paid(withdrawal_id=row.pk, reference="B", at=noon, actor="t")


def test_limits_of_a_withdrawal(rich, rules, wallet, noon):
    rules(min_withdrawal_cents=500, max_withdrawal_cents_per_day=3_000)
    with pytest.raises(WithdrawalTooSmall):
        ask(rich, 499, noon)
    with pytest.raises(InsufficientCash) as short:
        ask(rich, 5_001, noon)
    assert short.value.facts == {"needed_cents": 5_001, "available_cents": 5_000}
    with pytest.raises(PayeeIncomplete):
        ask(rich, 500, noon, payee_account=" ")
    with pytest.raises(PayeeIncomplete):
        ask(rich, 500, noon, payee_name="")
    first = ask(rich, 2_000, noon)
    with pytest.raises(WithdrawalLimitReached) as limit:
        ask(rich, 2_000, noon)
    assert limit.value.facts == {"limit_cents": 3_000, "left_cents": 1_000}
    withdrawals.cancel_withdrawal(withdrawal_id=first.pk, member_id=rich.pk, at=noon, actor="t")
    ask(rich, 3_000, noon)
    ask(rich, 2_000, noon + timedelta(hours=12))  # the next local day
    assert wallet(rich)[1] == 0
    rules(withdrawals=False)
    with pytest.raises(WithdrawalsClosed):
        ask(rich, 500, noon)


def test_one_reference_pays_one_withdrawal(rich, noon):
    rows = [approve(ask(rich, 1_000, noon), noon) for _ in range(2)]
    withdrawals.mark_paid(withdrawal_id=rows[0].pk, reference="B-1", at=noon, actor="t")
    with pytest.raises(ReferenceTaken):
        withdrawals.mark_paid(withdrawal_id=rows[1].pk, reference="B-1", at=noon, actor="t")
    assert Withdrawal.objects.get(pk=rows[1].pk).status == "approved"


def test_a_merge_takes_withdrawals_along_and_a_return_follows(rich, tao_of_tea, wallet, noon):
    row = ask(rich, 3_000, noon)
    merge_members(loser=rich.pk, into=tao_of_tea.pk, at=noon, actor="t")
    withdrawals.reject_withdrawal(withdrawal_id=row.pk, at=noon, **BOSS)
    assert wallet(tao_of_tea)[1] == 5_000
    assert [one.pk for one in list_withdrawals(limit=5, member=tao_of_tea.pk)] == [row.pk]


def test_an_export_tells_and_an_erasure_empties_who_was_paid(rich, noon):
    paid = approve(ask(rich, 1_000, noon), noon)
    withdrawals.mark_paid(withdrawal_id=paid.pk, reference="B-1", at=noon, actor="t")
    waiting = ask(rich, 2_000, noon)
    told = collect(members=[rich.pk])["withdrawals"]
    assert [(row["cents"], row["payee_name"]) for row in told] == [(1_000, "王梅"), (2_000, "王梅")]
    with pytest.raises(ErasureMustWait):
        erase_member(member_id=rich.pk, forfeit=False, at=noon, actor="t")
    erase_member(member_id=rich.pk, forfeit=True, at=noon, actor="t")
    rows = {row.pk: row for row in Withdrawal.objects.all()}
    assert {row.payee_name + row.payee_account for row in rows.values()} == {""}
    assert (rows[paid.pk].status, rows[waiting.pk].status) == ("paid", "cancelled")


def test_a_bank_statement_is_compared_line_by_line(rich, noon):
    rows = []
    for cents, reference in ((1_000, "B-1"), (1_250, "B-2"), (500, "B-3"), (750, "B-4")):
        row = approve(ask(rich, cents, noon), noon)
        rows.append(
            withdrawals.mark_paid(withdrawal_id=row.pk, reference=reference, at=noon, actor="t")
        )
    text = "\ufeffStatus,Reference,Amount\nsuccess,B-1,10.00\npaid,B-2,12.05\nreturned,B-3,5\n成功,B-9,8.8\n"
    lines = read_statement(text=text, exponent=2)
    found = compare_statement(rows=rows, lines=lines)
    assert [(one.what, one.reference, one.our_cents, one.their_cents) for one in found] == [
        ("amount", "B-2", 1_250, 1_205), ("status", "B-3", 500, 500), ("missing", "B-4", 750, None),
        ("unexpected", "B-9", None, 880),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("reference,amount\nB-1,1", 1),
        ("reference,amount,status\nB-1,1.005,paid", 2),
        ("reference,amount,status\nB-1,1,paid\nB-2,x,paid", 3),
        ("reference,amount,status\nB-1,NaN,paid", 2),
        ("", 1),
    ],
)
def test_a_statement_that_cannot_be_read_says_where(shop, text, line):
    with pytest.raises(StatementUnreadable) as refused:
        read_statement(text=text, exponent=2)
    assert refused.value.facts == {"line": line}


@pytest.fixture
def tao_of_tea(shop, noon):
    return create_member(external_id="tao-of-tea", at=noon)
