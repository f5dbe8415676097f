"""Points become cash at the merchant's rate, within caps, and nothing is lost on the way."""

from datetime import timedelta

import pytest

from kernel.ids import new_id
from points.cash.actions import Gift, exchange, give
from points.cash.calculations import cents_for, most_points, smallest_of, step_of
from points.cash.errors import CapReached, CashClosed, ExchangeUneven
from points.cash.models import ExchangeCount
from points.cash.queries import get_terms
from points.ledger.errors import FundingSourceNotFound, InsufficientPoints, KeyConflict
from points.ledger.models import Lot, Posting, Transaction
from points.program.calculations import Cash


def swap(member, points, at, exchange_id=None):
    return exchange(
        member_id=member.pk, points=points, exchange_id=exchange_id or new_id(), at=at, actor="t"
    )


def test_500_points_are_5_yuan(rich, wallet, noon):
    made = swap(rich, 500, noon)
    assert (made.points, made.cents) == (500, 500)
    assert wallet(rich) == (9_500, 5_500)
    lot = Lot.objects.get(transaction_id=made.grant_id)
    assert (lot.expires_at, lot.unit_cost_micros, lot.is_mature) == (None, 1_000_000, True)
    legs = dict(Posting.objects.filter(transaction=made.grant_id).values_list("account", "amount"))
    assert legs == {"available": 500, "issuance:merchant": -500}


def test_told_again_it_is_the_same_exchange(rich, wallet, noon):
    name = new_id()
    first, again = (swap(rich, 500, noon, name) for _ in range(2))
    assert first == again and wallet(rich) == (9_500, 5_500)
    assert dict(ExchangeCount.objects.values_list("scope", "cents")) == {
        "total": 500, "2026-03-01": 500,
    }  # fmt: skip
    with pytest.raises(KeyConflict):
        swap(rich, 600, noon, name)


@pytest.mark.parametrize("points", [0, 99, 150])
def test_only_whole_steps_from_the_minimum_on(rich, wallet, noon, points):
    with pytest.raises(ExchangeUneven) as refused:
        swap(rich, points, noon)
    assert refused.value.facts == {"smallest": 100, "step": 100}
    assert wallet(rich) == (10_000, 5_000)


def test_more_than_one_has_is_refused(rich, wallet, noon):
    with pytest.raises(InsufficientPoints):
        swap(rich, 10_100, noon)
    assert wallet(rich) == (10_000, 5_000)


def test_a_shop_without_cash_exchanges_nothing(mei, noon):
    with pytest.raises(CashClosed):
        swap(mei, 100, noon)


def test_the_caps_of_a_member_follow_local_days_and_months(rich, rules, noon):
    """12:00 on 1 March in Shanghai; the day ends 12 hours later."""
    rules(member_daily_cents=500, member_monthly_cents=800)
    swap(rich, 400, noon)
    with pytest.raises(CapReached) as day:
        swap(rich, 200, noon)
    assert day.value.facts == {"period": "member_day", "limit_cents": 500, "left_cents": 100}
    tomorrow = noon + timedelta(hours=12)
    with pytest.raises(CapReached) as month:
        swap(rich, 500, tomorrow)
    assert month.value.facts == {"period": "member_month", "limit_cents": 800, "left_cents": 400}
    swap(rich, 400, tomorrow)
    swap(rich, 500, noon + timedelta(days=31))


def test_the_caps_of_the_shop_are_everybodys(rich, rules, wallet, noon):
    rules(shop_daily_cents=700, shop_total_cents=1_000)
    swap(rich, 600, noon)
    with pytest.raises(CapReached) as day:
        swap(rich, 200, noon)
    assert day.value.facts == {"period": "shop_day", "limit_cents": 700, "left_cents": 100}
    tomorrow = noon + timedelta(days=1)
    with pytest.raises(CapReached) as total:
        swap(rich, 500, tomorrow)
    assert total.value.facts == {"period": "shop_total", "limit_cents": 1_000, "left_cents": 400}
    assert wallet(rich) == (9_400, 5_600)


def test_what_can_be_exchanged_is_said_before(rich, rules, noon):
    rules(member_daily_cents=750, shop_total_cents=9_000, step_points=50)
    terms = get_terms(member=rich.pk, at=noon)
    assert (terms.max_points, terms.max_cents, terms.left_cents) == (750, 750, 750)
    swap(rich, terms.max_points, noon)
    after = get_terms(member=rich.pk, at=noon)
    assert (after.max_points, after.left_cents) == (0, 0)


@pytest.mark.parametrize(
    ("per_unit", "step", "digits", "expected"),
    [(100, 100, 2, 100), (1_000, 25, 2, 50), (3, 1, 2, 3), (250, 10, 2, 10), (1_000, 1, 0, 1_000)],
)
def test_steps_are_whole_minor_units(per_unit, step, digits, expected):
    rule = Cash(points_per_unit=per_unit, step_points=step, min_points=1)
    assert step_of(rule, digits) == expected
    assert smallest_of(rule, digits) == expected
    assert expected * 10**digits % per_unit == 0
    assert cents_for(expected, rule, digits) * per_unit == expected * 10**digits


def test_the_most_is_the_tightest_of_all():
    rule = Cash(points_per_unit=100, step_points=100, min_points=300)
    assert most_points(10_000, [555, 9_000], rule, 2) == 500
    assert most_points(450, [], rule, 2) == 400
    assert most_points(299, [], rule, 2) == 0
    assert most_points(10_000, [299], rule, 2) == 0


def test_cash_is_given_once_for_its_source(mei, noon, wallet, rules):
    gift = Gift(member=mei.pk, cents=888, source="game", source_id=new_id(), note="幸运转盘")
    assert [one.is_new for _ in range(2) for one in give(gifts=[gift], at=noon, actor="t")] == [
        True,
        False,
    ]
    assert wallet(mei) == (0, 888)
    with pytest.raises(KeyConflict):
        other = Gift(member=mei.pk, cents=999, source="game", source_id=gift.source_id)
        give(gifts=[other], at=noon, actor="t")
    with pytest.raises(FundingSourceNotFound):
        give(
            gifts=[Gift(member=mei.pk, cents=1, source="x", source_id=new_id(), funding_source="?")],
            at=noon, actor="t",
        )  # fmt: skip
    assert Transaction.objects.filter(kind="earn").count() == 1
