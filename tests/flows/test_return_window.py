"""Points that wait until an order's goods can no longer be returned (docs/algorithms/return-window.md)."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.models import OutboxEvent
from points.earning import actions as earning
from points.earning.errors import RuleInvalid, TaskNotClaimable
from points.earning.models import Award
from points.earning.task_centre import list_tasks
from points.flows.books_checked import check_books
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_completed import complete_order
from points.flows.order_exchanged import IncomingExchange, exchange_order
from points.flows.order_received import IncomingLine, take_orders
from points.flows.order_refunded import IncomingRefundLine
from points.ledger import actions as ledger
from points.ledger import expiring, queries
from points.ledger.actions import refresh_wallets
from points.ledger.models import Lot, Transaction, Wallet
from points.orders.models import Order
from points.orders.queries import list_beyond_return
from points.program.actions import change_program
from points.program.queries import get_program
from tests.flows.test_orders import balance, order, refund, take

DAY = timedelta(days=1)
# Ordered on 1 March at noon in Shanghai, completed on the 3rd: the 10th is the last day.
CLOSES = datetime(2026, 3, 10, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def window(shop, noon):
    """Points wait for the return window; `window(grant_on="payment")` changes more."""

    def set_up(**changes):
        change_program(changes={"earning": {"pending": "return_window", **changes}}, at=noon)

    set_up()
    return set_up


def paid(noon, *lines, **more):
    return order(noon, *lines, status="paid", completed_at=None, **more)


def complete(at, told_at=None, name="O-1"):
    return complete_order(external_id=name, completed_at=at, at=told_at or at, actor="t")


def lot_of(member):
    return queries.list_lots(member=member.pk, at=datetime(2026, 3, 1, 4, tzinfo=UTC))


def test_granted_at_completion_they_mature_when_the_window_closes(mei, noon, window):
    take(paid(noon), noon)
    complete(noon + 2 * DAY)
    second = timedelta(seconds=1)
    assert balance(mei, CLOSES - second) == (0, 110, 0)
    assert balance(mei, CLOSES) == (110, 0, 0)
    assert Transaction.objects.get(kind="mature").occurred_at == CLOSES


def test_an_order_that_arrives_completed_counts_from_its_completion(mei, noon, window):
    take(order(noon, completed_at=noon + 2 * DAY), noon + 3 * DAY)
    assert balance(mei, noon + 3 * DAY) == (0, 110, 0)
    assert balance(mei, CLOSES) == (110, 0, 0)


def test_granted_at_payment_they_wait_however_long_the_order_takes(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    assert Wallet.objects.get(member_id=mei.pk).next_change_at is None
    late = noon + 700 * DAY  # longer than the year they would live
    assert balance(mei, late) == (0, 110, 0)
    refresh_wallets(at=late)
    (lot,) = lot_of(mei)
    assert (lot.matures_at, lot.is_mature, lot.waits_for_order) == (None, False, "O-1")
    complete(late)
    (lot,) = lot_of(mei)
    closes = datetime(2028, 2, 6, 16, tzinfo=UTC)
    assert (lot.matures_at, lot.is_mature, lot.waits_for_order) == (closes, False, None)
    # Its year was over: it lives as if earned on the day it matures, 7 February 2028.
    assert lot.expires_at == datetime(2029, 2, 7, 16, tzinfo=UTC)
    assert balance(mei, closes) == (110, 0, 0)
    assert balance(mei, lot.expires_at - timedelta(seconds=1)) == (110, 0, 0)
    assert balance(mei, lot.expires_at) == (0, 0, 0)


def test_completed_in_time_they_expire_as_counted_from_earning(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    before = lot_of(mei)[0].expires_at
    complete(noon + 2 * DAY)
    (lot,) = lot_of(mei)
    assert (lot.matures_at, lot.expires_at) == (CLOSES, before)
    assert before == datetime(2027, 3, 1, 16, tzinfo=UTC)


def test_a_completion_told_late_makes_them_spendable_at_once(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    complete(noon + 2 * DAY, told_at=noon + 30 * DAY)
    assert balance(mei, noon + 30 * DAY) == (110, 0, 0)
    row = Transaction.objects.get(kind="mature")
    assert (row.occurred_at, row.posted_at) == (CLOSES, noon + 30 * DAY)


def test_completed_twice_the_first_date_stands(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    complete(noon + 2 * DAY)
    complete(noon + 20 * DAY)
    assert lot_of(mei)[0].matures_at == CLOSES
    assert balance(mei, CLOSES) == (110, 0, 0)
    complete(noon + 40 * DAY)
    assert balance(mei, noon + 40 * DAY) == (110, 0, 0)


def test_refunds_before_and_after_the_completion_come_to_the_same(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    take(paid(noon, external_id="O-2"), noon)
    refund("R-1", 5_505, noon + DAY, ("1", 5_505))
    complete(noon + 2 * DAY)
    complete(noon + 2 * DAY, name="O-2")
    refund("R-1", 5_505, noon + 3 * DAY, ("1", 5_505), order_id="O-2")
    assert [(x.remaining, x.matures_at) for x in lot_of(mei)] == [(55, CLOSES), (55, CLOSES)]
    assert balance(mei, CLOSES) == (110, 0, 0)


def test_an_order_that_is_refunded_and_never_completed_leaves_nothing(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    done = refund("R-1", 11_010, noon + DAY)
    assert done.steps == [{"step": "own_pending", "points": 110}]
    assert balance(mei, noon + 400 * DAY) == (0, 0, 0)


def test_a_dispute_won_after_the_completion_gives_back_what_is_spendable_by_now(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    charge_back_order(
        external_id="O-1", at=noon, actor="t",
        chargeback=IncomingChargeback(external_id="C-1", charged_back_at=noon),
    )  # fmt: skip
    complete(noon + 2 * DAY)
    assert balance(mei, CLOSES) == (0, 0, 0)
    reverse_chargeback(
        external_id="O-1", chargeback_id="C-1", reversed_at=CLOSES, at=CLOSES, actor="t"
    )
    assert balance(mei, CLOSES) == (110, 0, 0)


def test_what_matures_pays_the_debt_first(mei, noon, window):
    change_program(changes={"earning": {"pending": "days"}}, at=noon)
    take(order(noon, (2_000,), external_id="O-0"), noon)
    ledger.spend(member=mei.pk, points=20, key="s", at=noon, actor="t")
    refund("R-0", 2_000, noon, order_id="O-0")
    window(grant_on="payment")
    take(paid(noon), noon)
    assert balance(mei, noon) == (0, 110, 20)
    complete(noon - 30 * DAY, told_at=noon + DAY)
    assert balance(mei, noon + DAY) == (90, 0, 0)


def test_lots_of_a_merged_member_get_their_date_where_they_are(mei, noon, window):
    window(grant_on="payment")
    ann = join_member(external_id="ann", at=noon)
    take(paid(noon, member_external_id="ann"), noon)
    merge_members(loser=ann.pk, into=mei.pk, at=noon + DAY, actor="t")
    assert balance(mei, noon + DAY) == (0, 110, 0)
    assert lot_of(mei)[0].waits_for_order == "O-1"
    complete(noon + 2 * DAY)
    assert balance(mei, CLOSES) == (110, 0, 0)


def test_points_that_live_by_activity_follow_it_while_they_wait(mei, noon, window):
    change_program(changes={"expiry": {"policy": "inactivity", "days": 30}}, at=noon)
    window(grant_on="payment")
    take(paid(noon), noon)
    expiring.note_activity(member=mei.pk, at=noon + 50 * DAY)  # 20 April
    complete(noon + 52 * DAY)
    (lot,) = lot_of(mei)
    assert lot.matures_at == datetime(2026, 4, 29, 16, tzinfo=UTC)
    assert lot.expires_at == datetime(2026, 5, 20, 16, tzinfo=UTC)


def test_nobody_is_told_of_an_end_that_is_not_fixed_yet(mei, noon, window):
    window(grant_on="payment")
    change_program(changes={"expiry": {"policy": "rolling", "days": 20}}, at=noon)
    take(paid(noon), noon)
    take(order(noon, (100,), external_id="O-2", completed_at=noon - 3 * DAY), noon)
    program = get_program()
    at = noon + 15 * DAY
    while expiring.tell_expiring(calendar=program.calendar, notice_days=[7], at=at):
        pass
    told = OutboxEvent.objects.filter(topic="points.expiring")
    assert [row.payload["points"] for row in told] == [1]
    assert queries.get_next_dates(member=mei.pk, at=at)[1] is None


def test_an_extension_reaches_what_waits(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    until = datetime(2027, 12, 31, 16, tzinfo=UTC)
    walk = expiring.begin_extension(until=until, at=noon, actor="t", reason="holidays")
    assert (walk.wallets, walk.lots, walk.points) == (1, 1, 110)
    complete(noon + 2 * DAY)
    assert lot_of(mei)[0].expires_at == until


def test_a_thousand_paid_orders_take_as_many_round_trips_as_one(
    mei, noon, window, django_assert_num_queries
):
    window(grant_on="payment")
    with django_assert_num_queries(4):  # two, and the savepoint of being inside a test
        take_orders(
            orders=[paid(noon, external_id=f"B-{i}") for i in range(1000)],
            create_members=False, at=noon, actor="t",
        )  # fmt: skip
    assert Lot.objects.filter(matures_at=None, is_mature=False).count() == 1000
    assert balance(mei, noon) == (0, 110_000, 0)
    complete(noon + 2 * DAY, name="B-7")
    assert balance(mei, CLOSES) == (110, 109_890, 0)


def test_switching_back_to_days_still_dates_what_waits(mei, noon, window):
    window(grant_on="payment")
    take(paid(noon), noon)
    window(pending="days", pending_days=0)
    take(paid(noon, external_id="O-2"), noon)
    assert balance(mei, noon) == (110, 110, 0)
    complete(noon + 2 * DAY)
    assert balance(mei, CLOSES) == (220, 0, 0)


# Rules


def publish(noon, code="extra", **more):
    document = {
        "name": code,
        "trigger": "order.paid",
        "reward": {"kind": "fixed", "points": 30},
        **more,
    }
    earning.create_rule(code=code, document=document, at=noon)
    earning.publish_rule(code=code, effective_from=None, at=noon, actor="t")


def test_a_rule_waits_as_the_programme_does_or_as_it_says_itself(mei, noon, window):
    publish(noon, "programme")
    publish(noon, "days", pending_days=3)
    publish(noon, "completed", trigger="order.completed")
    take(paid(noon), noon)
    assert balance(mei, noon + 3 * DAY) == (30, 30, 0)
    complete(noon + 2 * DAY, told_at=noon + 4 * DAY)
    assert balance(mei, noon + 4 * DAY) == (30, 170, 0)
    assert balance(mei, CLOSES) == (200, 0, 0)


def test_a_rule_may_wait_for_the_window_where_the_programme_does_not(mei, noon):
    publish(noon, "bonus", pending="return_window")
    take(paid(noon), noon)
    complete(noon + 2 * DAY)
    assert balance(mei, noon + 2 * DAY) == (110, 30, 0)
    assert balance(mei, CLOSES) == (140, 0, 0)


@pytest.mark.parametrize(
    "more",
    [
        {"pending": "days"},
        {"pending": "return_window", "pending_days": 3},
        {"pending": "return_window", "trigger": "review.posted"},
        {"pending": "for ever"},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(shop, noon, more):
    with pytest.raises(RuleInvalid):
        publish(noon, **more)


def test_a_reward_to_be_claimed_waits_for_the_completion(mei, noon, window):
    publish(
        noon, "first", limits={"per_member": {"ever": 1}},
        task={"title_zh": "首单", "title_en": "First order", "claim": "member"},
    )  # fmt: skip
    take(paid(noon), noon)
    (task,) = list_tasks(member_id=mei.pk, at=noon)
    assert (task.status, task.waiting) == ("promised", [])
    award = Award.objects.get()
    with pytest.raises(TaskNotClaimable):
        earning.claim_award(award_id=award.pk, member_id=mei.pk, at=noon, actor="t")
    complete(noon + 2 * DAY)
    (task,) = list_tasks(member_id=mei.pk, at=noon + 2 * DAY)
    assert (task.status, [one.points for one in task.waiting]) == ("claimable", [30])
    earning.claim_award(award_id=award.pk, member_id=mei.pk, at=noon + 3 * DAY, actor="t")
    assert balance(mei, noon + 3 * DAY) == (0, 140, 0)
    assert balance(mei, CLOSES) == (140, 0, 0)


def test_what_a_dearer_exchange_earns_can_be_returned_from_the_exchange_on(mei, noon, window):
    take(order(noon, completed_at=noon + 2 * DAY), noon + 2 * DAY)
    exchange_order(
        external_id="O-1", at=noon + 4 * DAY, actor="t",
        exchange=IncomingExchange(
            external_id="X-1", exchanged_at=noon + 4 * DAY,
            returned=[IncomingRefundLine(external_id="1", quantity=1, amount_cents=11_010)],
            replacements=[IncomingLine(external_id="2", quantity=1, amount_cents=16_010)],
        ),
    )  # fmt: skip
    assert balance(mei, CLOSES) == (110, 50, 0)
    assert balance(mei, CLOSES + 2 * DAY) == (160, 0, 0)


def test_whose_orders_can_no_longer_be_returned(mei, noon, window):
    take(paid(noon, external_id="O-0"), noon)
    take(order(noon, completed_at=noon + 2 * DAY), noon + 2 * DAY)
    take(order(noon, external_id="O-2", completed_at=noon + 3 * DAY), noon + 3 * DAY)
    ids = list(Order.objects.values_list("pk", flat=True))
    program = get_program()

    def names(at):
        found = list_beyond_return(order_ids=ids, program=program, at=at)
        return [one.external_id for one in found]

    assert names(CLOSES - timedelta(seconds=1)) == []
    assert names(CLOSES) == ["O-1"]
    assert names(CLOSES + DAY) == ["O-1", "O-2"]
