"""Coupons of the demo shops: what members can claim, and what some of them did with theirs."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from devstack.demo.offers import Colleague
from devstack.demo.shops import GROOVE, TEA, Shop
from points.coupons import actions
from points.coupons.actions import CouponIssue
from points.coupons.models import Coupon, CouponTemplate
from points.coupons.templates import create_template
from points.flows.audited import record
from points.members.models import Member

Fields = dict[str, Any]
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
GIVEN = 40


def _amount(zh: str, en: str, cents: int, threshold: int, **more: Any) -> Fields:
    return {
        "kind": "amount_off", "name_zh": zh, "name_en": en, "amount_cents": cents,
        "threshold_cents": threshold, "valid_days": 30, "per_member": 1, "status": "active", **more,
    }  # fmt: skip


def _percent(zh: str, en: str, rate: str, **more: Any) -> Fields:
    return {
        **_amount(zh, en, 0, 0, **more),
        "kind": "percent_off",
        "amount_cents": None,
        "rate": rate,
    }


def _shipping(zh: str, en: str, threshold: int, **more: Any) -> Fields:
    return {**_amount(zh, en, 0, threshold, **more), "kind": "free_shipping", "amount_cents": None}


# The first of each shop was given out before: some used it, some let it lapse.
_COUPONS: dict[str, dict[str, Fields]] = {
    TEA.slug: {
        "autumn": _amount("秋茶满减券", "Autumn tea", 2_000, 10_000, valid_days=14),
        "welcome-back": _amount("老友回访券", "Welcome back", 1_500, 6_800, is_claimable=True, total=500),
        "leaf-tenth": _percent(
            "茶叶九折券", "A tenth off leaf tea", "0.1", cap_cents=3_000, scope="categories",
            categories=["茶叶"], is_claimable=True, per_member=2, stacks=True,
        ),
        "free-post": _shipping("包邮券", "Free post", 6_800, is_claimable=True, stacks=True),
        "big-order": _amount(
            "尊享满减券", "For a big order", 8_000, 40_000, is_claimable=True, with_points=False,
            returns_on_refund=False, total=100,
        ),
        "new-year": _amount("新年券", "New Year", 6_600, 20_000, status="draft"),
    },
    GROOVE.slug: {
        "spring": _amount("春季券", "Five off", 500, 3_000, valid_days=14),
        "ten-percent": _percent(
            "九折券", "Ten percent off", "0.1", cap_cents=1_000, is_claimable=True, stacks=True
        ),
        "free-post": _shipping("包邮券", "Free post", 2_500, is_claimable=True, stacks=True),
        "big-crate": _amount(
            "满减券", "A crate of records", 2_000, 10_000, is_claimable=True, total=300
        ),
        "holiday": _amount("节日券", "Holiday", 1_500, 6_000, status="draft"),
    },
}  # fmt: skip


@transaction.atomic
def open_coupons(shop: Shop, owner: Colleague, at: datetime) -> None:
    """Templates of a shop with some coupons out, once and when there are members."""
    wanted = _COUPONS[shop.slug]
    if CouponTemplate.objects.filter(code__in=wanted).exists():
        return
    for code, fields in wanted.items():
        row = create_template(fields={**fields, "code": code}, at=at - MONTH)
        record(
            action="coupon_template.added", subject=f"coupon_template:{code}", before=None,
            after={"kind": row.kind, "status": row.status}, actor=owner.actor,
            actor_name=owner.name, at=at, actor_role="owner", surface="console",
        )  # fmt: skip
    _live_through(list(wanted), owner, at)


def _live_through(codes: list[str], owner: Colleague, at: datetime) -> None:
    """The regulars got the first one three weeks ago and two others this week."""
    regulars = Member.objects.filter(merged_into=None, erased_at=None)
    people = regulars.order_by("-orders_count", "external_id").values_list("pk", flat=True)[:GIVEN]
    weeks = (3, 1, 1)
    for first, (code, ago) in enumerate(zip(codes, weeks, strict=False)):
        moment = at - ago * WEEK
        issues = [CouponIssue(one, "demo", f"{code}:{one}") for one in people]
        made = actions.issue(template_code=code, issues=issues, at=moment, actor=owner.actor)
        _use_some([one.coupon for one in made if one.coupon][first::3], moment)
    actions.sweep(at=at)


def _use_some(rows: list[Coupon], at: datetime) -> None:
    """They were used within days, in the shop's own checkout."""
    for number, row in enumerate(rows, 1):
        actions.use(
            codes=[row.code], reference=f"shop:{at:%m%d}-{number:03d}", actor="system",
            at=at + timedelta(days=number % 6), discounts={row.code: row.terms.amount_cents or 420},
        )  # fmt: skip
