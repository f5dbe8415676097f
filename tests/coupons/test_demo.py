"""The demo shops' coupons: told once, with some used, some lapsed, and books that are right."""

import pytest

from devstack.demo.coupons import open_coupons
from devstack.demo.offers import Colleague
from devstack.demo.shops import GROOVE, TEA
from points.coupons.models import Coupon, CouponTemplate
from points.members.actions import add_missing
from tests.coupons.conftest import AT


@pytest.mark.parametrize("which", [TEA, GROOVE])
def test_demo_coupons_are_given_once(books, which):
    add_missing(external_ids=[f"m{n}" for n in range(12)], at=AT)
    owner = Colleague("staff:1", "Owner")
    open_coupons(which, owner, AT)
    states = list(Coupon.objects.values_list("state", flat=True))
    assert (len(states), states.count("used"), states.count("expired")) == (36, 12, 8)
    assert CouponTemplate.objects.filter(status="draft").count() == 1
    open_coupons(which, owner, AT)
    assert Coupon.objects.count() == 36
