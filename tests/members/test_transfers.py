"""Members give points to each other (docs/algorithms/transfers.md): the same numbers as there."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.ids import new_id
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.points_transferred import get_terms, transfer_points
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.errors import (
    InsufficientPoints,
    KeyConflict,
    TransferLimitReached,
    TransfersClosed,
    TransferTooLarge,
    TransferToOneself,
    TransferTooSmall,
)
from points.ledger.models import Lot, LotConsumption, Posting, Transaction
from points.ledger.queries import get_balance
from points.program.actions import change_program
from points.program.errors import SettingsContradict


def send(sender, receiver, points, *, at, transfer_id=None):
    return transfer_points(
        sender=sender.pk, receiver=receiver.pk, points=points, at=at, actor="t",
        transfer_id=transfer_id or new_id(),
    )  # fmt: skip


def balance(member, at):
    found = get_balance(member=member.pk, at=at)
    return found.available, found.pending, found.held, found.debt


def lots(member):
    """(granted, remaining, days until expiry) in the order of spending."""
    rows = Lot.objects.filter(wallet__member_id=member.pk).order_by(
        "expires_at", "granted_at", "id"
    )
    return [(row.granted, row.remaining, row.expires_at) for row in rows]


def test_soonest_expiry_goes_first_and_lots_keep_their_dates(mei, ann, transfers, lot, noon):
    transfers()
    soon, late = noon + timedelta(days=10), noon + timedelta(days=90)
    lot(mei, 500, days=90, cost=7)
    lot(mei, 300, days=10, cost=4, at=noon - timedelta(days=5))

    made = send(mei, ann, 400, at=noon)

    assert balance(mei, noon) == (400, 0, 0, 0)
    assert balance(ann, noon) == (400, 0, 0, 0)
    assert lots(ann) == [(300, 300, soon), (100, 100, late)]
    received = Lot.objects.filter(wallet__member_id=ann.pk).order_by("expires_at")
    assert [row.unit_cost_micros for row in received] == [4, 7]
    assert [row.granted_at for row in received] == [noon - timedelta(days=5), noon]
    assert {row.source_id for row in received} == {made.id}
    assert balance(ann, soon) == (100, 0, 0, 0)
    assert balance(ann, late) == (0, 0, 0, 0)


def test_the_two_transactions_mirror_each_other(mei, ann, transfers, lot, noon):
    transfers()
    lot(mei, 100)
    made = send(mei, ann, 30, at=noon)
    out, into = Transaction.objects.filter(source_id=made.id).order_by("id")
    assert (out.kind, out.amount, out.balance_after) == ("transfer_out", -30, 70)
    assert (into.kind, into.amount, into.balance_after) == ("transfer_in", 30, 30)
    legs = Posting.objects.filter(transaction__in=[out, into]).order_by("transaction_id", "account")
    assert [(leg.account, leg.amount) for leg in legs] == [
        ("available", -30), ("transfer", 30), ("available", 30), ("transfer", -30),
    ]  # fmt: skip
    assert get_balance(member=ann.pk, at=noon).lifetime_earned == 0
    assert get_balance(member=mei.pk, at=noon).lifetime_earned == 100


def test_pending_and_held_points_stay_where_they_are(mei, ann, transfers, lot, noon):
    transfers()
    lot(mei, 100)
    lot(mei, 50, matures_in=3)
    ledger.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=timedelta(hours=1), at=noon, actor="t"
    )
    with pytest.raises(InsufficientPoints) as refused:
        send(mei, ann, 41, at=noon)
    assert refused.value.facts == {"needed": 41, "available": 40}
    send(mei, ann, 40, at=noon)
    assert balance(mei, noon) == (0, 50, 60, 0)
    assert balance(ann, noon) == (40, 0, 0, 0)


def test_what_has_expired_unswept_cannot_be_given(mei, ann, transfers, lot, noon):
    transfers()
    lot(mei, 100, days=1)
    with pytest.raises(InsufficientPoints):
        send(mei, ann, 1, at=noon + timedelta(days=1))


def test_the_receivers_debt_is_paid_first(mei, ann, transfers, lot, noon):
    transfers()
    lot(mei, 100)
    clawing.claw_back(
        member=ann.pk, points=30, origin_id=new_id(), key="c", at=noon, actor="t",
        from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip
    send(mei, ann, 20, at=noon)
    assert balance(ann, noon) == (0, 0, 0, 10)
    send(mei, ann, 20, at=noon)
    assert balance(ann, noon) == (10, 0, 0, 0)
    kinds = list(Transaction.objects.filter(wallet__member_id=ann.pk).order_by("id"))
    assert [(row.kind, row.amount) for row in kinds] == [
        ("clawback", -30), ("transfer_in", 20), ("debt_offset", 0), ("transfer_in", 20),
        ("debt_offset", 0),
    ]  # fmt: skip


def test_a_refund_of_the_sender_does_not_reach_into_the_receivers_wallet(
    mei, ann, transfers, lot, noon
):
    """Points given away are given away: the clawback goes on with other lots and debt."""
    transfers()
    order = new_id()
    lot(mei, 100, source_type="order", source_id=order)
    send(mei, ann, 80, at=noon)
    taken = clawing.claw_back(
        member=mei.pk, points=100, origin_id=order, key="c", at=noon, actor="t",
        from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip
    assert (taken.own_lots, taken.other_lots, taken.debt) == (20, 0, 80)
    assert balance(ann, noon) == (80, 0, 0, 0)


def test_the_same_transfer_is_made_once(mei, ann, transfers, lot, noon):
    transfers()
    lot(mei, 100)
    known = new_id()
    first, again = (send(mei, ann, 10, at=noon, transfer_id=known) for _ in range(2))
    assert first == again
    with pytest.raises(KeyConflict):
        send(mei, ann, 11, at=noon, transfer_id=known)
    assert balance(mei, noon) == (90, 0, 0, 0)


def test_bounds_and_who_may_not(mei, ann, transfers, lot, noon):
    lot(mei, 1_000)
    with pytest.raises(TransfersClosed):
        send(mei, ann, 10, at=noon)
    transfers(min_points=10, max_points=100)
    with pytest.raises(TransferToOneself):
        send(mei, mei, 10, at=noon)
    for points, refusal in ((9, TransferTooSmall), (101, TransferTooLarge)):
        with pytest.raises(refusal):
            send(mei, ann, points, at=noon)
    assert (balance(mei, noon), balance(ann, noon)) == ((1_000, 0, 0, 0), (0, 0, 0, 0))
    assert not LotConsumption.objects.exists()
    for points in (10, 100):
        send(mei, ann, points, at=noon)
    assert balance(ann, noon) == (110, 0, 0, 0)


def test_limits_are_of_the_shops_day_and_month(mei, ann, transfers, lot, noon):
    """Shanghai: 15:59 UTC is still the day before 16:00 UTC."""
    transfers(max_points_per_day=100, max_points_per_month=250)
    lot(mei, 1_000)
    last = datetime(2026, 3, 30, 15, 59, tzinfo=UTC)  # 30 March, 23:59
    send(mei, ann, 60, at=last)
    with pytest.raises(TransferLimitReached) as refused:
        send(mei, ann, 41, at=last)
    assert refused.value.facts == {"period": "day", "limit": 100, "left": 40}
    send(mei, ann, 40, at=last)
    next_day = last + timedelta(minutes=2)
    send(mei, ann, 100, at=next_day)
    with pytest.raises(TransferLimitReached) as refused:
        send(mei, ann, 1, at=next_day)
    assert refused.value.facts["period"] == "day"
    april = next_day + timedelta(days=1)
    send(mei, ann, 100, at=april)
    assert balance(ann, april) == (300, 0, 0, 0)
    with pytest.raises(TransferLimitReached) as refused:
        send(mei, ann, 1, at=april)
    assert refused.value.facts == {"period": "day", "limit": 100, "left": 0}
    for day in (1, 2):
        send(mei, ann, 75, at=april + timedelta(days=day))
    with pytest.raises(TransferLimitReached) as refused:
        send(mei, ann, 1, at=april + timedelta(days=3))
    assert refused.value.facts == {"period": "month", "limit": 250, "left": 0}


def test_what_a_merged_member_gave_counts_for_the_person(mei, ann, transfers, lot, noon):
    transfers(max_points_per_day=100)
    tao = join_member(external_id="tao", at=noon)
    lot(mei, 500)
    lot(ann, 500)
    send(ann, tao, 60, at=noon)
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    assert get_terms(member=mei.pk, at=noon).left_today == 40
    with pytest.raises(TransferLimitReached) as refused:
        send(mei, tao, 41, at=noon)
    assert refused.value.facts == {"period": "day", "limit": 100, "left": 40}
    send(mei, tao, 40, at=noon)


def test_what_is_received_does_not_count_against_the_limit(mei, ann, transfers, lot, noon):
    transfers(max_points_per_day=100)
    lot(mei, 100)
    send(mei, ann, 100, at=noon)
    send(ann, mei, 100, at=noon)
    assert balance(mei, noon) == (100, 0, 0, 0)


def test_contradicting_settings_are_refused(transfers):
    with pytest.raises(SettingsContradict):
        transfers(min_points=10, max_points=9)
    change_program(changes={"transfers": {"enabled": False}}, at=datetime(2026, 3, 1, tzinfo=UTC))


def test_two_statements(mei, ann, transfers, lot, noon, django_assert_num_queries):
    transfers(max_points_per_day=100, max_points_per_month=100)
    lot(mei, 100)
    send(mei, ann, 1, at=noon)
    with django_assert_num_queries(2):
        send(mei, ann, 1, at=noon)
