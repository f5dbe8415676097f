"""Refunds in full give limits back while other orders ask for them."""

from points.earning import actions as earning
from points.earning.models import Award, AwardCount
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.orders.models import Order
from tests.races.conftest import AT, kinds, order


def take(name):
    return take_order(order=order(name), create_member=False, at=AT, actor="t")


def refund(name, number):
    body = IncomingRefund(external_id=number, refunded_at=AT, amount_cents=10_000)
    return refund_order(external_id=name, refund=body, at=AT, actor="t")


def publish():
    document = {
        "name": "bonus", "trigger": "order.completed", "reward": {"kind": "fixed", "points": 30},
        "limits": {"per_member": {"ever": 1}},
    }  # fmt: skip
    earning.create_rule(code="bonus", document=document, at=AT)
    earning.publish_rule(code="bonus", effective_from=None, at=AT, actor="t")


def test_one_refund_told_64_times_gives_the_limit_back_once(race, members):
    members(1)
    publish()
    take("O")
    results = race(lambda i: refund("O", "R"), 64)
    assert kinds(results) == {"Refunded": 64}
    assert AwardCount.objects.get().times == 0
    assert [take(f"N{i}").points_earned for i in range(2)] == [130, 100]


def test_refunds_and_new_orders_never_leave_two_bonuses(race, members):
    members(1)
    publish()
    take("O")
    results = race(lambda i: refund("O", "R") if i % 8 == 0 else take(f"N{i}"), 64)
    assert kinds(results) == {"Outcome": 56, "Refunded": 8}
    kept = Award.objects.filter(status="granted", is_given_back=False).count()
    assert kept == AwardCount.objects.get().times <= 1
    bonuses = Order.objects.filter(points_earned=130).count()
    assert bonuses == kept + 1
