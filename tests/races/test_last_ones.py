"""The last unit, the last points, the last of a limit: exactly one caller gets it."""

import pytest

from points.ledger import actions as ledger
from points.ledger.models import Hold, Transaction
from points.redemption.actions import cancel_redemption, fulfil_redemption, redeem
from points.redemption.models import MallItem, Redemption
from tests.races.conftest import AT, balance, kinds


def redeeming(member, item, quantity=1):
    return redeem(member_id=member.pk, item_id=item.pk, quantity=quantity, at=AT, actor="test")


@pytest.mark.parametrize("round_", range(2))
def test_the_last_unit_goes_to_one_of_64_and_the_others_lose_nothing(race, members, item, round_):
    mug, crowd = item(stock=1), members(64, points=10)

    results = race(lambda i: redeeming(crowd[i], mug), 64)

    assert kinds(results) == {"OutOfStock": 63, "Redemption": 1}
    assert sorted(balance(m)[0] for m in crowd) == [0] + [10] * 63
    row = MallItem.objects.get()
    assert (row.stock, row.redeemed_count) == (0, 1)
    assert Transaction.objects.filter(kind="spend").count() == 1


def test_ten_units_go_to_ten_of_32(race, members, item):
    mug, crowd = item(stock=10), members(32, points=10)
    results = race(lambda i: redeeming(crowd[i], mug))
    assert kinds(results) == {"OutOfStock": 22, "Redemption": 10}
    assert MallItem.objects.get().stock == 0


def test_the_last_points_of_a_member_are_spent_once(race, members, item):
    mug, (mei,) = item(), members(1, points=10)
    results = race(lambda i: redeeming(mei, mug), 64)
    assert kinds(results) == {"InsufficientPoints": 63, "Redemption": 1}
    assert balance(mei) == (0, 0, 0, 0)


def test_points_are_spent_held_and_redeemed_at_once_but_never_twice(race, members, item):
    from datetime import timedelta

    mug, (mei,) = item(), members(1, points=105)

    def job(i):
        if i % 3 == 0:
            return ledger.spend(member=mei.pk, points=10, key=f"s{i}", at=AT, actor="t")
        if i % 3 == 1:
            return redeeming(mei, mug)
        return ledger.hold_points(
            member=mei.pk, points=10, reference="r", expires_in=timedelta(hours=1), at=AT, actor="t"
        )

    results = race(job)
    assert kinds(results)["InsufficientPoints"] == 22
    spent = Transaction.objects.filter(kind="spend").count()
    assert spent + Hold.objects.count() == 10
    assert balance(mei) == (5, 0, 10 * Hold.objects.count(), 0)


def test_a_limit_per_member_holds(race, members, item):
    mug, (mei,) = item(per_member_limit=2), members(1, points=1_000)
    results = race(lambda i: redeeming(mei, mug))
    assert kinds(results) == {"LimitReached": 30, "Redemption": 2}
    assert balance(mei) == (980, 0, 0, 0)


@pytest.mark.parametrize("round_", range(3))
def test_a_redemption_is_cancelled_or_fulfilled_never_both(race, members, item, round_):
    mug, (mei,) = item(stock=1), members(1, points=10)
    made = redeeming(mei, mug)

    def job(i):
        if i % 2:
            return cancel_redemption(redemption_id=made.pk, at=AT, actor="test")
        return fulfil_redemption(redemption_id=made.pk, at=AT, actor="test")

    results = race(job)

    state = Redemption.objects.get().status
    lost = {"cancelled": "NotFulfillable", "fulfilled": "NotCancellable"}[state]
    assert kinds(results) == {lost: 16, "Redemption": 16}
    assert balance(mei)[0] == (10 if state == "cancelled" else 0)
    assert MallItem.objects.get().stock == (1 if state == "cancelled" else 0)
    assert Transaction.objects.filter(kind="refund_spent").count() == (state == "cancelled")


def test_a_unit_that_comes_back_is_sold_once_more(race, members, item):
    mug, crowd = item(stock=1), members(32, points=10)
    first = redeeming(crowd[0], mug)

    def job(i):
        if i == 0:
            return cancel_redemption(redemption_id=first.pk, at=AT, actor="test")
        return redeeming(crowd[i], mug)

    race(job)
    kept = Redemption.objects.exclude(status="cancelled").count()
    assert MallItem.objects.get().stock == 1 - kept and kept in (0, 1)


def test_a_hold_is_captured_or_released_never_both(race, members):
    from datetime import timedelta

    (mei,) = members(1, points=100)
    hold = ledger.hold_points(
        member=mei.pk, points=60, reference="r", expires_in=timedelta(hours=1), at=AT, actor="t"
    )

    def job(i):
        if i % 2:
            return ledger.capture_hold(hold=hold, at=AT, actor="t")
        return ledger.release_hold(hold=hold, at=AT, actor="t")

    results = race(job)

    captured = Hold.objects.get().status == "captured"
    if captured:
        assert kinds(results) == {"HoldNotOpen": 16, "Posted": 16}
        assert sum(r.is_new for r in results[1::2]) == 1
    else:
        assert kinds(results) == {"HoldNotOpen": 16, "bool": 16}
        assert sum(results[::2]) == 1
    assert balance(mei) == (40 if captured else 100, 0, 0, 0)
    ended = Transaction.objects.filter(kind__in=["capture", "release"]).count()
    assert ended == 1
