"""Callers who need the same rows in another order: nobody waits for the other for ever."""

import random
import threading
import time
from datetime import timedelta

from django.db import connections
from django_tenants.utils import tenant_context

from kernel.errors import DomainError
from points.flows.books_checked import check_books
from points.flows.incoming_order import IncomingLine
from points.flows.order_charged_back import (
    IncomingChargeback,
    charge_back_order,
    reverse_chargeback,
)
from points.flows.order_completed import complete_order
from points.flows.order_exchanged import IncomingExchange, exchange_order
from points.flows.order_received import take_order, take_orders
from points.flows.order_refunded import IncomingRefund, IncomingRefundLine, refund_order
from points.flows.points_adjusted import adjust_points
from points.ledger import actions as ledger
from points.ledger.expiring import begin_extension
from points.ledger.models import Lot, Wallet
from points.redemption.actions import cancel_redemption, fulfil_redemption, redeem
from tests.races.conftest import AT, balance, kinds, order


def batch(orders, create=False):
    return take_orders(orders=orders, create_members=create, at=AT, actor="test")


def hold(member, points):
    return ledger.hold_points(
        member=member.pk, points=points, reference="r", expires_in=timedelta(hours=1), at=AT,
        actor="test",
    )  # fmt: skip


def test_batches_of_the_same_members_and_orders_in_opposite_order(race, members):
    crowd = members(20)
    for round_ in range(3):
        orders = [order(f"O{round_}-{i}", member=f"m{i % 20}") for i in range(60)]
        results = race(lambda i, o=orders: batch(o if i % 2 else o[::-1]), 16)
        assert kinds(results) == {"list": 16}
        created = sum(o.outcome == "created" for r in results for o in r)
        assert created == 60
    assert {balance(m)[0] for m in crowd} == {900}


def test_batches_that_bring_the_same_new_members(race, shop):
    orders = [order(f"O{i}", member=f"new{i % 20}") for i in range(60)]
    shuffled = [random.Random(i).sample(orders, 60) for i in range(16)]
    results = race(lambda i: batch(shuffled[i], create=True), 16)
    assert kinds(results) == {"list": 16}
    assert sorted(Wallet.objects.values_list("available", flat=True)) == [300] * 20


def test_batches_paid_with_holds_of_the_same_members_in_opposite_order(race, members):
    crowd = members(10, points=1_000)
    holds = [[hold(m, 50) for m in crowd] for _ in range(8)]

    def job(i):
        orders = [
            order(f"O{i}-{n}", member=f"m{n}", cents=50, hold_id=holds[i][n]) for n in range(10)
        ]
        return batch(orders if i % 2 else orders[::-1])

    results = race(job, 8)
    assert kinds(results) == {"list": 8}
    assert all(o.outcome == "created" for r in results for o in r)
    assert {balance(m) for m in crowd} == {(600, 0, 0, 0)}


def test_batches_with_and_without_holds(race, members):
    """One locks wallets for its holds first, the other for its grants."""
    crowd = members(10, points=1_000)
    holds = [[hold(crowd[9], 5), hold(crowd[0], 5)] for _ in range(16)]

    def job(i):
        plain = [order(f"P{i}-{n}", member=f"m{n}", cents=100) for n in range(10)]
        if i % 2:
            return batch(plain[::-1])
        paid = [
            order(f"H{i}-{n}", member=f"m{m}", cents=105, hold_id=holds[i][n])
            for n, m in enumerate((9, 0))
        ]
        return batch([*paid, *plain])

    results = race(job, 16)
    assert kinds(results) == {"list": 16}
    assert all(o.outcome == "created" for r in results for o in r)


def test_the_sweep_runs_while_members_spend(race, members):
    crowd = members(8)
    later = AT + timedelta(days=800)
    for i in range(80):
        take_order(order=order(f"O{i}", member=f"m{i % 8}"), create_member=False, at=AT, actor="t")

    def job(i):
        if i % 4 == 0:
            return ledger.refresh_wallets(at=later)[0]
        return ledger.spend(member=crowd[i % 8].pk, points=1, key=f"s{i}", at=AT, actor="t")

    results = race(job, 32)
    assert set(kinds(results)) <= {"int", "Posted", "InsufficientPoints"}
    ledger.refresh_wallets(at=later)
    assert ledger.refresh_wallets(at=later)[0] == 0
    assert not Wallet.objects.exclude(available=0).exists()


def an_exchange(chance, at):
    """Part of any line of the order for something of another price."""
    number = chance.randrange(1_000_000)
    return IncomingExchange(
        external_id=f"X{number}", exchanged_at=at,
        returned=[
            IncomingRefundLine(
                external_id="1", quantity=0, amount_cents=chance.randrange(1, 2_000)
            )
        ],
        replacements=[
            IncomingLine(
                external_id=f"n{number}", quantity=1, amount_cents=chance.randrange(1, 4_000)
            )
        ],
    )  # fmt: skip


class Crowd:
    """Sixteen callers doing whatever comes to mind with five members, until time is up."""

    def __init__(self, shop, crowd, mugs, seconds):
        self.shop, self.crowd, self.mugs = shop, crowd, mugs
        self.until = time.monotonic() + seconds
        self.done, self.bugs = 0, []

    def run(self, seed):
        chance = random.Random(seed)
        try:
            with tenant_context(self.shop):
                while time.monotonic() < self.until:
                    self.act(chance)
        except Exception as error:
            self.bugs.append(error)
        finally:
            connections.close_all()

    def come_back(self, chance, name, who, at):
        match chance.randrange(4):
            case 0:
                told = an_exchange(chance, at)
                exchange_order(external_id=name, exchange=told, at=at, actor="t")
            case 1:
                told = IncomingChargeback(external_id="CB", charged_back_at=at)
                charge_back_order(external_id=name, chargeback=told, at=at, actor="t")
            case 2:
                reverse_chargeback(
                    external_id=name, chargeback_id="CB", reversed_at=at, at=at, actor="t"
                )
            case 3:
                until, whose = at + timedelta(days=chance.randrange(1, 60)), [who, None]
                begin_extension(
                    until=until, at=at, actor="t", reason="r", member=chance.choice(whose)
                )

    def act(self, chance):
        name, member = f"{chance.randrange(200)}", chance.randrange(5)
        at = AT + timedelta(hours=chance.randrange(24 * 40))
        who = self.crowd[member].pk
        try:
            match chance.randrange(13):
                case 0:
                    status = chance.choice(["paid", "completed"])
                    told = order(name, member=f"m{member}", cents=chance.randrange(1, 9_000))
                    told.status, told.completed_at = status, at if status == "completed" else None
                    take_order(order=told, create_member=False, at=at, actor="t")
                case 1:
                    complete_order(external_id=name, completed_at=at, at=at, actor="t")
                case 2 | 3:
                    cents, net = chance.randrange(1, 5_000), chance.choice(["debt", "net"])
                    told = IncomingRefund(
                        external_id=f"{chance.randrange(3)}", refunded_at=at, amount_cents=cents,
                        shortfall=net,
                    )  # fmt: skip
                    refund_order(external_id=name, refund=told, at=at, actor="t")
                case 4:
                    points = chance.choice([-30, -5, 40])
                    adjust_points(member_id=who, points=points, reason="r", at=at, actor="t")
                case 5:
                    made = redeem(
                        member_id=who, item_id=chance.choice(self.mugs).pk, quantity=1, at=at,
                        actor="t",
                    )  # fmt: skip
                    end = chance.choice([cancel_redemption, fulfil_redemption])
                    end(redemption_id=made.pk, at=at, actor="t")
                case 6:
                    made = hold(self.crowd[member], 5)
                    end = chance.choice([ledger.capture_hold, ledger.release_hold])
                    end(hold=made, at=at, actor="t")
                case 7:
                    ledger.refresh_wallets(at=at, limit=3)
                case 9 | 10 | 11 | 12:
                    self.come_back(chance, name, who, at)
                case 8:
                    batch([order(f"b{name}-{m}", member=f"m{m}", cents=300) for m in range(5)])
        except DomainError:
            pass
        self.done += 1


def test_everything_at_once_on_five_members_leaves_the_books_right(shop, members, item):
    from points.program.actions import change_program

    rules = {"earning": {"pending_days": 3}, "expiry": {"policy": "rolling", "days": 20}}
    change_program(changes=rules, at=AT)
    crowd = Crowd(shop, members(5, points=500), [item(stock=40), item(per_member_limit=9)], 4)

    threads = [threading.Thread(target=crowd.run, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert crowd.bugs == []
    assert crowd.done > 100
    assert check_books() == []
    ledger.refresh_wallets(at=AT + timedelta(days=400))
    assert check_books() == []
    assert not Lot.objects.filter(expires_at__isnull=False, remaining__gt=0).exists()
