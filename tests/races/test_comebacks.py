"""Exchanges, chargebacks, notices and extensions told many times at once."""

from datetime import timedelta

from kernel.models import OutboxEvent
from points.flows.incoming_order import IncomingLine
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_exchanged import IncomingExchange, exchange_order
from points.flows.order_refunded import IncomingRefundLine
from points.flows.time_moved import run_due_jobs
from points.ledger import actions as ledger
from points.ledger.models import Lot, Transaction
from points.orders.models import Order, OrderLine
from points.program.actions import change_program
from tests.partner.calls import API
from tests.races.conftest import AT, balance, kinds, order
from tests.races.test_told_again import calling, refund, take
from tests.support.http import partner_client


def exchange(name="X", new=15_000, of="O"):
    body = IncomingExchange(
        external_id=name, exchanged_at=AT,
        returned=[IncomingRefundLine(external_id="1", quantity=1, amount_cents=10_000)],
        replacements=[IncomingLine(external_id=f"{name}-1", quantity=1, amount_cents=new)],
    )  # fmt: skip
    return exchange_order(external_id=of, exchange=body, at=AT, actor="test")


def charge_back(name="CB", of="O"):
    body = IncomingChargeback(external_id=name, charged_back_at=AT)
    return charge_back_order(external_id=of, chargeback=body, at=AT, actor="test")


def win(name="CB", of="O"):
    return reverse_chargeback(
        external_id=of, chargeback_id=name, reversed_at=AT, at=AT, actor="test"
    )


def test_an_exchange_told_64_times_over_http_happens_once(race, members, shop):
    (mei,) = members(1)
    take(order("O"))
    api = partner_client(shop)
    body = {
        "external_id": "X", "exchanged_at": AT.isoformat(),
        "returned": [{"external_id": "1", "quantity": 1, "amount_cents": 10_000}],
        "replacements": [{"external_id": "2", "quantity": 1, "amount_cents": 15_000}],
    }  # fmt: skip
    answers = race(lambda i: calling(api).post(f"{API}/orders/O/exchanges", body), 64)
    assert sorted(a.status for a in answers) == [200] * 63 + [201]
    assert len({a.raw for a in answers}) == 1
    assert balance(mei) == (150, 0, 0, 0)
    assert OrderLine.objects.count() == 2


def test_the_same_goods_are_exchanged_once_under_64_numbers(race, members):
    (mei,) = members(1)
    take(order("O"))
    results = race(lambda i: exchange(f"X{i}"), 64)
    assert kinds(results) == {"RefundTooLarge": 63, "Refunded": 1}
    assert balance(mei) == (150, 0, 0, 0)


def test_a_chargeback_told_64_times_over_http_takes_once(race, members, shop):
    (mei,) = members(1)
    take(order("O"))
    ledger.spend(member=mei.pk, points=60, key="s", at=AT, actor="t")
    api = partner_client(shop)
    body = {"external_id": "CB", "charged_back_at": AT.isoformat()}
    answers = race(lambda i: calling(api).post(f"{API}/orders/O/chargebacks", body), 64)
    assert sorted(a.status for a in answers) == [200] * 63 + [201]
    assert len({a.raw for a in answers}) == 1
    assert balance(mei) == (0, 0, 0, 60)


def test_a_won_dispute_told_64_times_gives_back_once(race, members):
    (mei,) = members(1)
    take(order("O"))
    charge_back()
    results = race(lambda i: win(), 64)
    assert kinds(results) == {"Refunded": 64}
    assert sum(r.is_new for r in results) == 1
    assert balance(mei) == (100, 0, 0, 0)


def test_refunds_exchanges_chargebacks_and_reversals_at_once(race, members):
    """Whatever comes first, lines and sums agree, and all of it refunded leaves nothing."""
    (mei,) = members(1)
    for round_ in range(4):
        of = f"O{round_}"
        take(order(of))
        jobs = [
            lambda of=of: refund("R", 4_000, of=of),
            lambda of=of: exchange(of=of),
            lambda of=of: charge_back(of=of),
            lambda of=of: win(of=of),
        ]
        results = race(lambda i, jobs=jobs: jobs[i % 4](), 32)
        assert set(kinds(results)) <= {"Refunded", "RefundTooLarge", "ChargebackNotFound"}
        charge_back("last", of=of)
        stored = Order.objects.get(external_id=of)
        assert stored.points_earned == stored.points_clawed_back
    assert balance(mei) == (0, 0, 0, 0)


def test_32_sweeps_at_once_tell_everybody_once(race, members):
    change_program(changes={"expiry": {"policy": "rolling", "days": 60}}, at=AT)
    members(40)
    for i in range(40):
        take(order(f"O{i}", member=f"m{i}"))
    at = AT + timedelta(days=55)
    race(lambda i: run_due_jobs(at=at))
    run_due_jobs(at=at)
    subjects = OutboxEvent.objects.filter(topic="points.expiring").values_list("subject", flat=True)
    assert len(subjects) == len(set(subjects)) == 40


def test_extensions_spending_and_the_sweep_cross(race, members):
    from points.ledger import expiring

    change_program(changes={"expiry": {"policy": "rolling", "days": 10}}, at=AT)
    crowd = members(8)
    for i in range(80):
        take(order(f"O{i}", member=f"m{i % 8}"))
    at, until = AT + timedelta(days=9), AT + timedelta(days=90)

    def job(i):
        match i % 4:
            case 0:
                return expiring.begin_extension(until=until, at=at, actor="t", reason="r")
            case 1:
                return run_due_jobs(at=at)
            case 2:
                return ledger.spend(member=crowd[i % 8].pk, points=1, key=f"s{i}", at=at, actor="t")
            case _:
                return take_order_again(i)

    def take_order_again(i):
        return take(order(f"N{i}", member=f"m{i % 8}"))

    results = race(job)
    assert set(kinds(results)) == {"WalletWalk", "dict", "Posted", "Outcome"}
    run_due_jobs(at=at)
    old = Lot.objects.filter(transaction__reference__startswith="O", remaining__gt=0)
    assert set(old.values_list("expires_at", flat=True)) == {until}
    assert not Transaction.objects.filter(kind="expire").exists()
