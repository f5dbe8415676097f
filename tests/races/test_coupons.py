"""Coupons under 64 callers at once: the last one, the limit of a member, one checkout, one use."""

from datetime import timedelta

from points.coupons.actions import CouponIssue, give_back, issue, lock, use
from points.coupons.models import Coupon, CouponTemplate
from points.flows.coupons_claimed import claim_coupon
from tests.coupons.conftest import give, template
from tests.races.conftest import AT, kinds

UNTIL = AT + timedelta(minutes=30)


def test_the_last_coupon_goes_to_one_of_64(race, members):
    people = members(64)
    template(total=1, is_claimable=True)
    results = race(
        lambda i: claim_coupon(template_code="twenty", member=people[i].pk, at=AT, actor="t"), 64
    )
    assert kinds(results) == {"Coupon": 1, "TemplateExhausted": 63}
    assert (CouponTemplate.objects.get().issued_count, Coupon.objects.count()) == (1, 1)


def test_a_member_claims_as_many_as_one_may(race, members):
    (mei,) = members(1)
    template(per_member=2, is_claimable=True)
    results = race(
        lambda i: claim_coupon(template_code="twenty", member=mei.pk, at=AT, actor="t"), 64
    )
    assert kinds(results) == {"Coupon": 2, "MemberLimitReached": 62}
    assert Coupon.objects.count() == 2


def test_the_same_moment_issues_once(race, members):
    (mei,) = members(1)
    template()
    told = CouponIssue(mei.pk, "redemption", "r-1")
    results = race(
        lambda i: issue(template_code="twenty", issues=[told], at=AT, actor="t")[0].outcome, 64
    )
    assert sorted(results) == ["issued"] + ["repeated"] * 63
    assert CouponTemplate.objects.get().issued_count == 1


def test_crossing_batches_stay_within_the_total(race, members):
    people = members(20)
    template(total=100, per_member=8)

    def job(i):
        order = people if i % 2 else people[::-1]
        told = [CouponIssue(one.pk, "batch", f"{i}:{one.pk}") for one in order]
        made = issue(template_code="twenty", issues=told, at=AT, actor="t", skips_refused=True)
        return sum(one.is_new for one in made)

    results = race(job, 32)
    assert sum(results) == CouponTemplate.objects.get().issued_count == 100


def test_one_of_64_checkouts_holds_it(race, members):
    (mei,) = members(1)
    template()
    coupon = give(mei)
    results = race(
        lambda i: lock(
            codes=[coupon.code], member=mei.pk, reference=f"shop:{i}", until=UNTIL, at=AT,
            actor="t",
        )[0], 64,
    )  # fmt: skip
    assert kinds(results) == {"Coupon": 1, "CouponLocked": 63}


def test_it_is_used_once_and_given_back_once(race, members):
    (mei,) = members(1)
    template()
    coupon = give(mei)

    def spend(reference):
        return use(
            codes=[coupon.code], reference=reference, discounts={coupon.code: 2_000}, at=AT,
            actor="t",
        )[0]  # fmt: skip

    assert kinds(race(lambda i: spend(f"till:{i}"), 64)) == {"Coupon": 1, "CouponUsed": 63}
    used_for = Coupon.objects.get().reference
    results = race(
        lambda i: give_back(codes=[coupon.code], reference=used_for, at=AT, actor="t")[0], 64
    )
    assert kinds(results) == {"GivenBack": 64}
    assert Coupon.objects.get().state == "issued"


def test_two_coupons_named_in_either_order_do_not_wait_in_a_circle(race, members):
    (mei,) = members(1)
    template(stacks=True)
    codes = [give(mei, key="1").code, give(mei, key="2").code]

    def job(i):
        return lock(
            codes=codes[:: 1 if i % 2 else -1], member=mei.pk, reference=f"shop:{i}", until=UNTIL,
            at=AT, actor="t",
        )  # fmt: skip

    assert kinds(race(job, 64)) == {"CouponLocked": 63, "list": 1}
