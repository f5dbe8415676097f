"""Refunds that close: in any order of arrival, whatever became of the points meanwhile."""

from datetime import timedelta
from itertools import permutations

import pytest

from points.flows.books_checked import check_books
from points.flows.order_completed import complete_order
from points.flows.order_refunded import IncomingRefund, quote_refund
from points.ledger import actions as ledger
from points.ledger import queries
from points.ledger.models import Lot, Transaction
from points.orders.errors import OrderNotFound
from points.orders.models import Order, OrderLine, Refund
from points.program.actions import change_program
from points.redemption.actions import cancel_redemption, create_item, redeem
from tests.flows.test_orders import balance, order, refund, take

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def spend(member, points, at, key="s"):
    return ledger.spend(member=member.pk, points=points, key=key, at=at, actor="t")


# Every order of arrival

LINES = ((1_050,), (9_960,))
TOLD = {
    "order": lambda at: take(order(at, *LINES, status="paid", completed_at=None), at),
    "completion": lambda at: complete_order(
        external_id="O-1", completed_at=at, at=at, actor="test"
    ),
    "part": lambda at: refund("R-1", 3_333, at, ("2", 3_333)),
    "line": lambda at: refund("R-2", 1_050, at, ("1", 1_050)),
    "rest": lambda at: refund("R-3", 1_000, at, ("2", 1_000)),
}


def deliver(names, at):
    """Tell everything in this order; what is told before its order is told again, as a queue does."""
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        try:
            TOLD[name](at)
        except OrderNotFound:
            waiting.append(name)


def ending(member, at):
    stored = Order.objects.get()
    lines = OrderLine.objects.order_by("position")
    return (
        balance(member, at), stored.points_earned, stored.points_clawed_back,
        stored.refunded_cents, list(lines.values_list("refunded_cents", "points_clawed_back")),
        sum(Refund.objects.values_list("points_clawed_back", flat=True)),
    )  # fmt: skip


@pytest.mark.parametrize("names", list(permutations(TOLD)), ids="-".join)
@pytest.mark.parametrize("share", ["by_line", "proportional"])
def test_every_order_of_arrival_ends_in_the_same_state(mei, noon, share, names):
    """All 120 of them, each told twice. 110 earned; 53.83 of 110.10 refunded."""
    change_program(changes={"clawback": {"share": share}}, at=noon)
    deliver(names, noon)
    deliver(names, noon)

    taken = {"by_line": 53, "proportional": 53}[share]
    found = ending(mei, noon)
    assert found[:4] == ((110 - taken, 0, 0), 110, taken, 5_383)
    if share == "by_line":
        # 33.33 and 10.00 of the second line's 99.60: floor(100 × 43.33 ÷ 99.60) = 43
        assert found[4] == [(1_050, 10), (4_333, 43)]
    assert found[5] == taken


def test_refunds_that_waited_have_the_numbers_they_would_have_had(mei, noon):
    """One line of 10.00 earned 10; refunded 3.33, 3.33, 3.34: 3, 3 and 4, told early or late."""
    take(order(noon, (1_000,), status="paid", completed_at=None), noon)
    for i, cents in enumerate((333, 333, 334)):
        assert refund(f"R-{i}", cents, noon + i * DAY, ("1", cents)).points_clawed_back == 0
    complete_order(external_id="O-1", completed_at=noon, at=noon + 3 * DAY, actor="t")
    rows = Refund.objects.order_by("external_id")
    assert list(rows.values_list("points_clawed_back", flat=True)) == [3, 3, 4]


# What became of the points


def test_70_earned_20_left_leaves_50_owed_and_the_next_60_leave_10(mei, noon):
    take(order(noon, (7_000,)), noon)
    spend(mei, 50, noon)
    done = refund("R-1", 7_000, noon, ("1", 7_000))
    assert done.steps == [{"step": "own_lots", "points": 20}, {"step": "debt", "points": 50}]
    assert balance(mei, noon) == (0, 0, 50)
    take(order(noon, (6_000,), external_id="O-2"), noon)
    assert balance(mei, noon) == (10, 0, 0)


def test_pending_points_go_before_anything_else(mei, noon):
    take(order(noon, (3_000,), external_id="O-0"), noon)
    change_program(changes={"earning": {"pending_days": 7}}, at=noon)
    take(order(noon, (7_000,)), noon)
    done = refund("R-1", 7_000, noon, ("1", 7_000))
    assert done.steps == [{"step": "own_pending", "points": 70}]
    assert balance(mei, noon + 8 * DAY) == (30, 0, 0)


def test_points_that_have_expired_are_taken_like_spent_ones(mei, noon):
    change_program(changes={"expiry": {"policy": "rolling", "days": 5}}, at=noon)
    take(order(noon, (7_000,)), noon)
    late = noon + 6 * DAY
    take(order(late, (3_000,), external_id="O-2"), late)
    done = refund("R-1", 7_000, late, ("1", 7_000))
    assert done.steps == [{"step": "other_lots", "points": 30}, {"step": "debt", "points": 40}]


def test_points_under_a_hold_stay_there_and_pay_the_debt_when_released(mei, noon):
    take(order(noon, (7_000,)), noon)
    hold = ledger.hold_points(
        member=mei.pk, points=70, reference="cart", expires_in=DAY, at=noon, actor="t"
    )
    done = refund("R-1", 7_000, noon, ("1", 7_000))
    assert done.steps == [{"step": "debt", "points": 70}]
    assert queries.get_balance(member=mei.pk, at=noon).held == 70
    ledger.release_hold(hold=hold, at=noon, actor="t")
    assert balance(mei, noon) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "steps"),
    [
        ({"debt_limit_points": 30}, [("own_lots", 20), ("debt", 30), ("uncovered", 20)]),
        ({"debt": False}, [("own_lots", 20), ("uncovered", 50)]),
    ],
)
def test_what_no_step_could_take_is_told_and_the_ledger_says_only_what_was_taken(
    mei, noon, rules, steps
):
    """Never skipped in silence, never floored at 0 with the full amount in the log."""
    change_program(changes={"clawback": rules}, at=noon)
    take(order(noon, (7_000,)), noon)
    spend(mei, 50, noon)
    done = refund("R-1", 7_000, noon, ("1", 7_000))
    assert [(s["step"], s["points"]) for s in done.steps] == steps
    uncovered = dict(steps)["uncovered"]
    assert (done.points_due, done.points_uncovered) == (70, uncovered)
    assert done.points_clawed_back == 70 - uncovered
    assert Transaction.objects.get(kind="clawback").amount == uncovered - 70


def test_nothing_could_be_taken_leaves_no_entry_but_a_word(mei, noon):
    change_program(changes={"clawback": {"debt": False, "from_other_lots": False}}, at=noon)
    take(order(noon, (7_000,)), noon)
    spend(mei, 70, noon)
    take(order(noon, (1_000,), external_id="O-2"), noon)
    done = refund("R-1", 7_000, noon, ("1", 7_000))
    assert done.steps == [{"step": "uncovered", "points": 70}]
    assert not Transaction.objects.filter(kind="clawback").exists()
    assert balance(mei, noon) == (10, 0, 0)


# What was used to pay


def pay(member, points, at, name="O-2", cents=1_000):
    hold = ledger.hold_points(
        member=member.pk, points=points, reference="cart", expires_in=timedelta(hours=1), at=at,
        actor="test",
    )  # fmt: skip
    return take(order(at, (cents,), external_id=name, hold_id=hold), at)


@pytest.mark.parametrize(("grace", "back"), [(0, 0), (3, 400)])
def test_a_lot_that_expired_meanwhile_returns_nothing_or_lives_by_the_grace(mei, noon, grace, back):
    rules = {"expiry": {"policy": "rolling", "days": 10}, "clawback": {"return_grace_days": grace}}
    change_program(changes=rules, at=noon)
    take(order(noon, (40_000,)), noon)
    pay(mei, 400, noon + 8 * DAY, cents=400)
    late = noon + 12 * DAY
    assert refund("R-1", 400, late, ("1", 400), order_id="O-2").points_returned == 400
    assert balance(mei, late) == (back, 0, 0)
    # 13 March + 3 days, to the end of 16 March in Shanghai
    assert balance(mei, noon + 15 * DAY) == (back, 0, 0)
    assert balance(mei, noon + 16 * DAY) == (0, 0, 0)


def test_with_10_days_left_when_ordered_8_are_left_after_2(mei, noon):
    change_program(changes={"expiry": {"policy": "rolling", "days": 10}}, at=noon)
    take(order(noon, (40_000,)), noon)
    end = Lot.objects.get().expires_at
    pay(mei, 400, noon, cents=400)
    refund("R-1", 400, noon + 2 * DAY, ("1", 400), order_id="O-2")
    lot = Lot.objects.order_by("id").first()
    assert (lot.remaining, lot.expires_at) == (400, end)
    assert (end - (noon + 2 * DAY)).days == 8


@pytest.mark.parametrize(("grace", "back"), [(0, 0), (5, 100)])
def test_a_cancelled_redemption_has_the_same_grace(mei, noon, grace, back):
    rules = {"expiry": {"policy": "rolling", "days": 10}, "clawback": {"return_grace_days": grace}}
    change_program(changes=rules, at=noon)
    take(order(noon, (10_000,)), noon)
    mug = create_item(fields={"kind": "goods", "title_en": "Mug", "price_points": 100}, at=noon)
    made = redeem(member_id=mei.pk, item_id=mug.pk, quantity=1, at=noon, actor="t")
    cancel_redemption(redemption_id=made.pk, at=noon + 12 * DAY, actor="t")
    assert balance(mei, noon + 12 * DAY) == (back, 0, 0)


# Before it is confirmed


def quote(cents, at, **more):
    body = IncomingRefund(external_id="?", refunded_at=at, amount_cents=cents, **more)
    return quote_refund(external_id="O-1", refund=body, at=at, actor="t")


def test_a_quote_has_the_refund_s_numbers_and_leaves_nothing_behind(mei, noon):
    take(order(noon, (7_000,)), noon)
    spend(mei, 50, noon)
    entries = Transaction.objects.count()
    for shortfall, owed, uncovered, netted in (("debt", 50, 0, 0), ("net", 0, 50, 50)):
        asked = quote(7_000, noon, shortfall=shortfall)
        row = asked.refund
        assert (row.points_debt, row.points_uncovered, row.cash_netted_cents) == (
            owed,
            uncovered,
            netted,
        )
        assert (asked.available, asked.debt) == (0, owed)
    assert balance(mei, noon) == (20, 0, 0)
    assert (Refund.objects.count(), Transaction.objects.count()) == (0, entries)
    stored, line = Order.objects.get(), OrderLine.objects.get()
    assert (stored.refunded_cents, line.refunded_cents, line.points_clawed_back) == (0, 0, 0)
    mei.refresh_from_db()
    assert mei.spent_cents == 7_000

    done = refund("R-1", 7_000, noon, shortfall="net")
    assert (done.points_clawed_back, done.cash_netted_cents) == (20, 50)
