"""A merge while others work with either of the two: every order and every point arrives."""

from points.earning import actions as earning
from points.earning.models import Award
from points.flows.events_received import IncomingEvent, take_events
from points.flows.members_merged import merge_members
from points.flows.order_completed import complete_order
from points.flows.order_received import take_order, take_orders
from points.flows.order_refunded import IncomingRefund, refund_order
from points.flows.points_adjusted import adjust_points
from points.ledger import actions as ledger
from points.ledger.models import Transaction
from points.members.models import Member
from points.members.queries import get_by_external_id
from points.orders.models import Order
from tests.races.conftest import AT, balance, kinds, order


def merge(loser, into):
    return merge_members(loser=loser.pk, into=into.pk, at=AT, actor="t")


def take(told):
    return take_order(order=told, create_member=False, at=AT, actor="t")


def test_one_of_64_merges_happens(race, members):
    mei, ann = members(2, points=100)
    results = race(lambda i: merge(ann, mei), 64)
    assert set(kinds(results)) <= {"Merged", "MemberMerged"}
    assert sum(getattr(one, "is_new", False) for one in results) == 1
    assert balance(mei) == (200, 0, 0, 0)
    assert Transaction.objects.filter(source_type="merge").count() == 2


def test_into_each_other_at_once_one_way_wins(race, members):
    mei, ann = members(2, points=100)
    results = race(lambda i: merge(ann, mei) if i % 2 else merge(mei, ann), 64)
    assert set(kinds(results)) <= {"Merged", "MemberMerged", "MergeIntoItself"}
    assert sum(getattr(one, "is_new", False) for one in results) == 1
    survivor = get_by_external_id(external_id="m0")
    assert balance(survivor) == (200, 0, 0, 0)


def test_orders_of_either_arrive_at_the_survivor(race, members):
    mei, ann = members(2)

    def job(i):
        if i == 7:
            return merge(ann, mei)
        if i % 3 == 0:
            return take_orders(
                orders=[order(f"B{i}-{n}", member=f"m{n % 2}") for n in range(4)],
                create_members=False, at=AT, actor="t",
            )  # fmt: skip
        return take(order(f"O{i}", member=f"m{i % 2}", cents=10_000 if i % 5 else 50))

    results = race(job, 64)

    assert kinds(results) == {"Merged": 1, "Outcome": 41, "list": 22}
    count = 41 + 22 * 4
    assert set(Order.objects.values_list("member_id", flat=True)) == {mei.pk}
    survivor = Member.objects.get(pk=mei.pk)
    assert (Order.objects.count(), survivor.orders_count) == (count, count)
    assert balance(mei)[0] == sum(Order.objects.values_list("points_earned", flat=True))


def test_refunds_completions_and_corrections_meanwhile(race, members):
    mei, ann = members(2, points=1_000)
    for i in range(16):
        take(order(f"O{i}", member="m1"))
        told = order(f"P{i}", member="m1")
        told.status, told.completed_at = "paid", None
        take(told)

    def job(i):
        n = i // 4
        match i % 4:
            case 0:
                told = IncomingRefund(external_id="R", refunded_at=AT, amount_cents=10_000)
                return refund_order(external_id=f"O{n}", refund=told, at=AT, actor="t")
            case 1:
                return complete_order(external_id=f"P{n}", completed_at=AT, at=AT, actor="t")
            case 2:
                return adjust_points(member_id=ann.pk, points=-1, reason="r", at=AT, actor="t")
        return merge(ann, mei) if n == 5 else ledger.spend(
            member=ann.pk, points=1, key=f"s{i}", at=AT, actor="t"
        )  # fmt: skip

    results = race(job, 64)

    found = kinds(results)
    refused = found.pop("MemberMerged", 0)
    assert found.pop("Adjustment", 0) + found.pop("Posted", 0) + refused == 31
    assert found == {"Merged": 1, "Order": 16, "Refunded": 16}
    assert balance(mei) == (2_000 + 16 * 100 - (31 - refused), 0, 0, 0)
    assert balance(ann) == (0, 0, 0, 0)


def test_many_into_one_at_once(race, members):
    crowd = members(17, points=10)
    results = race(lambda i: merge(crowd[i % 16 + 1], crowd[0]), 64)
    assert set(kinds(results)) <= {"Merged", "MemberMerged"}
    assert sum(getattr(one, "is_new", False) for one in results) == 16
    assert balance(crowd[0]) == (170, 0, 0, 0)


def test_claims_of_either_while_they_become_one(race, members):
    mei, ann = members(2)
    card = {"title_zh": "任务", "title_en": "Task", "claim": "member"}
    document = {
        "name": "task", "trigger": "custom:ping", "reward": {"kind": "fixed", "points": 30},
        "task": card,
    }  # fmt: skip
    earning.create_rule(code="task", document=document, at=AT)
    earning.publish_rule(code="task", effective_from=None, at=AT, actor="t")
    told = [
        IncomingEvent(
            id=f"e-{n}", type="custom:ping", member_external_id=f"m{n % 2}", occurred_at=AT
        )
        for n in range(60)
    ]
    take_events(events=told, at=AT, actor="t")
    awards = list(Award.objects.order_by("id"))

    def job(i):
        if i >= 60:
            return merge(ann, mei)
        return earning.claim_award(
            award_id=awards[i].pk, member_id=awards[i].member_id, at=AT, actor="t"
        )

    results = race(job, 64)
    found = kinds(results)
    assert set(found) <= {"Claimed", "Merged", "MemberMerged", "TaskNotClaimable"}
    assert found["Claimed"] >= 30
    assert balance(mei) == (found["Claimed"] * 30, 0, 0, 0)
    # What came too late still waits, for the survivor.
    waiting = Award.objects.filter(status="claimable", member_id=mei.pk)
    assert waiting.count() == 60 - found["Claimed"]
