"""Budgets and limits hold while everybody asks at once."""

from decimal import Decimal

from points.budget.calculations import BudgetTerms
from points.budget.models import PotSlot
from points.earning import actions as earning
from points.earning.models import Award, AwardCount, EarningEvent
from points.flows.events_received import IncomingEvent, take_event
from points.flows.funding import put_payer
from points.flows.order_received import take_order, take_orders
from points.ledger.models import Lot
from points.orders.models import Order
from tests.races.conftest import AT, balance, kinds, order


def publish(code="ping", points=30, **fields):
    reward = {"kind": "fixed", "points": points}
    document = {"name": code, "trigger": "custom:ping", "reward": reward, **fields}
    earning.create_rule(code=code, document=document, at=AT)
    earning.publish_rule(code=code, effective_from=None, at=AT, actor="t")


def brand(**terms):
    put_payer(
        code="brand", name="Brand", unit_cost_micros=1_000_000, at=AT, terms=BudgetTerms(**terms)
    )


def ping(name, member="m0"):
    event = IncomingEvent(id=name, type="custom:ping", member_external_id=member, occurred_at=AT)
    return take_event(event=event, at=AT, actor="t")


def granted():
    return sum(Award.objects.values_list("granted_points", flat=True))


def left():
    return sum(PotSlot.objects.values_list("left_amount", flat=True))


def test_a_budget_of_a_thousand_gives_33_times_thirty_to_64_at_once(race, members):
    members(64)
    brand(points=1_000, on_limit="stop")
    publish(funding_source="brand")
    results = race(lambda i: ping(f"e-{i}", f"m{i}"), 64)
    assert kinds(results) == {"EventOutcome": 64}
    assert sorted(r.points_earned for r in results) == [0] * 31 + [30] * 33
    assert (granted(), left()) == (990, 10)


def test_batches_and_single_events_share_a_budget_without_waiting_for_ever(race, members):
    members(8)
    brand(points=500, on_limit="stop")
    publish("a", points=7, funding_source="brand", trigger="order.completed")
    publish("b", points=11, funding_source="brand", trigger="order.completed")

    def job(i):
        names = range(i * 10, i * 10 + (5 if i % 2 else 1))
        batch = [order(f"O{n}", member=f"m{(n + i) % 8}", cents=100) for n in names]
        return take_orders(orders=batch, create_members=False, at=AT, actor="t")

    results = race(job, 32)
    assert kinds(results) == {"list": 32}
    given = sum(Lot.objects.filter(funding_source__code="brand").values_list("granted", flat=True))
    assert given == granted() == 500 - left()
    assert left() < 11


def test_an_event_told_64_times_earns_once(race, members):
    (mei,) = members(1)
    publish(limits={"per_member": {"ever": 5}})
    results = race(lambda i: ping("e-1"), 64)
    assert sorted(r.outcome for r in results) == ["created"] + ["duplicate"] * 63
    assert {r.points_earned for r in results} == {30}
    assert balance(mei) == (30, 0, 0, 0)
    assert AwardCount.objects.get().times == EarningEvent.objects.count() == 1


def test_a_one_time_task_is_given_once_to_64_events(race, members):
    (mei,) = members(1)
    publish(limits={"per_member": {"ever": 1}})
    results = race(lambda i: ping(f"e-{i}"), 64)
    assert sorted(r.points_earned for r in results) == [0] * 63 + [30]
    assert balance(mei) == (30, 0, 0, 0)


def test_a_member_s_points_are_cut_at_the_limit_exactly(race, members):
    (mei,) = members(1)
    publish(limits={"per_member_points": {"month": 100}})
    results = race(lambda i: ping(f"e-{i}"))
    assert sum(r.points_earned for r in results) == 100
    assert sorted(r.points_earned for r in results)[-4:] == [10, 30, 30, 30]
    assert balance(mei) == (100, 0, 0, 0)


def test_a_total_over_all_members_is_kept(race, members):
    members(32)
    publish(limits={"total_points": 200})
    results = race(lambda i: ping(f"e-{i}", f"m{i}"))
    assert sum(r.points_earned for r in results) == granted() == 180


def test_base_points_go_on_at_the_limit_and_bonuses_do_not(race, members):
    members(32)
    terms = BudgetTerms(points=1_000, on_limit="stop_bonus")
    put_payer(code="merchant", name="M", unit_cost_micros=0, terms=terms, at=AT)
    publish("gift", points=50, trigger="order.completed")

    def job(i):
        incoming = order(f"O{i}", member=f"m{i}", cents=10_000)
        return take_order(order=incoming, create_member=False, at=AT, actor="t")

    results = race(job)
    assert kinds(results) == {"Outcome": 32}
    bonuses = Award.objects.filter(granted_points=50).count()
    assert Order.objects.filter(points_earned__gte=100).count() == 32
    assert left() == 1_000 - 3_200 - 50 * bonuses
    assert bonuses <= 6  # 150 each until 1,000 are gone


def test_revenue_and_what_it_pays_for_keep_step(race, members):
    members(32)
    terms = BudgetTerms(rate=Decimal("0.01"), period="month", on_limit="stop")
    put_payer(code="merchant", name="M", unit_cost_micros=0, terms=terms, at=AT)

    def job(i):
        incoming = order(f"O{i}", member=f"m{i}", cents=10_000)
        return take_order(order=incoming, create_member=False, at=AT, actor="t")

    results = race(job)
    assert {r.points_earned for r in results} == {100}
    assert left() == 0
