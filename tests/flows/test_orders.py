"""Orders earn, refunds take back: stories with the numbers of rules.md."""

import uuid
from datetime import timedelta

import pytest

from points.flows.order_completed import complete_order
from points.flows.order_received import IncomingLine, IncomingOrder, take_order, take_orders
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.ledger import actions as ledger
from points.ledger import queries
from points.ledger.reconciliation import find_inconsistencies
from points.members.errors import MemberNotFound
from points.members.models import Member
from points.orders.errors import CurrencyMismatch, OrderConflict, RefundConflict, RefundTooLarge
from points.orders.models import Order, OrderLine
from points.program.actions import change_program


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert find_inconsistencies() == []


def order(noon, *lines, **more):
    lines = lines or ((11_010,),)
    fields = {
        "external_id": "O-1", "member_external_id": "mei", "currency": "CNY", "placed_at": noon,
        "completed_at": noon, "status": "completed", **more,
    }  # fmt: skip
    return IncomingOrder(
        lines=[
            IncomingLine(
                external_id=str(i), quantity=1, amount_cents=line[0], category="".join(line[1:])
            )
            for i, line in enumerate(lines, 1)
        ],
        **fields,
    )


def take(incoming, at, create=False):
    return take_order(order=incoming, create_member=create, at=at, actor="test")


def refund(name, cents, at, *lines, order_id="O-1", **more):
    body = IncomingRefund(
        external_id=name, refunded_at=at, amount_cents=cents,
        lines=[IncomingRefundLine(external_id=n, quantity=1, amount_cents=c) for n, c in lines]
        if lines else None, **more,
    )  # fmt: skip
    return refund_order(external_id=order_id, refund=body, at=at, actor="test").refund


def balance(member, at):
    found = queries.get_balance(member=member.pk, at=at)
    return found.available, found.pending, found.debt


def test_an_order_of_110_10_earns_110(mei, noon):
    outcome = take(order(noon), noon)

    assert (outcome.outcome, outcome.points_earned) == ("created", 110)
    assert balance(mei, noon) == (110, 0, 0)
    mei.refresh_from_db()
    assert (mei.orders_count, mei.spent_cents) == (1, 11_010)


def test_109_00_at_10_points_per_100_00_earns_10(mei, noon):
    change_program(changes={"earning": {"step_cents": 10_000, "points_per_step": 10}}, at=noon)
    assert take(order(noon, (10_900,)), noon).points_earned == 10


def test_the_same_order_again_is_a_duplicate_and_another_body_a_conflict(mei, noon):
    first = take(order(noon), noon)
    again = take(order(noon), noon + timedelta(days=370))

    assert (again.outcome, again.order_id, again.points_earned) == (
        "duplicate",
        first.order_id,
        110,
    )
    with pytest.raises(OrderConflict):
        take(order(noon, (11_110,)), noon)
    assert balance(mei, noon)[0] == 110


def test_one_bad_order_in_a_batch_keeps_no_other_out(mei, noon):
    batch = [
        order(noon, external_id="A"),
        order(noon, external_id="B", currency="USD"),
        order(noon, external_id="C", member_external_id="nobody"),
        order(noon, external_id="A"),
        order(noon, (500,), external_id="A"),
        order(noon, (250,), external_id="D"),
    ]
    outcomes = take_orders(orders=batch, create_members=False, at=noon, actor="test")

    assert [o.outcome for o in outcomes] == [
        "created", "refused", "refused", "duplicate", "conflict", "created",
    ]  # fmt: skip
    assert isinstance(outcomes[1].error, CurrencyMismatch)
    assert isinstance(outcomes[2].error, MemberNotFound)
    assert balance(mei, noon)[0] == 112


def test_a_mended_order_may_follow_the_refused_one_in_its_batch(mei, noon):
    batch = [
        order(noon, discount_cents=99_999), order(noon), order(noon), order(noon, tax_cents=1),
    ]  # fmt: skip
    outcomes = take_orders(orders=batch, create_members=False, at=noon, actor="test")
    assert [o.outcome for o in outcomes] == ["refused", "created", "duplicate", "conflict"]
    assert balance(mei, noon) == (110, 0, 0)


def test_a_batch_adds_unknown_members_when_asked(shop, noon):
    batch = [order(noon, external_id=f"N-{i}", member_external_id=f"n{i % 3}") for i in range(9)]
    take_orders(orders=batch, create_members=True, at=noon, actor="test")
    take_orders(orders=batch, create_members=True, at=noon, actor="test")

    sums = dict(Member.objects.values_list("external_id", "orders_count"))
    assert sums == {"n0": 3, "n1": 3, "n2": 3}


def test_excluded_categories_shipping_and_coupons_do_not_count(mei, noon):
    change_program(changes={"earning": {"excluded_categories": ["gift-card"]}}, at=noon)
    incoming = order(
        noon, (6_000, "tea"), (4_000, "gift-card"), shipping_cents=900, discount_cents=1_000
    )
    # 60.00 count; of the coupon of 10.00 their share is 6.00: 54.00 → 54
    assert take(incoming, noon).points_earned == 54
    assert list(OrderLine.objects.order_by("position").values_list("points", flat=True)) == [54, 0]


def test_points_wait_until_the_return_window_closes(mei, noon):
    change_program(changes={"earning": {"pending_days": 7}}, at=noon)
    take(order(noon), noon)

    assert balance(mei, noon) == (0, 110, 0)
    assert balance(mei, noon + timedelta(days=7)) == (110, 0, 0)


def test_a_paid_order_earns_when_it_is_completed(mei, noon):
    assert take(order(noon, status="paid", completed_at=None), noon).points_earned == 0
    for _ in range(2):
        complete_order(external_id="O-1", completed_at=noon, at=noon, actor="test")
    assert balance(mei, noon) == (110, 0, 0)


def test_refunding_a_line_takes_back_what_it_earned_and_all_lines_all(mei, noon):
    take(order(noon, (1_050,), (9_960,)), noon)
    assert list(OrderLine.objects.order_by("position").values_list("points", flat=True)) == [
        10,
        100,
    ]

    assert refund("R-1", 9_960, noon, ("2", 9_960)).points_clawed_back == 100
    assert balance(mei, noon) == (10, 0, 0)
    refund("R-2", 1_050, noon, ("1", 1_050))
    assert balance(mei, noon) == (0, 0, 0)


def test_part_refunds_are_floored_and_the_last_takes_the_rest(mei, noon):
    take(order(noon, (1_000,)), noon)  # 10 points
    parts = (333, 333, 334)
    taken = [refund(f"R-{i}", c, noon, ("1", c)).points_clawed_back for i, c in enumerate(parts)]
    assert taken == [3, 3, 4]


def test_a_refund_told_twice_lands_once(mei, noon):
    take(order(noon), noon)
    first = refund("R-1", 11_010, noon, ("1", 11_010))
    again = refund("R-1", 11_010, noon, ("1", 11_010))

    assert first.pk == again.pk
    with pytest.raises(RefundConflict):
        refund("R-1", 11_000, noon, ("1", 11_000))
    with pytest.raises(RefundTooLarge):
        refund("R-2", 1, noon, ("1", 1))
    assert balance(mei, noon) == (0, 0, 0)


def test_a_refund_before_completion_ends_as_in_the_right_order(mei, noon):
    take(order(noon, (9_000,), status="paid", completed_at=None), noon)
    refund("R-1", 9_000, noon, ("1", 9_000))
    complete_order(external_id="O-1", completed_at=noon, at=noon, actor="test")

    stored = Order.objects.get()
    assert (stored.points_earned, stored.points_clawed_back) == (90, 90)
    assert balance(mei, noon) == (0, 0, 0)


def test_an_order_paid_with_points_earns_on_the_rest_and_returns_them_to_their_lots(mei, noon):
    take(order(noon, (100_000,)), noon)  # 1,000 points
    hold = ledger.hold_points(
        member=mei.pk, points=400, reference="cart", expires_in=timedelta(hours=1), at=noon,
        actor="test",
    )  # fmt: skip
    incoming = order(noon, (1_000,), external_id="O-2", hold_id=hold)
    # 400 points are worth 4.00: 6.00 of 10.00 count
    assert take(incoming, noon).points_earned == 6
    assert balance(mei, noon) == (606, 0, 0)

    done = refund("R-1", 1_000, noon + timedelta(days=2), ("1", 1_000), order_id="O-2")
    assert (done.points_returned, done.points_clawed_back) == (400, 6)
    assert balance(mei, noon + timedelta(days=2)) == (1_000, 0, 0)


def test_a_shortfall_may_be_netted_against_the_cash(mei, noon):
    take(order(noon, (7_000,)), noon)
    ledger.spend(member=mei.pk, points=50, key=str(uuid.uuid4()), at=noon, actor="test")

    done = refund("R-1", 7_000, noon, ("1", 7_000), shortfall="net")

    # 20 are left and taken; 50 at 100 per yuan are 0.50 of the cash
    assert (done.points_clawed_back, done.points_uncovered, done.cash_netted_cents) == (20, 50, 50)
    assert balance(mei, noon) == (0, 0, 0)


def test_proportional_clawback_follows_the_value_of_the_order(mei, noon):
    change_program(changes={"clawback": {"share": "proportional"}}, at=noon)
    take(order(noon, (1_050,), (9_960,)), noon)
    # 10.50 of 110.10 of 110 points: floor(10.49) = 10
    assert refund("R-1", 1_050, noon, ("1", 1_050)).points_clawed_back == 10
    assert refund("R-2", 9_960, noon, ("2", 9_960)).points_clawed_back == 100
