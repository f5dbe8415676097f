"""Commission of distributors: the numbers of docs/algorithms/referral.md, to the cent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from kernel.models import OutboxEvent
from points.flows.commission import settle_due
from points.flows.member_erased import erase_member
from points.flows.member_joined import join_member
from points.flows.members_merged import merge_members
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_completed import complete_order
from points.flows.order_exchanged import IncomingExchange, exchange_order
from points.flows.order_received import IncomingLine
from points.flows.order_refunded import IncomingRefundLine
from points.ledger.models import Transaction
from points.program.actions import change_program
from points.program.errors import SettingsContradict
from points.referral import distributors
from points.referral.calculations import commission_of, paid_for_lines
from points.referral.errors import (
    AlreadyDistributor,
    DistributorDecided,
    ParentNotActive,
    TooManyLevels,
)
from points.referral.models import Commission, Distributor
from tests.referral.conftest import DAY, cash, order, refund

pytestmark = pytest.mark.usefixtures("books_are_right", "commission")
CLOSES = datetime(2026, 3, 8, 16, tzinfo=UTC)


def amounts():
    return list(Commission.objects.order_by("level").values_list("level", "amount_cents", "status"))


@pytest.fixture
def tao(mei, admit, invite):
    """A customer whom Mei brought; she is a distributor, below Ann."""
    ann = join_member(external_id="ann", name="Ann", at=datetime(2026, 3, 1, tzinfo=UTC))
    admit(mei, admit(ann, at=datetime(2026, 3, 1, tzinfo=UTC)))
    return invite(mei, "tao")


@pytest.fixture
def ann(tao):
    from points.members.queries import get_by_external_id

    return get_by_external_id(external_id="ann")


def test_five_per_cent_and_two_of_what_was_paid_for_goods(mei, ann, tao, noon):
    """60.00 and 40.00 with a coupon of 10.00: 54.00 and 36.00 were paid; shipping gives nothing."""
    order("O-1", tao, noon, 6_000, 4_000, discount=1_000, shipping_cents=800)
    assert amounts() == [(1, 450, "pending"), (2, 180, "pending")]
    assert (cash(mei, noon), cash(ann, noon)) == ((0, 0), (0, 0))
    settle_due(at=CLOSES - timedelta(seconds=1))
    assert cash(mei, CLOSES) == (0, 0)
    assert settle_due(at=CLOSES) == 2
    assert (cash(mei, CLOSES), cash(ann, CLOSES)) == ((450, 0), (180, 0))
    assert settle_due(at=CLOSES + DAY) == 0
    assert OutboxEvent.objects.filter(topic="commission.settled").count() == 2
    assert set(Transaction.objects.filter(source_type="commission").values_list("occurred_at")) == {
        (CLOSES,)
    }


def test_it_is_floored_for_each_line(mei, tao, noon):
    """Three lines of 3.33 at 5 %: 0.16 each, not 0.49 for all."""
    order("O-1", tao, noon, 333, 333, 333)
    assert amounts()[0] == (1, 48, "pending")


def test_a_refund_in_the_window_lowers_it_and_one_of_all_leaves_nothing(mei, ann, tao, noon):
    order("O-1", tao, noon, 6_000, 4_000, discount=1_000)
    refund("R-1", "O-1", noon + DAY, ("2", 4_000))
    assert amounts() == [(1, 270, "pending"), (2, 108, "pending")]
    refund("R-2", "O-1", noon + 2 * DAY, ("1", 2_000))
    assert amounts() == [(1, 180, "pending"), (2, 72, "pending")]
    refund("R-3", "O-1", noon + 3 * DAY, ("1", 4_000))
    assert amounts() == [(1, 0, "pending"), (2, 0, "pending")]
    settle_due(at=CLOSES)
    assert amounts() == [(1, 0, "void"), (2, 0, "void")]
    assert not Transaction.objects.filter(source_type="commission").exists()


def test_a_refund_after_it_was_paid_takes_it_back_and_owes_what_is_gone(mei, ann, tao, noon):
    from points.ledger import actions as ledger

    order("O-1", tao, noon, 6_000, 4_000, discount=1_000)
    settle_due(at=CLOSES)
    refund("R-1", "O-1", CLOSES, ("2", 4_000))
    assert (cash(mei, CLOSES), cash(ann, CLOSES)) == ((270, 0), (108, 0))
    ledger.spend(member=mei.pk, points=270, unit="cash", key="k", at=CLOSES, actor="t")
    refund("R-2", "O-1", CLOSES + DAY, ("1", 6_000))
    assert (cash(mei, CLOSES + DAY), cash(ann, CLOSES + DAY)) == ((0, 270), (0, 0))
    row = Commission.objects.get(level=1)
    assert (row.paid_cents, row.taken_back_cents, row.amount_cents) == (450, 450, 0)
    # The next commission pays what is owed: 5 % of 100.00 less 2.70.
    order("O-2", tao, CLOSES + DAY)
    settle_due(at=CLOSES + 10 * DAY)
    assert cash(mei, CLOSES + 10 * DAY) == (230, 0)


def test_refunds_in_parts_come_to_the_same_as_in_one(mei, tao, noon):
    order("O-1", tao, noon, 999)
    order("O-2", tao, noon, 999)
    for i, cents in enumerate((100, 233, 333)):
        refund(f"R-{i}", "O-1", noon, ("1", cents))
    refund("R", "O-2", noon, ("1", 666))
    rows = Commission.objects.filter(level=1).values_list("amount_cents", flat=True)
    assert list(rows) == [16, 16]  # 5 % of 3.33


def test_it_is_noted_at_completion_less_what_came_back_before(mei, tao, noon):
    order("O-1", tao, noon, 6_000, 4_000, status="paid")
    assert amounts() == []
    refund("R-1", "O-1", noon, ("2", 4_000))
    complete_order(external_id="O-1", completed_at=noon + DAY, at=noon + DAY, actor="t")
    assert amounts() == [(1, 300, "pending"), (2, 120, "pending")]
    assert {row.closes_at for row in Commission.objects.all()} == {CLOSES + DAY}


def test_a_chargeback_takes_all_and_a_dispute_that_is_won_gives_it_again(mei, tao, noon):
    order("O-1", tao, noon)
    settle_due(at=CLOSES)
    told = IncomingChargeback(external_id="B", charged_back_at=CLOSES)
    charge_back_order(external_id="O-1", chargeback=told, at=CLOSES, actor="t")
    assert cash(mei, CLOSES) == (0, 0)
    reverse_chargeback(
        external_id="O-1", chargeback_id="B", reversed_at=CLOSES, at=CLOSES, actor="t"
    )
    assert cash(mei, CLOSES) == (500, 0)
    row = Commission.objects.get(level=1)
    assert (row.paid_cents, row.taken_back_cents, row.moves) == (1_000, 500, 3)


def test_an_exchange_for_something_cheaper(mei, tao, noon):
    order("O-1", tao, noon, 10_000)
    swap = IncomingExchange(
        external_id="X", exchanged_at=noon + DAY,
        returned=[IncomingRefundLine(external_id="1", quantity=1, amount_cents=10_000)],
        replacements=[IncomingLine(external_id="n", quantity=1, amount_cents=6_000)],
    )  # fmt: skip
    exchange_order(external_id="O-1", exchange=swap, at=noon + DAY, actor="t")
    assert amounts()[0] == (1, 300, "pending")


def test_categories_have_rates_of_their_own(mei, tao, noon, commission):
    commission(category_rates=[
        {"category": "c1", "level1_rate": "0.1", "level2_rate": "0.05"},
        {"category": "c2", "level1_rate": "0"},
    ])  # fmt: skip
    order("O-1", tao, noon, 1_000, 2_000, 3_000)
    # 10 % of 10.00, nothing of 20.00, 5 % of 30.00; above: 5 % of 10.00, 2 % of 30.00.
    assert amounts() == [(1, 250, "pending"), (2, 110, "pending")]


def test_rates_of_the_day_the_order_was_completed_hold(mei, tao, noon, commission):
    order("O-1", tao, noon, 6_000, 4_000)
    commission(level1_rate="0.2")
    refund("R-1", "O-1", noon + DAY, ("2", 4_000))
    assert amounts()[0] == (1, 300, "pending")


@pytest.mark.parametrize(
    "rates",
    [
        {"level1_rate": "0.4", "level2_rate": "0.2"},
        {"level1_rate": "-0.1"},
        {"level1_rate": "0.00001"},
        {"level1_rate": "NaN"},
        {"category_rates": [{"category": "c1", "level1_rate": "0.6"}]},
        {"category_rates": [{"category": "c1", "level1_rate": "0.1"}] * 2},
    ],
)
def test_rates_that_cannot_be(commission, rates):
    with pytest.raises(SettingsContradict):
        commission(**rates)


def test_only_orders_of_guests_and_only_while_one_is_a_distributor(mei, tao, noon, invite):
    stranger = join_member(external_id="stranger", at=noon)
    order("O-1", stranger, noon)
    order("O-2", mei, noon)  # her own
    assert amounts() == []
    row = Distributor.objects.get(member_id=mei.pk)
    distributors.end(distributor_id=row.pk, at=noon, actor_name="Lin", note="moved away")
    order("O-3", tao, noon + DAY)
    assert amounts() == []


def test_what_was_pending_when_it_ended_is_still_paid(mei, tao, noon):
    order("O-1", tao, noon)
    row = Distributor.objects.get(member_id=mei.pk)
    distributors.end(distributor_id=row.pk, at=noon, actor_name="Lin", note="moved away")
    settle_due(at=CLOSES)
    assert cash(mei, CLOSES) == (500, 0)


def test_an_order_placed_before_she_was_admitted_gives_nothing(
    mei, noon, admit, invite, commission
):
    tao = invite(mei, "bob")
    admit(mei, at=noon + DAY)
    order("O-1", tao, noon)
    assert amounts() == []
    order("O-2", tao, noon + 2 * DAY)
    assert amounts() == [(1, 500, "pending")]


def test_no_third_level(mei, ann, tao, noon, admit):
    below = Distributor.objects.get(member_id=mei.pk)
    assert (below.level, below.parent.member_id) == (2, ann.pk)
    with pytest.raises(TooManyLevels):
        admit(tao, below)
    top = Distributor.objects.get(member_id=ann.pk)
    other = admit(join_member(external_id="eve", at=noon))
    with pytest.raises(TooManyLevels):  # Mei would be the third
        distributors.move(distributor_id=top.pk, parent_id=other.pk, at=noon, actor_name="Lin")
    with pytest.raises(TooManyLevels):
        distributors.move(distributor_id=other.pk, parent_id=other.pk, at=noon, actor_name="Lin")


@pytest.mark.parametrize(
    "statement",
    [
        # Whoever stands on level 2 is nobody's parent: neither as level 1, which it is not, …
        "update referral_distributor set parent_id = %(two)s, parent_level = 1, level = 2"
        " where id = %(free)s",
        # … nor as level 2, nor is there a level 3.
        "update referral_distributor set parent_id = %(two)s, parent_level = 2, level = 2"
        " where id = %(free)s",
        "update referral_distributor set parent_id = %(two)s, parent_level = 2, level = 3"
        " where id = %(free)s",
        # Who has somebody below stays on level 1.
        "update referral_distributor set parent_id = %(free)s, parent_level = 1, level = 2"
        " where id = %(one)s",
        "insert into referral_commission (id, order_id, member_id, level, rate, category_rates,"
        " base_cents, amount_cents, paid_cents, taken_back_cents, moves, status, earned_at,"
        " closes_at) values (%(free)s, %(one)s, %(two)s, 3, 0.1, '{}', 10, 1, 0, 0, 0, 'pending',"
        " '2026-03-01', '2026-03-01')",
    ],
)
def test_the_database_knows_no_third_level(mei, ann, tao, noon, admit, statement):
    one = Distributor.objects.get(member_id=ann.pk)
    two = Distributor.objects.get(member_id=mei.pk)
    free = admit(join_member(external_id="eve", at=noon))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"one": one.pk, "two": two.pk, "free": free.pk})


def test_applying_and_being_admitted(mei, noon, admit):
    row = distributors.apply(member_id=mei.pk, message="I know people", at=noon)
    assert (row.status, row.message) == ("applied", "I know people")
    with pytest.raises(AlreadyDistributor):
        distributors.apply(member_id=mei.pk, message="", at=noon)
    distributors.reject(distributor_id=row.pk, at=noon, actor_name="Lin", note="not now")
    with pytest.raises(DistributorDecided):
        distributors.reject(distributor_id=row.pk, at=noon, actor_name="Lin", note="")
    again = distributors.apply(member_id=mei.pk, message="", at=noon)
    assert (again.pk, again.status, again.note) == (row.pk, "applied", "")
    assert admit(mei).status == "active"
    with pytest.raises(AlreadyDistributor):
        admit(mei)
    ended = distributors.end(distributor_id=row.pk, at=noon, actor_name="Lin", note="x")
    eve = join_member(external_id="eve", at=noon)
    with pytest.raises(ParentNotActive):
        admit(eve, ended)


def test_merged_distributors_are_one_with_all_that_is_theirs(mei, ann, tao, noon, admit):
    order("O-1", tao, noon)
    eve = join_member(external_id="eve", at=noon)
    merge_members(loser=mei.pk, into=eve.pk, at=noon, actor="t")
    assert Distributor.objects.get(member_id=eve.pk).level == 2
    settle_due(at=CLOSES)
    assert cash(eve, CLOSES) == (500, 0)
    # Eve and Ann, who stood above her, are one: at the top.
    merge_members(loser=eve.pk, into=ann.pk, at=CLOSES, actor="t")
    assert [(d.member_id, d.level) for d in Distributor.objects.all()] == [(ann.pk, 1)]
    assert cash(ann, CLOSES) == (700, 0)
    refund("R", "O-1", CLOSES, cents=10_000)
    assert cash(ann, CLOSES) == (0, 0)


def test_who_was_erased_is_paid_nothing_and_the_sums_stay(mei, ann, tao, noon):
    order("O-1", tao, noon)
    erase_member(member_id=mei.pk, forfeit=True, at=noon, actor="t")
    settle_due(at=CLOSES)
    assert amounts() == [(1, 500, "void"), (2, 200, "settled")]


def test_an_order_of_a_shop_without_commission_costs_no_query_more(
    mei, noon, django_assert_num_queries
):
    change_program(changes={"distribution": {"is_on": False}}, at=noon)
    order("O-0", mei, noon)
    with django_assert_num_queries(4):  # two, and a savepoint of the test's own transaction
        order("O-1", mei, noon)


class Line:
    def __init__(self, amount, refunded=0, category=""):
        self.amount_cents, self.refunded_cents, self.category = amount, refunded, category


def test_money_of_lines():
    assert paid_for_lines([6_000, 4_000], discount_cents=1_000, offset_cents=0) == [5_400, 3_600]
    assert paid_for_lines([100, 100, 100], discount_cents=50, offset_cents=50) == [66, 67, 67]
    assert paid_for_lines([100], discount_cents=500, offset_cents=0) == [0]
    worth = commission_of(
        [Line(10_000, 3_333), Line(0)], discount_cents=0, offset_cents=1_000,
        rate=Decimal("0.05"), category_rates={},
    )  # fmt: skip
    # 90.00 was paid; 66.67 of 100.00 is kept: 60.003 in money, 5 % of it is 3.00015.
    assert (worth.base_cents, worth.amount_cents) == (6_000, 300)
