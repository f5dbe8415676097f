"""Cash is a unit of the one ledger: held, spent, paid out and returned like points, and told as cash."""

from datetime import timedelta

import pytest

from kernel.models import OutboxEvent
from points.ledger import actions, clawing, queries
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Lot, Posting, Transaction
from points.ledger.queries import Balance
from tests.ledger.test_actions import books_are_right, give  # noqa: F401


def cash(member, at):
    return queries.get_balance(member=member.pk, at=at, unit="cash")


def told():
    rows = OutboxEvent.objects.order_by("pk").values_list("topic", "payload__amount")
    return [row for row in rows if row[0].split(".")[0] in ("points", "cash")]


def hold(member, cents, at):
    return actions.hold_points(
        member=member.pk, points=cents, unit="cash", reference="O-1",
        expires_in=timedelta(minutes=30), at=at, actor="t",
    )  # fmt: skip


def test_cash_is_held_and_captured_beside_the_points(mei, noon):
    give(mei, 300, "p", noon)
    give(mei, 888, "c", noon, unit="cash")
    taken = hold(mei, 500, noon)
    assert cash(mei, noon) == Balance(available=388, held=500, lifetime_earned=888)
    assert queries.get_balance(member=mei.pk, at=noon).available == 300

    spent = actions.capture_hold(hold=taken, at=noon, actor="t")
    assert cash(mei, noon) == Balance(available=388, lifetime_earned=888)
    assert told() == [("points.earned", 300), ("cash.received", 888), ("cash.spent", 500)]

    back = actions.return_points(
        transaction_id=spent.transaction_id, points=200, key="r", at=noon, actor="t"
    )
    assert back.points == 200 and cash(mei, noon).available == 588
    assert Transaction.objects.get(source_key="r").kind == "refund_spent"


def test_a_hold_of_cash_takes_no_points(mei, noon):
    give(mei, 1_000, "p", noon)
    with pytest.raises(InsufficientPoints) as refused:
        hold(mei, 1, noon)
    assert refused.value.facts == {"needed": 1, "available": 0}


def test_a_payout_that_failed_goes_back_into_its_lots(mei, noon):
    give(mei, 300, "a", noon, unit="cash")
    give(mei, 500, "b", noon + timedelta(days=1), unit="cash")
    later = noon + timedelta(days=2)
    out = actions.spend(
        member=mei.pk, points=400, unit="cash", kind="payout", account="payout", key="w", at=later,
        actor="t",
    )  # fmt: skip
    assert cash(mei, later).available == 400
    actions.return_points(
        transaction_id=out.transaction_id, key="w:back", kind="payout_return", at=later, actor="t"
    )

    assert cash(mei, later).available == 800
    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [300, 500]
    back = Transaction.objects.get(kind="payout_return")
    assert (back.amount, back.reverses_id) == (400, out.transaction_id)
    legs = Posting.objects.filter(account="payout").values_list("amount", flat=True)
    assert sorted(legs) == [-400, 400]
    # A payout is told as a withdrawal, not as cash that was spent.
    assert told() == [("cash.received", 300), ("cash.received", 500)]


def test_many_at_once_are_told_by_their_units(mei, noon):
    payer = queries.default_funding_source()
    one = {
        "member": mei.pk, "occurred_at": noon, "funding_source_id": payer.id,
        "account": "issuance:merchant",
    }  # fmt: skip
    grants = [
        actions.Grant(amount=5, key="p", **one),
        actions.Grant(amount=7, key="c", unit="cash", **one),
    ]
    actions.grant(grants=grants, at=noon, actor="t")
    assert sorted(told()) == [("cash.received", 7), ("points.earned", 5)]


def test_commission_taken_back_is_told_as_cash(mei, tao_order, noon):
    give(mei, 700, "a", noon, unit="cash", source_id=tao_order)
    clawing.claw_back(
        member=mei.pk, points=700, origin_id=tao_order, key="k", unit="cash", at=noon, actor="t",
        from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip
    assert told()[-1] == ("cash.clawed_back", 700)


@pytest.fixture
def tao_order():
    from kernel.ids import new_id

    return new_id()
