"""Rules give away the last coupon to exactly one, and lose nothing else, while everybody earns it."""

from collections import Counter

from points.budget.calculations import BudgetTerms
from points.coupons import actions as coupons
from points.coupons.models import Coupon, CouponTemplate
from points.earning import actions as earning
from points.earning.models import Award, EarningEvent
from points.flows.events_received import IncomingEvent, take_events
from points.flows.funding import put_payer
from points.flows.members_merged import merge_members
from points.flows.monthly_coupons import give_monthly_coupons
from points.flows.order_received import take_order
from points.flows.order_refunded import IncomingRefund, refund_order
from points.ledger import actions as ledger
from points.members.models import Member
from points.orders.models import Order, Refund
from points.tiers.actions import create_tier
from points.tiers.models import TierCouponRun
from tests.coupons.conftest import template
from tests.flows.test_rules import order
from tests.races.conftest import AT, kinds

COUPON = {"kind": "coupon", "template": "twenty"}


def publish(code="gift", **fields):
    document = {"name": code, "trigger": "custom:ping", "reward": COUPON, **fields}
    earning.create_rule(code=code, document=document, at=AT)
    earning.publish_rule(code=code, effective_from=None, at=AT, actor="t")


def ping(*named):
    events = [
        IncomingEvent(id=event, type="custom:ping", member_external_id=member, occurred_at=AT)
        for event, member in named
    ]
    return take_events(events=events, at=AT, actor="t")


def reasons():
    return Counter(Award.objects.values_list("status", "reason"))


def test_64_events_of_64_members_for_the_last_coupon(race, members):
    members(64)
    template(total=1)
    publish()
    results = race(lambda i: ping((f"e-{i}", f"m{i}"))[0].outcome, 64)
    assert Counter(results) == {"created": 64}
    assert EarningEvent.objects.count() == 64
    assert reasons() == {("granted", ""): 1, ("refused", "coupon_exhausted"): 63}
    assert (Coupon.objects.count(), CouponTemplate.objects.get().issued_count) == (1, 1)


def test_one_event_told_64_times_gives_one_coupon(race, members):
    members(1)
    template()
    publish()
    results = race(lambda i: ping(("e", "m0"))[0].outcome, 64)
    assert Counter(results) == {"created": 1, "duplicate": 63}
    assert (Coupon.objects.count(), Award.objects.count()) == (1, 1)


def test_batches_that_give_points_of_a_budget_and_two_coupons_do_not_wait_in_a_ring(race, members):
    members(16)
    template("first", total=40)
    template("second")
    put_payer(
        code="brand", name="Brand", unit_cost_micros=0, at=AT,
        terms=BudgetTerms(points=100_000, on_limit="stop"),
    )  # fmt: skip
    publish("a", reward={"kind": "coupon", "template": "second"}, priority=3)
    publish("b", reward={"kind": "fixed", "points": 5}, funding_source="brand", priority=2)
    publish("c", reward={"kind": "coupon", "template": "first"}, priority=1)

    def job(i):
        names = [(f"e-{i}-{n}", f"m{(i * 5 + n * 3) % 16}") for n in range(4)]
        return [one.outcome for one in ping(*names)]

    results = race(job, 32)
    assert results == [["created"] * 4] * 32
    assert Counter(Coupon.objects.values_list("template__code", flat=True)) == {
        "first": 40, "second": 128,
    }  # fmt: skip


def test_an_order_is_refunded_while_its_coupon_is_used(race, members):
    """Whoever comes first: a coupon is used and kept, or voided and cannot be used."""
    found = members(16)
    template()
    publish(trigger="order.completed")
    for i in range(16):
        told = order(AT, f"O-{i}")
        told.member_external_id = f"m{i}"
        take_order(order=told, create_member=False, at=AT, actor="t")
    codes = dict(Coupon.objects.values_list("member_id", "code"))

    def job(i):
        member, n = found[i // 2], i // 2
        if i % 2:
            refund = IncomingRefund(external_id="R", refunded_at=AT, amount_cents=11_010)
            return refund_order(external_id=f"O-{n}", refund=refund, at=AT, actor="t")
        code = codes[member.pk]
        return coupons.use(codes=[code], reference="till", discounts={code: 5}, at=AT, actor="t")

    results = race(job, 32)
    used = Coupon.objects.filter(state="used").count()
    assert used + Coupon.objects.filter(state="voided").count() == 16
    assert kinds(results)["Refunded"] == 16
    assert kinds(results).get("CouponVoided", 0) == 16 - used
    noted = Counter(row.steps[0]["step"] for row in Refund.objects.all())
    assert noted == Counter({"coupon_kept": used, "coupon_voided": 16 - used} if used < 16 else
                            {"coupon_kept": used})  # fmt: skip
    assert Order.objects.count() == 16


def test_earning_while_paying_with_the_coupons_of_refunded_orders(race, members):
    """Earning takes the wallet and then the template, a refund the coupon, the wallet and the
    template, a checkout the coupon and then the wallet: none of them waits for another in a ring."""
    (mei,) = members(1)
    template()
    publish(trigger="order.completed")
    for i in range(20):
        told = order(AT, f"O-{i}")
        told.member_external_id = "m0"
        take_order(order=told, create_member=False, at=AT, actor="t")
    codes = list(Coupon.objects.order_by("code").values_list("code", flat=True))

    def pay(i):
        from django.db import transaction

        with transaction.atomic():
            coupons.use(
                codes=[codes[i]], reference=f"till-{i}", discounts={codes[i]: 5}, at=AT, actor="t"
            )
            ledger.lock_wallets(members=[mei.pk])

    def job(i):
        n = i % 20
        if i < 20:
            return pay(n)
        if i < 40:
            refund = IncomingRefund(external_id="R", refunded_at=AT, amount_cents=11_010)
            return refund_order(external_id=f"O-{n}", refund=refund, at=AT, actor="t")
        told = order(AT, f"N-{n}")
        told.member_external_id = "m0"
        return take_order(order=told, create_member=False, at=AT, actor="t")

    found = kinds(race(job, 60))
    assert found["Refunded"] == 20
    assert found["Outcome"] == 20
    assert set(found) <= {"Refunded", "Outcome", "NoneType", "CouponVoided"}
    assert Member.objects.get().pk == mei.pk


def test_sweeps_at_once_give_each_member_of_a_tier_one_coupon(race, members):
    many = members(40)
    template()
    benefits = {"monthly_coupon": "twenty"}
    create_tier(fields={"code": "plain", "threshold": 0, "benefits": benefits}, at=AT)

    def job(i):
        if i % 8 == 0:
            return merge_members(loser=many[i + 1].pk, into=many[i].pk, at=AT, actor="t")
        return give_monthly_coupons(at=AT, limit=7)

    results = race(job, 32)
    assert not [one for one in results if isinstance(one, Exception)]
    assert sum(one for one in results if isinstance(one, int)) == Coupon.objects.count()
    assert give_monthly_coupons(at=AT) == 0
    # Who was merged had one before, or the survivor has one: nobody got any for both afterwards.
    left = {row.pk for row in Member.objects.filter(merged_into=None)}
    had = Counter(Coupon.objects.values_list("member_id", flat=True))
    merged = {many[i].pk for i in range(0, 32, 8)}
    assert set(had) == left and {had[one] for one in left - merged} == {1}
    assert {had[one] for one in merged} <= {1, 2}
    assert len(set(Coupon.objects.values_list("source_id", flat=True))) == Coupon.objects.count()
    assert TierCouponRun.objects.get().issued_count == Coupon.objects.count()
