"""First code wins, circles never close, rewards and commission are given once, however many ask."""

from datetime import timedelta

from points.flows.commission import settle_due
from points.flows.members_merged import merge_members
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.flows.referral_claimed import claim_code, join_by_code
from points.flows.referral_rewarded import reward_due
from points.ledger.models import Transaction
from points.ledger.queries import get_balance
from points.program.actions import change_program
from points.referral import distributors
from points.referral.actions import ensure_code
from points.referral.models import Commission, Distributor, Referral
from tests.races.conftest import AT, balance, kinds, order

LATER = AT + timedelta(days=30)


def open_shop(**rules):
    change_program(
        changes={"referral": {"is_on": True, **rules}, "distribution": {"is_on": True}}, at=AT
    )


def test_one_of_64_claims_counts(race, members):
    open_shop()
    guest, *inviters = members(9)
    codes = [ensure_code(member=one) for one in inviters]
    results = race(lambda i: claim_code(member_id=guest.pk, code=codes[i % 8], at=AT), 64)
    assert kinds(results) == {"AlreadyReferred": 63, "Referral": 1}
    assert Referral.objects.count() == 1


def test_a_ring_of_eight_never_closes(race, members):
    """Everybody enters the code of the next at once: one of them at least is refused."""
    open_shop()
    ring = members(8)
    codes = [ensure_code(member=one) for one in ring]
    results = race(
        lambda i: claim_code(member_id=ring[i % 8].pk, code=codes[(i + 1) % 8], at=AT), 64
    )
    counts = kinds(results)
    assert counts["Referral"] == 7 and counts["ReferralLoop"] == 8
    assert Referral.objects.exclude(status="refused").count() == 7


def test_a_first_order_is_rewarded_once(race, members):
    open_shop()
    mei, tao = members(2)
    join_by_code(member_id=tao.pk, code=ensure_code(member=mei), source="sign_up", at=AT)
    outcomes = race(
        lambda i: take_order(
            order=order("O-1", member="m1"), create_member=False, at=AT, actor="t"
        ), 64,
    )  # fmt: skip
    assert sum(one.outcome == "created" for one in outcomes) == 1
    race(lambda i: reward_due(at=LATER), 64)
    assert Referral.objects.get().status == "rewarded"
    assert (balance(mei)[0], balance(tao)[0]) == (100, 150)
    assert Transaction.objects.filter(source_type__in=["referral", "invited"]).count() == 2


def test_commission_is_paid_once_while_refunds_come(race, members):
    open_shop()
    mei, tao = members(2)
    distributors.admit(member_id=mei.pk, parent_id=None, at=AT, actor_name="t")
    join_by_code(member_id=tao.pk, code=ensure_code(member=mei), source="sign_up", at=AT)
    for name in ("A", "B", "C", "D"):
        take_order(order=order(name, member="m1"), create_member=False, at=AT, actor="t")

    def job(i):
        if i % 2:
            return settle_due(at=LATER)
        told = IncomingRefund(external_id=f"R{i // 8}", refunded_at=AT, amount_cents=1_000)
        return refund_order(external_id="ABCD"[i // 2 % 4], refund=told, at=LATER, actor="t")

    results = race(job, 64)

    assert not [one for one in results if isinstance(one, Exception)]
    settle_due(at=LATER)
    # Eight refunds of 10.00 each of four orders of 100.00: 20.00 is kept of each, 5 % of it.
    assert list(Commission.objects.values_list("amount_cents", "status")) == [(100, "settled")] * 4
    assert get_balance(member=mei.pk, at=LATER, unit="cash").available == 400


def test_two_who_want_each_other_above_make_no_third_level(race, members):
    open_shop()
    rows = [
        distributors.admit(member_id=one.pk, parent_id=None, at=AT, actor_name="t")
        for one in members(4)
    ]
    race(
        lambda i: distributors.move(
            distributor_id=rows[i % 4].pk, parent_id=rows[(i + 1) % 4].pk, at=AT, actor_name="t"
        ), 64,
    )  # fmt: skip
    for row in Distributor.objects.select_related("parent"):
        assert row.parent is None or row.parent.level == 1


def test_merging_while_codes_are_entered_closes_no_circle(race, members):
    open_shop()
    mei, tao, ann, eve = members(4)
    codes = {one.pk: ensure_code(member=one) for one in (mei, tao, ann, eve)}
    claim_code(member_id=tao.pk, code=codes[mei.pk], at=AT)

    def job(i):
        if i == 0:
            return merge_members(loser=ann.pk, into=mei.pk, at=AT, actor="t")
        return claim_code(member_id=ann.pk, code=codes[(tao, eve)[i % 2].pk], at=AT)

    race(job, 32)
    # The books, which look for circles, are right.
    assert Referral.objects.filter(member_id=ann.pk).count() == 0
