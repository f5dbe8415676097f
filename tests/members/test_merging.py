"""Two records become one person (docs/concepts/members.md): points, debts, holds, orders, days."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from points.checkin.actions import check_in
from points.checkin.models import CheckIn
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger import actions as ledger
from points.ledger import clawing
from points.ledger.models import Hold, Lot, Transaction, Wallet
from points.ledger.queries import available_at, get_balance, list_transactions, sum_by_month
from points.members.actions import change_member, link_identity
from points.members.errors import MemberMerged, MergedElsewhere, MergeIntoItself
from points.members.models import Member, MemberIdentity, MemberSession
from points.members.queries import get_by_external_id, get_member
from points.members.sign_in import open_session
from points.orders.models import Order
from points.program.queries import get_program
from points.redemption.actions import cancel_redemption, create_item, redeem
from points.redemption.models import Redemption

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def merge(loser, into, *, at):
    return merge_members(loser=loser.pk, into=into.pk, at=at, actor="t")


def balance(member, at):
    found = get_balance(member=member.pk, at=at)
    return found.available, found.pending, found.held, found.debt


def order(name, member, cents, at, **more):
    told = IncomingOrder(
        external_id=name, currency="CNY", placed_at=at, status="completed", completed_at=at,
        lines=[IncomingLine(external_id="1", quantity=1, amount_cents=cents)],
        **({"member_external_id": member} if isinstance(member, str) else {"member_id": member.pk}),
        **more,
    )  # fmt: skip
    return take_order(order=told, create_member=False, at=at, actor="t")


def refund(name, cents, at):
    told = IncomingRefund(external_id="R", refunded_at=at, amount_cents=cents)
    return refund_order(external_id=name, refund=told, at=at, actor="t").refund


def owe(member, points, at):
    clawing.claw_back(
        member=member.pk, points=points, origin_id=member.pk, key=f"owe:{member.pk}", at=at,
        actor="t", from_other_lots=True, debt=True, debt_limit=None,
    )  # fmt: skip


def test_points_of_every_state_come_together_with_their_dates(mei, ann, lot, noon):
    lot(mei, 100, days=30)
    lot(ann, 300, days=10, cost=4)
    lot(ann, 50, matures_in=3, days=90)
    held = ledger.hold_points(
        member=ann.pk, points=40, reference="till", expires_in=HOUR, at=noon, actor="t"
    )

    merge(ann, mei, at=noon)

    assert balance(mei, noon) == (360, 50, 40, 0)
    assert balance(ann, noon) == (0, 0, 0, 0)
    found = Lot.objects.filter(wallet__member_id=mei.pk, granted__gt=0).order_by("expires_at")
    assert [(one.remaining, one.held, one.is_mature, one.unit_cost_micros) for one in found] == [
        (260, 40, True, 4), (100, 0, True, 0), (50, 0, False, 0),
    ]  # fmt: skip
    assert get_balance(member=mei.pk, at=noon).lifetime_earned == 450
    assert Hold.objects.get(pk=held).wallet.member_id == mei.pk
    assert balance(mei, noon + 3 * DAY) == (450, 0, 0, 0)  # the hold ran out, the lot matured
    assert balance(mei, noon + 10 * DAY) == (150, 0, 0, 0)


def test_a_hold_that_moved_is_captured_by_whoever_has_its_id(mei, ann, lot, noon):
    lot(ann, 100)
    held = ledger.hold_points(
        member=ann.pk, points=40, reference="till", expires_in=HOUR, at=noon, actor="t"
    )
    merge(ann, mei, at=noon)
    ledger.capture_hold(hold=held, at=noon, actor="t")
    assert balance(mei, noon) == (60, 0, 0, 0)


@pytest.mark.parametrize(
    ("mine", "hers", "after"),
    [
        (-30, 100, (70, 0, 0, 0)),
        (100, -30, (70, 0, 0, 0)),
        (-30, -20, (0, 0, 0, 50)),
        (-30, 10, (0, 0, 0, 20)),
        (20, -50, (0, 0, 0, 30)),
    ],
)
def test_debts_are_paid_from_what_the_other_has(mei, ann, lot, noon, mine, hers, after):
    for member, points in ((mei, mine), (ann, hers)):
        lot(member, points) if points > 0 else owe(member, -points, noon)
    merge(ann, mei, at=noon)
    assert balance(mei, noon) == after


def test_debt_with_pending_points_moves_whole(mei, ann, lot, noon):
    lot(ann, 100, matures_in=2)
    owe(ann, 100, noon)
    merge(ann, mei, at=noon)
    assert balance(mei, noon) == (0, 100, 0, 100)
    assert balance(mei, noon + 2 * DAY) == (0, 0, 0, 0)


def test_the_old_number_leads_to_the_survivor_for_ever(mei, ann, noon):
    order("O-1", "ann", 10_000, noon)
    merge(ann, mei, at=noon)
    assert get_by_external_id(external_id="ann").pk == mei.pk
    assert get_member(member_id=ann.pk).pk == mei.pk
    order("O-2", "ann", 5_000, noon)
    order("O-3", ann, 2_000, noon)
    assert set(Order.objects.values_list("member_id", flat=True)) == {mei.pk}
    mei.refresh_from_db()
    assert (mei.orders_count, mei.spent_cents) == (3, 17_000)
    assert balance(mei, noon) == (170, 0, 0, 0)


def test_a_refund_of_the_losers_order_takes_its_own_points_back(mei, ann, lot, noon):
    lot(mei, 500, days=1)  # would go first, were it not for the order's own lot
    order("O-1", "ann", 10_000, noon)
    merge(ann, mei, at=noon)
    row = refund("O-1", 4_000, noon)
    assert row.steps == [{"step": "own_lots", "points": 40}]
    assert balance(mei, noon) == (560, 0, 0, 0)


def test_a_redemption_of_the_loser_returns_its_points_to_the_survivor(mei, ann, lot, noon):
    lot(ann, 100, days=30)
    mug = create_item(fields={"kind": "goods", "title_en": "Mug", "price_points": 80}, at=noon)
    made = redeem(member_id=ann.pk, item_id=mug.pk, quantity=1, at=noon, actor="t")
    merge(ann, mei, at=noon)
    assert Redemption.objects.get().member_id == mei.pk
    cancel_redemption(redemption_id=made.pk, at=noon, actor="t")
    assert balance(mei, noon) == (100, 0, 0, 0)
    assert balance(mei, noon + 30 * DAY) == (0, 0, 0, 0)
    assert Wallet.objects.get(member_id=ann.pk, unit="points").available == 0


def test_both_histories_are_read_together_and_say_why(mei, ann, lot, noon):
    lot(mei, 10, at=noon - 2 * DAY)
    lot(ann, 20, at=noon - DAY)
    merge(ann, mei, at=noon)
    rows = list_transactions(member=mei.pk, limit=10)
    assert [(row.kind, row.amount, row.source_type) for row in rows] == [
        ("transfer_in", 20, "merge"), ("transfer_out", -20, "merge"), ("earn", 20, ""),
        ("earn", 10, ""),
    ]  # fmt: skip
    assert available_at(member=mei.pk, moment=noon - HOUR) == 30
    assert available_at(member=mei.pk, moment=noon) == 30
    months = sum_by_month(member=mei.pk, since=noon - 9 * DAY, calendar=get_program().calendar)
    assert [(one.month, one.gained, one.lost) for one in months] == [
        ("2026-02", 30, 0),
    ]  # fmt: skip


def test_the_profile_takes_what_it_lacks(mei, ann, noon):
    change_member(
        member_id=ann.pk, at=noon,
        changes={"birthday": date(1995, 2, 3), "tags": ["vip"], "email": "ann@example.com",
                 "email_consent": True},
    )  # fmt: skip
    change_member(member_id=mei.pk, at=noon, changes={"tags": ["tea"]})
    link_identity(member_id=ann.pk, channel="pos", external_id="77", at=noon)
    open_session(member=ann, at=noon)
    merge(ann, mei, at=noon)
    mei.refresh_from_db()
    ann.refresh_from_db()
    assert (mei.name, mei.phone, mei.email) == ("Mei", "13800000001", "ann@example.com")
    assert (mei.birthday, mei.tags, mei.email_consent_at) == (
        date(1995, 2, 3),
        ["tea", "vip"],
        noon,
    )
    assert (ann.name, ann.phone, ann.email, ann.code, ann.tags) == ("", "", "", "", [])
    assert MemberIdentity.objects.get().member_id == mei.pk
    assert not MemberSession.objects.exists()


def test_check_ins_become_one_calendar(mei, ann, noon):
    for member, days in ((mei, (0, 1, 4)), (ann, (1, 2, 3))):
        for day in days:
            check_in(member_id=member.pk, at=noon + day * DAY, actor="t")
    merge(ann, mei, at=noon + 4 * DAY)
    rows = CheckIn.objects.filter(member_id=mei.pk).order_by("local_date")
    assert [row.streak for row in rows] == [1, 2, 3, 4, 5]
    assert CheckIn.objects.count() == 5


def test_chains_lead_to_the_end_in_one_step(mei, ann, lot, noon):
    eve = join_member(external_id="eve", at=noon)
    lot(ann, 10)
    merge(ann, mei, at=noon)
    merge(mei, eve, at=noon)
    assert balance(eve, noon) == (10, 0, 0, 0)
    for name in ("ann", "mei"):
        assert Member.objects.get(external_id=name).merged_into_id == eve.pk
        assert get_by_external_id(external_id=name).pk == eve.pk
    assert len(list_transactions(member=eve.pk, limit=10)) == 5
    wallets = Wallet.objects.filter(unit="points", merged_into_id__isnull=False)
    assert {one.merged_into_id for one in wallets} == {
        Wallet.objects.get(member_id=eve.pk, unit="points").pk
    }


def test_merged_again_it_happens_once(mei, ann, lot, noon):
    lot(ann, 10)
    assert merge(ann, mei, at=noon).is_new
    again = merge(ann, mei, at=noon)
    assert (again.is_new, again.member.pk) == (False, mei.pk)
    assert balance(mei, noon) == (10, 0, 0, 0)
    assert Transaction.objects.filter(source_type="merge").count() == 2


def test_refusals_move_nothing(mei, ann, lot, noon):
    eve = join_member(external_id="eve", at=noon)
    lot(ann, 10)
    with pytest.raises(MergeIntoItself):
        merge(ann, ann, at=noon)
    merge(ann, mei, at=noon)
    with pytest.raises(MergeIntoItself):  # Ann is Mei by now
        merge(mei, ann, at=noon)
    with pytest.raises(MergedElsewhere) as refused:
        merge(ann, eve, at=noon)
    assert refused.value.facts == {"member_id": str(mei.pk)}
    assert balance(mei, noon) == (10, 0, 0, 0)


def test_who_still_holds_the_old_id_is_told_to_try_again(mei, ann, noon):
    """Only within the moment of the merge: whoever looks the member up finds the survivor."""
    merge(ann, mei, at=noon)
    with pytest.raises(MemberMerged), transaction.atomic():
        ledger.spend(member=ann.pk, points=1, key="k", at=noon, actor="t")
    with pytest.raises(MemberMerged):
        ledger.lock_wallets(members=[ann.pk])
    with pytest.raises(MemberMerged):
        change_member(member_id=ann.pk, changes={"name": "X"}, at=noon)
