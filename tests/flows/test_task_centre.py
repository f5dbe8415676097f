"""The task centre: what a member can do, claim and has done; a claim gives exactly what was promised."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.bilingual import unpack
from points.budget.calculations import BudgetTerms
from points.budget.models import PotSlot
from points.earning import actions as earning
from points.earning.errors import TaskNotClaimable, TaskOver, TaskUsedUp
from points.earning.models import Award, EarningEvent
from points.earning.task_centre import Progress, list_tasks
from points.flows.events_received import IncomingEvent, take_event
from points.flows.funding import put_payer
from points.flows.incoming_order import IncomingLine, IncomingOrder
from points.flows.member_joined import join_member
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger import queries
from points.ledger.models import Lot, Transaction
from points.ledger.reconciliation import find_inconsistencies
from points.program.actions import change_program
from points.segments.actions import create_segment

CARD = {"title_zh": "写评价", "title_en": "Write a review", "claim": "member"}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def publish(at, code="ping", claim="member", points=30, **fields):
    reward = {"kind": "fixed", "points": points}
    card = {**CARD, "claim": claim}
    document = {
        "name": code, "trigger": "custom:ping", "reward": reward, "task": card, **fields,
    }  # fmt: skip
    earning.create_rule(code=code, document=document, at=at)
    earning.publish_rule(code=code, effective_from=None, at=at, actor="t")


def ping(at, name="e-1"):
    event = IncomingEvent(id=name, type="custom:ping", member_external_id="mei", occurred_at=at)
    return take_event(event=event, at=at, actor="t")


def tasks(mei, at):
    return {one.code: one for one in list_tasks(member_id=mei.pk, at=at)}


def statuses(mei, at):
    return {code: one.status for code, one in tasks(mei, at).items()}


def claim(mei, at, award=None):
    award = award or Award.objects.get(status="claimable")
    return earning.claim_award(award_id=award.pk, member_id=mei.pk, at=at, actor="t")


def held(mei, at):
    found = queries.get_balance(member=mei.pk, at=at)
    return found.available, found.pending


def test_a_task_is_open_then_waits_then_is_done(mei, noon):
    publish(noon, limits={"per_member": {"ever": 1}})
    assert tasks(mei, noon)["ping"].progress == Progress("ever", 0, 1)
    assert statuses(mei, noon) == {"ping": "open"}
    assert ping(noon).points_earned == 0
    waiting = tasks(mei, noon)["ping"]
    assert (waiting.status, [w.points for w in waiting.waiting]) == ("claimable", [30])
    assert held(mei, noon) == (0, 0)
    done = claim(mei, noon + DAY)
    assert (done.rule_code, done.points, held(mei, noon + DAY)) == ("ping", 30, (30, 0))
    after = tasks(mei, noon + DAY)["ping"]
    assert (after.status, after.given.points, after.given.last) == ("done", 30, noon)
    award = Award.objects.get()
    assert (award.status, award.granted_points, award.grant) == ("granted", 30, None)
    assert EarningEvent.objects.get().points_earned == 30


def test_a_claim_is_dated_when_it_is_made_and_lives_by_the_programme_of_then(mei, noon):
    publish(noon)
    ping(noon)
    change_program(changes={"expiry": {"policy": "rolling", "days": 10}}, at=noon)
    later = noon + 40 * DAY
    claim(mei, later)
    lot = Lot.objects.get(wallet__unit="points")
    shanghai_day_after = datetime(2026, 4, 20, 16, tzinfo=UTC)  # 10 April, ten days, its end
    assert (lot.granted_at, lot.matures_at, lot.expires_at) == (later, later, shanghai_day_after)
    row = Transaction.objects.get(kind="earn")
    assert (row.occurred_at, row.source_type) == (later, "task")
    assert [unpack(row.note, one) for one in ("zh-hans", "en")] == ["写评价", "Write a review"]


def test_points_that_were_to_wait_longer_still_do(mei, noon):
    publish(noon, pending_days=7)
    ping(noon)
    claim(mei, noon + 2 * DAY)
    assert held(mei, noon + 6 * DAY) == (0, 30)
    assert held(mei, noon + 7 * DAY) == (30, 0)


def test_a_second_claim_and_somebody_else_s_are_refused(mei, noon):
    publish(noon)
    ping(noon)
    award = Award.objects.get()
    tao = join_member(external_id="tao", at=noon)
    for member, moment in ((tao, noon), (mei, noon), (mei, noon)):
        if (member, held(mei, noon)) == (mei, (0, 0)):
            claim(mei, moment, award)
            continue
        with pytest.raises(TaskNotClaimable):
            claim(member, moment, award)
    assert (held(mei, noon), held(tao, noon)) == ((30, 0), (0, 0))


def test_what_was_earned_can_be_claimed_until_the_rule_ends(mei, noon):
    ends = noon + 3 * DAY
    publish(noon, ends_at=ends.isoformat())
    ping(noon)
    assert statuses(mei, ends - timedelta(seconds=1)) == {"ping": "claimable"}
    assert statuses(mei, ends) == {}
    with pytest.raises(TaskOver):
        claim(mei, ends)
    assert held(mei, ends) == (0, 0)
    claim(mei, ends - timedelta(seconds=1))
    assert held(mei, ends) == (30, 0)


def test_a_rule_that_was_stopped_still_gives_what_it_promised(mei, noon):
    publish(noon)
    ping(noon)
    earning.stop_rule(code="ping", at=noon, actor="t")
    assert statuses(mei, noon + DAY) == {"ping": "claimable"}
    claim(mei, noon + DAY)
    assert (held(mei, noon + DAY), statuses(mei, noon + DAY)) == ((30, 0), {})


def test_a_budget_that_is_used_up_refuses_all_and_leaves_the_task_waiting(mei, noon):
    put_payer(
        code="brand", name="Brand", unit_cost_micros=0, at=noon,
        terms=BudgetTerms(points=29, on_limit="stop"),
    )  # fmt: skip
    publish(noon, funding_source="brand", limits={"total_points": 1_000})
    ping(noon)
    with pytest.raises(TaskUsedUp) as refused:
        claim(mei, noon)
    assert refused.value.facts == {"reason": "budget"}
    assert (statuses(mei, noon), held(mei, noon)) == ({"ping": "claimable"}, (0, 0))
    put_payer(
        code="brand", name="Brand", unit_cost_micros=0, at=noon,
        terms=BudgetTerms(points=30, on_limit="stop"),
    )  # fmt: skip
    assert claim(mei, noon).points == 30
    assert sum(PotSlot.objects.values_list("left_amount", flat=True)) == 0 + 970


def test_what_all_members_get_together_is_taken_at_the_claim(mei, noon):
    publish(noon, limits={"total_points": 50})
    ping(noon, "e-1")
    ping(noon, "e-2")
    first, second = Award.objects.order_by("id")
    assert claim(mei, noon, first).points == 30
    with pytest.raises(TaskUsedUp) as refused:
        claim(mei, noon, second)
    assert (refused.value.facts, held(mei, noon)) == ({"reason": "total"}, (30, 0))


def test_three_a_month_and_again_next_month(mei, noon):
    publish(noon, claim="auto", limits={"per_member": {"month": 3}})
    ping(noon, "e-1")
    ping(noon, "e-2")
    assert tasks(mei, noon)["ping"].progress == Progress("month", 2, 3)
    ping(noon, "e-3")
    full = tasks(mei, noon)["ping"]
    assert (full.status, full.progress) == ("done_for_now", Progress("month", 3, 3))
    april = datetime(2026, 3, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    assert full.again_at == april
    assert tasks(mei, april)["ping"].progress == Progress("month", 0, 3)
    assert full.given.points == held(mei, noon)[0] == 90


@pytest.mark.parametrize(
    ("limits", "again"),
    [
        ({"per_member": {"day": 1}}, datetime(2026, 3, 1, 16, tzinfo=UTC)),
        # 1 March 2026 is a Sunday: the week ends with it.
        ({"per_member": {"week": 1}}, datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ({"per_member": {"day": 1, "month": 1}}, datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ({"per_member_points": {"week": 30}}, datetime(2026, 3, 1, 16, tzinfo=UTC)),
    ],
)
def test_when_it_can_be_done_again(mei, noon, limits, again):
    publish(noon, claim="auto", limits=limits)
    ping(noon)
    assert tasks(mei, noon)["ping"].again_at == again
    assert tasks(mei, again)["ping"].status == "open"


def test_done_for_good_when_the_rule_ends_before_the_next_period(mei, noon):
    ends = noon + 2 * DAY
    publish(noon, claim="auto", limits={"per_member": {"month": 1}}, ends_at=ends.isoformat())
    ping(noon)
    assert statuses(mei, noon) == {"ping": "done"}


def test_tasks_to_come_tasks_over_and_rules_without_a_card_are_left_out(mei, noon):
    publish(noon, "later", starts_at=(noon + DAY).isoformat())
    publish(noon, "over", ends_at=noon.isoformat())
    publish(noon, "plain", task=None)
    publish(noon, "now")
    assert statuses(mei, noon) == {"now": "open"}
    assert statuses(mei, noon + DAY) == {"later": "open", "now": "open"}


def test_tasks_for_others_are_left_out(mei, noon):
    tagged = {"in": ["vip", {"var": "member.tags"}]}
    create_segment(code="vips", name="VIPs", condition=tagged, at=noon)
    publish(noon, "for-vips", segments=["vips"])
    publish(noon, "newcomers", conditions={"==": [{"var": "member.orders_count"}, 0]})
    publish(noon, "regulars", conditions={">=": [{"var": "member.orders_count"}, 3]})
    publish(noon, "long", conditions={">=": [{"var": "event.properties.words"}, 50]})
    assert set(statuses(mei, noon)) == {"newcomers", "long"}


def test_joining_is_no_task_for_those_who_joined_before_it(mei, noon):
    publish(noon + DAY, "welcome", trigger="member.registered")
    assert statuses(mei, noon + DAY) == {}
    tao = join_member(external_id="tao", at=noon + DAY)
    assert statuses(tao, noon + DAY) == {"welcome": "claimable"}


def order_of(noon):
    line = IncomingLine(external_id="1", quantity=1, amount_cents=10_000)
    return IncomingOrder(
        external_id="O-1", member_external_id="mei", currency="CNY", placed_at=noon,
        completed_at=noon, status="completed", lines=[line],
    )  # fmt: skip


def refund(noon, cents):
    body = IncomingRefund(external_id=f"R-{cents}", refunded_at=noon, amount_cents=cents)
    refund_order(external_id="O-1", refund=body, at=noon, actor="t")


def test_a_first_order_that_came_back_whole_has_nothing_to_claim(mei, noon):
    publish(noon, "first", trigger="order.completed")
    take_order(order=order_of(noon), create_member=False, at=noon, actor="t")
    assert held(mei, noon) == (100, 0)
    refund(noon, 4_000)
    assert statuses(mei, noon) == {"first": "claimable"}
    refund(noon, 6_000)
    assert statuses(mei, noon) == {"first": "open"}
    with pytest.raises(TaskNotClaimable):
        claim(mei, noon)
    assert held(mei, noon) == (0, 0)


def test_what_was_claimed_for_an_order_is_not_the_order_s_to_give_back(mei, noon):
    publish(noon, "first", trigger="order.completed")
    take_order(order=order_of(noon), create_member=False, at=noon, actor="t")
    claim(mei, noon)
    refund(noon, 10_000)
    assert held(mei, noon) == (30, 0)


def test_two_queries_for_any_number_of_tasks(mei, noon, django_assert_num_queries):
    for number in range(12):
        publish(noon, f"task-{number}", points=number + 1, limits={"per_member": {"ever": 5}})
    ping(noon)
    list_tasks(member_id=mei.pk, at=noon)  # rules are remembered from here on
    with django_assert_num_queries(2):
        found = list_tasks(member_id=mei.pk, at=noon)
    assert sum(w.points for one in found for w in one.waiting) == sum(range(1, 13))


def test_a_claim_takes_three_queries(mei, noon, django_assert_num_queries):
    publish(noon)
    ping(noon)
    award = Award.objects.get()
    with django_assert_num_queries(5):  # with the savepoint inside the test's transaction
        claim(mei, noon, award)
