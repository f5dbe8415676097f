"""What the demo shops run beside their orders: who pays, earning rules, segments, fields.

Rules that count from the start of the story say so (`starts_at`), so that the orders told later
meet them on their own days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from devstack.demo.shops import GROOVE, TEA, Shop
from points.budget.calculations import BudgetTerms
from points.earning import actions as earning
from points.earning.models import EarningRule
from points.flows.audited import record
from points.flows.funding import put_payer
from points.flows.industries import TEMPLATES
from points.members import actions as members
from points.program.actions import change_program
from points.segments import actions as segments
from points.segments.models import Segment

# A payer's price: millionths of a minor unit for a point, so 0.8 fen is 800,000.
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody who pays for points. `unit_cost`: minor units a point."""

    code: str
    name: str
    unit_cost: str
    terms: BudgetTerms | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An earning rule of a demo shop. Without `published` it stays a draft; `begins_in_days` counts
    from now, below zero in the past, and what begins later is planned."""

    code: str
    document: dict[str, Any]
    begins_in_days: int = 0
    ends_in_days: int | None = None
    published: bool = True
    stopped: bool = False


def _on(trigger: str, name: str, reward: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"name": name, "trigger": trigger, "reward": reward, **others}


def _task(zh: str, en: str, hint_zh: str, hint_en: str, link: str = "") -> dict[str, Any]:
    return {
        "title_zh": zh, "title_en": en, "hint_zh": hint_zh, "hint_en": hint_en,
        "claim": "auto", "link": link,
    }  # fmt: skip


_WEEKEND = {"in": [{"var": "clock.weekday"}, [6, 7]]}

TEA_PAYERS = (
    Payer("farm", "云栖茶园", "0.8", BudgetTerms(points=600, period="month")),
    Payer("mall", "湖滨商场", "1", BudgetTerms(points=20_000, on_limit="stop")),
)
TEA_OFFERS = (
    Offer(
        "weekend",
        _on(
            "order.completed", "周末双倍", {"kind": "multiplier", "factor": "2"},
            conditions=_WEEKEND, limits={"per_member": {"month": 6}},
        ),
        begins_in_days=-95,
    ),
    Offer(
        "leaf-tea",
        _on(
            "order.completed", "茶园直供加赠",
            {
                "kind": "per_line", "points": 15, "per": "piece",
                "lines": {"==": [{"var": "line.category"}, "茶叶"]},
            },
            funding_source="farm",
        ),
        begins_in_days=-95,
    ),
    Offer(
        "gift-box",
        _on(
            "order.completed", "满 200 元送 100", {"kind": "fixed", "points": 100},
            conditions={">=": [{"var": "order.amount_cents"}, 20_000]}, funding_source="mall",
        ),
        begins_in_days=-60, ends_in_days=40,
    ),
    Offer(
        "seven-days",
        _on(
            "checkin", "连签七天", {"kind": "fixed", "points": 10},
            conditions={"==": [{"var": "checkin.streak"}, 7]},
        ),
        begins_in_days=-95,
    ),
    Offer(
        "share",
        _on(
            "share.visited", "分享给朋友", {"kind": "fixed", "points": 5},
            limits={"per_member": {"day": 1}},
            task=_task(
                "分享给朋友", "Share with a friend", "朋友打开你分享的链接，每天一次。",
                "When a friend opens the link you shared, once a day.", "/mall",
            ),
        ),
        begins_in_days=-95,
    ),
    Offer(
        "tasting",
        _on(
            "custom:tasting", "品茶会签到", {"kind": "fixed", "points": 30},
            conditions={">=": [{"var": "event.properties.guests"}, 2]},
            limits={"per_member": {"month": 1}}, funding_source="farm",
            task=_task(
                "带朋友来品茶会", "Bring a friend to a tasting", "两人以上到店签到，每月一次。",
                "Two or more at the table, once a month.",
            ),
        ),
        begins_in_days=-95,
    ),
    Offer(
        "opening",
        _on(
            "order.completed", "开业礼", {"kind": "fixed", "points": 5},
            limits={"per_member": {"ever": 1}},
        ),
        begins_in_days=-95, stopped=True,
    ),
    Offer(
        "new-year",
        _on("order.completed", "新年三倍", {"kind": "multiplier", "factor": "3"}),
        begins_in_days=30,
    ),
    Offer(
        "spring-tea",
        _on(
            "order.completed", "春茶上新", {"kind": "amount", "points": 5, "per_cents": 1_000},
            conditions={"in": [{"var": "member.tier"}, ["gourmet", "honoured"]]},
            funding_source="farm",
        ),
        published=False,
    ),
)  # fmt: skip
TEA_SEGMENTS = (
    ("regulars", "常客", "近 90 天至少 10 单", {">=": [{"var": "member.orders_in_90_days"}, 10]}),
    (
        "sleeping", "最近没来", "有过订单，但 14 天没有再来",
        {
            "and": [
                {">=": [{"var": "member.orders_count"}, 1]},
                {">=": [{"days_ago": [{"var": "member.last_order_at"}]}, 14]},
            ]
        },
    ),
    ("champions", "最有价值的会员", "RFM 三项都高", {"==": [{"var": "member.rfm_class"}, "champion"]}),
    ("birthday", "下周过生日", "", {"<=": [{"var": "member.days_to_birthday"}, 7]}),
)  # fmt: skip
TEA_PROGRAM = {
    "checkin": {
        "milestones": [
            {"kind": "continuous", "days": 7, "points": 20},
            {"kind": "cumulative", "days": 30, "points": 50},
        ]
    },
    "transfers": {
        "enabled": True, "min_points": 10, "max_points": 500, "max_points_per_month": 1_000,
    },
    "adjustments": {"approval_above_points": 300, "staff_daily_points": 2_000},
}  # fmt: skip
TEA_FIELDS = (
    (
        "favourite_tea", "choice",
        {
            "name_zh": "最爱的茶", "name_en": "Favourite tea", "edited_by": "member", "position": 1,
            "choices": [
                {"code": "green", "name_zh": "绿茶", "name_en": "Green tea"},
                {"code": "oolong", "name_zh": "乌龙", "name_en": "Oolong"},
                {"code": "black", "name_zh": "红茶", "name_en": "Black tea"},
            ],
        },
    ),
    ("table", "text", {"name_zh": "常坐的位置", "name_en": "Usual table", "position": 2}),
)  # fmt: skip

GROOVE_PAYERS = (
    Payer("label", "Blue Needle Records", "0.6", BudgetTerms(points=12_000, period="month")),
    Payer("venue", "The Cellar Club", "0.9", BudgetTerms(points=60_000, on_limit="stop")),
)
GROOVE_OFFERS = (
    Offer(
        "stack",
        _on(
            "order.completed", "Five or more records", {"kind": "fixed", "points": 25},
            conditions={">=": [{"var": "order.pieces"}, 5]}, funding_source="label",
            limits={"per_member": {"month": 2}},
        ),
        begins_in_days=-120,
    ),
    Offer(
        "friday",
        _on(
            "order.completed", "Friday night", {"kind": "multiplier", "factor": "1.5"},
            conditions={"==": [{"var": "clock.weekday"}, 5]}, funding_source="venue",
        ),
        begins_in_days=-120, ends_in_days=60,
    ),
    Offer(
        "record-day",
        _on("order.completed", "Record Store Day", {"kind": "multiplier", "factor": "3"}),
        published=False,
    ),
)  # fmt: skip
GROOVE_SEGMENTS = (
    (
        "collectors", "Collectors", "Ten orders or more",
        {">=": [{"var": "member.orders_count"}, 10]},
    ),
    (
        "win-back", "To win back", "Spent 200 and more, silent for half a year",
        {
            "and": [
                {">=": [{"var": "member.spent_cents"}, 20_000]},
                {">=": [{"days_ago": [{"var": "member.last_order_at"}]}, 180]},
            ]
        },
    ),
    ("champions", "Champions", "High in all three", {"==": [{"var": "member.rfm_class"}, "champion"]}),
)  # fmt: skip

_PAYERS = {TEA.slug: TEA_PAYERS, GROOVE.slug: GROOVE_PAYERS}
_OFFERS = {TEA.slug: TEA_OFFERS, GROOVE.slug: GROOVE_OFFERS}
_SEGMENTS = {TEA.slug: TEA_SEGMENTS, GROOVE.slug: GROOVE_SEGMENTS}
_FIELDS = {TEA.slug: TEA_FIELDS}
# How customers pay without a card; an account at Stripe is connected by hand, on the payments page.
_COUNTERS: dict[str, dict[str, str]] = {
    TEA.slug: {
        "offline_zh": "请到山茶社任一门店付款，报订单号即可；营业时间 9:30–21:30。",
        "offline_en": "Pay at any of our tea houses with your order number, daily 9:30 to 21:30.",
    },
    GROOVE.slug: {
        "offline_zh": "请到唱片店柜台付款，出示订单号即可；每天 11:00–19:00。",
        "offline_en": "Pay at the counter with your order number, any day from 11 to 7.",
    },
}
_PROGRAM: dict[str, dict[str, Any]] = {
    TEA.slug: {**TEA_PROGRAM, "shop": _COUNTERS[TEA.slug]},
    GROOVE.slug: {"shop": _COUNTERS[GROOVE.slug]},
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff, as logs name them."""

    actor: str
    name: str


@transaction.atomic
def open_offers(shop: Shop, owner: Colleague, at: datetime) -> None:
    """Payers, rules, fields and settings of a shop, once and before its first order."""
    if EarningRule.objects.filter(code=_OFFERS[shop.slug][0].code).exists():
        return
    if changes := _PROGRAM.get(shop.slug):
        change_program(changes=changes, at=at)
        _note(owner, "program.changed", "program", changes, at)
    for payer in _PAYERS[shop.slug]:
        cost = int(Decimal(payer.unit_cost) * MICROS)
        put_payer(code=payer.code, name=payer.name, unit_cost_micros=cost, terms=payer.terms, at=at)
        _note(
            owner, "funding_source.added", f"funding_source:{payer.code}", {"name": payer.name}, at
        )
    for code, kind, settings in _FIELDS.get(shop.slug, ()):
        members.add_field(code=code, kind=kind, at=at, settings=settings)
    for offer in _OFFERS[shop.slug]:
        _open_offer(offer, owner, at)


@transaction.atomic
def open_tasks(shop: Shop, at: datetime) -> None:
    """The first tasks of the shop's trade, once; who joins from now on meets them."""
    documents = TEMPLATES[shop.industry].rules(shop.currency, shop.locale)
    if not EarningRule.objects.filter(code__in=documents).exists():
        earning.install_rules(documents=documents, at=at, actor="template")


@transaction.atomic
def open_segments(shop: Shop, at: datetime) -> None:
    """Groups of members, once and when there are members to group."""
    known = Segment.objects.values_list("code", flat=True)
    for code, name, about, condition in _SEGMENTS[shop.slug]:
        if code not in known:
            segments.create_segment(
                code=code, name=name, description=about, condition=condition, at=at
            )


def _open_offer(offer: Offer, owner: Colleague, at: datetime) -> None:
    begins = at + timedelta(days=offer.begins_in_days)
    document = dict(offer.document)
    if offer.published and begins <= at:
        document["starts_at"] = begins.isoformat()
    if offer.ends_in_days is not None:
        document["ends_at"] = (at + timedelta(days=offer.ends_in_days)).isoformat()
    earning.create_rule(code=offer.code, document=document, at=at)
    if not offer.published:
        _note(owner, "earning_rule.draft", f"earning_rule:{offer.code}", document, at)
        return
    planned = begins if begins > at else None
    earning.publish_rule(code=offer.code, effective_from=planned, at=at, actor=owner.actor)
    _note(owner, "earning_rule.published", f"earning_rule:{offer.code}", document, at)
    if offer.stopped:
        earning.stop_rule(code=offer.code, at=at, actor=owner.actor)
        _note(owner, "earning_rule.stopped", f"earning_rule:{offer.code}", {"version": 2}, at)


def _note(owner: Colleague, action: str, subject: str, after: dict[str, Any], at: datetime) -> None:
    record(
        action=action, subject=subject, before=None, after=after, actor=owner.actor,
        actor_name=owner.name, at=at, actor_role="owner", surface="console",
    )  # fmt: skip
