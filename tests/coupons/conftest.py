"""Templates and coupons of the tea shop; its books are right after every test."""

from datetime import UTC, datetime

import pytest

from points.coupons.actions import CouponIssue, issue
from points.coupons.templates import create_template
from points.flows.books_checked import check_books

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai


def template(code="twenty", **fields):
    """20 yuan off from 100 yuan on, for 30 days, unless said otherwise."""
    given = {
        "kind": "amount_off", "amount_cents": 2_000, "threshold_cents": 10_000,
        "name_en": "Twenty off", "name_zh": "满减券", "valid_days": 30, "status": "active",
    }  # fmt: skip
    if fields.get("kind", "amount_off") != "amount_off":
        given["amount_cents"] = None
    return create_template(fields={**given, "code": code, **fields}, at=AT)


def give(member, code="twenty", *, key="1", at=AT):
    """One coupon for a member."""
    told = CouponIssue(member.pk, "test", f"{code}:{member.pk}:{key}")
    return issue(template_code=code, issues=[told], at=at, actor="t")[0].coupon


@pytest.fixture
def books(shop):
    yield
    assert check_books() == []
