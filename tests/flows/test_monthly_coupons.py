"""The coupon of a tier: one a member and local month, whenever the job comes and whatever happens."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.coupons.actions import void
from points.coupons.models import Coupon
from points.coupons.templates import change_template, stop_template
from points.flows import monthly_coupons
from points.flows.books_checked import check_books
from points.flows.member_erased import erase_member
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.monthly_coupons import BATCH, give_monthly_coupons
from points.flows.order_received import take_order
from points.members.errors import MemberMerged
from points.program.actions import change_program
from points.program.queries import get_program
from points.tiers.actions import change_tier, create_tier, release, set_by_hand
from points.tiers.models import TierCouponRun
from points.tiers.queries import coupon_runs
from tests.coupons.conftest import template
from tests.races.conftest import order

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_right(shop):
    yield
    assert check_books() == []


@pytest.fixture
def ladder(mei, noon):
    """Silver from 500 gives `twenty`, gold from 1,000 gives `fifty`; Mei is on neither."""
    template(), template("fifty", amount_cents=5_000)
    create_tier(fields={"code": "plain", "threshold": 0}, at=noon)
    for code, threshold, coupon in (("silver", 500, "twenty"), ("gold", 1_000, "fifty")):
        benefits = {"monthly_coupon": coupon}
        create_tier(fields={"code": code, "threshold": threshold, "benefits": benefits}, at=noon)


def spend(member, name, cents, at):
    bought = order(name, member=member.external_id, cents=cents)
    take_order(order=bought, create_member=False, at=at, actor="t")


def put(member, tier, at, days=900):
    until = at + days * DAY
    set_by_hand(member_id=member.pk, code=tier, until=until, reason="r", at=at, actor="t")


def had(member):
    """The templates of a member's coupons, oldest first, with their keys' months."""
    rows = Coupon.objects.filter(member_id=member.pk).select_related("template").order_by("id")
    return [(row.template.code, row.source_id[:7]) for row in rows]


def figures(noon):
    month = get_program().calendar.day_of(noon)
    return {
        run.tier.code: (run.issued_count, run.missed_count, run.missed_reason)
        for run in coupon_runs(month=month).values()
    }


def test_an_upgrade_gives_the_months_coupon_at_once_and_the_month_only_one(mei, ladder, noon):
    assert give_monthly_coupons(at=noon) == 0
    spend(mei, "O-1", 50_000, noon)
    assert [give_monthly_coupons(at=noon + i * DAY) for i in (0, 0, 1, 29)] == [1, 0, 0, 0]
    spend(mei, "O-2", 50_000, noon + 29 * DAY)
    assert give_monthly_coupons(at=noon + 30 * DAY) == 0  # gold on 31 March: had silver's
    assert had(mei) == [("twenty", "2026-03")]
    row = Coupon.objects.get()
    assert (row.source, row.source_id) == ("tier_monthly", f"2026-03:{mei.pk}")
    assert figures(noon) == {"silver": (1, 0, ""), "gold": (0, 0, "")}


def test_the_month_turns_at_the_merchants_midnight(mei, ladder, noon):
    put(mei, "gold", noon)
    assert give_monthly_coupons(at=noon) == 1
    midnight = noon - timedelta(hours=12) + 31 * DAY  # 1 April in Shanghai, 31 March in UTC
    assert give_monthly_coupons(at=midnight - timedelta(seconds=1)) == 0
    assert give_monthly_coupons(at=midnight) == 1
    assert had(mei) == [("fifty", "2026-03"), ("fifty", "2026-04")]
    assert figures(midnight)["gold"] == (1, 0, "")


def test_days_that_begin_later_turn_the_month_later(mei, ladder, noon):
    change_program(changes={"day_start_hour": 4}, at=noon)
    put(mei, "gold", noon)
    four = noon - timedelta(hours=8) + 31 * DAY
    given = [give_monthly_coupons(at=at) for at in (noon, four - timedelta(seconds=1), four)]
    assert given == [1, 0, 1]


def test_a_run_that_comes_late_gives_the_month_it_is(mei, ladder, noon):
    put(mei, "gold", noon)
    assert give_monthly_coupons(at=noon + 19 * DAY) == 1
    assert give_monthly_coupons(at=noon + 200 * DAY) == 1
    assert had(mei) == [("fifty", "2026-03"), ("fifty", "2026-09")]


def test_everybody_on_the_first_tier_and_who_joins_it(mei, ladder, noon):
    change_tier(code="plain", changes={"benefits": {"monthly_coupon": "twenty"}})
    many = [join_member(external_id=f"m{i}", at=noon) for i in range(4)]
    put(many[0], "gold", noon)
    assert give_monthly_coupons(at=noon, limit=2) == 5
    assert (had(mei), had(many[0])) == ([("twenty", "2026-03")], [("fifty", "2026-03")])
    late = join_member(external_id="late", at=noon)
    assert [give_monthly_coupons(at=noon), give_monthly_coupons(at=noon)] == [1, 0]
    assert had(late) == [("twenty", "2026-03")]
    release(member_id=many[0].pk, reason="r", at=noon, actor="t")
    assert give_monthly_coupons(at=noon + DAY) == 0


def test_a_coupon_set_within_the_month_reaches_who_has_none(mei, ladder, noon):
    ann = join_member(external_id="ann", at=noon)
    put(mei, "gold", noon), put(ann, "silver", noon)
    assert give_monthly_coupons(at=noon) == 2
    template("ten", amount_cents=1_000)
    for code in ("plain", "silver"):
        change_tier(code=code, changes={"benefits": {"monthly_coupon": "ten"}})
    lin = join_member(external_id="lin", at=noon)
    assert give_monthly_coupons(at=noon) == 1
    assert (had(ann), had(lin)) == ([("twenty", "2026-03")], [("ten", "2026-03")])


def test_a_voided_one_was_the_months(mei, ladder, noon):
    put(mei, "gold", noon)
    give_monthly_coupons(at=noon)
    void(codes=[Coupon.objects.get().code], at=noon, actor="t")
    assert give_monthly_coupons(at=noon + DAY) == 0


def test_a_stopped_template_harms_nobody_and_is_looked_at_again(mei, ladder, noon):
    ann = join_member(external_id="ann", at=noon)
    put(mei, "gold", noon), put(ann, "gold", noon)
    stop_template(code="fifty", at=noon)
    assert give_monthly_coupons(at=noon, limit=1) == 0
    assert figures(noon)["gold"] == (0, 2, "inactive")
    assert give_monthly_coupons(at=noon, limit=1) == 0
    assert figures(noon)["gold"] == (0, 2, "inactive")
    change_tier(code="gold", changes={"benefits": {"monthly_coupon": "twenty"}})
    assert give_monthly_coupons(at=noon) == 2
    assert figures(noon)["gold"] == (2, 0, "")


def test_those_who_came_too_late_for_the_total_are_counted_and_get_theirs_later(mei, ladder, noon):
    many = [mei, *(join_member(external_id=f"m{i}", at=noon) for i in range(6))]
    for one in many:
        put(one, "gold", noon - DAY)
    change_template(code="fifty", changes={"total": 3}, at=noon)
    assert give_monthly_coupons(at=noon, limit=2) == 3
    assert figures(noon)["gold"] == (3, 4, "exhausted")
    change_template(code="fifty", changes={"total": 5}, at=noon)
    assert give_monthly_coupons(at=noon, limit=2) == 0  # looked at again tomorrow
    assert give_monthly_coupons(at=noon + DAY, limit=2) == 2
    assert figures(noon)["gold"] == (5, 2, "exhausted")
    assert sorted(len(had(one)) for one in many) == [0, 0, 1, 1, 1, 1, 1]


def test_a_limit_per_member_ends_it_and_says_so(mei, ladder, noon):
    put(mei, "gold", noon)
    change_template(code="fifty", changes={"per_member": 1}, at=noon)
    april = noon + 31 * DAY
    assert [give_monthly_coupons(at=noon), give_monthly_coupons(at=april)] == [1, 0]
    assert figures(april)["gold"] == (0, 1, "limit")


def test_two_who_become_one_have_one(mei, ladder, noon):
    ann = join_member(external_id="ann", at=noon)
    put(ann, "gold", noon)
    assert give_monthly_coupons(at=noon) == 1
    merge_members(loser=ann.pk, into=mei.pk, at=noon, actor="t")
    assert [give_monthly_coupons(at=noon), give_monthly_coupons(at=noon + DAY)] == [0, 0]
    assert had(mei) == [("fifty", "2026-03")]


def test_one_merged_while_being_looked_at_is_left_out(mei, ladder, noon, monkeypatch):
    ann = join_member(external_id="ann", at=noon)
    put(mei, "gold", noon), put(ann, "gold", noon)
    lock, calls = monthly_coupons.ledger.lock_wallets, []

    def merged_before_the_lock(*, members):
        calls.append(members)
        if len(calls) == 1:
            raise MemberMerged(member_id=str(mei.pk))
        return lock(members=members)

    monkeypatch.setattr(monthly_coupons.ledger, "lock_wallets", merged_before_the_lock)
    assert give_monthly_coupons(at=noon) == 2
    assert len(calls[0]) == 2


def test_nobody_who_was_erased_gets_one(mei, ladder, noon):
    put(mei, "gold", noon)
    erase_member(member_id=mei.pk, forfeit=True, at=noon, actor="t")
    assert [give_monthly_coupons(at=noon), give_monthly_coupons(at=noon + DAY)] == [0, 0]
    assert figures(noon)["gold"] == (0, 0, "")


def test_a_sweep_that_is_behind_the_day_of_another_does_nothing(mei, ladder, noon):
    april = noon + 31 * DAY
    assert give_monthly_coupons(at=april) == 0
    put(mei, "gold", noon)
    assert give_monthly_coupons(at=noon) == 0
    assert {run.day.month for run in TierCouponRun.objects.all()} == {4}
    assert give_monthly_coupons(at=april) == 1


def test_tiers_that_are_off_and_ladders_without_coupons_ask_little(mei, noon):
    create_tier(fields={"code": "plain", "threshold": 0}, at=noon)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert give_monthly_coupons(at=noon) == 0
    assert len(asked) <= 2
    change_tier(code="plain", changes={"benefits": {"monthly_coupon": "gone"}})
    change_program(changes={"tiers": {"is_on": False}}, at=noon)
    assert give_monthly_coupons(at=noon) == 0
    change_program(changes={"tiers": {"is_on": True}}, at=noon)
    assert give_monthly_coupons(at=noon) == 0
    assert figures(noon) == {"plain": (0, 1, "inactive")}


def test_the_number_of_queries_does_not_grow_with_the_members(mei, ladder, noon):
    def asked(count):
        for i in range(count):
            put(join_member(external_id=f"{count}-{i}", at=noon), "gold", noon)
        with CaptureQueriesContext(connection) as queries:
            assert give_monthly_coupons(at=noon) == count
        return len(queries)

    give_monthly_coupons(at=noon)
    assert BATCH > 40
    assert asked(2) == asked(40)
