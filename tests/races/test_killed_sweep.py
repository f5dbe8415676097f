"""The sweep is killed in the middle, again and again: nothing is lost, nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

from django.db.models import Count, Sum

from kernel.models import OutboxEvent
from points.coupons.models import Coupon
from points.flows.books_checked import check_books
from points.flows.time_moved import run_due_jobs
from points.ledger import actions as ledger
from points.ledger import expiring, queries
from points.ledger.models import Lot, Transaction, Wallet, WalletWalk
from points.members.actions import add_missing
from points.tiers.actions import create_tier
from points.tiers.models import TierCouponRun
from tests.coupons.conftest import template
from tests.races.conftest import AT

MEMBERS = 400
SOON, LATER = AT + timedelta(days=100), AT + timedelta(days=120)
# A process of its own, with batches so small that it is always between two of them.
SWEEPER = """
import sys
sys.path.append("platform")
import django
django.setup()
from datetime import datetime
from points.flows import monthly_coupons, time_moved
from points.ledger import expiring
from tenants.context import tenant_context
from tenants.models import Merchant
time_moved.BATCH = expiring.NOTICE_BATCH = expiring.EXTENSION_BATCH = 3
expiring.tell_expiring.__kwdefaults__["limit"] = 3
monthly_coupons.give_monthly_coupons.__kwdefaults__["limit"] = 3
with tenant_context(Merchant.objects.get(slug=sys.argv[1])):
    print(time_moved.run_due_jobs(at=datetime.fromisoformat(sys.argv[2])))
"""


def fill():
    """Each member has a lot of 10 that ends soon and one of 5 that ends later."""
    ids = add_missing(external_ids=[f"m{i}" for i in range(MEMBERS)], at=AT)
    payer = queries.default_funding_source()
    grants = [
        ledger.Grant(
            member=member, amount=points, key=f"{name}:{points}", occurred_at=AT,
            expires_at=end, funding_source_id=payer.id, account=f"issuance:{payer.code}",
        )
        for name, member in ids.items() for points, end in ((10, SOON), (5, LATER))
    ]  # fmt: skip
    ledger.grant(grants=grants, at=AT, actor="test")


def sweep_and_kill(shop, at, progress):
    """Start a sweep, kill -9 it when it is on its way; how far it had come, and its exit code."""
    before = progress()
    child = subprocess.Popen([sys.executable, "-c", SWEEPER, shop.slug, at.isoformat()])
    give_up = time.monotonic() + 60
    while progress() < before + 20 and child.poll() is None and time.monotonic() < give_up:
        time.sleep(0.002)
    os.kill(child.pid, signal.SIGKILL)
    return progress(), child.wait()


def expired():
    return Transaction.objects.filter(kind="expire").count()


def test_a_sweep_that_is_killed_loses_and_doubles_nothing(shop):
    fill()
    at = SOON + timedelta(days=300)
    reached = []
    for _ in range(3):
        done, code = sweep_and_kill(shop, at, expired)
        assert code == -signal.SIGKILL
        reached.append(done)
        assert check_books() == []
    assert 20 <= reached[0] < reached[1] < reached[2] < 2 * MEMBERS

    jobs = run_due_jobs(at=at)

    assert jobs["wallets_refreshed"] >= MEMBERS - reached[2]
    each = Transaction.objects.filter(kind="expire").values("source_key").annotate(n=Count("id"))
    assert {row["n"] for row in each} == {1}
    assert (expired(), total("expire")) == (2 * MEMBERS, -15 * MEMBERS)
    assert not Lot.objects.exclude(remaining=0).exists()
    assert not Wallet.objects.exclude(available=0).exists()
    assert run_due_jobs(at=at)["wallets_refreshed"] == 0


def total(kind):
    return Transaction.objects.filter(kind=kind).aggregate(sum=Sum("amount"))["sum"]


def told():
    return OutboxEvent.objects.filter(topic="points.expiring").count()


def test_notices_that_are_killed_reach_everybody_once(shop):
    fill()
    at = SOON - timedelta(days=6)
    for _ in range(2):
        _, code = sweep_and_kill(shop, at, told)
        assert code == -signal.SIGKILL
    assert 40 <= told() < 2 * MEMBERS
    run_due_jobs(at=at)
    run_due_jobs(at=at)
    events = OutboxEvent.objects.filter(topic="points.expiring")
    # of each member both days: one ends in 6 days, the other in 26
    assert events.count() == 2 * MEMBERS
    each = events.values("subject", "payload__expires_date").annotate(n=Count("id"))
    assert {row["n"] for row in each} == {1}
    assert WalletWalk.objects.get().wallets == MEMBERS


def test_an_extension_that_is_killed_is_finished_by_the_next_run(shop, monkeypatch):
    fill()
    monkeypatch.setattr(expiring, "AT_ONCE", 0)
    until = LATER + timedelta(days=30)
    expiring.begin_extension(until=until, at=AT, actor="t", reason="storm")

    def moved():
        return Lot.objects.filter(expires_at=until).count()

    _, code = sweep_and_kill(shop, AT, moved)
    assert code == -signal.SIGKILL
    assert 0 < moved() < 2 * MEMBERS
    run_due_jobs(at=AT)
    walk = WalletWalk.objects.get(purpose="extension")
    assert (walk.wallets, walk.lots, walk.points) == (MEMBERS, 2 * MEMBERS, 15 * MEMBERS)
    assert moved() == 2 * MEMBERS


def test_monthly_coupons_that_are_killed_reach_everybody_once(shop):
    add_missing(external_ids=[f"m{i}" for i in range(MEMBERS)], at=AT)
    template()
    benefits = {"monthly_coupon": "twenty"}
    create_tier(fields={"code": "plain", "threshold": 0, "benefits": benefits}, at=AT)
    for _ in range(2):
        reached, code = sweep_and_kill(shop, AT, Coupon.objects.count)
        assert code == -signal.SIGKILL
        assert TierCouponRun.objects.get().issued_count == Coupon.objects.count() >= reached
    assert 40 <= Coupon.objects.count() < MEMBERS
    run_due_jobs(at=AT)
    run_due_jobs(at=AT)
    each = Coupon.objects.values("member_id").annotate(n=Count("id"))
    assert [row["n"] for row in each] == [1] * MEMBERS
    assert TierCouponRun.objects.get().issued_count == MEMBERS
