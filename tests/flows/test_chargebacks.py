"""The bank takes a payment back: everything goes back, owed if need be; and a dispute that is won."""

from datetime import timedelta

import pytest

from points.flows.books_checked import check_books
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_completed import complete_order
from points.ledger import actions as ledger
from points.ledger.models import Lot
from points.orders.errors import ChargebackNotFound, RefundConflict, RefundTooLarge
from points.orders.models import Order, OrderLine
from points.program.actions import change_program
from tests.flows.test_orders import balance, order, refund, take

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


def charge_back(at, name="CB-1", order_id="O-1"):
    body = IncomingChargeback(external_id=name, charged_back_at=at)
    return charge_back_order(external_id=order_id, chargeback=body, at=at, actor="test")


def win(at, name="CB-1", order_id="O-1"):
    return reverse_chargeback(
        external_id=order_id, chargeback_id=name, reversed_at=at, at=at, actor="test"
    )


def spend(member, points, at, key="s"):
    ledger.spend(member=member.pk, points=points, key=key, at=at, actor="t")


def state():
    stored = Order.objects.get(external_id="O-1")
    rows = OrderLine.objects.filter(order=stored).order_by("position")
    return (
        stored.refunded_cents, stored.points_earned, stored.points_clawed_back,
        stored.points_returned, list(rows.values_list("refunded_cents", "points_clawed_back")),
    )  # fmt: skip


def test_everything_the_order_earned_goes_back(mei, noon):
    take(order(noon, (1_050,), (9_960,)), noon)
    done = charge_back(noon).refund
    assert (done.amount_cents, done.points_clawed_back) == (11_010, 110)
    assert balance(mei, noon) == (0, 0, 0)
    mei.refresh_from_db()
    assert mei.spent_cents == 0


@pytest.mark.parametrize(
    "rules", [{}, {"debt": False}, {"debt_limit_points": 5}, {"from_other_lots": False}]
)
def test_it_is_owed_whatever_the_settings_say_of_debt(mei, noon, rules):
    change_program(changes={"clawback": rules}, at=noon)
    take(order(noon, (7_000,)), noon)
    spend(mei, 50, noon)
    done = charge_back(noon).refund
    assert done.steps == [{"step": "own_lots", "points": 20}, {"step": "debt", "points": 50}]
    assert balance(mei, noon) == (0, 0, 50)


def test_after_a_part_refund_only_the_rest_is_taken(mei, noon):
    take(order(noon, (1_050,), (9_960,)), noon)
    refund("R-1", 9_960, noon, ("2", 9_960))
    assert charge_back(noon).refund.points_clawed_back == 10
    with pytest.raises(RefundTooLarge):
        refund("R-2", 1, noon, ("1", 1))


def test_a_dispute_that_is_won_restores_lots_lines_and_sums(mei, noon):
    take(order(noon, (1_050,), (9_960,)), noon)
    refund("R-1", 9_960, noon, ("2", 9_960))
    before, had = state(), balance(mei, noon)
    ends = list(Lot.objects.values_list("expires_at", flat=True))
    charge_back(noon)
    done = win(noon + DAY)

    assert done.is_new and not win(noon + DAY).is_new
    assert (state(), balance(mei, noon)) == (before, had)
    assert list(Lot.objects.values_list("expires_at", flat=True)) == ends
    assert done.refund.reversal["restored_points"] == 10
    mei.refresh_from_db()
    assert mei.spent_cents == 1_050
    # and it can be taken again, under another number
    assert charge_back(noon, "CB-2").refund.points_clawed_back == 10


def test_what_was_owed_is_forgiven_and_what_was_paid_of_it_comes_back(mei, noon):
    take(order(noon, (7_000,)), noon)
    spend(mei, 50, noon)
    charge_back(noon)
    take(order(noon, (3_000,), external_id="O-2"), noon)  # pays 30 of the 50 owed
    assert balance(mei, noon) == (0, 0, 20)

    assert win(noon).refund.reversal["restored_points"] == 70
    assert balance(mei, noon) == (50, 0, 0)


def test_points_used_to_pay_stay_used_unless_the_programme_returns_them(mei, noon):
    paid_with_400(mei, noon)
    done = charge_back(noon, order_id="O-2").refund
    assert (done.points_returned, done.points_clawed_back) == (0, 6)
    assert balance(mei, noon) == (600, 0, 0)


def paid_with_400(member, at):
    take(order(at, (100_000,)), at)
    hold = ledger.hold_points(
        member=member.pk, points=400, reference="cart", expires_in=timedelta(hours=1), at=at,
        actor="test",
    )  # fmt: skip
    take(order(at, (1_000,), external_id="O-2", hold_id=hold), at)


def test_returned_points_are_spent_again_when_the_dispute_is_won(mei, noon):
    change_program(changes={"clawback": {"chargeback_returns_spent": True}}, at=noon)
    paid_with_400(mei, noon)
    refund("R-1", 250, noon, ("1", 250), order_id="O-2")  # a quarter: 100 points
    assert charge_back(noon, order_id="O-2").refund.points_returned == 300
    assert balance(mei, noon) == (1_000, 0, 0)

    won = win(noon, order_id="O-2").refund
    assert (won.reversal["spent_again_points"], won.reversal["left_with_member_points"]) == (300, 0)
    assert balance(mei, noon) == (705, 0, 0)  # 1,000 − 300, and 5 of 6 points earned again

    refund("R-2", 750, noon, ("1", 750), order_id="O-2")
    assert Order.objects.get(external_id="O-2").points_returned == 400
    assert balance(mei, noon) == (1_000, 0, 0)


def test_returned_points_the_member_has_used_meanwhile_are_told_and_stay_with_him(mei, noon):
    change_program(changes={"clawback": {"chargeback_returns_spent": True}}, at=noon)
    paid_with_400(mei, noon)
    charge_back(noon, order_id="O-2")
    spend(mei, 900, noon)
    won = win(noon, order_id="O-2").refund
    # 100 left and 6 earned again
    assert (won.reversal["spent_again_points"], won.reversal["left_with_member_points"]) == (
        106,
        294,
    )
    assert balance(mei, noon) == (0, 0, 0)


def test_before_the_completion_it_waits_and_a_won_one_waits_for_nothing(mei, noon):
    for name in ("O-1", "O-2"):
        paid = order(noon, (9_000,), status="paid", completed_at=None, external_id=name)
        take(paid, noon)
        charge_back(noon, order_id=name)
    win(noon, order_id="O-2")
    for name in ("O-1", "O-2"):
        complete_order(external_id=name, completed_at=noon, at=noon, actor="t")
    assert balance(mei, noon) == (90, 0, 0)
    assert Order.objects.get(external_id="O-1").points_clawed_back == 90
    assert win(noon, order_id="O-1").refund.reversal["restored_points"] == 90
    assert balance(mei, noon) == (180, 0, 0)


def test_told_again_it_is_the_same_and_an_unknown_one_cannot_be_won(mei, noon):
    take(order(noon), noon)
    with pytest.raises(ChargebackNotFound):
        win(noon)
    first = charge_back(noon)
    assert charge_back(noon).refund.pk == first.refund.pk
    with pytest.raises(RefundConflict):
        charge_back(noon + DAY)
