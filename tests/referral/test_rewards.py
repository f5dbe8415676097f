"""Both sides are rewarded for a first order that is kept: the numbers of docs/algorithms/referral.md."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.models import OutboxEvent
from points.budget.calculations import BudgetTerms
from points.earning import actions as earning
from points.flows.checkout import CheckoutAsk, Wanted, place_order, quote_checkout
from points.flows.funding import put_payer
from points.flows.member_erased import erase_member
from points.flows.order_completed import complete_order
from points.flows.referral_rewarded import reward_due
from points.flows.time_moved import run_due_jobs
from points.ledger.models import Lot, Transaction
from points.members.actions import change_member
from points.referral.models import Referral
from tests.checkout.conftest import shelf  # noqa: F401
from tests.referral.conftest import DAY, order, points, refund
from tests.support.shop_orders import HOME, paid_order

pytestmark = pytest.mark.usefixtures("books_are_right", "rewards")
# Completed on 1 March at noon in Shanghai: the 8th is the last day to return anything.
CLOSES = datetime(2026, 3, 8, 16, tzinfo=UTC)


def state():
    return Referral.objects.values_list(
        "status", "reason", "inviter_points", "invitee_points"
    ).get()


def test_100_and_50_when_the_return_window_closes(mei, noon, invite):
    tao = invite(mei, "tao")
    assert (points(mei, noon), points(tao, noon)) == (0, 0)  # no reward for a head
    order("O-1", tao, noon)
    reward_due(at=CLOSES - timedelta(seconds=1))
    assert state() == ("ordered", "", 0, 0)
    run_due_jobs(at=CLOSES)
    assert state() == ("rewarded", "", 100, 50)
    # Tao's order of 100.00 earned 100 itself.
    assert (points(mei, CLOSES), points(tao, CLOSES)) == (100, 150)
    assert Referral.objects.get().decided_at == CLOSES
    reward_due(at=CLOSES + DAY)
    assert points(mei, CLOSES + DAY) == 100
    told = OutboxEvent.objects.get(topic="referral.qualified").payload
    assert (told["inviter_id"], told["inviter_points"]) == (str(mei.pk), 100)


def test_a_job_that_comes_late_dates_the_reward_when_it_was_due(mei, noon, invite):
    order("O-1", invite(mei, "tao"), noon)
    reward_due(at=CLOSES + 30 * DAY)
    given = Transaction.objects.get(source_type="referral")
    assert (given.occurred_at, given.amount) == (CLOSES, 100)
    ends = Lot.objects.get(transaction=given).expires_at
    assert ends == datetime(2027, 3, 9, 16, tzinfo=UTC)  # twelve months on, like all points


def test_a_paid_order_rewards_nobody_before_it_is_completed(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon, status="paid")
    reward_due(at=CLOSES + 30 * DAY)
    assert state()[0] == "ordered"
    complete_order(external_id="O-1", completed_at=noon + 20 * DAY, at=noon + 31 * DAY, actor="t")
    reward_due(at=noon + 31 * DAY)
    assert state() == ("rewarded", "", 100, 50)


def test_what_came_back_in_full_counts_for_nothing_but_the_next_order_may(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon)
    refund("R-1", "O-1", noon + DAY, cents=10_000)
    reward_due(at=CLOSES)
    assert state() == ("ordered", "", 0, 0)
    order("O-2", tao, noon + 10 * DAY)
    reward_due(at=CLOSES + 10 * DAY)
    assert state() == ("rewarded", "", 100, 50)
    assert str(Referral.objects.get().order_id) != ""


def test_the_minimum_is_of_what_was_kept_and_paid_in_money(mei, noon, rewards, invite):
    """100.00 less a coupon of 20.00; half goes back: 40.00 was paid for what is kept."""
    rewards(min_order_cents=4_000)
    order("O-1", invite(mei, "tao"), noon, 5_000, 5_000, discount=2_000)
    refund("R-1", "O-1", noon + DAY, ("2", 5_000))
    reward_due(at=CLOSES)
    assert state() == ("rewarded", "", 100, 50)


def test_a_cent_less_than_the_minimum_is_too_little(mei, noon, rewards, invite):
    rewards(min_order_cents=4_001)
    order("O-1", invite(mei, "tao"), noon, 5_000, 5_000, discount=2_000)
    refund("R-1", "O-1", noon + DAY, ("2", 5_000))
    reward_due(at=CLOSES)
    assert state() == ("ordered", "", 0, 0)
    reward_due(at=noon + 91 * DAY)
    assert state() == ("ended", "not_kept", 0, 0)


def test_ninety_days_to_order(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon + 90 * DAY + timedelta(seconds=1))
    reward_due(at=noon + 120 * DAY)
    assert state() == ("ended", "no_order", 0, 0)
    assert Referral.objects.get().decided_at == noon + 90 * DAY


def test_an_order_of_the_last_day_is_waited_for(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon + 90 * DAY)
    reward_due(at=noon + 92 * DAY)
    assert state()[0] == "ordered"
    reward_due(at=CLOSES + 90 * DAY)
    assert state() == ("rewarded", "", 100, 50)


def test_an_inviter_is_rewarded_so_many_times_a_month(mei, noon, rewards, invite):
    rewards(inviter_monthly_rewards=2)
    for i in range(3):
        order(f"O-{i}", invite(mei, f"guest{i}"), noon + i * timedelta(minutes=1))
    later = invite(mei, "later", at=noon)
    order("O-9", later, noon + 25 * DAY)
    reward_due(at=noon + 60 * DAY)
    rows = Referral.objects.order_by("id").values_list("reason", "inviter_points", "invitee_points")
    # The third of March is one too many; the fourth is of April. Guests get theirs in any case.
    assert list(rows) == [("", 100, 50), ("", 100, 50), ("monthly_limit", 0, 50), ("", 100, 50)]


def test_the_budget_of_who_pays_is_a_limit(mei, noon, rewards, invite):
    put_payer(
        code="growth", name="Growth", at=noon, unit_cost_micros=0,
        terms=BudgetTerms(points=120, period="month", on_limit="stop_bonus"),
    )  # fmt: skip
    rewards(funding_source="growth")
    order("O-1", invite(mei, "tao"), noon)
    reward_due(at=CLOSES)
    assert state()[0] == "rewarded"
    assert sum(state()[2:]) <= 120
    assert Lot.objects.filter(funding_source__code="growth").count() >= 1


def test_an_address_learned_later_ends_it(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon)
    change_member(member_id=mei.pk, changes={"email": "mei@tea.example"}, at=noon)
    change_member(member_id=tao.pk, changes={"email": "mei+2@tea.example"}, at=noon)
    reward_due(at=CLOSES)
    assert state() == ("ended", "same_contact", 0, 0)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(("1 Tea Road", "1  tea ROAD"), ("ended", "same_contact", 0, 0)),
     (("1 Tea Road", "2 Tea Road"), ("rewarded", "", 100, 50))],
)  # fmt: skip
def test_one_address_of_shop_orders_ends_it(mei, noon, invite, shelf, lines, expected):  # noqa: F811
    tao = invite(mei, "tao")
    for member, line in zip((mei, tao), lines, strict=True):
        paid_order(member=member.pk, variant=shelf["TEA"].pk, at=noon, note=line)
    order("O-1", tao, noon)
    reward_due(at=CLOSES)
    assert state() == expected


def test_an_order_nobody_paid_tells_no_address(mei, noon, invite, shelf):  # noqa: F811
    tao = invite(mei, "tao")
    for member in (mei, tao):
        asked = CheckoutAsk(lines=(Wanted(shelf["TEA"].pk, 1),))
        due = quote_checkout(member_id=member.pk, asked=asked, at=noon).composition.payable_cents
        place_order(
            member_id=member.pk, asked=asked, expected_payable_cents=due, address=HOME, note="",
            at=noon, actor="t",
        )  # fmt: skip
    order("O-1", tao, noon)
    reward_due(at=CLOSES)
    assert state()[0] == "rewarded"


def test_who_was_erased_gets_nothing_the_guest_does(mei, noon, invite):
    tao = invite(mei, "tao")
    order("O-1", tao, noon)
    erase_member(member_id=mei.pk, forfeit=True, at=noon, actor="t")
    reward_due(at=CLOSES)
    assert state() == ("rewarded", "inviter_gone", 0, 50)
    assert points(tao, CLOSES) == 150


def test_rules_of_the_merchant_give_on_top_once(mei, noon, invite):
    document = {
        "name": "Bring a friend", "trigger": "referral.qualified",
        "reward": {"kind": "fixed", "points": 30},
    }  # fmt: skip
    earning.create_rule(code="friend", document=document, at=noon)
    earning.publish_rule(code="friend", effective_from=None, at=noon, actor="t")
    order("O-1", invite(mei, "tao"), noon)
    for _ in range(3):
        reward_due(at=CLOSES)
    assert points(mei, CLOSES) == 130


def test_nothing_is_looked_at_where_it_is_off(
    mei, noon, rewards, invite, django_assert_num_queries
):
    order("O-1", invite(mei, "tao"), noon)
    rewards(is_on=False)
    with django_assert_num_queries(1):
        assert reward_due(at=CLOSES) == 0


def test_many_are_rewarded_in_a_fixed_number_of_queries(
    mei, noon, invite, django_assert_max_num_queries
):
    for i in range(12):
        order(f"O-{i}", invite(mei, f"guest{i}"), noon)
    with django_assert_max_num_queries(24):
        reward_due(at=CLOSES)
    assert points(mei, CLOSES) == 1_200
