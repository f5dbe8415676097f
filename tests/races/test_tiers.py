"""Orders of one member at once, jobs beside them: one upgrade, told once."""

from datetime import timedelta

from kernel.models import OutboxEvent
from points.flows.members_merged import merge_members
from points.flows.order_received import take_order, take_orders
from points.flows.order_refunded import IncomingRefund, refund_order
from points.flows.time_moved import run_due_jobs
from points.ledger import queries
from points.tiers.actions import change_tier, create_tier, set_by_hand
from points.tiers.models import MemberTier, TierMove
from tests.races.conftest import AT, kinds, order


def ladder():
    for code, threshold in (("plain", 0), ("silver", 3_200), ("gold", 100_000)):
        create_tier(fields={"code": code, "threshold": threshold}, at=AT)


def changes():
    told = OutboxEvent.objects.filter(topic="tier.changed").order_by("id")
    return [(event.payload["from"], event.payload["to"]) for event in told]


def growth(member):
    return queries.get_balance(member=member.pk, at=AT, unit="growth").available


def test_64_orders_that_cross_a_threshold_upgrade_once(race, members):
    (mei,) = members(1)
    ladder()
    results = race(
        lambda i: take_order(order=order(f"O{i}"), create_member=False, at=AT, actor="t"), 64
    )
    assert {result.outcome for result in results} == {"created"}
    assert growth(mei) == 6_400
    assert changes() == [("plain", "silver")]
    assert TierMove.objects.count() == 1
    # The order that crossed it is the 32nd in whatever turn they came.
    assert TierMove.objects.get().why["value"] == 3_200


def test_batches_with_the_same_members_do_not_wait_for_each_other(race, members):
    many = members(8)
    ladder()

    def job(i):
        turn = range(8) if i % 2 else range(7, -1, -1)
        batch = [order(f"O{i}-{n}", member=f"m{n}") for n in turn]
        return take_orders(orders=batch, create_members=False, at=AT, actor="t")

    results = race(job, 64)
    assert {one.outcome for outcomes in results for one in outcomes} == {"created"}
    assert [growth(member) for member in many] == [6_400] * 8
    assert changes() == [("plain", "silver")] * 8


def test_orders_refunds_and_jobs_leave_the_sum_right(race, members):
    (mei,) = members(1)
    ladder()
    for n in range(32):
        take_order(order=order(f"O{n}"), create_member=False, at=AT, actor="t")

    def job(i):
        if i % 4 == 0:
            return run_due_jobs(at=AT + timedelta(days=500))
        if i % 4 == 1:
            change_tier(code="silver", changes={"threshold": 3_200 + i})
            return None
        if i % 4 == 2:
            refund = IncomingRefund(external_id="R", refunded_at=AT, amount_cents=10_000)
            return refund_order(external_id=f"O{i // 4}", refund=refund, at=AT, actor="t")
        return take_order(order=order(f"N{i}"), create_member=False, at=AT, actor="t")

    results = race(job, 64)
    assert not [r for r in results if isinstance(r, Exception)]
    assert growth(mei) == 3_200
    run_due_jobs(at=AT + timedelta(days=500))
    # 17 months on the period and its grace are over, whoever came first.
    assert MemberTier.objects.get().tier_id is None
    assert changes()[0] == ("plain", "silver") and changes()[-1] == ("silver", "plain")


def test_hands_and_orders_meet(race, members):
    (mei,) = members(1)
    ladder()

    def job(i):
        if i % 2:
            return set_by_hand(
                member_id=mei.pk, code="gold", until=AT + timedelta(days=9), reason="r", at=AT,
                actor="t",
            )  # fmt: skip
        return take_order(
            order=order(f"O{i}", cents=100_000), create_member=False, at=AT, actor="t"
        )

    results = race(job, 64)
    assert not [r for r in results if isinstance(r, Exception)]
    row = MemberTier.objects.select_related("tier", "earned_tier").get()
    assert (row.tier.code, row.earned_tier.code) == ("gold", "silver")
    run_due_jobs(at=AT + timedelta(days=9))
    assert MemberTier.objects.get().tier.code == "silver"


def test_a_hand_on_a_member_who_is_merged_leaves_no_row_of_the_loser(race, members):
    mei, ann = members(2)
    ladder()

    def job(i):
        if i == 11:
            return merge_members(loser=ann.pk, into=mei.pk, at=AT, actor="t")
        return set_by_hand(
            member_id=ann.pk, code="gold", until=AT + timedelta(days=9), reason="r", at=AT,
            actor="t",
        )  # fmt: skip

    results = race(job, 64)
    assert set(kinds(results)) <= {"Merged", "MemberTier", "MemberMerged"}
    assert kinds(results)["Merged"] == 1
    assert not MemberTier.objects.exclude(member_id=mei.pk).exists()
    raced = kinds(results).get("MemberTier", 0)
    assert MemberTier.objects.filter(member_id=mei.pk, tier__code="gold").exists() == (raced > 0)
