"""What tiers give beside more points for orders: at check-in, and on the birthday."""

from datetime import date, timedelta

import pytest

from points.budget.actions import set_budget
from points.budget.calculations import BudgetTerms
from points.checkin.actions import make_up
from points.checkin.models import CheckIn
from points.checkin.queries import get_overview
from points.flows.birthday_gifts import give_birthday_gifts
from points.flows.books_checked import check_books
from points.flows.member_checked_in import check_member_in
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.ledger.models import Lot, Transaction
from points.ledger.queries import default_funding_source
from points.members.models import Member
from points.program.actions import change_program, renew_revision
from points.tiers.actions import change_tier, create_tier, set_by_hand
from tests.flows.test_orders import balance

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def gold(mei, noon):
    """Mei is on gold: 5 more a check-in, 88 on her birthday, 1 March."""
    create_tier(fields={"code": "plain", "threshold": 0}, at=noon)
    benefits = {"checkin_bonus_points": 5, "birthday_points": 88}
    create_tier(fields={"code": "gold", "threshold": 900, "benefits": benefits}, at=noon)
    until = noon + 900 * DAY
    set_by_hand(member_id=mei.pk, code="gold", until=until, reason="r", at=noon, actor="t")
    Member.objects.update(birthday=date(1990, 3, 1))
    mei.refresh_from_db()


def test_a_check_in_gives_the_extra_of_the_tier(mei, gold, noon):
    row = check_member_in(member_id=mei.pk, at=noon, actor="t")
    assert (row.base_points, row.tier_points, row.points) == (1, 5, 6)
    assert balance(mei, noon) == (6, 0, 0)
    assert sorted(Lot.objects.values_list("granted", flat=True)) == [1, 5]
    ahead = get_overview(member=mei, month=None, at=noon).ahead
    assert [one.points for one in ahead[:3]] == [6, 7, 7]


def test_a_day_made_up_for_gives_none_and_a_replaced_base_still_does(mei, gold, noon):
    rule = {
        "milestones": [{"kind": "cumulative", "days": 2, "points": 10}],
        "milestones_replace_base": True, "make_up_points": 0,
    }  # fmt: skip
    change_program(changes={"checkin": rule}, at=noon)
    Member.objects.update(joined_at=noon - 9 * DAY)
    check_member_in(member_id=mei.pk, at=noon, actor="t")
    row = check_member_in(member_id=mei.pk, at=noon + DAY, actor="t")
    assert (row.base_points, row.tier_points, row.points) == (0, 5, 15)
    missed = make_up(member_id=mei.pk, day=date(2026, 2, 28), at=noon + DAY, actor="t")
    assert missed.tier_points == 0


def test_members_without_that_tier_and_shops_without_tiers_give_none(mei, gold, noon):
    ann = join_member(external_id="ann", at=noon)
    assert check_member_in(member_id=ann.pk, at=noon, actor="t").points == 1
    change_program(changes={"tiers": {"is_on": False}}, at=noon)
    assert check_member_in(member_id=mei.pk, at=noon, actor="t").points == 1


def test_a_budget_that_is_used_up_cuts_the_extra(mei, gold, noon):
    payer = default_funding_source()
    set_budget(owner=f"funding:{payer.id}", terms=BudgetTerms(points=3, on_limit="stop"), at=noon)
    renew_revision()
    check_member_in(member_id=mei.pk, at=noon, actor="t")
    row = CheckIn.objects.get()
    assert (row.base_points, row.tier_points) == (1, 0)
    assert balance(mei, noon) == (1, 0, 0)


def test_the_birthday_gift_comes_once_a_year_on_the_local_day(mei, gold, noon):
    midnight = noon - timedelta(hours=12)
    assert give_birthday_gifts(at=midnight - timedelta(seconds=1)) == 0
    assert [give_birthday_gifts(at=at) for at in (midnight, noon, noon)] == [1, 0, 0]
    assert balance(mei, noon) == (88, 0, 0)
    row = Transaction.objects.get(kind="earn")
    assert (row.occurred_at, row.source_type) == (midnight, "birthday_tier")
    assert give_birthday_gifts(at=noon + DAY) == 0
    assert give_birthday_gifts(at=noon + 365 * DAY) == 1


def test_born_on_29_february_it_comes_on_the_28th(mei, gold, noon):
    Member.objects.update(birthday=date(2000, 2, 29))
    assert give_birthday_gifts(at=noon) == 0
    assert give_birthday_gifts(at=noon + 364 * DAY) == 1  # 28 February 2027


def test_only_tiers_that_give_one_and_in_batches(mei, gold, noon):
    for i in range(5):
        join_member(external_id=f"m{i}", at=noon, birthday=date(1999, 3, 1))
    assert give_birthday_gifts(at=noon, limit=2) == 1
    change_tier(code="plain", changes={"benefits": {"birthday_points": 8}})
    assert give_birthday_gifts(at=noon, limit=2) == 5


def test_two_members_who_become_one_have_one_birthday(mei, gold, noon):
    ann = join_member(external_id="ann", at=noon, birthday=date(1990, 3, 1))
    change_tier(code="plain", changes={"benefits": {"birthday_points": 8}})
    Member.objects.filter(pk=mei.pk).update(birthday=date(1990, 5, 5))
    assert give_birthday_gifts(at=noon) == 1
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    Member.objects.filter(pk=mei.pk).update(birthday=date(1990, 3, 1))
    assert give_birthday_gifts(at=noon) == 0
